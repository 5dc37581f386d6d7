"""Yes, no, not yet: only where the record decides it."""

import pytest

from chatbot.composing.item_wording import asked_items, item_cost
from chatbot.composing.verdicts import verdict
from chatbot.composing.wording import method
from orders.records import Kind, Status
from tests.factories import make_order, paid, shirt


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("Has it arrived?", Status.DELIVERED, "Yes"),
        ("has my order arrived yet", Status.IN_TRANSIT, "Not yet"),
        ("did it ship?", Status.PROCESSING, "Not yet"),
        ("Has it shipped?", Status.IN_TRANSIT, "Yes"),
        ("is it lost?", Status.LOST, "Yes"),
        ("is it lost?", Status.IN_TRANSIT, ""),
        ("was it cancelled?", Status.CANCELLED, "Yes"),
        ("has it arrived?", Status.UNKNOWN, ""),
        ("has it arrived?", Status.CANCELLED, ""),
        ("hasn't it arrived?", Status.IN_TRANSIT, ""),
        ("when does it arrive?", Status.IN_TRANSIT, ""),
        ("is it delivered or lost?", Status.DELIVERED, ""),
    ],
)
def test_a_question_for_yes_or_no_gets_one_where_the_record_decides_it(text, status, expected):
    assert verdict(text, make_order(status=status)) == expected


def test_a_refund_is_affirmed_only_when_money_went_back():
    back, coming = paid("5.00", kind=Kind.REFUND), paid("5.00", kind=Kind.REFUND_PENDING)
    assert verdict("did you refund me?", make_order(status=Status.RETURNED, transactions=(back,))) == "Yes"
    assert verdict("did you refund me?", make_order(status=Status.RETURNED, transactions=(coming,))) == "Not yet"
    assert verdict("did you refund me?", make_order(status=Status.RETURNED)) == ""
    assert verdict("is everything refunded?", make_order(status=Status.PARTIALLY_REFUNDED, transactions=(paid("9.00"), back))) == ""


def test_the_item_that_was_asked_about_is_told_and_not_the_others():
    order = make_order(currency="EUR", lines=(shirt(quantity=2), shirt(position=2, name="Wool hat", options=())))
    assert asked_items(order, ("shirt",), "what size is the shirt") == [
        "In order **#K100**: 2 × Linen shirt (color blue, size M) — €59.00 each."
    ]
    assert item_cost(order, ("shirt",)) == ["Linen shirt (color blue, size M): €59.00 each, €118.00 for 2."]
    assert asked_items(order, (), "how many items are in it")[0] == "There are 3 items (2 different) in order **#K100**:"


def test_a_payment_method_is_told_without_making_up_a_card_s_last_digits():
    assert method("credit_card_4821") == "credit card ending 4821"
    assert method("credit_card_4466831") == "credit card 4466831"
    assert method("credit_card_4111111111111111") == "credit card ending 1111"
    assert method("gift_card_77310") == "gift card"
    assert method("paypal_5364165") == "PayPal"
