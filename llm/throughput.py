"""How many tokens a second a model reads and writes, as its calls have shown: what a machine of one's own managed at the least.

A machine shows all it can only when it is full. So the hour counts in which it wrote most, all its calls together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from llm.metering_days import most_at_once
from llm.models import ModelCall

MOST_CALLS = 5_000  # the newest that are looked at
LEAST_CALLS = 10  # of an hour: fewer tell of chance
LEAST_SECONDS = 1.0  # of writing in an hour
STREAMED = 0.05  # of a call's time, at least, is writing; what came in one piece tells nothing

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """When a call ended, its milliseconds until the first word and in all, its tokens; fresh: input that was not cached."""

    at: datetime
    first_token_ms: float
    total_ms: float
    fresh: int
    output: int

    @property
    def is_streamed(self) -> bool:
        return self.total_ms - self.first_token_ms >= STREAMED * self.total_ms > 0

    @property
    def began(self) -> datetime:
        return self.at - timedelta(milliseconds=self.total_ms)

    @property
    def spoke(self) -> datetime:
        return self.began + timedelta(milliseconds=self.first_token_ms)


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second of all calls together, in the hour in which most was written; calls: of that hour; at_once: the most of them.

    each: what one customer gets, the median. Waiting in a queue counts as reading, so the machine reads at least so fast.
    """

    input_per_second: float
    output_per_second: float
    each: float
    at_once: int
    calls: int


def measured_speed(model: str, since: datetime, *, endpoint: str = "") -> Speed | None:
    """The speed of a model in its newest calls since then, at one endpoint or at all; None where too few were streamed to tell."""
    calls = ModelCall.objects.filter(
        model=model, at__gte=since, ending="finished", first_token_ms__isnull=False, output_tokens__gt=0
    )
    names = ("at", "first_token_ms", "total_ms", "input_tokens", "cached_tokens", "output_tokens")
    calls = calls.filter(endpoint=endpoint) if endpoint else calls
    rows = calls.order_by("-at").values_list(*names)[:MOST_CALLS]
    return speed_of(FinishedCall(at, first or 0.0, total, read - cached, wrote) for at, first, total, read, cached, wrote in rows)


def speed_of(calls: Iterable[FinishedCall]) -> Speed | None:
    """The speed in the hour in which most tokens a second were written; None if no hour tells. Pure."""
    hours: dict[datetime, list[FinishedCall]] = defaultdict(list)
    for call in calls:
        if call.is_streamed:
            hours[call.at.replace(minute=0, second=0, microsecond=0)].append(call)
    found = [speed for group in hours.values() if (speed := _of_hour(group)) is not None]
    return max(found, key=lambda speed: speed.output_per_second, default=None)


def _of_hour(calls: Sequence[FinishedCall]) -> Speed | None:
    writing = seconds_covered([(call.spoke, call.at) for call in calls])
    reading = seconds_covered([(call.began, call.spoke) for call in calls])
    if len(calls) < LEAST_CALLS or writing < LEAST_SECONDS:
        return None
    return Speed(
        input_per_second=sum(call.fresh for call in calls) / reading if reading else 0.0,
        output_per_second=sum(call.output for call in calls) / writing,
        each=median(call.output / (call.at - call.spoke).total_seconds() for call in calls),
        at_once=most_at_once([(call.began, call.at) for call in calls]),
        calls=len(calls),
    )


def seconds_covered(spans: Iterable[Span]) -> float:
    """How many seconds are in at least one of the spans. Pure."""
    seconds, until = 0.0, None
    for begin, end in sorted(spans):
        begins = begin if until is None or begin > until else until
        if end > begins:
            seconds += (end - begins).total_seconds()
        until = end if until is None or end > until else until
    return seconds
