"""What a question means, by rules."""

from datetime import date

import pytest

from chatbot.turn import Intent, Role, Utterance
from chatbot.understanding import understand
from orders.references import learn
from tests.factories import TODAY

SHAPES = learn(["#K641907", "#K638455", "#K100001"])


def meaning(text, *history):
    roles = (Role.CUSTOMER, Role.BOT)
    said = tuple(Utterance(roles[i % 2], words) for i, words in enumerate(history))
    return understand(text, history=said, today=TODAY, shapes=SHAPES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Where's my order?", Intent.STATUS),
        ("wheres my stuff", Intent.STATUS),
        ("when will my parcel get here", Intent.STATUS),
        ("Has it shipped yet?", Intent.STATUS),
        ("I'm still waiting for my package", Intent.STATUS),
        ("what's the tracking number", Intent.TRACKING),
        ("What did I order?", Intent.ITEMS),
        ("how did I pay for my last order", Intent.PAYMENT),
        ("How much was my last order?", Intent.COST),
        ("which address is my order going to?", Intent.DESTINATION),
        ("show me all my orders", Intent.ORDER_LIST),
        ("has my refund arrived?", Intent.REFUND),
        ("Can I still send it back?", Intent.RETURN),
        ("can i swap my boots for another size", Intent.EXCHANGE),
        ("please cancel my order", Intent.CANCEL),
        ("I gave you the wrong address for my order", Intent.CHANGE_ADDRESS),
        ("my parcel says delivered but it isn't here", Intent.PARCEL_PROBLEM),
    ],
)
def test_a_wish_about_an_own_order_is_recognised(text, intent):
    understood = meaning(text)
    assert intent in understood.intents
    assert understood.wanted is not None


@pytest.mark.parametrize(
    "text",
    [
        "What is your return policy?",
        "How long does shipping to Norway take?",
        "How much does shipping to Germany cost?",
        "Can I return sale items?",
        "Do gift cards expire?",
        "What if my parcel gets lost?",
        "How long do refunds take?",
        "are returns free?",
        "Is there a student discount?",
        "How do I return something?",
        "what's the weather like?",
    ],
)
def test_a_question_about_the_rules_is_no_question_about_an_order(text):
    understood = meaning(text)
    assert understood.wanted is None
    assert text in understood.queries


@pytest.mark.parametrize(("text", "intent"), [("Hi", Intent.GREETING), ("thanks a lot!", Intent.THANKS), ("bye", Intent.GOODBYE)])
def test_small_talk_asks_neither_orders_nor_policies(text, intent):
    understood = meaning(text)
    assert understood.intents == {intent}
    assert (understood.wanted, understood.query) == (None, "")


def test_one_message_may_ask_an_order_and_a_policy():
    understood = meaning("Hi! Where is my package? And do you price match?")
    assert Intent.STATUS in understood.intents
    assert understood.wanted is not None
    assert "price match" in understood.query
    assert "package" not in understood.query


def test_a_remark_beside_a_question_asks_nothing():
    understood = meaning("Where's my order? I need it for a wedding on Saturday.")
    assert understood.query == ""
    assert understood.wanted.words == ()


@pytest.mark.parametrize("aside", ["(it is blue)", " (order placed in the sale)", "(case 26)"])
def test_what_stands_in_brackets_behind_a_question_is_no_question_of_its_own(aside):
    queries = meaning(f"Do you repair stoves? {aside}").queries
    assert len(queries) == 1 and aside.strip() in queries[0]


def test_how_long_they_have_asks_for_the_rule_beside_the_thing_that_is_named():
    asked = meaning("How long do I have to return a jacket that does not fit?").queries
    assert asked == ("return an item: how many days after delivery", "How long do I have to return a jacket that does not fit?")
    assert meaning("How long is the warranty on tents?").queries == ("How long is the warranty on tents?",)


