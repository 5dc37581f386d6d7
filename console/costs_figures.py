"""What calls of models have cost, by whatever it is asked; and what routing and kept answers saved. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from llm.budget_counting import dollars
from llm.metering import PriceList, cost_of
from llm.metering_days import CallSum
from llm.purposes import OF_THE_SHOP, Purpose
from llm.values import Usage

SMALL = "small"
PROJECTED = 1_000_000  # questions a month


@dataclass(frozen=True, slots=True)
class Group:
    """Calls that have something in common. usd: of those with a price; unpriced: how many have none."""

    name: str
    calls: int
    unpriced: int
    estimated: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    usd: Decimal

    @property
    def all_unpriced(self) -> bool:
        return self.calls == self.unpriced


@dataclass(frozen=True, slots=True)
class DayCost:
    """One day; by_tier: dollars in the order asked for."""

    day: date
    calls: int
    unpriced: int
    usd: Decimal
    by_tier: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was counted of conversations in the same days. resolved: by the definition that stands beside the figure.

    usd: what their answers cost, as far as it is known; unpriced: questions with a call whose cost nobody knows.
    """

    conversations: int
    resolved: int
    questions: int
    usd: Decimal
    unpriced: int
    spared: int  # questions that were answered without a model although one could have been called
    cached: int  # questions that were answered with an answer that was kept
    cached_usage: Usage  # what the calls took that were not made again

    @property
    def known_usd(self) -> Decimal | None:
        """None where no part of it is known: that is not nothing."""
        return None if self.unpriced and not self.usd else self.usd


@dataclass(frozen=True, slots=True)
class Savings:
    """Against the large model for every question.

    small: by the small model; mended: what its slips cost, in repairs and in help of the large one; spared: where no model was asked;
    cache: by answers that were kept; spent: on answers to customers.
    """

    model: str
    small_usd: Decimal
    mended_usd: Decimal
    spared_usd: Decimal
    cache_usd: Decimal
    spent_usd: Decimal

    @property
    def router_usd(self) -> Decimal:
        return self.small_usd - self.mended_usd + self.spared_usd

    @property
    def all_large_usd(self) -> Decimal:
        return self.spent_usd + self.router_usd + self.cache_usd

    @property
    def percent(self) -> int:
        """Of what the large model alone would cost; below 0 where routing costs more than it saves."""
        saved = self.router_usd + self.cache_usd
        return round(100 * saved / self.all_large_usd) if self.all_large_usd > 0 else 0

    @property
    def percent_more(self) -> int:
        return -self.percent


def total(sums: Iterable[CallSum], name: str = "All calls") -> Group:
    found = list(sums)
    return Group(
        name,
        sum(one.calls for one in found),
        sum(one.unpriced for one in found),
        sum(one.estimated for one in found),
        sum(one.input_tokens for one in found),
        sum(one.cached_tokens for one in found),
        sum(one.output_tokens for one in found),
        dollars(sum(one.cost_micros for one in found)),
    )


def grouped(sums: Iterable[CallSum], by: Callable[[CallSum], str]) -> list[Group]:
    """The calls by what `by` gives, the dearest first."""
    parts: dict[str, list[CallSum]] = defaultdict(list)
    for one in sums:
        parts[by(one)].append(one)
    made = [total(part, name) for name, part in parts.items()]
    return sorted(made, key=lambda group: (-group.usd, -group.calls, group.name))


def by_day(sums: Iterable[CallSum], first: date, last: date, tiers: Sequence[str]) -> list[DayCost]:
    """Every day from first to last, also those without calls, oldest first. tiers: what by_tier names; others count with the last."""
    parts: dict[date, list[CallSum]] = defaultdict(list)
    for one in sums:
        parts[one.day].append(one)
    days = []
    for n in range((last - first).days + 1):
        calls = parts.get(first + timedelta(days=n), [])
        shares = [0] * len(tiers)
        for one in calls:
            shares[tiers.index(one.tier) if one.tier in tiers else -1] += one.cost_micros
        whole = total(calls)
        days.append(DayCost(first + timedelta(days=n), whole.calls, whole.unpriced, whole.usd, tuple(map(dollars, shares))))
    return days


def each(usd: Decimal | None, count: int) -> Decimal | None:
    """Dollars for one of so many; None of none, and of what nobody knows."""
    return usd / count if count and usd is not None else None


def projection(usd: Decimal | None, questions: int) -> Decimal | None:
    """Dollars for a million questions like these; None if none was asked, and of what nobody knows."""
    return usd * PROJECTED / questions if questions and usd is not None else None


def savings(
    sums: Sequence[CallSum], answered: Answered, model: str, price_on: Callable[[date], PriceList | None]
) -> Savings | None:
    """What was saved against `model` for every question; None if it had no price in these days.

    The small model's answers are counted with the same tokens at the large model's price of their day; a question without a model with
    the tokens of an average answer. The large model is taken to need no repair. All are estimates: it might have said more or less.
    """
    prices = {day: price_on(day) for day in {one.day for one in sums}}
    last = next((price for _, price in sorted(prices.items(), reverse=True) if price is not None), None)
    if last is None:
        return None
    answering = [one for one in sums if one.purpose not in OF_THE_SHOP]
    small = mended = Decimal(0)
    for one in answering:
        price = prices[one.day]
        if one.tier == SMALL and one.purpose == Purpose.ANSWER and price is not None:
            priced = Decimal(one.calls - one.unpriced) / one.calls  # of the others nobody knows what they cost
            small += cost_of(_usage(one), price) * priced - dollars(one.cost_micros)
        elif one.purpose == Purpose.ESCALATION or (one.purpose == Purpose.REPAIR and one.tier == SMALL):
            mended += dollars(one.cost_micros)
    answers = total(one for one in answering if one.purpose == Purpose.ANSWER and one.output_tokens)
    average = cost_of(Usage(answers.input_tokens, answers.cached_tokens, answers.output_tokens), last)
    spared = average * answered.spared / answers.calls if answers.calls else Decimal(0)
    return Savings(model, small, mended, spared, cost_of(answered.cached_usage, last), total(answering).usd)


def _usage(one: CallSum) -> Usage:
    return Usage(one.input_tokens, one.cached_tokens, one.output_tokens)
