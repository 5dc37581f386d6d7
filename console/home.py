"""The overview: what waits for staff, what is published, how today went."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from asgiref.sync import async_to_sync
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chatbot.models import Conversation, Turn
from console.access import console_page, is_administrator
from console.budgets import budget_warnings
from console.model_trouble import model_trouble
from console.order_source import order_trouble
from console.outcomes import OUTCOMES
from console.renewal import renewal_context
from console.traces import duration
from console.unanswered_groups import open_count
from console.waiting import what_waits
from llm.metering_days import has_unpriced
from retrieval.models import UNFINISHED, DocumentVersion, State

MEASURED_TURNS = 5000  # the newest of today; more would not move a percentile


@dataclass(frozen=True, slots=True)
class Today:
    """Since midnight. p50 and p95: time to first text in words, "" before the first turn."""

    conversations: int
    turns: int
    outcomes: list[tuple[str, str, int]]  # value, label, how many
    p50: str
    p95: str
    cost_usd: Decimal
    not_helpful: int


@console_page("GET")
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    counts = Counter(dict(DocumentVersion.objects.order_by().values_list("state").annotate(n=Count("pk"))))
    context = {
        "order_trouble": async_to_sync(order_trouble)(timezone.now()),
        "in_force": DocumentVersion.objects.in_force(on=today).values("document").distinct().count(),
        "unfinished": sum(counts[state] for state in UNFINISHED),
        "deciding": counts[State.READY],
        "failed_count": counts[State.FAILED],
        "withdrawn": counts[State.WITHDRAWN],
        "waits": what_waits(timezone.now()),
        "waiting": Conversation.objects.filter(state=Conversation.State.OPEN).count(),
        "today": since(timezone.make_aware(datetime.combine(today, time.min))),
        "unanswered": open_count(),
        "is_administrator": is_administrator(request),
        "has_unpriced": is_administrator(request) and has_unpriced(today),
        "budget_warnings": budget_warnings() if is_administrator(request) else [],
        "model_trouble": model_trouble(timezone.now()) if is_administrator(request) else [],
    }
    return render(request, "console/home.html", context | renewal_context(timezone.now()))


def since(moment: datetime) -> Today:
    turns = Turn.objects.filter(started_at__gte=moment)
    outcomes = Counter(dict(turns.order_by().values_list("outcome").annotate(n=Count("pk"))))
    newest = turns.order_by("-started_at").values_list("timings_ms", flat=True)[:MEASURED_TURNS]
    first_texts = [t["first_text"] for t in newest if isinstance(t, dict) and isinstance(t.get("first_text"), int | float)]
    return Today(
        conversations=Conversation.objects.filter(created_at__gte=moment).count(),
        turns=outcomes.total(),
        outcomes=[(str(value), label, outcomes[value]) for value, label in OUTCOMES.items() if outcomes[value]],
        p50=_in_words(percentile(first_texts, 50)),
        p95=_in_words(percentile(first_texts, 95)),
        cost_usd=turns.aggregate(sum=Sum("cost_usd"))["sum"] or Decimal(0),
        not_helpful=turns.filter(feedback__helpful=False).count(),
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least so many percent of all values do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(-(-len(values) * percent // 100) - 1, 0)]


def _in_words(milliseconds: float | None) -> str:
    return "" if milliseconds is None else duration(milliseconds)
