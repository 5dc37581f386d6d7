"""Prices begin on a day and are only ever added; what a machine costs by the hour becomes a price of its tokens."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from llm.metering import cost_of
from llm.prices import Machine, TokenPrices, add_price, price_on_day, prices_on
from llm.values import Usage

TODAY, NOW = date(2026, 11, 24), datetime(2026, 11, 24, 9, tzinfo=UTC)


def add(model: str, usd: str, day: date = TODAY):
    amount = Decimal(usd)
    return add_price(model, TokenPrices(amount, amount / 2, amount * 4), valid_from=day, by="mia", at=NOW, today=TODAY)


def test_an_hour_of_a_busy_machine_costs_what_its_tokens_cost_together():
    machine = Machine(Decimal("3.60"), Decimal(10_000), Decimal(1_000))
    prices = machine.token_prices()
    assert prices == TokenPrices(Decimal("0.1"), Decimal(0), Decimal(1))
    # half an hour of reading and half an hour of writing
    assert cost_of(Usage(input=18_000_000, output=1_800_000), prices) == Decimal("3.6")


@pytest.mark.django_db
def test_a_price_never_begins_in_the_past():
    with pytest.raises(ValueError, match="past"):
        add("tiny", "1", date(2026, 11, 23))
    assert price_on_day("tiny", TODAY) is None


@pytest.mark.django_db
def test_of_two_prices_from_one_day_the_one_added_later_counts():
    add("tiny", "1")
    add("tiny", "2")
    add("tiny", "9", date(2026, 12, 1))
    add("grand", "5")
    found = price_on_day("tiny", TODAY)
    assert found is not None and found.input_usd == 2 and (found.added_by, found.added_at) == ("mia", NOW)
    assert {model: row.input_usd for model, row in prices_on(TODAY).items()} == {"tiny": 2, "grand": 5}
    assert prices_on(date(2026, 12, 1), ["tiny"])["tiny"].input_usd == 9
