"""Calls summed up by day and hour. Days that are over are summed up once and kept; only those that are not are read call by call.

Calls are only ever added at the present moment, so the sums of a day that is over stay true. Anybody may call `sum_up` at any time, twice
at once, or be killed in it: a day is written whole, in one transaction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from llm.budget_counting import micros
from llm.metering_models import DaySum, HourSum, SummedUp
from llm.models import ModelCall

SETTLING = timedelta(hours=2)  # a call that ended before midnight is stored by then, also where the clock ran an hour ahead
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CallSum:
    """Calls of one day, model, tier, purpose and ending; cost_micros is that of the calls with a price."""

    day: date
    model: str
    tier: str
    purpose: str
    ending: str
    calls: int
    unpriced: int
    estimated: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_micros: int


@dataclass(frozen=True, slots=True)
class HourOfCalls:
    """Calls that ended in one hour; busy_ms: their lengths in sum; most_at_once: how many were under way together."""

    begins: datetime
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    busy_ms: float
    most_at_once: int


_KEYS = ("model", "tier", "purpose", "ending")
_FIGURES = ("calls", "unpriced", "estimated", "input_tokens", "cached_tokens", "output_tokens")


def day_sums(first: date, last: date) -> list[CallSum]:
    """The sums of these days, both included, oldest first: kept ones, and those of days that are not kept yet read from their calls."""
    until = _summed_until()
    kept_last = min(last, until - ONE) if until else None
    sums = []
    if kept_last is not None and kept_last >= first:
        rows = DaySum.objects.filter(day__gte=first, day__lte=kept_last).order_by("day", *_KEYS)
        sums += [CallSum(row.day, **{k: getattr(row, k) for k in (*_KEYS, *_FIGURES, "cost_micros")}) for row in rows]
    for day in _read_live(first, last, until):
        sums += _of_day(day)
    return sums


def hours(first: date, last: date) -> list[HourOfCalls]:
    """The hours of these days in which calls ended, both days included, oldest first."""
    until = _summed_until()
    begins, ends = _midnight(first), _midnight(last + ONE)
    kept_end = min(ends, _midnight(until)) if until else begins
    names = list(HourOfCalls.__dataclass_fields__)
    rows = HourSum.objects.filter(begins__gte=begins, begins__lt=kept_end).order_by("begins").values_list(*names)
    found = [HourOfCalls(*row) for row in rows]
    for day in _read_live(first, last, until):
        found += _hours_of_day(day)
    return found


def sum_up(now: datetime, *, most: int | None = None) -> bool:
    """Keep the sums of days that are over, the oldest first, at most so many; True if none is left."""
    over = timezone.localtime(now - SETTLING).date()  # the first day that is not over
    day = _summed_until() or _first_day()
    done = 0
    while day is not None and day < over:
        if most is not None and done >= most:
            return False
        done += 1
        sums, of_hours = _of_day(day), _hours_of_day(day)
        with transaction.atomic():
            DaySum.objects.filter(day=day).delete()
            HourSum.objects.filter(begins__gte=_midnight(day), begins__lt=_midnight(day + ONE)).delete()
            # two may come at once, with the same sums
            DaySum.objects.bulk_create((DaySum(**_fields(one)) for one in sums), ignore_conflicts=True)
            HourSum.objects.bulk_create((HourSum(**_fields(one)) for one in of_hours), ignore_conflicts=True)
            SummedUp.objects.update_or_create(pk=1, defaults={"until": day + ONE})
        day = _next_day_with_calls(day + ONE, over)
    return True


def _of_day(day: date) -> list[CallSum]:
    rows = (
        _calls(day)
        .order_by(*_KEYS)
        .values_list(*_KEYS)
        .annotate(
            n=Count("pk"),
            unpriced_calls=Count("pk", filter=Q(cost_usd=None)),
            estimates=Count("pk", filter=Q(estimated=True)),
            sum_input=Sum("input_tokens"),
            sum_cached=Sum("cached_tokens"),
            sum_output=Sum("output_tokens"),
            sum_cost=Sum("cost_usd"),
        )
    )
    return [_call_sum(day, row) for row in rows]


def _call_sum(day: date, row: Any) -> CallSum:
    """A row of the query above; its last column is dollars."""
    *values, cost = row
    return CallSum(*[day, *values, micros(cost or Decimal(0))])


def _hours_of_day(day: date) -> list[HourOfCalls]:
    rows = _calls(day).order_by("at").values_list("at", "total_ms", "input_tokens", "cached_tokens", "output_tokens")
    return list(by_hour(rows.iterator()))


def by_hour(calls: Iterable[tuple[datetime, float, int, int, int]]) -> Iterator[HourOfCalls]:
    """Calls in order of their ends (end, length in ms, input, cached and output tokens), by the hour of their end. Pure.

    Calls at once are counted where the later ones end; a call that runs over the full hour counts in the hour of its end.
    """
    begins: datetime | None = None
    group: list[tuple[datetime, float, int, int, int]] = []
    for call in calls:
        hour = call[0].astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if begins is not None and hour != begins:
            yield _hour(begins, group)
            group = []
        begins = hour
        group.append(call)
    if begins is not None:
        yield _hour(begins, group)


def _hour(begins: datetime, calls: list[tuple[datetime, float, int, int, int]]) -> HourOfCalls:
    return HourOfCalls(
        begins,
        len(calls),
        sum(call[2] for call in calls),
        sum(call[3] for call in calls),
        sum(call[4] for call in calls),
        sum(call[1] for call in calls),
        most_at_once([(end - timedelta(milliseconds=length), end) for end, length, *_ in calls]),
    )


def most_at_once(spans: Iterable[tuple[datetime, datetime]]) -> int:
    """How many of these spans (begin, end) overlap at most; one that begins as another ends does not overlap it. Pure."""
    running: list[datetime] = []
    most = 0
    for begin, end in sorted(spans):
        while running and running[0] <= begin:
            heappop(running)
        heappush(running, end)
        most = max(most, len(running))
    return most


def _calls(day: date) -> "QuerySet[ModelCall]":
    return ModelCall.objects.filter(at__gte=_midnight(day), at__lt=_midnight(day + ONE))


def _next_day_with_calls(day: date, over: date) -> date:
    """That day or the next one with calls, so that a year of silence is not gone through day by day; at most `over`."""
    first = ModelCall.objects.filter(at__gte=_midnight(day)).order_by("at").values_list("at", flat=True).first()
    found = timezone.localtime(first).date() if first else over
    if found > day:
        SummedUp.objects.update_or_create(pk=1, defaults={"until": min(found, over)})
    return min(found, over)


def _summed_until() -> date | None:
    return SummedUp.objects.values_list("until", flat=True).first()


def _first_day() -> date | None:
    first = ModelCall.objects.order_by("at").values_list("at", flat=True).first()
    return timezone.localtime(first).date() if first else None


def _midnight(day: date) -> datetime:
    """The beginning of a day of the shop."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _read_live(first: date, last: date, until: date | None) -> Iterator[date]:
    """The days among these that are not kept and may have calls."""
    begun = until or _first_day()
    day = max(first, begun) if begun else last + ONE
    while day <= last:
        yield day
        day += ONE


def _fields(value: CallSum | HourOfCalls) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def models_called(today: date, *, days: int = 30) -> list[str]:
    """The names of the models that were called in so many days up to today."""
    return sorted({one.model for one in day_sums(today - timedelta(days=days - 1), today)})


def has_unpriced(day: date) -> bool:
    """Whether a call of that day has no price, so that what it cost is not known."""
    return _calls(day).filter(cost_usd=None).exists()
