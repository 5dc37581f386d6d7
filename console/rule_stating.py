"""Rules beside a document: what it seems to state, the form in which a person confirms a rule, and what is no rule."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from console.access import console_page
from console.audit import Action, record
from console.rule_suggestions import Suggestion, suggestions
from console.rule_words import STARTS, TOPICS, rule_rows, says, state_names
from console.rules import rules_without_words
from orders.records import Status
from orders.rules import Start, Topic, Unit
from orders.rules_models import OrderRule
from orders.rules_stating import RuleRefused, Stated, Words, confirm, dismiss
from retrieval.models import Document, DocumentVersion, State
from retrieval.plaintext import plain
from retrieval.rendering import render_markdown
from retrieval.standing_words import in_version

USABLE = (State.READY, State.PUBLISHED)  # their text is there, and they answer or may come to answer
NOT_THERE = "These words do not stand in this version like that, in one passage. Please copy a sentence or a table row exactly."
NO_DATES = "Please write the dates as 2026-12-31."
_NUMBER = {"invalid": "Please write a whole number.", "min_value": "Please write a whole number.", "max_value": "That is too long."}


class RuleForm(forms.Form):
    """What a person says a rule is; its fields are those of `Stated`, and the words."""

    topic = forms.ChoiceField(choices=[(str(topic), label) for topic, label in TOPICS.items()])
    permits = forms.ChoiceField(choices=[("yes", "It is possible"), ("no", "It is not possible: an exception")], initial="yes")
    amount = forms.IntegerField(min_value=0, max_value=9999, required=False, error_messages=_NUMBER)
    least = forms.IntegerField(min_value=0, max_value=9999, required=False, error_messages=_NUMBER)
    unit = forms.ChoiceField(choices=[(str(unit), f"{unit}s") for unit in Unit], initial=str(Unit.DAY))
    start = forms.ChoiceField(choices=[(str(start), label) for start, label in STARTS.items()], initial=str(Start.DELIVERY))
    items = forms.CharField(max_length=2000, required=False)
    methods = forms.CharField(max_length=2000, required=False)
    states = forms.MultipleChoiceField(choices=state_names(), required=False, widget=forms.CheckboxSelectMultiple)
    since = forms.DateField(required=False, error_messages={"invalid": NO_DATES})
    until = forms.DateField(required=False, error_messages={"invalid": NO_DATES})
    quote = forms.CharField(
        max_length=4000,
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": "Please give the words that the rule rests on."},
    )

    def problem(self) -> str:
        """All that is wrong, in sentences; "" if nothing is."""
        return " ".join(dict.fromkeys(str(message) for errors in self.errors.values() for message in errors))

    def stated(self) -> Stated:
        """The rule that the form states; only of a valid form."""
        given = self.cleaned_data
        topic = Topic(given["topic"])
        return Stated(
            topic,
            permits=given["permits"] == "yes",
            amount=given["amount"],
            least=given["least"],
            unit=Unit(given["unit"]),
            start=Start(given["start"]),
            items=_listed(given["items"]) if topic is not Topic.REFUND else (),
            methods=_listed(given["methods"]) if topic is Topic.REFUND else (),
            states=frozenset(Status(state) for state in given["states"]) if topic is not Topic.REFUND else frozenset(),
            since=given["since"],
            until=given["until"],
        )


def _listed(text: str) -> tuple[str, ...]:
    """The phrases of a text, one a line or between commas."""
    parts = (" ".join(part.replace("\0", "").split()) for part in text.replace("\n", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def as_values(stated: Stated | OrderRule, quote: str) -> dict[str, Any]:
    """The form's first values for what is suggested, or for a rule that is to be confirmed again."""
    return {
        "topic": str(stated.topic),
        "permits": "yes" if stated.permits else "no",
        "amount": stated.amount,
        "least": stated.least,
        "unit": str(stated.unit),
        "start": str(stated.start),
        "items": ", ".join(stated.items),
        "methods": ", ".join(stated.methods),
        "states": sorted(map(str, stated.states)),
        "since": stated.since,
        "until": stated.until,
        "quote": quote,
    }


@console_page("GET")
def document_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """A document's rules, and what the version that answers (or another one that is asked for) seems to state besides."""
    document = get_object_or_404(Document, slug=slug)
    today = timezone.localdate()
    versions = list(document.versions.defer("markdown").filter(state__in=USABLE).order_by("-number"))
    answering = DocumentVersion.objects.in_force(on=today).filter(document=document).values_list("pk", flat=True).first()
    wanted = request.GET.get("version", "")
    chosen = next((v for v in versions if str(v.number) == wanted), None) or next(
        (v for v in versions if v.pk == answering), versions[0] if versions else None
    )
    rows = rule_rows(list(OrderRule.objects.filter(document=slug, state=OrderRule.State.CONFIRMED)), today=today)
    context = {
        "document": document,
        "versions": versions,
        "chosen": chosen,
        "answering": answering,
        "rows": rows,
        "suggestions": [
            (one, TOPICS[one.stated.topic], _says(one.stated), plain(one.quote))
            for one in (open_suggestions(chosen) if chosen else ())
        ],
        "html": render_markdown(chosen.markdown) if chosen else "",
    }
    return render(request, "console/rules/document.html", context)


