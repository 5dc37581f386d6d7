"""Every call leaves a row with its tokens and its money, by the price of its day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from llm.metering import cost_of, record_call
from llm.models import ModelCall, Price
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
