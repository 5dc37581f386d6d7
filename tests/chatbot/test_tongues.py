"""Which language a reply should be in, and which questions ask for several steps."""

import pytest

from chatbot.steps import asks_for_steps
from chatbot.tongues import expected_language, is_another

ENGLISH = "You can return an item within 45 days from the delivery."
GERMAN = "Sie können einen Artikel innerhalb von 45 Tagen nach der Lieferung zurückgeben."
FRENCH = "Vous pouvez retourner un article dans les 45 jours après la livraison."
RUSSIAN = "Вы можете вернуть товар в течение 45 дней после доставки."
CHINESE = "您可以在收货后的四十五天之内将未使用过的商品退回给我们。"
ASKED = {
    "What is your return policy?": ENGLISH,
    "Wie lange kann ich etwas zurückgeben?": GERMAN,
    "Combien de temps ai-je pour renvoyer un article ?": FRENCH,
    "Сколько дней на возврат?": RUSSIAN,
    "退货政策是什么？": CHINESE,
}


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize("reply", ASKED.values())
def test_a_reply_is_in_the_language_of_the_question_or_in_another(question, reply):
    assert is_another(reply, expected_language(question)) is (reply != ASKED[question])


@pytest.mark.parametrize("reply", [ENGLISH, FRENCH, CHINESE])
def test_a_language_that_the_shop_has_fixed_counts_more(reply):
    assert is_another(reply, expected_language("What is your return policy?", "de"))
    assert not is_another(GERMAN, expected_language("What is your return policy?", "de"))


@pytest.mark.parametrize(("question", "reply"), [("#K100?", GERMAN), ("What is your return policy?", "Ja!"), ("?", "OK")])
def test_where_it_cannot_be_told_nothing_is_said_against_it(question, reply):
    assert not is_another(reply, expected_language(question))


@pytest.mark.parametrize(
    "text",
    [
        "If I send back one shirt, do I still get free shipping?",
        "First I want to exchange it, then cancel the rest",
        "Once I have sent it, when do I get my money?",
        "Wenn ich ein Hemd zurückschicke, bekomme ich dann den Versand erstattet?",
        "Si je renvoie un article, puis-je garder la remise ?",
    ],
)
def test_steps_that_depend_on_each_other(text):
    assert asks_for_steps(text)


@pytest.mark.parametrize(
    "text", ["Where is my order?", "What is your return policy?", "Wo ist meine Bestellung?", "I wonder if you ship to Norway."]
)
def test_a_plain_question_has_none(text):
    assert not asks_for_steps(text)
