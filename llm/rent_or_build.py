"""Renting a model or running one: what each costs in a month, and from which volume on the other way is cheaper. Pure.

A rented model costs by the token. One's own costs by the hour, busy or not, in whole machines: as many as the busiest hour needs,
and people who look after them. Amounts are US dollars; tokens and questions are counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil, inf

MILLION = 1_000_000
DAYS_OF_A_MONTH = 30
HOURS_OF_A_MONTH = 730.0
SECONDS_OF_AN_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """What customers ask for. Tokens are of one question, all its calls together; cached is a part of input.

    peak: how many times as much comes in the busiest hour as on average; at_once: calls under way together then.
    """

    questions: float  # a month
    input: float
    output: float
    cached: float = 0.0
    peak: float = 1.0
    at_once: float = 0.0

    def times(self, questions: float) -> "Traffic":
        """The same traffic at another volume: as many tokens each, as peaked; calls at once grow with it."""
        grown = self.at_once * questions / self.questions if self.questions else self.at_once
        return replace(self, questions=questions, at_once=grown)


@dataclass(frozen=True, slots=True)
class Rented:
    """Dollars per 1,000,000 tokens. quality: the share of questions that it answers right, 0..1; None if nobody has measured it."""

    name: str
    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal
    quality: float | None = None

    def of_question(self, traffic: Traffic) -> Decimal:
        """Dollars for one question."""
        fresh = traffic.input - traffic.cached
        parts = ((fresh, self.input_usd), (traffic.cached, self.cached_usd), (traffic.output, self.output_usd))
        return sum((Decimal(str(tokens)) * usd for tokens, usd in parts), Decimal(0)) / MILLION

    def of_month(self, traffic: Traffic) -> Decimal:
        return self.of_question(traffic) * Decimal(str(traffic.questions))


@dataclass(frozen=True, slots=True)
class Own:
    """A model on machines of one's own. tokens per second are of one machine, as measured when it is fully busy.

    utilisation: the share of that speed which may be planned with, 0..1: a machine that is always full makes customers wait.
    at_once: calls that one machine takes together; 0: as many as come. staff_usd: a month. machines: the least, for safety.
    """

    name: str
    hour_usd: Decimal
    input_per_second: float
    output_per_second: float
    utilisation: float = 0.6
    at_once: float = 0.0
    staff_usd: Decimal = Decimal(0)
    machines: int = 1
    hours: float = HOURS_OF_A_MONTH
    quality: float | None = None

    def machine_usd(self) -> Decimal:
        """Dollars a month for one machine."""
        return self.hour_usd * Decimal(str(self.hours))

    def seconds_of_question(self, traffic: Traffic) -> float:
        """How long one question keeps one machine busy. What is cached is not read again."""
        return (traffic.input - traffic.cached) / self.input_per_second + traffic.output / self.output_per_second

    def machines_for(self, traffic: Traffic) -> int:
        """Whole machines that carry the busiest hour."""
        a_second = traffic.questions / (self.hours * SECONDS_OF_AN_HOUR) * traffic.peak
        by_speed = a_second * self.seconds_of_question(traffic) / self.utilisation
        by_calls = traffic.at_once / self.at_once if self.at_once else 0.0
        return max(self.machines, ceil(round(max(by_speed, by_calls), 9)))

    def of_month(self, traffic: Traffic) -> Decimal:
        return self.machine_usd() * self.machines_for(traffic) + self.staff_usd

    def questions_on(self, machines: int, traffic: Traffic) -> float:
        """How many questions a month so many machines carry, of this traffic; infinite if it needs nothing."""
        by_speed = self.seconds_of_question(traffic) * traffic.peak / (self.hours * SECONDS_OF_AN_HOUR * self.utilisation)
        by_calls = traffic.at_once / traffic.questions / self.at_once if self.at_once and traffic.questions else 0.0
        each = max(by_speed, by_calls)
        return machines / each if each else inf


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From how many questions a month one's own model costs no more. first: where that is so for the first time; lasting: from where
    on another machine never turns it round again. None: at no volume."""

    first: float | None
    lasting: float | None


def break_even(rented: Rented, own: Own, traffic: Traffic) -> BreakEven:
    """Where a rented model and one's own cost the same, for traffic of this kind.

    One's own cost is a staircase: the lines may cross more than once.
    """
    each = float(rented.of_question(traffic))
    carried = own.questions_on(1, traffic)  # by each machine
    machine, staff = float(own.machine_usd()), float(own.staff_usd)
    if each <= 0:
        return BreakEven(None, None)
    if carried == inf:
        crossing = (machine * own.machines + staff) / each
        return BreakEven(crossing, crossing)
    gained = carried * each - machine  # dollars a month that one more full machine saves
    least = own.machines

    def crossing_on(machines: int) -> float:
        return (machines * machine + staff) / each

    if crossing_on(least) <= least * carried:
        first: float | None = crossing_on(least)
    elif gained > 0:  # so many full machines save enough for the staff
        count = max(least + 1, ceil(round(staff / gained, 9)))
        first = max(crossing_on(count), (count - 1) * carried)
    else:
        first = None
    if gained <= 0:
        return BreakEven(first, None)
    # from here on a new machine is paid for, with its first question, by the full ones beside it
    paid = max(least + 1, ceil(round((staff + carried * each) / gained, 9)))
    before = crossing_on(paid - 1)
    return BreakEven(first, before if before <= (paid - 1) * carried else (paid - 1) * carried)


@dataclass(frozen=True, slots=True)
class Point:
    questions: float
    usd: float


def rented_line(rented: Rented, traffic: Traffic, until: float) -> list[Point]:
    """Two points of a straight line, from nothing to that many questions."""
    return [Point(0.0, 0.0), Point(until, float(rented.of_question(traffic)) * until)]


def own_line(own: Own, traffic: Traffic, until: float, *, most_steps: int = 400) -> list[Point]:
    """The corners of the staircase, from nothing to that many questions; with very many machines, the slope instead of the steps."""
    carried = own.questions_on(1, traffic)
    machines = own.machines
    machine, staff = float(own.machine_usd()), float(own.staff_usd)
    points = [Point(0.0, machines * machine + staff)]
    step = max(1, ceil(until / carried / most_steps)) if carried not in (0.0, inf) else 1
    while machines * carried < until:
        points.append(Point(machines * carried, machines * machine + staff))
        machines += step
        points.append(Point(points[-1].questions, machines * machine + staff))
    return [*points, Point(until, machines * machine + staff)]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A rented model beside one's own, for a month of this traffic. per_right_usd: per question answered right, None if not measured."""

    rented: Rented
    month_usd: Decimal
    own_month_usd: Decimal
    break_even: BreakEven
    per_right_usd: Decimal | None
    own_per_right_usd: Decimal | None

    @property
    def own_is_cheaper(self) -> bool:
        return self.own_month_usd < self.month_usd


def compare(rented: Sequence[Rented], own: Own, traffic: Traffic) -> list[Comparison]:
    """Each rented model beside one's own, in the order given."""
    own_month = own.of_month(traffic)
    return [
        Comparison(
            model,
            model.of_month(traffic),
            own_month,
            break_even(model, own, traffic),
            _per_right(model.of_month(traffic), traffic, model.quality),
            _per_right(own_month, traffic, own.quality),
        )
        for model in rented
    ]


def _per_right(month: Decimal, traffic: Traffic, quality: float | None) -> Decimal | None:
    return month / Decimal(str(traffic.questions * quality)) if quality and traffic.questions else None
