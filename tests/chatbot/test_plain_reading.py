"""Slips, shouting, sums of money, other languages and words that point: what the rules read before they decide."""

from decimal import Decimal

import pytest

from chatbot.turn import Intent, Role, Utterance
from chatbot.understanding import understand
from chatbot.understanding.languages import intents_of, language_of
from chatbot.understanding.plainly import amount_of, readable
from chatbot.understanding.spelling import corrected
from orders.references import learn
from tests.factories import TODAY

SHAPES = learn(["#K641907", "#K638455", "#K100001"])


def meaning(text, *history):
    roles = (Role.CUSTOMER, Role.BOT)
    said = tuple(Utterance(roles[i % 2], words) for i, words in enumerate(history))
    return understand(text, history=said, today=TODAY, shapes=SHAPES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("were is my oder", "were is my order"),
        ("trakcing nubmer", "tracking number"),
        ("please cancle it", "please cancel it"),
        ("i want a refnd", "i want a refund"),
        ("wrong adress on my pakage", "wrong address on my package"),
        ("did you recieve my retrun", "did you receive my return"),
    ],
)
def test_a_mistyped_key_word_is_set_right(written, meant):
    assert corrected(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "my older shopping bag",
        "trekking poles and a tracksuit",
        "a prince statue",
        "my jacket and basket",
        "order K64-1907x",
        "a@order.example",
    ],
)
def test_another_word_is_left_alone(text):
    assert corrected(text) == text


def test_shouting_is_read_as_speech_and_numbers_are_kept():
    assert readable("WHERE IS MY ORDER W2378156") == "where is my order W2378156"
    assert readable("Is UPS or DHL bringing it?") == "Is UPS or DHL bringing it?"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("the $89 order", "89"),
        ("the one for €49.90", "49.90"),
        ("die für 49,90 €", "49.90"),
        ("the 1,250.00 dollar one", "1250.00"),
        ("my 12.99 order", "12.99"),
        ("is shipping free over $60", None),
        ("a $50 gift card", None),
        ("the $5 or the $7 one", None),
        ("order 1234", None),
    ],
)
def test_a_sum_names_an_order_unless_it_is_a_limit(text, amount):
    assert amount_of(text) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("Wo ist meine Bestellung?", "de", Intent.STATUS),
        ("Wann kommt mein Paket an?", "de", Intent.STATUS),
        ("Ich möchte die Stiefel zurückgeben", "de", Intent.RETURN),
        ("Où est ma commande ?", "fr", Intent.STATUS),
        ("Je voudrais annuler ma commande", "fr", Intent.CANCEL),
        ("¿Cuándo llega mi pedido?", "es", Intent.STATUS),
        ("¿Puedo devolver el vestido?", "es", Intent.RETURN),
        ("Dov'è il mio ordine?", "it", Intent.STATUS),
        ("Waar is mijn bestelling?", "nl", Intent.STATUS),
    ],
)
def test_a_wish_in_another_language_is_recognised(text, language, intent):
    assert language_of(text) == language
    assert intent in intents_of(text)
    assert meaning(text).wanted is not None


@pytest.mark.parametrize(
    "text", ["Where is my order?", "the one for me in Den Haag", "do you ship to La Paz", "my die casting kit"]
)
def test_english_with_foreign_names_is_english(text):
    assert language_of(text) == ""


def test_the_other_one_is_the_one_not_spoken_of_last():
    history = (
        "where are #K641907 and #K638455?",
        "**#K641907** has been sent. **#K638455** is lost.",
        "how much was #K641907?",
        "The total of order **#K641907** is $10.00.",
    )
    understood = meaning("and the other one?", *history)
    assert understood.wanted.references == ("#K638455",)
    assert Intent.COST in understood.intents


def test_it_stays_the_order_spoken_of_when_the_words_tell_of_a_wish():
    history = ("what is in #K641907", "In order **#K641907**: tent (color green).")
    assert meaning("can I exchange it for a blue one", *history).wanted.references == ("#K641907",)


def test_a_clause_that_only_points_belongs_to_the_question_before_it():
    understood = meaning("do you ship to Alaska and how much is it")
    assert understood.wanted is None
    assert understood.queries == ("do you ship to Alaska how much is it",)


def test_a_company_speaks_of_its_orders_as_we():
    assert Intent.ITEMS in meaning("how many ball valves did we order").intents
    assert meaning("what was in our last order").wanted.latest


def test_an_e_mail_address_is_no_item():
    assert meaning("my email is ana@kite.example, where is my order?").wanted.words == ()


@pytest.mark.parametrize(
    "text", ["1.1." * 1000, "$1" * 2000, "[x](" * 1000, "how many the my " * 250, "wo ist mein " * 330, "a@b." * 1000]
)
def test_hostile_repetition_is_read_and_means_nothing_dangerous(text):
    assert meaning(text).intents is not None