def test_an_order_number_is_taken_from_any_way_of_writing():
    for text in ("where is K641907", "status of order k 641907 please", "#K641907?"):
        assert meaning(text).wanted.references, text


def test_words_that_name_an_item_are_kept_and_the_rest_is_not():
    assert meaning("Can you tell me where my blue linen shirt is?").wanted.words == ("blue", "linen", "shirt")
    assert meaning("the one for my sister in Denver").wanted.words == ("sister", "denver")


def test_the_latest_order_is_meant_when_it_is_said():
    assert meaning("what was in my last order").wanted.latest
    assert not meaning("I ordered boots last week, where are they").wanted.latest


def test_days_of_the_order_narrow_but_the_day_of_something_else_does_not():
    narrowed = meaning("where are the boots I bought yesterday?").wanted
    assert (narrowed.on_or_after, narrowed.before) == (date(2026, 11, 20), date(2026, 11, 21))
    assert meaning("I got my refund yesterday, is my order closed?").wanted.on_or_after is None


def test_it_means_the_order_spoken_of_last():
    history = ("Where is order K641907?", "Order **#K641907** was delivered on Wednesday 11 November.")
    assert [r.lstrip("#") for r in meaning("Can I still return it?", *history).wanted.references] == ["K641907"]
    assert meaning("and what was in it?", *history).wanted.references


def test_a_new_question_about_orders_does_not_stick_to_the_one_before():
    history = ("Where is order K641907?", "Order #K641907 was delivered.")
    assert meaning("Where are my other orders?", *history).wanted.references == ()


@pytest.mark.parametrize("named", ["my latest delivered order", "my last big order"])
def test_an_order_that_is_named_anew_is_not_the_one_spoken_of_last(named):
    wanted = meaning(f"Can I still return {named}?", "Where is my latest order?", "Order #K641907 is being prepared.").wanted
    assert wanted.references == ()


def test_a_short_reply_to_a_question_back_takes_over_what_was_asked():
    history = ("Can I still return it?", "Which order do you mean?\n- **#K641907** (boots)\n- **#K638455** (shirt)")
    second = meaning("the second one", *history)
    assert Intent.RETURN in second.intents
    assert [r.lstrip("#") for r in second.wanted.references] == ["K638455"]
    boots = meaning("the boots", *history)
    assert Intent.RETURN in boots.intents
    assert boots.wanted.words == ("boots",)


def test_a_follow_up_leans_on_what_was_asked_and_a_new_question_does_not():
    history = ("What is your return policy?", "**Returns**: “You can return an item within 45 days.” [1]")
    assert "return policy" in meaning("and for sale items?", *history).signals["context"]
    assert meaning("How long does standard shipping to Portugal usually take?", *history).signals["context"] == ""


def test_a_short_wish_may_be_about_an_order_or_the_rule():
    understood = meaning("can I cancel?")
    assert understood.signals["perhaps"]
    assert understood.wanted is not None
    assert understood.query


def test_a_thing_that_may_be_an_item_or_the_shop_s_own_is_looked_for_in_both():
    understood = meaning("Where are the servers located?")
    assert understood.signals["perhaps"]
    assert understood.query == "Where are the servers located?"


def test_asking_for_a_person_is_heard_whatever_else_is_said():
    assert Intent.HUMAN in meaning("this is useless, let me talk to a real person").intents


def test_long_and_hostile_texts_end_quickly_and_without_an_error():
    for text in ("a " * 2000, "?" * 4000, "my order " * 440, "(((" * 1000, "1" * 4000, "where is my " * 330):
        meaning(text)


def test_yes_to_the_offer_of_a_person_asks_for_one():
    offered = (
        "Do you sell kites?",
        "I could not find that in our policies, and I would rather not guess. Shall I pass your question on to a person?",
    )
    assert meaning("yes please", *offered).intents == {Intent.HUMAN}
    assert Intent.HUMAN not in meaning("yes please", "Hi", "Hello! What would you like to know?").intents