def _says(stated: Stated) -> str:
    return says(_unsaved(stated).value())


def _unsaved(stated: Stated) -> OrderRule:
    values = as_values(stated, "") | {"permits": stated.permits, "items": list(stated.items), "methods": list(stated.methods)}
    return OrderRule(pk=0, **values)


def open_suggestions(version: DocumentVersion) -> list[Suggestion]:
    """What a version seems to state that nobody has confirmed or dismissed yet, by its words; ended rules are not suggested again."""
    decided = set(OrderRule.objects.filter(document=version.document.slug).values_list("topic", "quote"))
    return [one for one in suggestions(version.markdown) if (str(one.stated.topic), one.quote) not in decided]


@console_page("GET", "POST")
def state_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """The form for a rule in the words of a version. In the address: `suggestion`, the key of one, or `follows`, a rule
    whose words have changed."""
    version = _version(pk)
    suggested = _suggested(request, version)
    follows = _followed(request, version)
    if request.method != "POST":
        follows = follows or (_most_like(suggested.stated, version) if suggested else None)
        return _form(request, version, RuleForm(initial=_first_values(version, suggested, follows)), suggested, follows)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _form(request, version, form, suggested, follows, problem=form.problem())
    quote = form.cleaned_data["quote"].replace("\0", "").replace("\r\n", "\n").strip()
    as_suggested = suggested is not None and suggested.quote == quote
    standing = in_version(version.pk, quote, at=suggested.start if suggested and as_suggested else None)
    if standing is None:
        return _form(request, version, form, suggested, follows, problem=NOT_THERE)
    words = Words(version.document.slug, version.pk, version.number, standing.passage.heading, quote)
    try:
        rule = confirm(
            form.stated(),
            words,
            by=request.user.get_username(),
            at=timezone.now(),
            suggested=as_suggested,
            follows=follows,
        )
    except RuleRefused as error:
        return _form(request, version, form, suggested, follows, problem=error.user_message)
    record(request, Action.CONFIRMED_RULE, str(rule), f"{version}: {says(rule.value())}")
    messages.success(request, "The rule is confirmed. It answers customers while its words stand in the version in force.")
    return redirect("console:rule", rule.pk)


def _first_values(version: DocumentVersion, suggested: Suggestion | None, follows: OrderRule | None) -> dict[str, Any]:
    """since, until: a rule of a version that has days of its own applies on those, unless a person says otherwise."""
    days = {"since": version.effective_from, "until": version.effective_until}
    if suggested:
        return as_values(suggested.stated, suggested.quote) | days
    if follows:
        return as_values(follows, "") | days
    return days


def _form(
    request: HttpRequest,
    version: DocumentVersion,
    form: RuleForm,
    suggested: Suggestion | None,
    follows: OrderRule | None,
    *,
    problem: str = "",
) -> HttpResponse:
    context = {"version": version, "form": form, "suggested": suggested, "follows": follows, "problem": problem}
    context["earlier"] = [row for row in rules_without_words(version) if follows is None or row.row.pk != follows.pk]
    context |= {"html": "" if suggested else render_markdown(version.markdown)}
    return render(request, "console/rules/state.html", context, status=400 if problem else 200)


@console_page("POST")
def dismiss_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Remember that the words of a suggestion are no rule."""
    version = _version(pk)
    suggested = _suggested(request, version)
    if suggested is None:
        messages.error(request, "That suggestion is not there any more.")
    else:
        standing = in_version(version.pk, suggested.quote, at=suggested.start)
        heading = standing.passage.heading if standing else ""
        words = Words(version.document.slug, version.pk, version.number, heading, suggested.quote)
        rule = dismiss(suggested.stated.topic, words, by=request.user.get_username(), at=timezone.now())
        record(request, Action.DISMISSED_RULE, str(rule), str(version))
        messages.success(request, "It is not suggested again.")
    return redirect("console:document-rules", version.document.slug)


def _version(pk: int) -> DocumentVersion:
    return get_object_or_404(DocumentVersion.objects.select_related("document"), pk=pk, state__in=USABLE)


def _suggested(request: HttpRequest, version: DocumentVersion) -> Suggestion | None:
    """The open suggestion that is meant, by its key."""
    key = request.POST.get("suggestion", "") or request.GET.get("suggestion", "")
    return next((one for one in open_suggestions(version) if one.key == key), None) if key else None


def _most_like(stated: Stated, version: DocumentVersion) -> OrderRule | None:
    """The rule that a suggestion most likely is in new words: about the same topic and the same items or payment methods."""
    about = (str(stated.topic), stated.permits, set(stated.items), set(stated.methods))
    rows = [row.row for row in rules_without_words(version)]
    return next((row for row in rows if (row.topic, row.permits, set(row.items), set(row.methods)) == about), None)


def _followed(request: HttpRequest, version: DocumentVersion) -> OrderRule | None:
    """The rule that is confirmed again, one of the same document; 404 for any other."""
    text = request.POST.get("follows", "") or request.GET.get("follows", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Http404("no such rule")
    return get_object_or_404(OrderRule, pk=int(text), document=version.document.slug, state=OrderRule.State.CONFIRMED)
