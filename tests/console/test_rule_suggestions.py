"""What a text seems to state: each with its sentence; what is not about a topic, or does not say from when, is not suggested."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from console.rule_suggestions import suggestions
from orders.records import NOT_YET_SENT, Status
from orders.rules import Start, Topic, Unit
from orders.rules_stating import Stated, problem_with

RETURN, EXCHANGE, CANCEL, REFUND = Topic.RETURN, Topic.EXCHANGE, Topic.CANCEL, Topic.REFUND
SENT_AND_AFTER = frozenset(
    {
        Status.PARTIALLY_SHIPPED, Status.SHIPPED, Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP, Status.DELAYED,
        Status.DELIVERED,
    }
)  # fmt: skip
SENTENCES = {
    "You can return an item within 30 days of delivery.": Stated(RETURN, amount=30),
    "All returns must be made within two weeks of purchase.": Stated(RETURN, amount=14, start=Start.ORDER),
    "You have 6 months from receipt to send it back.": Stated(RETURN, amount=6, unit=Unit.MONTH),
    "Boots can be exchanged within 21 working days after delivery.": Stated(
        EXCHANGE, amount=21, unit=Unit.WORKING_DAY, items=("boots",)
    ),
    "We accept returns on sale goods within 7 days after delivery.": Stated(RETURN, amount=7, items=("sale",)),
    "Swimwear, underwear and personalised items cannot be returned.": Stated(
        RETURN, permits=False, items=("swimwear", "underwear", "personalised")
    ),
    "No returns on clearance items or perfumes.": Stated(RETURN, permits=False, items=("clearance", "perfumes")),
    "Orders can be cancelled until they are shipped.": Stated(CANCEL, states=NOT_YET_SENT),
    "While your order is pending or on hold you can cancel it.": Stated(CANCEL, states=frozenset({Status.PENDING, Status.ON_HOLD})),
    "Once an order has been dispatched it can no longer be cancelled.": Stated(CANCEL, permits=False, states=SENT_AND_AFTER),
    "You may cancel within 2 days of placing your order.": Stated(CANCEL, amount=2, start=Start.ORDER),
    "The delivery address can be changed as long as your order has not been shipped.": Stated(
        Topic.CHANGE_ADDRESS, states=NOT_YET_SENT
    ),
    "PayPal refunds arrive within 2 days.": Stated(REFUND, amount=2, start=Start.REFUND, methods=("paypal",)),
    "It takes 3–5 business days for the refund to reach your account.": Stated(
        REFUND, amount=5, least=3, unit=Unit.WORKING_DAY, start=Start.REFUND
    ),
    "Refunds are issued within 5 working days of us receiving your return.": Stated(
        REFUND, amount=5, unit=Unit.WORKING_DAY, start=Start.RETURN_RECEIVED
    ),
}
NOTHING = [
    "Starting the return is enough. After that you have 10 days to hand the parcel to the carrier.",
    "If we lower the price of an item within 10 days after you ordered it, we refund the difference.",
    "Delivery takes 3 to 5 working days.",
    "You can return them within 14 days from delivery.",  # them: what the sentence before has named
    "The warranty runs for 2 years from delivery.",
    "Send the return label back to this address.",
    "You can return an item within 14 or 30 days of delivery, as your club card says.",
    "Refunds on gift cards are made within 24 hours.",
]


@pytest.mark.parametrize(("sentence", "stated"), SENTENCES.items(), ids=SENTENCES)
def test_a_sentence_suggests_its_rule(sentence, stated):
    (found,) = suggestions(f"# Our rules\n\nHello. {sentence} Thank you.")
    assert (found.stated, found.quote) == (stated, sentence)


@pytest.mark.parametrize("sentence", NOTHING)
def test_a_sentence_that_states_no_such_rule_suggests_nothing(sentence):
    assert suggestions(f"# Our rules\n\n{sentence}") == []


def test_a_list_of_exceptions_is_one_rule_quoted_with_what_leads_it_in():
    listed = "The following cannot be returned or exchanged:\n\n- Gift cards\n- Earrings, for reasons of hygiene"
    found = suggestions(f"# Returns\n\n{listed}\n\nAll else can.")
    assert [(one.stated.topic, one.stated.permits, one.stated.items, one.quote) for one in found] == [
        (RETURN, False, ("gift cards", "earrings"), listed),
        (EXCHANGE, False, ("gift cards", "earrings"), listed),
    ]
    assert len({one.key for one in found}) == 2


def test_a_period_that_begins_with_the_last_parcel_says_so():
    (found,) = suggestions(
        "# Returns\n\nYou can return an item within 45 days of delivery. With several parcels, they begin when the last parcel is there.\n"
    )
    assert found.stated == Stated(RETURN, amount=45, start=Start.LAST_DELIVERY)


def test_rows_are_read_with_the_heads_of_their_columns():
    text = (
        "# Cancelling\n\n| Order status | Can you cancel? |\n|---|---|\n| Pending | Yes |\n| Shipped, In transit | No, send it back |\n\n"
        "# Refunds\n\n| How you paid | How long it takes |\n|---|---|\n| Credit card | 5 to 7 business days |\n| Gift card | within 24 hours |\n"
    )
    pending, sent, card = suggestions(text)
    assert (pending.stated.permits, pending.stated.states) == (True, {Status.PENDING})
    assert (sent.stated.permits, sent.stated.states) == (False, {Status.SHIPPED, Status.IN_TRANSIT})
    assert (card.stated.methods, card.stated.least, card.stated.amount) == (("credit card",), 5, 7)
    assert card.quote == "| Credit card | 5 to 7 business days |"


@given(some.text(max_size=400))
def test_whatever_the_text_a_suggestion_can_be_a_rule_and_stands_in_it(text):
    for found in suggestions(text):
        assert problem_with(found.stated) == ""
        assert text[found.start : found.end] == found.quote
