"""Sentences in other languages than English, and values on the wrong row: what may be shown and what not."""

import pytest

from chatbot.grounding import check
from tests.chatbot.grounding_shop import DELIVERED, ON_ITS_WAY, grounds, passage

# one order in transit, expected on Tuesday 24 November, sent on the 18th; English policies
TRUE_OF_AN_ORDER = {
    "de": [
        "Ihre Bestellung #W1001 ist unterwegs und wird am Dienstag, 24. November erwartet.",
        "Ihre Bestellung #W1001 wurde am 18. November versandt.",
        "Ihre Bestellung #W1001 wurde noch nicht geliefert.",
        "Ihre Bestellung #W1001 wird am 24. November geliefert.",
        "Sie haben 129,95 $ für #W1001 bezahlt.",
    ],
    "fr": [
        "Votre commande #W1001 est en route et devrait arriver le 24 novembre.",
        "Votre commande #W1001 a été expédiée le 18 novembre.",
        "Votre commande #W1001 n'a pas encore été livrée.",
    ],
    "es": [
        "Su pedido #W1001 está en camino y llegará el 24 de noviembre.",
        "Su pedido #W1001 fue enviado el 18 de noviembre.",
        "Su pedido #W1001 no ha sido entregado todavía.",
    ],
    "it": ["Il suo ordine #W1001 è in viaggio e arriverà il 24 novembre.", "Il suo ordine #W1001 è stato spedito il 18 novembre."],
    "nl": [
        "Uw bestelling #W1001 is onderweg en wordt op 24 november bezorgd.",
        "Uw bestelling #W1001 is op 18 november verzonden.",
    ],
}
FALSE_OF_AN_ORDER = {
    "de": [
        "Ihre Bestellung #W1001 wurde geliefert.",
        "Ihre Bestellung #W1001 wurde am 24. November versandt.",
        "Ihre Bestellung #W1001 wird am 25. November geliefert.",
        "Ihre Bestellung #W1001 wurde storniert.",
        "Ihre Bestellung #W1001 ist nicht unterwegs.",
        "Ihr Paket #W1001 ist verloren gegangen.",
        "Ich habe Ihre Bestellung #W1001 storniert.",
    ],
    "fr": [
        "Votre commande #W1001 a été livrée.",
        "Votre commande #W1001 a été expédiée le 24 novembre.",
        "Votre commande #W1001 a été annulée.",
        "Votre commande #W1001 a été remboursée.",
    ],
    "es": [
        "Su pedido #W1001 ha sido entregado.",
        "Su pedido #W1001 fue enviado el 24 de noviembre.",
        "Su pedido #W1001 fue cancelado.",
        "Su pedido #W1001 está retrasado.",
    ],
    "it": ["Il suo ordine #W1001 è stato consegnato.", "Il suo ordine #W1001 è stato annullato."],
    "nl": ["Uw bestelling #W1001 is bezorgd.", "Uw bestelling #W1001 is geannuleerd.", "Uw bestelling #W1001 heeft vertraging."],
}


@pytest.mark.parametrize("text", [text for texts in TRUE_OF_AN_ORDER.values() for text in texts])
def test_what_the_record_says_may_be_told_in_any_of_our_languages(text):
    verdict = check(text, grounds((ON_ITS_WAY,)))
    assert verdict.supported, verdict.reason


@pytest.mark.parametrize("text", [text for texts in FALSE_OF_AN_ORDER.values() for text in texts])
def test_what_it_does_not_say_may_not(text):
    assert not check(text, grounds((ON_ITS_WAY,))).supported


