"""Items, parcels, wishes, addresses and reasons in customers' own words."""

import pytest

from chatbot.requesting.slots import (
    address_in,
    filled,
    instead_in,
    is_an_address,
    picked_lines,
    picked_parcels,
    reason_in,
    tidy_address,
)
from orders.records import Line
from orders.requests_values import Asked, Kind
from tests.factories import make_order, parcel, shirt

ORDER = make_order(
    "#W2378156",
    lines=(
        Line(1, "Hiking boots", options=(("color", "brown"),)),
        Line(2, "Linen shirt", options=(("color", "blue"),), quantity=3),
        Line(3, "Wool socks", options=(("color", "grey"),), quantity=2),
    ),
    shipments=(parcel("1Z999AA1"), parcel("1Z999BB2")),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the boots", [(1, 1)]),
        ("boots and socks", [(1, 1), (3, 2)]),
        ("the blue one", [(2, 3)]),
        ("two of the shirts", [(2, 2)]),
        ("1 shirt, and the boots please", [(1, 1), (2, 1)]),
        ("all of them", [(1, 1), (2, 3), (3, 2)]),
        ("everything", [(1, 1), (2, 3), (3, 2)]),
        ("both the boots and the socks", [(1, 1), (3, 2)]),
        ("all of the socks", [(3, 2)]),
        ("everything except the boots", [(2, 3), (3, 2)]),
        ("all but not number 2", [(1, 1), (3, 2)]),
        ("1 and 3", [(1, 1), (3, 2)]),
        ("number 2", [(2, 3)]),
        ("the second one", [(2, 3)]),
        ("7", []),
        ("the toaster", []),
        ("hm", []),
    ],
)
def test_items_are_named_by_words_numbers_and_places(text, expected):
    assert [(piece.position, piece.quantity) for piece in picked_lines(text, ORDER, listed=True)] == expected


def test_a_number_names_an_item_only_where_a_list_was_shown():
    assert picked_lines("2", ORDER, listed=False) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("the second", ("1Z999BB2",)), ("1z999aa1", ("1Z999AA1",)), ("both", ("1Z999AA1", "1Z999BB2")), ("hm", ())],
)
def test_parcels_are_named_by_place_and_number(text, expected):
    assert picked_parcels(text, ORDER.shipments, listed=True) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I want to return the boots because they are too small.", "they are too small"),
        ("The boots don't fit, I want to send them back", "The boots don't fit"),
        ("please cancel it, I ordered by mistake", "I ordered by mistake"),
        ("please cancel it", ""),
    ],
)
def test_a_reason_is_kept_in_the_customers_words(text, reason):
    assert reason_in(text) == reason


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("exchange the shirt for a size L because it is tight", "a size L"),
        ("swap it for another colour, please", "another colour, please"),
        ("I want to exchange it", ""),
    ],
)
def test_what_is_wanted_instead(text, instead):
    assert instead_in(text) == instead


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("change the address of it to 12 Elm Street, Denver, CO 80203", "12 Elm Street, Denver, CO 80203"),
        ("please change the address to my office", ""),
        ("I need to change the address of order 2378156, I typed the wrong street", ""),
    ],
)
def test_an_address_in_a_wish_is_taken_only_when_it_is_whole(text, address):
    assert address_in(text) == address


@pytest.mark.parametrize(
    "text", ["12 Elm Street, Denver", "Maya Lindqvist\nHolmgatan 4\n11122 Stockholm", "Rose Cottage, Mill Lane, Ashford"]
)
def test_addresses(text):
    assert is_an_address(text)
    assert tidy_address(f"It's {text}.") == text


@pytest.mark.parametrize("text", ["my office", "yes", "12345", "hm I am not sure", "x" * 500])
def test_what_is_no_address(text):
    assert not is_an_address(text)


def test_the_digits_of_the_orders_number_name_nothing_else():
    said = filled(Asked(Kind.RETURN, ORDER.number), "I want to return the socks of order #W2378156 because they itch", ORDER)
    assert ([piece.name for piece in said.pieces], said.reason) == (["Wool socks"], "they itch")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cancel the hiking boots order", []),
        ("cancel the order with the boots", []),
        ("cancel the boots from my order", ["Hiking boots"]),
        ("please cancel the boots", ["Hiking boots"]),
    ],
)
def test_items_may_tell_which_order_is_meant_and_not_what_of_it(text, names):
    assert [piece.name for piece in filled(Asked(Kind.CANCEL, ORDER.number), text, ORDER).pieces] == names


def test_a_reason_is_told_from_the_wish_before_it():
    asked = filled(Asked(Kind.CANCEL, ORDER.number), "Please cancel order #W2378156, I ordered by mistake", ORDER)
    assert asked.reason == "I ordered by mistake"


def test_cancelling_every_item_is_cancelling_the_order():
    order = make_order(lines=(shirt(),))
    assert filled(Asked(Kind.CANCEL, order.number), "cancel my linen shirt", order).pieces == ()
