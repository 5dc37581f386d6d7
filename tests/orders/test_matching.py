"""Which orders a customer's words fit: slips in an item's name, chatty messages, two things at once."""

import pytest

from orders.matching import best_matches
from tests.factories import make_order, shirt

ORDERS = (
    make_order("#K300", lines=(shirt(name="Three-season Sleeping Bag", options=(("size", "regular"),)),)),
    make_order("#K200", lines=(shirt(name="Tarn Rain Jacket", options=()),)),
    make_order(
        "#K100",
        lines=(shirt(name="Air Purifier", options=(("filter type", "HEPA"),)), shirt(position=2, name="Enamel Mug", options=())),
    ),
)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("purifer",), ["#K100"]),
        (("rain", "jaket"), ["#K200"]),
        (("sister", "loved", "wedding", "sleeping", "bag"), ["#K300"]),
        (("air", "purifier", "jacket"), ["#K100", "#K200"]),
        (("filter", "type", "purifier"), ["#K100"]),
        (("racket",), []),
        (("tablet",), []),
        (("kayak", "paddle", "mug"), []),
    ],
)
def test_words_lead_to_the_orders_they_name(words, numbers):
    assert [ORDERS[place].number for place in best_matches(ORDERS, words)] == numbers
