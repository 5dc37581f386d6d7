"""Which versions of one document apply when. Pure: periods in, periods out.

A version without a first day is a correction: it replaces every earlier upload, for every day, past ones too.
A version with a first day is a change: the earlier text ends on that day and goes on answering for the days before it.
A change that is over before the earlier text would be (a holiday rule) only covers it for its own days.
Uploads count in the order of their numbers, whichever of them was read first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """The days of one version: from `start` (included) to `stated_end` as uploaded and `end` as it turned out (not included).

    None is open. `superseded`: it answers on no day any more.
    """

    number: int
    start: date | None = None
    stated_end: date | None = None
    end: date | None = None
    superseded: bool = False

    def covers(self, day: date) -> bool:
        """Whether the version's own dates include that day."""
        return not self.superseded and (self.start is None or self.start <= day) and (self.end is None or day < self.end)


def settle(periods: Iterable[Period]) -> list[Period]:
    """Return the published periods, by number, each with the end that the later ones give it. What is superseded stays so."""
    ordered = sorted(periods, key=lambda period: period.number)
    settled = []
    for index, period in enumerate(ordered):
        now = replace(period, end=period.stated_end)
        for later in ordered[index + 1 :]:
            # a superseded later version replaces nothing any more; whatever replaced it replaces this one too
            if not now.superseded and not later.superseded:
                now = _after(now, later)
        settled.append(now)
    return settled


def _after(period: Period, later: Period) -> Period:
    """What is left of a period once a later upload is published."""
    if later.start is None:
        return replace(period, superseded=True)
    if later.stated_end is not None and (period.end is None or later.stated_end < period.end):
        return period  # covered for a while only: the newest version of a day answers, see `newest`
    if period.start is not None and later.start <= period.start:
        return replace(period, superseded=True)
    if period.end is None or later.start < period.end:
        return replace(period, end=later.start)
    return period


def without(periods: Iterable[Period], number: int, *, today: date) -> list[Period]:
    """Return the other periods, settled again, once a version is withdrawn on `today`.

    An end that has passed stays: to withdraw a text never brings back one that had already stopped answering. An end that was
    still to come is taken back together with the change that would have brought it.
    """
    others = [period for period in periods if period.number != number]
    return settle(replace(p, stated_end=p.end) if p.end is not None and p.end <= today else p for p in others)


def newest(periods: Iterable[Period], day: date) -> Period | None:
    """Return the version that answers on a day: of those that cover it, the one uploaded last."""
    return max((period for period in periods if period.covers(day)), key=lambda period: period.number, default=None)
