"""The search playground: what a question finds, why, and what another setting would find. The whole search stands in the address."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chatbot.errors import TooManyTurns
from chatbot.throttling import MINUTE, limit
from console.access import console_page
from console.search_settings import choices, label_of, tuning_of, weighable, weight_fields, weights
from console.search_words import Part, Piece, made_of, marked, moves, parts, why
from console.traces import duration
from retrieval.audiences import Audience
from retrieval.followups import context_of, leans
from retrieval.plaintext import plain
from retrieval.search import Passage, Searcher, SearchResult

SEARCHES_PER_MINUTE = 60
MOST_PASSAGES, USUAL_PASSAGES = 30, 6
LONGEST_QUERY, LONGEST_HISTORY = 1000, 4000
_STAGES = {"embed": "meaning", "find": "index", "load": "texts", "judge": "strength", "all": "in all"}
READERS = [(Audience.EVERYONE, "Anybody"), (Audience.CUSTOMERS, "A signed-in customer"), (Audience.STAFF, "Staff")]
TOO_MANY = "You are searching faster than this page allows. Please wait {seconds} seconds and try again."


class PlaygroundForm(forms.Form):
    """What to search for, and how; everything comes from the address line."""

    q = forms.CharField(
        max_length=LONGEST_QUERY,
        required=False,
        error_messages={"max_length": f"Please keep the question under {LONGEST_QUERY:,} characters."},
    )
    said = forms.CharField(
        max_length=LONGEST_HISTORY,
        required=False,
        error_messages={"max_length": f"Please keep what was said before under {LONGEST_HISTORY:,} characters."},
    )
    day = forms.DateField(required=False, error_messages={"invalid": "The day is not a date. Please write it as 2026-12-31."})
    k = forms.IntegerField(
        min_value=1,
        max_value=MOST_PASSAGES,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), f"Please ask for 1 to {MOST_PASSAGES} passages."),
    )
    way = forms.ChoiceField(
        choices=choices(), required=False, error_messages={"invalid_choice": "Please choose the way to search again."}
    )
    reader = forms.ChoiceField(choices=READERS, required=False, error_messages={"invalid_choice": "Please choose who asks again."})
    other = forms.ChoiceField(
        choices=choices(none="Nothing"),
        required=False,
        error_messages={"invalid_choice": "Please choose what to compare with again."},
    )
    other_day = forms.DateField(
        required=False, error_messages={"invalid": "The other day is not a date. Please write it as 2026-12-31."}
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= weight_fields()

    def problems(self) -> list[str]:
        """All that is wrong, each said once."""
        return list(dict.fromkeys(str(message) for errors in self.errors.values() for message in errors))

    def own_weights(self) -> dict[str, float]:
        given = {name: self.cleaned_data.get(f"w_{name}") for name in weighable()}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Row:
    """One passage as it is shown. move: against the other column, "" if there is none."""

    rank: int
    passage: Passage
    why: str
    text: list[Piece]
    parts: list[Part]
    move: str


@dataclass(frozen=True, slots=True)
class Column:
    """What one setting found. strength and least in percent; timings: name and length in words."""

    label: str
    day: date
    rows: list[Row]
    strength: int
    least: int
    made_of: list[tuple[str, str, str]]
    timings: list[tuple[str, str]]

    @property
    def answers(self) -> bool:
        return self.strength >= self.least


@console_page("GET")
def playground(request: HttpRequest) -> HttpResponse:
    """The form, and below it what was found; htmx asks for the findings alone."""
    form = PlaygroundForm(request.GET)
    problems = [] if form.is_valid() else form.problems()
    columns: list[Column] = []
    status, wait = 200, 0
    asked = not problems and _clean(form.cleaned_data["q"])
    if asked:
        try:
            limit(f"playground:{request.user.pk}", SEARCHES_PER_MINUTE, MINUTE)
            columns = _search(form)
        except TooManyTurns as error:
            problems, status, wait = [TOO_MANY.format(seconds=error.retry_after)], 429, error.retry_after
    context = {
        "form": form,
        "columns": columns,
        "problems": problems,
        "asked": asked,
        "follows": bool(columns and said_by_customer(_clean(form.cleaned_data["said"]))),
        "leans": bool(asked) and leans(str(asked)),
        "ways": choices(),
        "readers": READERS,
        "others": choices(none="Nothing"),
        "weights": weights(request.GET),
        "usual": USUAL_PASSAGES,
        "most": MOST_PASSAGES,
        "today": timezone.localdate(),
    }
    template = "console/search/results.html" if request.htmx else "console/search/page.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _search(form: PlaygroundForm) -> list[Column]:
    """One column, or two when another setting or day was chosen."""
    given, own = form.cleaned_data, form.own_weights()
    query, said = _clean(given["q"]), context_of(said_by_customer(_clean(given["said"])))
    k, today = given["k"] or USUAL_PASSAGES, timezone.localdate()
    reader = Audience(given["reader"] or Audience.EVERYONE)
    ways = [(given["way"] or "shipped", given["day"] or today)]
    if given["other"] or given["other_day"]:
        ways.append((given["other"] or ways[0][0], given["other_day"] or ways[0][1]))
    found = []
    for name, day in ways:
        searcher = Searcher(tuning=tuning_of(name, own))
        result = async_to_sync(searcher.search)(query, as_of=day, k=k, context=said, reader=reader)
        found.append((name, day, result, searcher))
    ranked = [[passage.chunk_id for passage in result.passages] for _, _, result, _ in found]
    columns = []
    for number, (name, day, result, searcher) in enumerate(found):
        moved = moves(ranked[0], ranked[1]) if number else {}
        columns.append(
            Column(
                label=label_of(name),
                day=day,
                rows=_rows(result, query, moved),
                strength=round(100 * result.strength),
                least=round(100 * settings.SEARCH_MIN_STRENGTH),
                made_of=made_of(searcher.features) if result.passages else [],
                timings=[(_STAGES.get(stage, stage), duration(length)) for stage, length in result.timings_ms.items()],
            )
        )
    return columns


def _rows(result: SearchResult, query: str, moved: dict[int, str]) -> list[Row]:
    best = max((passage.score for passage in result.passages), default=0.0)
    return [
        Row(
            rank=rank,
            passage=passage,
            why=why(passage, query, result.parts),
            text=marked(plain(passage.text), query),
            parts=parts(passage.why.parts, best),
            move=moved.get(passage.chunk_id, ""),
        )
        for rank, passage in enumerate(result.passages, start=1)
    ]


def said_by_customer(said: str) -> list[str]:
    """The customer's messages, oldest first, one a line; the assistant's (“Assistant: …”) are left out, as everywhere."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return [line.removeprefix("Customer:").strip() for line in lines if not line.startswith("Assistant:")]


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()
