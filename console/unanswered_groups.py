"""Groups of unanswered questions as the pages show them: how often, how lately, in which words, and whether they are answered now."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from chatbot.models import QuestionGroup, Turn, UnansweredQuestion
from chatbot.sifting import COMMAND
from retrieval.audiences import Audience
from retrieval.grouping import most_typical
from retrieval.search import Passage, SearchResult, search

PERIODS = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "all": "Since the beginning"}
USUAL_PERIOD = "30"
LOOKED_INTO = 40  # newest questions of a group, among which its most typical is chosen
EXAMPLES = 3
TRIED = 8  # wordings that are searched again


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group in a list. count, last and share (percent of all that was asked) are of the period; title: its most typical wording."""

    group: QuestionGroup
    title: str
    examples: list[str]
    count: int
    last: datetime
    share: float
    thumbs: int


@dataclass(frozen=True, slots=True)
class Tried:
    """A wording searched for again: strengths in percent, None where it is not known. best: the passage that would be quoted."""

    text: str
    before: int | None
    now: int
    answers: bool
    best: Passage | None


def since(period: str, *, now: datetime) -> datetime | None:
    """The beginning of a period; None for all that was ever asked."""
    return now - timedelta(days=int(period)) if period.isdecimal() else None


def find_groups(state: str, start: datetime | None) -> "QuerySet[Any]":
    """Groups in that state with questions in the period, most asked first, with `asked`, `last` and `thumbs` of the period."""
    recent = Q(questions__asked_at__gte=start) if start else Q(questions__isnull=False)
    by_thumb = recent & Q(questions__why=UnansweredQuestion.Why.THUMB_DOWN)
    groups = QuestionGroup.objects.filter(state=state).defer("total")
    counted = groups.annotate(
        asked=Count("questions", filter=recent),
        last=Max("questions__asked_at", filter=recent),
        thumbs=Count("questions", filter=by_thumb),
    )
    return counted.filter(asked__gt=0).order_by("-asked", "-last", "pk")


def asked_in(start: datetime | None) -> int:
    """How many questions customers asked in the period."""
    turns = Turn.objects.filter(state=Turn.State.FINISHED).exclude(conversation__channel=COMMAND)
    return (turns.filter(started_at__gte=start) if start else turns).count()


def open_count() -> int:
    """How many groups wait for somebody."""
    return QuestionGroup.objects.filter(state=QuestionGroup.State.OPEN, questions__isnull=False).distinct().count()


def view_groups(groups: Iterable[Any], start: datetime | None, *, total: int) -> list[GroupView]:
    """The groups of one page. total: questions asked in the period."""
    shown = list(groups)
    members = newest_of([group.pk for group in shown], start)
    views = []
    for group in shown:
        if group.pk not in members:  # its questions went with their conversations since the groups were found
            continue
        title, *others = wordings(members[group.pk])
        share = 100 * group.asked / total if total else 0.0
        views.append(GroupView(group, title, others[:EXAMPLES], group.asked, group.last, share, group.thumbs))
    return views


def newest_of(groups: Sequence[int], start: datetime | None = None) -> dict[int, list[UnansweredQuestion]]:
    """The newest questions of each of these groups since a moment, among which a title is chosen; no entry for one without any."""
    newest = UnansweredQuestion.objects.filter(group__in=groups)
    if start:
        newest = newest.filter(asked_at__gte=start)
    newest = newest.annotate(
        place=Window(RowNumber(), partition_by=F("group"), order_by=[F("asked_at").desc(), F("pk").desc()])
    ).filter(place__lte=LOOKED_INTO)
    members: dict[int, list[UnansweredQuestion]] = {}
    for question in newest.only("group_id", "text", "vector", "recipe", "asked_at"):
        members.setdefault(question.group_id, []).append(question)
    return members


def wordings(questions: Sequence[UnansweredQuestion]) -> list[str]:
    """The different wordings, the most typical first, then the newest. Letters in upper or lower case make no difference."""
    same = [question for question in questions if question.recipe == questions[0].recipe]
    typical = same[most_typical(np.stack([np.frombuffer(question.vector, dtype="<f4") for question in same]))]
    different: dict[str, str] = {}
    for question in (typical, *questions):
        different.setdefault(question.text.casefold().strip(" ?!."), question.text)
    return list(different.values())


def try_again(questions: Sequence[UnansweredQuestion], *, today: date) -> list[Tried]:
    """Search for the first few different wordings as of today, all at once."""
    first: dict[str, UnansweredQuestion] = {}
    for question in questions:
        first.setdefault(question.text.casefold().strip(" ?!."), question)
    chosen = list(first.values())[:TRIED]
    least = settings.SEARCH_MIN_STRENGTH
    tried = []
    for question, found in zip(chosen, async_to_sync(_search_all)(chosen, today), strict=True):
        before = None if question.strength is None else round(100 * question.strength)
        answers = found.strength >= least
        best = found.passages[0] if found.passages else None
        tried.append(Tried(question.text, before, round(100 * found.strength), answers, best))
    return tried


async def _search_all(questions: Sequence[UnansweredQuestion], today: date) -> list[SearchResult]:
    """Each as its customer would be answered: what is for signed-in customers counts for those who were."""
    return list(await asyncio.gather(*(search(q.text, as_of=today, k=1, reader=_reader(q.turn.viewer)) for q in questions)))


def _reader(viewer: Any) -> Audience:
    verified = isinstance(viewer, dict) and viewer.get("email") and viewer.get("method")
    return Audience.CUSTOMERS if verified else Audience.EVERYONE
