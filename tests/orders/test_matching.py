"""Which orders a customer's words fit: slips in an item's name, chatty messages, two things at once."""

import pytest

from orders import matching
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


def test_a_long_letter_is_not_held_against_every_item_letter_by_letter(monkeypatch):
    """Hundreds of words against hundreds of items would keep other customers waiting; what is named exactly is found all the same."""
    compared = []
    monkeypatch.setattr(matching, "get_close_matches", lambda word, *_, **__: compared.append(word) or [])
    letter = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(300)]
    assert [ORDERS[place].number for place in best_matches(ORDERS, [*letter, "sleeping", "bag"])] == ["#K300"]
    assert len(compared) == matching.MOST_SLIPS
