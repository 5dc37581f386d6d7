"""Orders that are named by how they were paid or by where their total stands, in the languages that are understood."""

from decimal import Decimal

import pytest

from chatbot.composing import phrases
from chatbot.composing.compose import compose
from chatbot.composing.traits import at_rank, paid_with
from chatbot.turn import Evidence, Outcome
from chatbot.understanding import understand
from chatbot.understanding.traits import find_trait
from orders.lookup import OrdersFound
from orders.records import Kind, Status
from orders.references import learn
from tests.factories import TODAY, make_order, moment, paid, shirt

SHAPES = learn(["1001", "2002", "3003", "4004"])
BOOTS = make_order(
    "4004", Status.PROCESSING, total=Decimal("120.00"), transactions=(paid("120.00", "credit_card_4821"),), currency="USD"
)
SOCKS = make_order("3003", Status.SHIPPED, total=Decimal("20.00"), transactions=(paid("20.00", "paypal_12345"),), currency="USD")
TENT = make_order(
    "2002",
    Status.DELIVERED,
    total=Decimal("340.50"),
    transactions=(paid("340.50", "Visa ending 1111"),),
    currency="USD",
    lines=(shirt(),),
)
MUG = make_order(
    "1001",
    Status.DELIVERED,
    total=Decimal("20.00"),
    transactions=(paid("20.00", "gift_card_77310"),),
    currency="USD",
    delivered_at=moment(11, 1),
)
ALL = (BOOTS, SOCKS, TENT, MUG)


def answered(text, *records, **found):
    meaning = understand(text, today=TODAY, shapes=SHAPES)
    records = records or ALL
    evidence = Evidence(orders=OrdersFound(records, **({"total": len(records)} | found)))
    draft = compose(meaning, evidence, today=TODAY, minimum_strength=0.5, shop="Fernhill")
    return "\n".join(sentence.text for sentence in draft.sentences), draft


def numbers(text, *records):
    said, _ = answered(text, *records)
    return {number for number in ("1001", "2002", "3003", "4004") if f"**{number}**" in said}


@pytest.mark.parametrize(
    "text",
    [
        "the one paid with PayPal",
        "Where is the order I paid with PayPal?",
        "where's the one that was paid via paypal",
        "Where is my PayPal order?",
        "Did the order I paid with PayPal ship?",
        "was ist mit der mit PayPal bezahlten Bestellung?",
        "Wo ist die Bestellung, die ich mit PayPal bezahlt habe?",
        "où est la commande payée avec PayPal ?",
        "¿dónde está el pedido pagado con PayPal?",
        "dov'è l'ordine pagato con PayPal?",
        "waar is de bestelling betaald met PayPal?",
    ],
)
def test_an_order_is_named_by_how_it_was_paid(text):
    assert numbers(text) == {"3003"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("the order I paid with my card ending 4821", {"4004"}),
        ("where are the orders I paid by credit card?", {"4004", "2002"}),
        ("which orders did I pay with a gift card?", {"1001"}),
        ("la commande payée par carte cadeau", {"1001"}),
        ("die mit Kreditkarte bezahlte Bestellung mit dem Hemd", {"4004", "2002"}),
    ],
)
def test_ways_to_pay_have_several_names(text, meant):
    assert numbers(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Was my order paid with PayPal?",
        "How did I pay for my last order?",
        "Can I pay with PayPal?",
        "what can I pay with PayPal?",
        "do you accept orders by invoice?",
        "can I return an item I paid for with a gift card?",
        "Is an order paid with Klarna refundable?",
        "I paid with my card, where is it?",
        "wurde meine Bestellung mit PayPal bezahlt?",
    ],
)
def test_asking_how_something_is_paid_names_no_order(text):
    assert not find_trait(text).paid_with


def test_what_nobody_paid_so_is_said_before_the_others():
    text, draft = answered("where is the order I paid with Klarna?")
    assert phrases.NOT_PAID_WITH.format(how="Klarna") in text and draft.outcome is Outcome.ANSWERED
    unpaid = make_order("3003", Status.SHIPPED)
    assert phrases.NO_PAYMENTS in answered("where is the order I paid with Klarna?", unpaid)[0]


def test_of_orders_of_a_day_it_is_not_said_that_none_at_all_was_paid_so():
    text, _ = answered("where is the order from 3 November that I paid with PayPal?", BOOTS, narrowed=True)
    assert text.startswith(phrases.NONE_OF_THESE_PAID_WITH.format(how="PayPal")) and "**4004**" in text


def test_what_was_refunded_so_was_not_paid_so():
    refunded = make_order("3003", transactions=(paid("5.00", "paypal", Kind.REFUND), paid("9.00", "visa")))
    assert paid_with([refunded], "PayPal") == ()
    assert paid_with([refunded], "my card") == (refunded,)


@pytest.mark.parametrize(
    ("text", "number", "total"),
    [
        ("What was my most expensive order?", "2002", "$340.50"),
        ("status of my most expensive order", "2002", "$340.50"),
        ("which of my orders was the most expensive?", "2002", "$340.50"),
        ("the second most expensive one", "4004", "$120.00"),
        ("my biggest order", "2002", "$340.50"),
        ("welche Bestellung war die teuerste?", "2002", "$340.50"),
        ("quelle est ma commande la plus chère ?", "2002", "$340.50"),
        ("¿cuál fue mi pedido más caro?", "2002", "$340.50"),
        ("qual è il mio ordine più costoso?", "2002", "$340.50"),
        ("wat was mijn duurste bestelling?", "2002", "$340.50"),
    ],
)
def test_an_order_is_named_by_its_total(text, number, total):
    said, _ = answered(text)
    assert numbers(text) == {number}
    assert f"The total of order **{number}** is {total}." in said


def test_the_cheapest_may_be_two():
    assert numbers("What was my cheapest order?") == {"3003", "1001"}


@pytest.mark.parametrize(
    "text", ["what is your cheapest shipping?", "what's the cheapest way to ship to Norway?", "do you sell the cheapest tents?"]
)
def test_what_is_cheap_at_the_shop_is_no_order(text):
    assert not find_trait(text)


def test_totals_that_cannot_be_compared_are_not_compared():
    euro = make_order("3003", total=Decimal("500.00"), currency="EUR")
    assert answered("my most expensive order", BOOTS, euro)[0] == phrases.NOT_COMPARABLE
    assert answered("my most expensive order", BOOTS, make_order("3003", currency="USD"))[0] == phrases.NOT_COMPARABLE
    assert answered("my most expensive order", total=5000)[0] == phrases.TOO_MANY_ORDERS
    assert at_rank(ALL, 9) == ()
