"""Prices begin on a day and are only ever added; what a machine costs by the hour becomes a price of its tokens."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from llm.metering import cost_of
from llm.prices import Machine, PriceBook, TokenPrices, add_price, price_book, price_on_day, prices_on, rename_endpoint
from llm.unpriced import without_price
from llm.values import Usage

TODAY, NOW = date(2026, 11, 24), datetime(2026, 11, 24, 9, tzinfo=UTC)


def add(model: str, usd: str, day: date = TODAY, *, endpoint: str = ""):
    amount = Decimal(usd)
    prices = TokenPrices(amount, amount / 2, amount * 4)
    return add_price(model, prices, endpoint=endpoint, valid_from=day, by="mia", at=NOW, today=TODAY)


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


@pytest.mark.django_db
def test_two_endpoints_serve_one_model_at_two_prices_and_others_at_the_model_s():
    add("tiny", "1")
    add("tiny", "3", endpoint="Far")
    add("tiny", "4", date(2026, 12, 1), endpoint="Far")
    add("tiny", "9", date(2026, 12, 1))
    add("grand", "5", endpoint="Far")
    for day, near, far in ((TODAY, 1, 3), (date(2026, 12, 1), 9, 4)):
        for book in (price_book(day).of, lambda model, endpoint, day=day: price_on_day(model, day, endpoint=endpoint)):
            assert [book("tiny", endpoint=name).input_usd for name in ("Far", "Near", "")] == [far, near, near]
            assert book("grand", endpoint="Far").input_usd == 5 and book("grand", endpoint="Near") is None
    assert set(prices_on(TODAY)) == {"tiny"}, "what counts everywhere"
    rename_endpoint("Far", "Farther")
    assert (
        price_on_day("tiny", TODAY, endpoint="Farther").input_usd == 3
        and price_on_day("tiny", TODAY, endpoint="Far").input_usd == 1
    )


@pytest.mark.django_db
def test_a_model_is_without_a_price_where_one_of_its_endpoints_has_none():
    add("tiny", "3", endpoint="Far")
    add("gone", "3", endpoint="Far")
    add("grand", "1")
    served = [("Far", "tiny"), ("Near", "tiny"), ("Near", "grand")]
    called = ["tiny", "grand", "gone", "new"]
    assert without_price(called, price_book(TODAY), served) == ["new", "tiny"]
    assert without_price(called, price_book(TODAY), served[:1]) == ["new"]
    assert without_price(["tiny"], PriceBook(), served) == ["tiny"]
