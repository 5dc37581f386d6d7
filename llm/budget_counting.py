"""What was spent and is held, counted by day and heading. Every change adds to a row in the database, so it is true in every process."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from django.db.models import BigIntegerField, CharField, DateField, F, Q

from database.prepared import PreparedAmong, PreparedUpdate, given
from llm.budget_models import BudgetNotice, Spending
from llm.models import ModelCall

ALL = "all"
VISITOR, NETWORK = "visitor:", "network:"  # before the keyed hash of one
DOLLAR = 1_000_000  # micros


def micros(usd: Decimal) -> int:
    """Dollars as whole millionths."""
    return int((usd * DOLLAR).to_integral_value())


def dollars(amount: int) -> Decimal:
    """Whole millionths as dollars, with six places."""
    return Decimal(amount).scaleb(-6)


def tier_scope(tier: str) -> str:
    return f"tier:{tier}"


class Changes:
    """What a transaction adds to counters: written at once, each counter once and always in the same order.

    So two transactions cannot wait for each other, each with the counter that the other needs.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[str, date], tuple[int, int]] = {}

    def add(self, scopes: Iterable[str], day: date, *, spent: int = 0, held: int = 0) -> None:
        for scope in scopes:
            spent_before, held_before = self._sums.get((scope, day), (0, 0))
            self._sums[scope, day] = spent_before + spent, held_before + held

    def spend(self, call: ModelCall, *, day: date, scopes: Collection[str] = ()) -> None:
        """Count what a call cost: for all, for its tier, and for what else it is charged to."""
        if call.cost_usd:
            self.add({ALL, tier_scope(call.tier), *scopes}, day, spent=micros(call.cost_usd))

    def write(self) -> None:
        for (scope, day), (spent, held) in sorted(self._sums.items()):
            if not _add.run(scope=scope, day=day, spent=spent, held=held):
                Spending.objects.bulk_create([Spending(scope=scope, day=day)], ignore_conflicts=True)  # two may come at once
                _add.run(scope=scope, day=day, spent=spent, held=held)


def add(scopes: Iterable[str], day: date, *, spent: int = 0, held: int = 0) -> None:
    """Add to the counters of a day, and to no others in the same transaction."""
    changes = Changes()
    changes.add(scopes, day, spent=spent, held=held)
    changes.write()


def take(scope: str, day: date, amount: int, room: int) -> bool:
    """Hold back an amount if the day's counter is below `room`; in one statement, so that two processes cannot take the same room."""
    if _take.run(scope=scope, day=day, held=amount, room=room):
        return True
    if room <= 0 or Spending.objects.filter(scope=scope, day=day).exists():
        return False
    add([scope], day)  # the first call of the day under this heading
    return bool(_take.run(scope=scope, day=day, held=amount, room=room))


def forget_visitors(today: date) -> int:
    """Delete what visitors and networks spent before this month: no budget asks for it any more. Returns how many rows went."""
    first, theirs = today.replace(day=1), Q(scope__startswith=VISITOR) | Q(scope__startswith=NETWORK)
    rows = Spending.objects.filter(theirs, day__lt=first).delete()[0]
    return rows + BudgetNotice.objects.filter(theirs, begins__lt=first).delete()[0]


def used(scopes: Collection[str], today: date) -> dict[str, tuple[int, int]]:
    """By heading: micros of today and of this month, spent or held. One query; headings without any are left out."""
    counted: dict[str, tuple[int, int]] = {}
    for scope, day, spent, held in _used.rows(sorted(scopes), first=today.replace(day=1), today=today):
        of_today, of_month = counted.get(scope, (0, 0))
        amount = spent + held
        counted[scope] = (of_today + amount if day == today else of_today, of_month + amount)
    return counted


# what every call of a model asks of the database, built once
_OF_DAY = {"scope": given("scope", CharField()), "day": given("day", DateField())}
_used = PreparedAmong(
    lambda scopes: (
        Spending.objects.filter(scope__in=scopes, day__gte=given("first", DateField()), day__lte=given("today", DateField()))
        .order_by()
        .values_list("scope", "day", "spent_micros", "held_micros")
    ),
    CharField(),
)
_add = PreparedUpdate(
    lambda: Spending.objects.filter(**_OF_DAY),
    spent_micros=F("spent_micros") + given("spent", BigIntegerField()),
    held_micros=F("held_micros") + given("held", BigIntegerField()),
)
_take = PreparedUpdate(
    lambda: Spending.objects.filter(**_OF_DAY, spent_micros__lt=given("room", BigIntegerField()) - F("held_micros")),
    held_micros=F("held_micros") + given("held", BigIntegerField()),
)
