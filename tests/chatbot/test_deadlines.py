"""Periods in a policy's sentence, counted from an order's dates."""

from datetime import date

import pytest

from chatbot.composing.deadlines import deadline
from orders.records import Status
from tests.factories import make_order, moment

ORDER = make_order(status=Status.DELIVERED, placed_at=moment(11, 1), delivered_at=moment(11, 11))


@pytest.mark.parametrize(
    ("sentence", "last"),
    [
        ("You can return an item within 45 days from delivery.", date(2026, 12, 26)),
        ("Returns are accepted up to thirty (30) calendar days after you receive it.", date(2026, 12, 11)),
        ("You have 2 weeks from receipt.", date(2026, 11, 25)),
        ("Send it back within 14 days of the order.", date(2026, 11, 15)),
        ("A 60-day period from the date of purchase applies.", date(2026, 12, 31)),
    ],
)
def test_a_period_is_counted_from_the_day_it_names(sentence, last):
    assert deadline(sentence, ORDER).last_day == last


@pytest.mark.parametrize(
    "sentence",
    [
        "You can return an item within 45 days.",
        "Within 45 days from delivery, or 14 days from delivery for outlet items.",
        "Refunds take 5 business days from delivery.",
        "Returns are welcome.",
        "It costs $30 from delivery.",
    ],
)
def test_what_is_not_one_clear_period_is_not_counted(sentence):
    assert deadline(sentence, ORDER) is None


def test_without_the_day_it_counts_from_there_is_no_last_day():
    assert deadline("Within 45 days from delivery.", make_order()) is None
