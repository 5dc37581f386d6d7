"""Sentences of a model against what the rules say: the same yes or no with the same day may be shown, another may not."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chatbot.composing.rulings import tell
from chatbot.grounding import Grounds, check
from chatbot.rules_in_force import ruling
from chatbot.turn import Evidence, Question
from orders.lookup import OrdersFound
from orders.records import Kind, Status
from orders.rules import Topic
from orders.viewer import Viewer
from tests.chatbot.test_rulings import CANCEL_RULE, DELIVERED, POLICY, REFUND_RULE, RULES, TWO_ITEMS, WINDOW_RULE
from tests.factories import TODAY, found, make_order, moment, paid

LATE = replace(DELIVERED, delivered_at=moment(9, 3))
COMING = make_order(status=Status.IN_TRANSIT, placed_at=moment(11, 10))


def grounds(topic, order, *rules):
    rulings = (ruling(topic, order, rules or RULES, on=TODAY),)
    orders = OrdersFound((order,), 1)
    evidence = Evidence(searches=(found(POLICY),), orders=orders, rulings=rulings)
    told = tell(rulings, [order], asked="can I?", today=TODAY)
    facts = [sentence.text.replace(" [1]", "").replace(" [2]", "") for sentence in told.said]
    question = Question(uuid4(), uuid4(), "?", Viewer(), datetime(2026, 11, 21, 12, tzinfo=UTC), TODAY)
    return Grounds.of(question, evidence, [*facts, f"Order {order.number}: status {order.status}"], [order], cited=told.citations)


OPEN = (Topic.RETURN, DELIVERED, WINDOW_RULE)
CLOSED = (Topic.RETURN, LATE, WINDOW_RULE)
UNDECIDED = (Topic.RETURN, COMING, WINDOW_RULE)
CANCELLABLE = (Topic.CANCEL, make_order(status=Status.PROCESSING), CANCEL_RULE)
SENT = (Topic.CANCEL, make_order(status=Status.SHIPPED), CANCEL_RULE)

SHOWN = [
    (OPEN, "Yes, you can still return it until Thursday 3 December. [1]"),
    (OPEN, "Your order can still be returned until 3 December, which is in 12 days."),
    (OPEN, "The last day to return it is Thursday, 3 December."),
    (OPEN, "You still have time to return it."),
    (OPEN, "You can return an item within 30 days of delivery. [1]"),
    (OPEN, "There are 12 days left to return it."),
    (OPEN, "Ja, Sie können die Bestellung #K100 noch bis zum 3. Dezember zurückgeben."),
    (CLOSED, "I'm afraid the return window closed on 3 October."),
    (CLOSED, "Lo siento, ya no puede devolver su pedido #K100."),
    (CLOSED, "No, order #K100 can no longer be returned, since the last day was Saturday 3 October."),
    (CLOSED, "It is too late to return your order."),
    (CLOSED, "Unfortunately, your order cannot be returned any more."),
    (CLOSED, "You can return an item within 30 days of delivery. [1]"),
    (UNDECIDED, "Your order has not been delivered yet, so the 30 days have not begun."),
    (CANCELLABLE, "Yes, your order can still be cancelled."),
    (SENT, "No, your order can no longer be cancelled, because it has been shipped."),
]
HELD_BACK = [
    (OPEN, "No, you can no longer return it."),
    (OPEN, "Unfortunately, it is too late to return your order."),
    (OPEN, "Yes, you can return it until Tuesday 3 November."),
    (OPEN, "The last day to return it was 3 November."),
    (CLOSED, "Yes, you can still return it."),
    (CLOSED, "Yes, you can!"),
    (CLOSED, "Good news, your order is eligible for a return."),
    (CLOSED, "You can return your order within 30 days of delivery."),
    (CLOSED, "You still have time to return it."),
    (CLOSED, "A return is possible."),
    (CLOSED, "Oui, vous pouvez encore retourner votre commande #K100."),
    (CLOSED, "Ja, u kunt bestelling #K100 nog retourneren."),
    (OPEN, "There are 21 days left to return it."),
    (OPEN, "Leider können Sie die Bestellung #K100 nicht mehr zurückgeben."),
    (UNDECIDED, "Yes, you can return it."),
    (UNDECIDED, "No, your order cannot be returned."),
    (CANCELLABLE, "Your order can no longer be cancelled."),
    (SENT, "Yes, your order can be cancelled."),
]


@pytest.mark.parametrize(("case", "sentence"), SHOWN)
def test_a_conclusion_that_follows_from_the_rules_is_shown(case, sentence):
    verdict = check(sentence, grounds(*case))
    assert verdict.supported, verdict.reason


@pytest.mark.parametrize(("case", "sentence"), HELD_BACK)
def test_a_conclusion_that_the_rules_do_not_draw_is_held_back(case, sentence):
    assert not check(sentence, grounds(*case)).supported


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("The Linen shirt can still be returned until Thursday 3 December.", True),
        ("The swim shorts cannot be returned.", True),
        ("You can still return the shirt, but the swim shorts cannot be returned.", True),
        ("You can still return the swim shorts.", False),
        ("Yes, you can still return your order.", False),
    ],
)
def test_items_with_different_ends_are_judged_by_their_names(sentence, shown):
    assert check(sentence, grounds(Topic.RETURN, TWO_ITEMS)).supported is shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Your refund should be with you between 23 November and 25 November.", True),
        ("Your refund should arrive by Wednesday 25 November.", True),
        ("Your refund was sent on Wednesday 18 November.", True),
        ("Your order was refunded on 25 November.", False),
        ("Your refund should arrive by 3 November.", False),
    ],
)
def test_the_day_a_refund_is_due_is_no_day_on_which_it_was_paid(sentence, shown):
    money = (paid("59", "paypal_123456", Kind.REFUND_PENDING, moment(11, 18)),)
    order = replace(DELIVERED, status=Status.RETURNED, transactions=money)
    assert check(sentence, grounds(Topic.REFUND, order, REFUND_RULE)).supported is shown


def test_every_composed_verdict_passes_the_check_itself():
    for case in (OPEN, CLOSED, UNDECIDED, CANCELLABLE, SENT):
        topic, order, rule = case
        for asked in ("can I?", "I want to"):
            for sentence in tell((ruling(topic, order, [rule], on=TODAY),), [order], asked=asked, today=TODAY).said:
                verdict = check(sentence.text, grounds(*case))
                assert verdict.supported, (sentence.text, verdict.reason)
