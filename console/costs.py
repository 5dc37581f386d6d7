"""What models have cost: by day, model, purpose and outcome; for a conversation; against the large model alone; and at a million questions."""

import csv
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from chatbot.counting import conversation_days, count_days, uncounted_days
from chatbot.models import ConversationDay
from chatbot.resolution import DEFINITION, DEFINITIONS, RESOLVED, Step
from console import charts
from console.access import console_page
from console.budgets import budget_warnings
from console.call_words import ending_in_words, purpose_in_words
from console.costs_figures import PROJECTED, Answered, DayCost, by_day, each, grouped, projection, savings, total
from console.money import percent, short, usd
from console.outcomes import OUTCOMES
from console.roles import ADMINISTRATORS
from llm import client
from llm.budget_counting import dollars
from llm.budget_holding import meter_lost
from llm.metering_days import CallSum, day_sums, sum_up
from llm.models import Price
from llm.routing import Tier
from llm.values import Usage

SPANS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
USUAL = 30
LONGEST = 800  # days
PATIENCE = 0.5  # seconds that a page sums up itself; what is left over is the worker's
TIERS = (str(Tier.SMALL), str(Tier.LARGE), "other")
LABELS = 6  # days that are named below the chart
COLUMNS = (
    "day", "model", "tier", "purpose", "ending", "calls", "calls_without_price", "calls_estimated", "input_tokens", "cached_tokens",
    "output_tokens", "cost_usd",
)  # fmt: skip


@console_page("GET", roles=ADMINISTRATORS)
def costs(request: HttpRequest) -> HttpResponse:
    """The whole page, for the days that are asked for."""
    now = timezone.now()
    catch_up(now)
    first, last, problem = days_of(request, timezone.localdate(now))
    sums, days = day_sums(first, last), conversation_days(first, last)
    whole, answered = total(sums), answered_in(days)
    daily = by_day(sums, first, last, TIERS)
    large, price_on = _large(sums)
    context = {
        "first": first,
        "last": last,
        "problem": problem,
        "spans": [(key, words, (last - timedelta(days=int(key) - 1)).isoformat()) for key, words in SPANS.items()],
        "today": timezone.localdate(now),
        "warnings": budget_warnings(),
        "whole": whole,
        "answered": answered,
        "spent": None if whole.calls and whole.all_unpriced else whole.usd,
        "figures": _figures(answered),
        "daily": [day for day in reversed(daily) if day.calls],
        "chart": cost_chart(daily),
        "tables": [
            ("Model", grouped(sums, lambda one: one.model)),
            ("Purpose", grouped(sums, lambda one: purpose_in_words(one.purpose))),
            ("Tier", grouped(sums, lambda one: one.tier)),
            ("How the call ended", grouped(sums, lambda one: ending_in_words(one.ending))),
        ],
        "outcomes": _outcomes(days),
        "steps": _steps(days),
        "definition": DEFINITION,
        "savings": savings(sums, answered, large, price_on) if large else None,
        "large": large,
        "counted_at": max((day.counted_at for day in days), default=None),
        "uncounted": uncounted_days(first, last, now),
        "has_models": bool(client.configured()),
        "projected": short(PROJECTED),
        "query": urlencode({"since": first.isoformat(), "until": last.isoformat()}),
    }
    return render(request, "console/costs/page.html", context)


def catch_up(now: datetime) -> None:
    """Do for a moment what the worker does every five minutes, so that the pages are of now also where none runs."""
    until = time.monotonic() + PATIENCE
    meter_lost(now)
    while not (sum_up(now, most=1) and count_days(now, most=1)) and time.monotonic() < until:
        pass


@console_page("GET", roles=ADMINISTRATORS)
def costs_csv(request: HttpRequest) -> HttpResponse:
    """The sums behind the page, a line for each day, model, tier, purpose and ending."""
    first, last, _ = days_of(request, timezone.localdate())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="costs-{first}-{last}.csv"'
    lines = csv.writer(response)
    lines.writerow(COLUMNS)
    for one in day_sums(first, last):
        names = (_cell(one.model), _cell(one.tier), _cell(one.purpose), _cell(one.ending))
        counts = (one.calls, one.unpriced, one.estimated, one.input_tokens, one.cached_tokens, one.output_tokens)
        # what nobody knows is no nought
        lines.writerow([one.day, *names, *counts, dollars(one.cost_micros) if one.unpriced < one.calls else ""])
    return response


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def days_of(request: HttpRequest, today: date) -> tuple[date, date, str]:
    """The first and the last day that are asked for, and what is wrong with the question, in a sentence."""
    usual = today - timedelta(days=USUAL - 1)
    try:
        last = date.fromisoformat(request.GET.get("until") or today.isoformat())
        first = date.fromisoformat(request.GET.get("since") or usual.isoformat())
    except ValueError:
        return usual, today, "Please give both days as dates. Shown are the last 30 days."
    if first > last:
        return usual, today, "The first day lies behind the last. Shown are the last 30 days."
    if last > today + timedelta(days=1) or first.year < 2000:
        return usual, today, "Please choose days up to today. Shown are the last 30 days."
    if (last - first).days >= LONGEST:
        return (
            last - timedelta(days=LONGEST - 1),
            last,
            f"Shown are the last {LONGEST} days of that time: more at once is not kept ready.",
        )
    return first, last, ""


