"""Answers without a model: every fact from the record or the quoted words, said plainly."""

from decimal import Decimal

import pytest

from chatbot.composing.compose import compose
from chatbot.composing.wording import money
from chatbot.turn import Evidence, Outcome
from chatbot.understanding import understand
from orders.lookup import OrdersFound
from orders.records import Kind, Status
from orders.references import learn
from tests.factories import TODAY, found, home, make_order, make_passage, moment, paid, parcel, seen, shirt

SHAPES = learn(["#K100", "#K200", "#K300"])
WINDOW = make_passage(
    "You can return an item within 45 days from delivery. It must be unworn.", heading="Returns > How long you have"
)


def draft(text, *records, search=None, narrowed=False, missing=(), needs_sign_in=False, orders_error=""):
    meaning = understand(text, today=TODAY, shapes=SHAPES)
    narrowed = narrowed or bool(meaning.wanted and meaning.wanted.references)
    orders = None if needs_sign_in or orders_error else OrdersFound(records, len(records), missing, narrowed)
    evidence = Evidence(
        searches=(search,) * len(meaning.queries) if search else (),
        orders=orders,
        orders_error=orders_error,
        needs_sign_in=needs_sign_in,
    )
    return compose(meaning, evidence, today=TODAY, minimum_strength=0.4, shop="Kite & Co")


def said(*args, **values):
    return "\n\n".join(s.text for s in draft(*args, **values).sentences)


def test_an_order_on_its_way_is_told_with_state_place_and_next_date():
    order = make_order(shipments=(parcel(events=(seen(11, 19),), estimated_on=moment(11, 24).date()),), lines=(shirt(),))
    text = said("Where's my order?", order)
    assert "#K100" in text
    assert "on its way" in text
    assert "Last seen on Thursday 19 November in Memphis, TN: Departed facility." in text
    assert "expected on Tuesday 24 November (in 3 days)" in text


def test_an_order_without_any_date_is_told_without_one():
    text = said("Where's my order?", make_order(status=Status.PENDING))
    assert (
        text
        == "Order **#K100** has been received and is waiting to be prepared (status: pending); it has not been sent yet. We have no delivery date for it yet."
    )


def test_an_unknown_state_is_told_in_the_shop_s_own_word():
    assert "is shown as “awaiting kiln” in our system" in said(
        "Where's my order?", make_order(status=Status.UNKNOWN, status_text="awaiting kiln")
    )


def test_a_late_order_is_told_to_be_late():
    text = said("Where's my order?", make_order(status=Status.DELAYED, estimated_on=moment(11, 17).date()))
    assert "It was expected on Tuesday 17 November, so it is 4 days late." in text


def test_a_split_order_is_told_parcel_by_parcel():
    first = parcel("A1", status=Status.DELIVERED, delivered_at=moment(11, 18))
    second = parcel("B2", estimated_on=moment(11, 23).date())
    order = make_order(status=Status.PARTIALLY_SHIPPED, shipments=(first, second), lines=(shirt(tracking_number="A1"),))
    text = said("Where's my order?", order)
    assert "- UPS A1 with Linen shirt (color blue, size M): delivered on Wednesday 18 November (3 days ago)." in text
    assert "- UPS B2: in transit, expected on Monday 23 November (in 2 days)." in text


def test_only_open_orders_answer_where_is_my_order_when_several_are_there():
    text = said(
        "Where's my order?", make_order("#K300"), make_order("#K200", Status.DELIVERED), make_order("#K100", Status.PROCESSING)
    )
    assert "You have 2 open orders:" in text
    assert "#K300" in text
    assert "#K200" not in text


def test_details_are_told_when_they_are_asked():
    order = make_order(
        currency="EUR",
        total=Decimal("118.00"),
        lines=(shirt(quantity=2),),
        ship_to=home(),
        shipments=(parcel(tracking_url="https://carrier.example/1Z999"),),
        transactions=(paid("118.00"),),
    )
    assert "- 2 × Linen shirt (color blue, size M) — €59.00 each" in said("What is in my order?", order)
    assert "The total of order **#K100** is €118.00." in said("How much was my order?", order)
    assert "was paid with €118.00 (credit card ending 4821)" in said("How did I pay for my order?", order)
    assert "goes to Maya Lindqvist, 12 Elm Street, Denver CO 80203, US" in said("Which address is my order going to?", order)
    assert "UPS 1Z999 — [follow this parcel](https://carrier.example/1Z999)" in said("Track my order", order)


