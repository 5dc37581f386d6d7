"""Rules about orders: the list, one rule with its words and history, and its end."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date

from chatbot.citations import policy_url
from chatbot.rules_in_force import words_of
from console.access import console_page
from console.audit import Action, record
from console.rule_words import TOPICS, RuleRow, rule_rows
from orders.rules_models import OrderRule
from orders.rules_stating import RuleRefused, end, retract
from retrieval.audiences import Audience
from retrieval.models import Document, DocumentVersion
from retrieval.standing_words import Standing, in_version, where_they_stand

PER_PAGE = 50
MAX_NOTE = 400
SHOWN = {"": "Current", "ended": "Ended and retracted", "dismissed": "Dismissed suggestions"}


@console_page("GET")
def rule_list(request: HttpRequest) -> HttpResponse:
    """All rules, by document; those that have to be confirmed again are counted on top, whatever page they are on."""
    today, shown = timezone.localdate(), request.GET.get("show", "")
    shown = shown if shown in SHOWN else ""
    page = Paginator(_found(shown, today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": rule_rows(list(page), today=today),
        "page": page,
        "show": shown,
        "shown": SHOWN,
        "query": f"show={shown}" if shown else "",
        "waiting": len(waiting_rules(today)),
        "documents": Document.objects.order_by("title", "pk").values("slug", "title")[:500],
    }
    return render(request, "console/rules/list.html", context)


def _found(shown: str, today: date) -> "QuerySet[OrderRule]":
    rules = OrderRule.objects.order_by("document", "topic", "pk")
    if shown == "dismissed":
        return rules.filter(state=OrderRule.State.DISMISSED)
    confirmed = rules.filter(state=OrderRule.State.CONFIRMED)
    over = confirmed.filter(until__lte=today)
    if shown == "ended":
        return over | rules.filter(state=OrderRule.State.RETRACTED)
    return confirmed.exclude(pk__in=over.values("pk"))


def waiting_rules(today: date) -> list[RuleRow]:
    """The rules whose words changed: they count again when somebody has looked at them."""
    return [row for row in rule_rows(list(_found("", today)), today=today) if row.needs_confirming]


def rules_losing_words(version: DocumentVersion) -> list[RuleRow]:
    """The rules that count today and would not, if that version of their document answered."""
    return [row for row in rules_without_words(version) if row.look.counts]


def rules_without_words(version: DocumentVersion) -> list[RuleRow]:
    """The current rules of its document whose words do not stand in a version, and that were not confirmed again since."""
    today = timezone.localdate()
    unfollowed = _found("", today).filter(document=version.document.slug).exclude(followed_by__state=OrderRule.State.CONFIRMED)
    rows = rule_rows(list(unfollowed), today=today)
    return [row for row in rows if in_version(version.pk, row.row.quote, heading=row.row.heading) is None]


@console_page("GET")
def rule_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a rule says, the words it rests on, whether they stand, and what was done with it."""
    return _page(request, _rule(pk))


def _page(request: HttpRequest, rule: OrderRule, *, problem: str = "") -> HttpResponse:
    today = timezone.localdate()
    (row,) = rule_rows([rule], today=today)
    stands = where_they_stand([words_of(rule)], on=today, reader=Audience.STAFF).get(words_of(rule))
    context = {
        "row": row,
        "rule": rule,
        "steps": list(reversed(rule.events.all())),
        "version": DocumentVersion.objects.defer("markdown").filter(pk=rule.version_id).first(),
        "stands": stands,
        "place": _address(stands) if stands and row.look.counts else "",
        "again": DocumentVersion.objects.in_force(on=today).filter(document__slug=rule.document).defer("markdown").first(),
        "followed_by": rule.followed_by.filter(state=OrderRule.State.CONFIRMED).first(),
        "topics": TOPICS,
        "today": today,
        "problem": problem,
    }
    return render(request, "console/rules/page.html", context, status=400 if problem else 200)


def _address(stands: Standing) -> str:
    """The public page of the version, opened at the words."""
    passage = stands.passage
    return policy_url(passage.slug, passage.version, passage.start + stands.start, passage.start + stands.end)


@console_page("POST")
def end_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it apply until a day, or with `wrong` take it out for every order."""
    rule, note = _rule(pk), request.POST.get("note", "").replace("\0", "").strip()
    by, now = request.user.get_username(), timezone.now()
    if len(note) > MAX_NOTE:
        return _page(request, rule, problem=f"Please keep the reason under {MAX_NOTE} characters.")
    try:
        if request.POST.get("wrong"):
            retract(rule, by=by, at=now, note=note)
            record(request, Action.RETRACTED_RULE, str(rule), note)
            messages.success(request, "The rule is retracted. It counts for no order any more.")
        else:
            day = _day(request.POST.get("on", ""))
            if day is None:
                return _page(request, rule, problem="Please write the day on which it no longer applies as a date.")
            end(rule, on=day, by=by, at=now, note=note)
            record(request, Action.ENDED_RULE, str(rule), f"from {day} {note}".strip())
            messages.success(request, f"From {day:%d.%m.%Y} the rule no longer applies.")
    except RuleRefused as error:
        messages.error(request, error.user_message)
    return redirect("console:rule", pk)


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _rule(pk: int) -> OrderRule:
    return get_object_or_404(OrderRule, pk=pk)