def answered_in(days: Sequence[ConversationDay]) -> Answered:
    """The sums of these days."""
    return Answered(
        conversations=sum(day.conversations for day in days),
        resolved=sum(day.steps.get(str(step), 0) for day in days for step in RESOLVED),
        questions=sum(day.questions for day in days),
        usd=dollars(sum(part[1] for day in days for part in day.outcomes.values())),
        unpriced=sum(part[2] for day in days for part in day.outcomes.values() if len(part) > 2),
        spared=sum(day.spared for day in days),
        cached=sum(day.cached for day in days),
        cached_usage=Usage(input=sum(day.cached_input for day in days), output=sum(day.cached_output for day in days)),
    )


def _figures(answered: Answered) -> list[tuple[str, str, str]]:
    """Each figure with what it is of, and how it is reckoned."""
    spent = answered.known_usd
    return [
        (
            usd(each(spent, answered.conversations)),
            "per conversation",
            "What answering cost, for each conversation that began in these days.",
        ),
        (usd(each(spent, answered.resolved)), "per resolved conversation", DEFINITION),
        (usd(each(spent, answered.questions)), "per question", "Questions without a model count as well."),
        (usd(projection(spent, answered.questions)), "a month at 1M questions", "A million questions like those of these days."),
    ]


def _outcomes(days: Sequence[ConversationDay]) -> list[tuple[str, int, str, str, int]]:
    """How questions ended: how many, what their answers cost, what one of them cost, and of how many that is not known."""
    count: Counter[str] = Counter()
    micros: Counter[str] = Counter()
    unpriced: Counter[str] = Counter()
    for day in days:
        for outcome, (asked, cost, *without) in day.outcomes.items():
            count[outcome] += asked
            micros[outcome] += cost
            unpriced[outcome] += sum(without)
    found = []
    for name, n in count.most_common():
        cost = None if unpriced[name] and not micros[name] else dollars(micros[name])
        found.append((OUTCOMES.get(name, name.capitalize()), n, usd(cost), usd(each(cost, n)), unpriced[name]))
    return found


def _steps(days: Sequence[ConversationDay]) -> list[tuple[str, int, int | None, str]]:
    """The steps of the ladder, each with how many conversations, their share, and its definition."""
    counts = Counter({step: sum(day.steps.get(str(step), 0) for day in days) for step in Step})
    whole = counts.total()
    return [(str(step).capitalize(), counts[step], percent(counts[step], whole), DEFINITIONS[step]) for step in Step]


def _large(sums: Sequence[CallSum]) -> tuple[str, Callable[[date], Price | None]]:
    """The model to compare with, and its price of a day: the large one that is set up, else the one that was called most as such."""
    configured = client.configured().get(Tier.LARGE)
    called = Counter({one.model: 0 for one in sums})
    for one in sums:
        if one.tier == Tier.LARGE:
            called[one.model] += one.calls
    name = configured.name if configured else next((model for model, n in called.most_common(1) if n), "")
    own = Price.objects.filter(model=name, endpoint__in={"", configured.endpoint if configured else ""})
    rows = list(own.order_by("-endpoint", "-valid_from", "-pk")) if name else []  # the endpoint's own come first
    return name, lambda day: next((row for row in rows if row.valid_from <= day), None)


def cost_chart(daily: Sequence[DayCost]) -> dict[str, Any]:
    """Bars by day, the tiers upon each other. Without any cost there is nothing to draw: {}."""
    top = max((float(day.usd) for day in daily), default=0.0)
    if top <= 0:
        return {}
    ticks = charts.y_ticks(top)
    stacks = charts.bars([[float(part) for part in day.by_tier] for day in daily], ticks[-1].value)
    step = max(1, -(-len(daily) // LABELS))
    return {
        "days": [(stack, f"{day.day:%-d %B %Y}: {usd(day.usd)}") for stack, day in zip(stacks, daily, strict=True)],
        "y": [(tick.at, usd_tick(tick.value)) for tick in ticks],
        "x": [(charts.middle_of(n, len(daily)), f"{daily[n].day:%-d %b}") for n in range(0, len(daily), step)],
        "series": [name for n, name in enumerate(TIERS) if any(day.by_tier[n] for day in daily)],
        "classes": [n for n in range(len(TIERS)) if any(day.by_tier[n] for day in daily)],
    }


def usd_tick(value: float) -> str:
    """A mark on an axis of dollars."""
    if value >= 1 or value == 0:
        return f"${short(value)}"
    whole, _, part = f"{value:.6f}".partition(".")
    return f"${whole}.{part.rstrip('0'):0<2}"