POLICY_PAIRS = [
    ("Sie können Artikel innerhalb von 45 Tagen nach der Lieferung zurückgeben [1].", "Sie können Artikel nicht innerhalb von 45 Tagen zurückgeben [1]."),
    ("Vous pouvez retourner un article dans les 45 jours [1].", "Vous ne pouvez pas retourner un article dans les 45 jours [1]."),
    ("Puede devolver un artículo en un plazo de 45 días [1].", "No puede devolver un artículo en un plazo de 45 días [1]."),
    ("Può restituire un articolo entro 45 giorni [1].", "Non può restituire un articolo entro 45 giorni [1]."),
    ("U kunt een artikel binnen 45 dagen retourneren [1].", "U kunt een artikel niet binnen 45 dagen retourneren [1]."),
    ("Die Erstattung auf eine Karte dauert 3–5 Werktage länger [4].", "Die Erstattung auf eine Karte dauert 3–5 Wochen länger [4]."),
    ("Der Standardversand nach Norwegen kostet 14,95 $ [3].", "Der Standardversand nach Norwegen kostet 15,95 $ [3]."),
    ("Schreiben Sie an help@fernhill.example [4].", "Schreiben Sie an help@fernhil.example [4]."),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong"), POLICY_PAIRS, ids=[right[:40] for right, _ in POLICY_PAIRS])
def test_a_policy_told_in_another_language_keeps_its_values_and_its_sense(right, wrong):
    verdict = check(right, grounds(()))
    assert verdict.supported, verdict.reason
    assert not check(wrong, grounds(())).supported


LIST = passage(
    1,
    "Shipping > Prices",
    "What standard shipping costs:\n\n- Germany: $6.95, 2 days\n- Norway: $14.95, 4 days\n- Norway islands: $24.95, 9 days\n\nExpress costs $9.50 more.",
)
ROWS_RIGHT = [
    "Shipping to Norway costs $14.95 [3].",
    "Shipping to Norway takes 4–7 business days and costs $14.95 [3].",
    "Shipping to Germany costs $6.95 and to Norway $14.95 [3].",
    "For Germany it is $6.95, for Norway it is $14.95 [3].",
    "Standard shipping costs $6.95 to Germany [3].",
]
ROWS_WRONG = [
    "Shipping to Norway costs $6.95 [3].",
    "Shipping to Norway takes 2–3 business days [3].",
    "Shipping to Germany is free from $179 [3].",
    "Shipping to Norway takes 4–7 business days and costs $6.95 [3].",
    "For Germany it is $14.95, for Norway it is $6.95 [3].",
]


class TestRows:
    @pytest.mark.parametrize("text", ROWS_RIGHT)
    def test_a_value_of_its_own_row_is_shown(self, text):
        verdict = check(text, grounds(()))
        assert verdict.supported, verdict.reason

    @pytest.mark.parametrize("text", ROWS_WRONG)
    def test_a_value_of_another_row_is_not(self, text):
        assert not check(text, grounds(())).supported

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            ("Standard shipping to Norway is free from $179 [3].", "Standard shipping to Norway is free from $14.95 [3]."),
            ("The standard price for Norway is $14.95 [3].", "The standard price for Norway is $179 [3]."),
        ],
    )
    def test_a_value_of_another_column_is_not_shown(self, right, wrong):
        verdict = check(right, grounds(()))
        assert verdict.supported, verdict.reason
        assert not check(wrong, grounds(())).supported

    def test_lists_have_rows_too_and_the_longest_name_counts(self):
        known = grounds((), (LIST,))
        assert check("Shipping to Norway costs $14.95 [1].", known).supported
        assert check("Shipping to the Norway islands costs $24.95 [1].", known).supported
        assert not check("Shipping to the Norway islands costs $14.95 [1].", known).supported
        assert not check("Shipping to Norway costs $6.95 [1].", known).supported

    def test_what_stands_outside_of_the_rows_holds_for_all(self):
        assert check("Express shipping to Norway costs $9.50 more [1].", grounds((), (LIST,))).supported

    def test_a_value_that_another_passage_has_for_it_is_shown(self):
        other = passage(2, "Norway", "Today standard shipping to Norway costs $6.95.")
        assert check("Standard shipping to Norway costs $6.95.", grounds((), (LIST, other))).supported


def test_a_delivered_order_may_be_told_as_delivered_in_german():
    known = grounds((DELIVERED,))
    assert check("Ihre Bestellung #W1002 wurde am 5. November geliefert.", known).supported
    assert not check("Ihre Bestellung #W1002 wurde am 6. November geliefert.", known).supported
