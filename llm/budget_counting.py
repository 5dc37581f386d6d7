"""What was spent and is held, counted by day and heading. Every change adds to a row in the database, so it is true in every process."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, Sum

from llm.budget_models import BudgetNotice, Spending
from llm.models import ModelCall

ALL = "all"
VISITOR = "visitor:"  # before the keyed hash of one
DOLLAR = 1_000_000  # micros


def micros(usd: Decimal) -> int:
    """Dollars as whole millionths."""
    return int((usd * DOLLAR).to_integral_value())


def dollars(amount: int) -> Decimal:
    """Whole millionths as dollars, with six places."""
    return Decimal(amount).scaleb(-6)


def tier_scope(tier: str) -> str:
    return f"tier:{tier}"


def spend(call: ModelCall, *, day: date, scopes: Collection[str] = ()) -> None:
    """Count what a call cost: for all, for its tier, and for what else it is charged to."""
    if call.cost_usd:
        add({ALL, tier_scope(call.tier), *scopes}, day, spent=micros(call.cost_usd))


def add(scopes: Iterable[str], day: date, *, spent: int = 0, held: int = 0) -> None:
    """Add to the counters of a day. Always in the same order, so that two transactions cannot wait for each other."""
    for scope in sorted(scopes):
        row = Spending.objects.filter(scope=scope, day=day)
        change = {"spent_micros": F("spent_micros") + spent, "held_micros": F("held_micros") + held}
        if not row.update(**change):
            Spending.objects.bulk_create([Spending(scope=scope, day=day)], ignore_conflicts=True)  # two may come at once
            row.update(**change)


def forget_visitors(today: date) -> int:
    """Delete what visitors spent before this month: no budget asks for it any more. Returns how many rows went."""
    first = today.replace(day=1)
    rows = Spending.objects.filter(scope__startswith=VISITOR, day__lt=first).delete()[0]
    return rows + BudgetNotice.objects.filter(scope__startswith=VISITOR, begins__lt=first).delete()[0]


def used(scopes: Collection[str], today: date) -> dict[str, tuple[int, int]]:
    """By heading: micros of today and of this month, spent or held. One query; headings without any are left out."""
    rows = (
        Spending.objects.filter(scope__in=scopes, day__gte=today.replace(day=1), day__lte=today)
        .order_by()
        .values_list("scope")
        .annotate(
            of_today=Sum(F("spent_micros") + F("held_micros"), filter=Q(day=today), default=0),
            of_month=Sum(F("spent_micros") + F("held_micros")),
        )
    )
    return {scope: (of_today, of_month) for scope, of_today, of_month in rows}
