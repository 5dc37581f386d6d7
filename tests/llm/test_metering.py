"""Every call leaves a row with its tokens and its money, by the price of its day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from llm.metering import cost_of, record_call
from llm.models import ModelCall, Price, Spending
from llm.values import Usage

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass
class Call:
    model: str = "tiny"
    tier: str = "small"
    endpoint: str = ""
    calls: tuple = ()
    usage: Usage = field(default_factory=lambda: Usage(1_000_000, 400_000, 10_000))
    ending: str = "finished"
    first_token_ms: float | None = 12.0
    total_ms: float = 40.0
    error: str = ""


def price(day: date, tokens_in: str) -> Price:
    return Price(model="tiny", valid_from=day, input_usd=Decimal(tokens_in), cached_usd=Decimal("0.5"), output_usd=Decimal(8))


def test_cached_tokens_cost_their_own_price():
    assert cost_of(Usage(1_000_000, 400_000, 10_000), price(date(2026, 1, 1), "2")) == Decimal("1.48")


def test_a_small_call_is_not_rounded_to_nothing():
    assert cost_of(Usage(10, 0, 1), price(date(2026, 1, 1), "2")) == Decimal("0.000028")


@pytest.mark.django_db(transaction=True)
async def test_the_newest_price_that_has_begun_counts():
    for day, tokens_in in [(date(2026, 1, 1), "1"), (date(2026, 11, 24), "2"), (date(2026, 11, 25), "100")]:
        await price(day, tokens_in).asave()
    row = await record_call(Call(), at=AT, subject="turn-1")
    assert row.cost_usd == Decimal("1.48") and (row.purpose, row.subject) == ("answer", "turn-1")
    assert (await ModelCall.objects.aget()).input_tokens == 1_000_000


@pytest.mark.django_db(transaction=True)
async def test_without_a_price_the_cost_is_unknown_not_zero():
    await price(date(2026, 11, 25), "1").asave()
    row = await record_call(Call(ending="cut_off", error="the connection broke"), at=AT)
    assert row.cost_usd is None and row.ending == "cut_off" and row.error


@pytest.mark.django_db(transaction=True)
async def test_what_used_no_token_costs_nothing_also_without_a_price():
    row = await record_call(Call(ending="unavailable", usage=Usage()), at=AT)
    assert row.cost_usd == 0


@pytest.mark.django_db(transaction=True)
async def test_a_call_that_runs_over_midnight_costs_what_the_day_of_its_end_says(settings):
    """New York: 24 November ends at 5 in the morning of universal time."""
    settings.TIME_ZONE = "America/New_York"
    for day, tokens_in in [(date(2026, 11, 24), "1"), (date(2026, 11, 25), "2")]:
        await price(day, tokens_in).asave()
    ended = [datetime(2026, 11, 25, 4, 59, 59, tzinfo=UTC), datetime(2026, 11, 25, 5, 0, 0, tzinfo=UTC)]
    assert [(await record_call(Call(), at=at)).cost_usd for at in ended] == [Decimal("0.88"), Decimal("1.48")]
    assert sorted([row.day async for row in Spending.objects.filter(scope="all")]) == [date(2026, 11, 24), date(2026, 11, 25)]


@pytest.mark.parametrize(
    ("usage", "usd", "cost"),
    [
        (Usage(1, 0, 0), "0.15", "0"),  # 0.15 millionths: rounded to the even one
        (Usage(5, 0, 0), "0.1", "0"),
        (Usage(15, 0, 0), "0.1", "0.000002"),
        (Usage(0, 0, 0), "100000", "0"),
        (Usage(2_000_000_000, 0, 0), "0.000001", "0.002"),
        (Usage(200_000, 0, 0), "100000", "20000"),
    ],
    ids=str,
)
def test_money_is_reckoned_exactly_and_rounded_once_to_the_millionth(usage, usd, cost):
    assert cost_of(usage, price(date(2026, 1, 1), usd)) == Decimal(cost)
