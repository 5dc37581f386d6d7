"""What follows from an order's record, also where little of it is known."""

from datetime import date

import pytest

from orders.records import Address, Status
from tests.factories import TODAY, home, make_order, moment, parcel

DAY = date(2026, 11, 18)


def test_a_word_without_a_meaning_does_not_hide_the_day_that_is_expected():
    order = make_order("#K1", Status.UNKNOWN, status_text="frame being painted", estimated_on=date(2026, 11, 27))
    assert (order.expected_on, order.may_come, order.is_open) == (date(2026, 11, 27), True, False)


def test_what_may_have_come_is_not_called_late():
    order = make_order("#K1", Status.UNKNOWN, status_text="at the elves", estimated_on=DAY)
    assert (order.expected_on, order.days_late(on=TODAY)) == (DAY, 0)
    assert make_order("#K1", Status.IN_TRANSIT, estimated_on=DAY).days_late(on=TODAY) == 3


@pytest.mark.parametrize(
    "order",
    [
        make_order("#K1", Status.UNKNOWN, estimated_on=DAY, delivered_at=moment(11, 17)),
        make_order("#K1", Status.DELIVERED, estimated_on=DAY),
        make_order("#K1", Status.CANCELLED, estimated_on=DAY),
        make_order("#K1", Status.UNKNOWN),
    ],
)
def test_nothing_is_expected_of_what_has_come_or_will_not_or_has_no_day(order):
    assert order.expected_on is None


def test_the_parcel_under_way_says_when_the_rest_comes():
    parcels = (parcel("1", estimated_on=DAY, delivered_at=moment(11, 17)), parcel("2", estimated_on=date(2026, 11, 25)))
    assert make_order("#K1", Status.PARTIALLY_SHIPPED, estimated_on=DAY, shipments=parcels).expected_on == date(2026, 11, 25)


def test_a_masked_address_is_recognised_and_no_more():
    masked = make_order("#K1", ship_to=home(line2="Apt 4")).masked().ship_to
    assert (masked.name, masked.line1, masked.line2, masked.city, masked.zip) == ("Maya Lindqvist", "", "", "Denver", "80…")
    assert home(zip="BD23 1UD").masked().zip == "BD23…"
    assert Address().masked() == Address()
