"""Rules in answers: yes or no with the last day and the words of the rule; a doubt is said, and without a rule nothing changes."""

from dataclasses import replace

import pytest

from chatbot.composing import phrases
from chatbot.composing.choosing import choose
from chatbot.composing.compose import compose
from chatbot.composing.item_wording import named_lines
from chatbot.rules_in_force import TOPICS, ruling
from chatbot.turn import Evidence, RuleFound
from chatbot.understanding import understand
from orders.lookup import OrdersFound
from orders.records import Kind, Status
from orders.references import learn
from orders.rules import Reason, Rule, Start, Topic, Unit
from tests.factories import TODAY, found, make_order, make_passage, moment, paid, shirt

SHAPES = learn(["#K100", "#K200", "#K300"])
WINDOW = "You can return an item within 30 days of delivery."
EXCEPTION = "Swimwear is final sale."
CANCEL = "Orders can be cancelled while they are being prepared."
REFUND = "PayPal refunds take 3 to 5 working days."
POLICY = make_passage(f"{WINDOW} {EXCEPTION} {CANCEL} {REFUND}", heading="Returns > How long you have")


def stated(rule: Rule, words: str) -> RuleFound:
    start = POLICY.text.index(words)
    return RuleFound(rule, POLICY, start, start + len(words))


WINDOW_RULE = stated(Rule(1, Topic.RETURN, amount=30), WINDOW)
EXCEPTION_RULE = stated(Rule(2, Topic.RETURN, permits=False, items=("swim shorts",)), EXCEPTION)
CANCEL_RULE = stated(Rule(3, Topic.CANCEL, states=frozenset({Status.PENDING, Status.PROCESSING})), CANCEL)
REFUND_RULE = stated(
    Rule(4, Topic.REFUND, least=3, amount=5, unit=Unit.WORKING_DAY, start=Start.REFUND, methods=("PayPal",)), REFUND
)
RULES = (WINDOW_RULE, EXCEPTION_RULE, CANCEL_RULE, REFUND_RULE)
DELIVERED = make_order(status=Status.DELIVERED, placed_at=moment(10, 28), delivered_at=moment(11, 3), lines=(shirt(),))
TWO_ITEMS = replace(DELIVERED, lines=(shirt(), shirt(position=2, name="Swim shorts")))


def draft(text, order, *rules):
    meaning = understand(text, today=TODAY, shapes=SHAPES)
    orders = OrdersFound((order,), 1, (), bool(meaning.wanted and (meaning.wanted.references or meaning.wanted.words)))
    rulings = []
    for one in choose(meaning, orders).orders:
        lines = [line.position for line in named_lines(one, meaning.wanted.words)] or None
        topics = [topic for intent, topic in TOPICS.items() if intent in meaning.intents]
        rulings += [ruling(topic, one, rules, on=TODAY, lines=lines) for topic in topics]
    rulings = tuple(one for one in rulings if one.verdict.reason is not Reason.NO_RULE)
    searches = (found(POLICY),) * len(meaning.queries)
    evidence = Evidence(searches=searches, orders=orders, rulings=rulings)
    return compose(meaning, evidence, today=TODAY, minimum_strength=0.4, shop="Kite & Co")


def said(text, order, *rules):
    return "\n\n".join(sentence.text for sentence in draft(text, order, *(rules or RULES)).sentences)


