"""From a question to the order that is meant: numbers that are nearly right, their ends, occasions, and honest words about little."""

from datetime import date

import pytest

from chatbot.composing import order_wording
from chatbot.composing.compose import compose
from chatbot.turn import Evidence, Intent, Outcome, Role, Utterance
from chatbot.understanding import understand
from chatbot.understanding.timewords import period_of
from orders.lookup import OrdersFound
from orders.records import Kind, Status
from orders.references import learn
from orders.wanted import Suggestion
from tests.factories import TODAY, home, make_order, moment, paid, shirt
from tests.fakes import FakeOrders, fake_services

SHAPES = learn([f"#{n}" for n in range(1001, 1080)])
ONE = "I cannot find order **1057** among your orders. Did you mean **#1047** of Thursday 12 November?"
TWO = "I cannot find order **1073** among your orders. Did you mean **#1071** or **#1072** of Monday 16 November?"


def meaning(text, *history):
    roles = (Role.CUSTOMER, Role.BOT)
    said = tuple(Utterance(roles[i % 2], words) for i, words in enumerate(history))
    return understand(text, history=said, today=TODAY, shapes=SHAPES)


def composed(text, found, *history):
    draft = compose(meaning(text, *history), Evidence(orders=found), today=TODAY, minimum_strength=0.5, shop="Fernhill")
    return "\n".join(sentence.text for sentence in draft.sentences), draft


def test_a_number_that_is_nearly_one_of_theirs_is_asked_about_with_its_day():
    near = Suggestion("#1057", "#1047", date(2026, 11, 12)), Suggestion("#1057", "#1157")
    text, draft = composed("where is #1057?", OrdersFound(missing=("#1057",), narrowed=True, suggested=near))
    assert text == "I cannot find order **#1057** among your orders. Did you mean **#1047** of Thursday 12 November or **#1157**?"
    assert (draft.outcome, draft.suggestions) == (Outcome.ASKED_BACK, ("#1047", "#1157"))


def test_one_number_may_be_unknown_another_nearly_right_and_a_third_right():
    near = (Suggestion("#1057", "#1047"),)
    found = OrdersFound((make_order("#1051"),), 1, ("#1057", "#9999"), narrowed=True, suggested=near)
    text, draft = composed("where are #1051, #1057 and #9999?", found)
    assert "I cannot find order **#9999** among your orders. Please check" in text
    assert "Did you mean **#1047**?" in text and "Order **#1051** is on its way" in text
    assert draft.outcome is Outcome.ANSWERED


@pytest.mark.parametrize("yes", ["yes", "Yes please!", "yeah, that one", "ok", "that's it", "genau", "#1047"])
def test_a_yes_takes_what_was_offered_for_what_was_asked(yes):
    understood = meaning(yes, "can I return 1057?", ONE)
    assert understood.wanted.references == ("#1047",)
    assert Intent.RETURN in understood.intents and understood.queries


def test_a_yes_to_a_bare_number_asks_where_it_is():
    assert meaning("yes", "1057", ONE).intents == {Intent.STATUS}


@pytest.mark.parametrize("no", ["no", "No, thanks", "nope that's not it", "neither of them"])
def test_a_no_takes_nothing_and_is_asked_on(no):
    text, draft = composed(no, None, "where is 1057?", ONE)
    assert "look at the number once more" in text and "#1047" not in text
    assert draft.outcome is Outcome.ASKED_BACK


def test_of_two_that_were_offered_one_must_be_named():
    assert meaning("the second one", "where is 1073?", TWO).wanted.references == ("#1072",)
    assert meaning("yes, the first one", "where is 1073?", TWO).wanted.references == ("#1071",)
    assert meaning("yes #1072", "where is 1073?", TWO).wanted.references == ("#1072",)
    both = OrdersFound((make_order("#1072"), make_order("#1071")), 2, narrowed=True)
    text, draft = composed("yes", both, "where is 1073?", TWO)
    assert text.startswith("Which order do you mean?") and draft.outcome is Outcome.ASKED_BACK


def test_a_no_to_another_question_is_no_answer_to_this_one():
    assert "declined" not in meaning("no", "where is my order?", "Your order **#1047** is on its way.").signals


def test_it_is_the_order_that_was_offered_not_the_one_that_is_none():
    assert meaning("how much was it?", "where is 1057?", ONE).wanted.references == ("#1047",)