def test_a_refund_is_told_with_amount_way_and_day_or_as_not_there():
    back = make_order(
        status=Status.PARTIALLY_REFUNDED,
        currency="USD",
        transactions=(paid("22.00", "gift_card_77310", Kind.REFUND, moment(11, 17)),),
    )
    assert "Refunded for order **#K100**: $22.00 (gift card) on Tuesday 17 November." in said("Where is my refund?", back)
    assert "I see no refund for order **#K100**" in said("Where is my refund?", make_order(status=Status.CANCELLED))


def test_can_i_return_it_is_answered_from_the_quoted_words_and_the_order_s_own_dates():
    order = make_order(status=Status.DELIVERED, delivered_at=moment(11, 11))
    answer = draft("Can I still return order #K100?", order, search=found(WINDOW))
    text = "\n\n".join(s.text for s in answer.sentences)
    assert "delivered on Wednesday 11 November (10 days ago)" in text
    assert "“You can return an item within 45 days from delivery. It must be unworn.” [1]" in text
    assert "Counting 45 days from the delivery on Wednesday 11 November, the last day is Saturday 26 December (in 35 days)" in text
    assert answer.citations[0].quote in WINDOW.text


def test_a_return_window_that_has_passed_is_told_as_passed():
    order = make_order(status=Status.DELIVERED, delivered_at=moment(9, 1))
    assert "the last day was Friday 16 October (36 days ago), so by that rule the time has passed" in said(
        "Can I still return order #K100?", order, search=found(WINDOW)
    )


def test_which_order_is_asked_back_when_several_could_be_meant():
    orders = [make_order(n, Status.DELIVERED, delivered_at=moment(11, 11)) for n in ("#K300", "#K200")]
    answer = draft("Can I return my order?", *orders, search=found(WINDOW))
    assert answer.outcome is Outcome.ASKED_BACK
    assert answer.suggestions == ("#K300", "#K200")
    assert "Counting" not in "".join(s.text for s in answer.sentences)


def test_unknown_numbers_are_refused_in_one_and_the_same_way():
    answer = draft("Where is order #K777?", missing=("#K777",))
    assert answer.outcome is Outcome.NOT_FOUND
    assert "I cannot find order **#K777** among your orders." in answer.sentences[0].text


def test_a_stranger_is_asked_to_sign_in_and_still_gets_the_rule():
    answer = draft("Can I return my order?", search=found(WINDOW), needs_sign_in=True)
    assert answer.outcome is Outcome.ASKED_BACK
    assert "sign in" in answer.sentences[0].text
    assert any("45 days" in s.text for s in answer.sentences)


def test_a_policy_question_is_answered_with_the_policy_s_own_words():
    answer = draft("How long can I return something?", search=found(WINDOW))
    assert answer.outcome is Outcome.ANSWERED
    assert answer.sentences[0].text.startswith("**Returns › How long you have**: “You can return")
    assert answer.citations[0].url == f"/policies/returns/2/?from=100&to={100 + len(WINDOW.text)}#cited"


def test_weak_passages_are_not_passed_off_as_an_answer():
    answer = draft("Do you sell helicopters?", search=found(WINDOW, strength=0.1))
    assert answer.outcome is Outcome.NO_ANSWER
    assert "could not find that in our policies" in answer.sentences[0].text
    assert not answer.citations


def test_orders_out_of_reach_are_said_to_be_and_policies_still_answer():
    text = said(
        "Where is my order? And how long can I return something?",
        search=found(WINDOW),
        orders_error="I cannot reach our order system.",
    )
    assert "I cannot reach our order system." in text
    assert "45 days" in text


def test_asking_for_a_person_hands_over():
    assert draft("I want to talk to a human").outcome is Outcome.HANDED_OFF


def test_markup_in_records_means_nothing():
    order = make_order(lines=(shirt(name="<img src=x> [x](javascript:alert(1)) *bold*"),))
    text = said("what is in my order?", order)
    assert "\\<img" in text
    assert "[x](javascript" not in text.replace("\\[x](javascript", "")


@pytest.mark.parametrize("status", list(Status))
def test_every_state_has_a_sentence_without_field_names(status):
    text = said("Where's my order #K100?", make_order(status=status, status_text="", placed_at=moment(11, 1)))
    assert "#K100" in text
    assert "_" not in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("12.345", "KWD", "12.345 KWD"),
        ("12.500", "KWD", "12.50 KWD"),
        ("1200", "EUR", "€1,200.00"),
        ("1200.5", "EUR", "€1,200.50"),
        ("3000", "JPY", "¥3,000"),
        ("3000.5", "JPY", "¥3,000.50"),
        ("49.9", "", "49.90"),
    ],
)
def test_no_part_of_an_amount_is_rounded_away(amount, currency, words):
    assert money(Decimal(amount), currency) == words