@pytest.mark.parametrize(
    ("question", "order", "first"),
    [
        (
            "Can I still return order #K100?",
            DELIVERED,
            "Yes, order **#K100** can still be returned until Thursday 3 December (in 12 days), 30 days from the delivery on Tuesday 3 November. [1]",
        ),
        (
            "I want to return order #K100",
            replace(DELIVERED, delivered_at=moment(9, 3)),
            "Order **#K100** can no longer be returned: the last day was Saturday 3 October (49 days ago), 30 days from the delivery on "
            "Thursday 3 September. [1]",
        ),
        (
            "Can I still return the linen shirt?",
            TWO_ITEMS,
            "Yes, your Linen shirt (order **#K100**) can still be returned until Thursday 3 December (in 12 days)",
        ),
        ("Can I return the swim shorts?", TWO_ITEMS, "No, your Swim shorts (order **#K100**) cannot be returned. [1]"),
        (
            "Can I return order #K100?",
            make_order(status=Status.IN_TRANSIT, placed_at=moment(11, 10)),
            "Order **#K100** has not been delivered yet, so the 30 days have not begun. [1]",
        ),
        (
            "Can I cancel my order #K100?",
            make_order(status=Status.PROCESSING, placed_at=moment(11, 20)),
            "Yes, order **#K100** can still be cancelled, because it is being prepared. [1]",
        ),
        (
            "Can I cancel my order #K100?",
            make_order(status=Status.SHIPPED, placed_at=moment(11, 20)),
            "No, order **#K100** can no longer be cancelled, because it has been shipped. [1]",
        ),
        (
            "When is my refund for #K100 coming?",
            replace(
                DELIVERED, status=Status.RETURNED, transactions=(paid("59", "paypal_123456", Kind.REFUND_PENDING, moment(11, 18)),)
            ),
            "The refund for order **#K100** should be with you between Monday 23 November and Wednesday 25 November (in 4 days), "
            "3 to 5 working days from the refund on Wednesday 18 November; public holidays are not counted. [1]",
        ),
    ],
)
def test_a_rule_answers_first_with_its_day_and_its_words(question, order, first):
    rules = RULES if order.lines else tuple(r for r in RULES if not r.rule.items)
    found = draft(question, order, *rules)
    assert found.sentences[0].text.startswith(first)
    assert f"“{found.citations[0].quote}” [1]" in "\n".join(sentence.text for sentence in found.sentences)
    assert found.citations[0].quote in (WINDOW, EXCEPTION, CANCEL, REFUND)


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("Can I still return order #K100?", "Yes, order"),
        ("Am I able to return #K100?", "Yes, order"),
        ("Is it too late to return #K100?", "Order"),
        ("Until when can I return order #K100?", "Order"),
        ("How do I return order #K100?", "Order"),
        ("My order #K100 is the wrong size and I want to return it", "Order"),
    ],
)
def test_only_a_question_for_yes_or_no_is_answered_with_one(question, opening):
    assert said(question, DELIVERED).startswith(f"{opening} **#K100** can still be returned until")


def test_items_with_different_ends_are_told_apart():
    text = said("Can I still return order #K100?", TWO_ITEMS)
    assert text.startswith(
        "It depends on the item in order **#K100**:\n- Linen shirt: can still be returned until Thursday 3 December"
    )
    assert "- Swim shorts: cannot be returned. [2]" in text


def test_a_yes_names_the_exceptions_that_the_record_may_not_show():
    assert f"There is an exception, which our records may not show: **Returns › How long you have**: “{EXCEPTION}” [2]" in said(
        "Can I still return order #K100?", DELIVERED
    )


def test_of_several_exceptions_for_the_same_items_one_is_quoted():
    again = stated(Rule(8, Topic.RETURN, permits=False, items=("swim shorts",)), CANCEL)
    text = said("Can I still return order #K100?", DELIVERED, WINDOW_RULE, EXCEPTION_RULE, again)
    assert f"There is an exception, which our records may not show: **Returns › How long you have**: “{EXCEPTION}” [2]" in text
    assert CANCEL not in text


def test_a_rule_whose_words_have_changed_gives_no_yes_or_no():
    stale = RuleFound(replace(WINDOW_RULE.rule, stands=False))
    text = said("Can I still return order #K100?", DELIVERED, stale)
    assert "can still be returned" not in text
    assert WINDOW in text  # the policies are quoted as if there were no rule
    assert text == said("Can I still return order #K100?", DELIVERED, RuleFound(replace(CANCEL_RULE.rule)))


def test_rules_that_disagree_are_both_quoted():
    other = stated(Rule(9, Topic.RETURN, amount=14), EXCEPTION)
    text = said("Can I still return order #K100?", DELIVERED, WINDOW_RULE, other)
    assert text.startswith("Order **#K100** is under rules that say different things, so I quote them and cannot decide. [1] [2]")
    assert f"“{WINDOW}” [1]" in text
    assert f"“{EXCEPTION}” [2]" in text


def test_what_is_done_already_is_told_by_the_order_alone():
    text = said("Can I return order #K100?", replace(TWO_ITEMS, status=Status.RETURNED))
    assert "has been returned" in text
    assert "can still" not in text
    assert WINDOW not in text


@pytest.mark.parametrize(
    ("state", "begins"),
    [
        (Status.PROCESSING, "Yes, order **#K100** can still be cancelled"),
        (Status.SHIPPED, "No, order **#K100** can no longer be cancelled"),
    ],
)
def test_after_the_rules_yes_or_no_the_bot_does_not_say_that_it_cannot(state, begins):
    answer = said("Can I cancel order #K100?", make_order(status=state))
    assert answer.startswith(begins)
    assert phrases.CANNOT_CANCEL not in answer and "myself" not in answer


def test_where_the_rules_conclude_nothing_it_still_says_that_it_cannot():
    assert phrases.CANNOT_CANCEL in said("Can I cancel order #K100?", make_order(status=Status.UNKNOWN, status_text="at the kiln"))