def test_the_end_of_a_number_that_several_have_is_asked_back():
    assert meaning("where is the one ending in 72").wanted.endings == ("72",)
    both = OrdersFound((make_order("#1172"), make_order("#1072")), 2, narrowed=True)
    text, draft = composed("where is the one ending in 72", both)
    assert text.startswith("Which order do you mean?") and draft.outcome is Outcome.ASKED_BACK


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what I ordered for Christmas", date(2026, 11, 1), date(2026, 12, 25)),
        ("what I ordered last Christmas", date(2025, 11, 1), date(2025, 12, 25)),
        ("what did I buy for xmas last year", date(2025, 11, 1), date(2025, 12, 25)),
        ("the one from Black Friday", date(2025, 11, 23), date(2025, 12, 2)),
        ("what I bought last summer", date(2026, 6, 1), date(2026, 8, 31)),
        ("ordered last winter", date(2025, 12, 1), date(2026, 2, 28)),
        ("bought for Easter", date(2026, 3, 1), date(2026, 4, 5)),
        ("the thing I ordered last Thursday", date(2026, 11, 19), date(2026, 11, 19)),
        ("the order from the 12th", date(2026, 11, 12), date(2026, 11, 12)),
        ("the order from the 30th", date(2026, 10, 30), date(2026, 10, 30)),
        ("what I bought in 2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("ordered a few days ago", date(2026, 11, 15), date(2026, 11, 20)),
    ],
)
def test_occasions_and_days_are_those_of_ordering(text, first, last):
    start, end = period_of(text, today=TODAY)
    assert (start, end.toordinal() - 1) == (first, last.toordinal())


@pytest.mark.parametrize("text", ["will it be here for Christmas?", "is my tea coming today?", "can I get it on Saturday?"])
def test_a_day_that_something_is_to_come_is_not_one_of_ordering(text):
    assert period_of(text, today=TODAY) == (None, None)


def test_a_refund_on_its_way_is_told_without_a_day_it_does_not_have():
    order = make_order(
        "#1047", Status.LOST, currency="EUR", transactions=(paid("59.00", "refund_pending paypal", Kind.REFUND_PENDING),)
    )
    assert order_wording.refund(order, today=TODAY) == ["A refund is on its way for order **#1047**: €59.00 (PayPal)."]
    begun = make_order("#1047", currency="EUR", transactions=(paid("59.00", "paypal", Kind.REFUND_PENDING, moment(11, 17)),))
    assert "begun on Tuesday 17 November" in order_wording.refund(begun, today=TODAY)[0]


def test_little_is_told_in_honest_sentences():
    bare = make_order("#1047", Status.UNKNOWN, status_text="")
    told = " ".join(
        [
            *order_wording.status(bare, today=TODAY),
            *order_wording.tracking(bare),
            *order_wording.cost(bare),
            *order_wording.destination(bare),
            *order_wording.payment(bare, today=TODAY),
            *order_wording.facts(bare, today=TODAY),
        ]
    )
    assert "None" not in told and "“”" not in told and "()" not in told
    assert "without a state" in told and "no tracking number" in told and "no delivery address" in told


def test_the_street_is_told_where_it_is_asked_for_and_given_to_a_model_only_then():
    order = make_order("#1047", ship_to=home(), lines=(shirt(),))
    assert "12 Elm Street" in order_wording.destination(order)[0]
    assert "Elm" not in " ".join(order_wording.facts(order, today=TODAY))
    assert "12 Elm Street" in " ".join(order_wording.facts(order, today=TODAY, whole_address=True))


@pytest.mark.django_db(transaction=True)
async def test_a_turn_keeps_no_street_unless_it_was_asked_for(run_turn):
    services = fake_services(FakeOrders(make_order("#1047", ship_to=home())))
    events, turn = await run_turn("Where is order #1047?", services)
    assert "Denver" in str(turn.orders)
    assert (
        "Elm" not in f"{turn.orders}{turn.evidence}{turn.prompt}{turn.answer}{events}" and "80203" not in f"{turn.orders}{events}"
    )
    _, told = await run_turn("Which address does order #1047 go to?", services)
    assert "12 Elm Street" in told.answer and "Elm" not in str(told.orders)
