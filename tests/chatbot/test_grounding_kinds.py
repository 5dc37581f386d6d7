"""Every kind of fact that a sentence may hold, right and wrong, in English and in German (and what else is at hand)."""

from dataclasses import replace

import pytest

from chatbot.grounding import check
from orders.records import Address
from tests.chatbot.grounding_shop import ON_ITS_WAY, PASSAGES, grounds, passage

CONTACT = passage(
    5,
    "Contact",
    "Call us on +1 503 555 0100 or write to help@fernhill.example. Members get 15% off. See https://fernhill.example/contact for more.",
)
ORDER = replace(ON_ITS_WAY, ship_to=Address("Ana Diaz", "1 Elm Street", "", "Denver", "CO", "80202", "US"))
KNOWN = grounds((ORDER,), (*PASSAGES, CONTACT))

# kind: (right, wrong), (right, wrong) …
PAIRS = {
    "amount": [
        ("You paid $129.95.", "You paid $129.59."),
        ("Sie haben für #W1001 129,95 $ bezahlt.", "Sie haben für #W1001 129,59 $ bezahlt."),
        ("Vous avez payé 129,95 $ pour #W1001.", "Vous avez payé 192,95 $ pour #W1001."),
    ],
    "date": [
        ("It is expected on 24 November.", "It is expected on 25 November."),
        ("Ihre Bestellung #W1001 wird am 24. November erwartet.", "Ihre Bestellung #W1001 wird am 26. November erwartet."),
        ("Su pedido #W1001 llegará el 24 de noviembre.", "Su pedido #W1001 llegará el 27 de noviembre."),
    ],
    "relative day": [
        ("It should arrive in 3 days.", "It should arrive in 4 days."),
        ("It was shipped 3 days ago.", "It was shipped yesterday."),
        ("Ihre Bestellung #W1001 wurde am 18. November versandt.", "Ihre Bestellung #W1001 wurde gestern versandt."),
    ],
    "duration": [
        ("You can return an item within 45 days [1].", "You can return an item within 54 days [1]."),
        ("Sie können einen Artikel innerhalb von 45 Tagen zurückgeben [1].", "Sie können einen Artikel innerhalb von 54 Tagen zurückgeben [1]."),
        ("Puoi restituire un articolo entro 45 giorni [1].", "Puoi restituire un articolo entro 54 giorni [1]."),
    ],
    "percentage": [
        ("Members get 15% off [5].", "Members get 25% off [5]."),
        ("Mitglieder erhalten auf alles 15 % Rabatt [5].", "Mitglieder erhalten auf alles 25 % Rabatt [5]."),
    ],
    "count": [
        ("Your order contains two Wool Socks.", "Your order contains three Wool Socks."),
        ("Ihre Bestellung #W1001 kommt in 1 Paket.", "Ihre Bestellung #W1001 kommt in 7 Paketen."),
    ],
    "order number": [
        ("Your order #W1001 is on its way.", "Your order #W1010 is on its way."),
        ("Ihre Bestellung #W1001 ist unterwegs.", "Ihre Bestellung #W1010 ist unterwegs."),
    ],
    "tracking number": [
        ("The tracking number is 1Z999AA10123456784.", "The tracking number is 1Z999AA10123456748."),
        ("Die Sendungsnummer für #W1001 ist 1Z999AA10123456784.", "Die Sendungsnummer für #W1001 ist 1Z999AA10123456748."),
    ],
    "address": [
        ("Your order goes to 1 Elm Street, Denver.", "Your order goes to 5 Elm Street, Denver."),
        ("Ihre Bestellung #W1001 geht an 1 Elm Street in Denver.", "Ihre Bestellung #W1001 geht an die Eichenstraße 2 in Denver."),
    ],
    "e-mail address": [
        ("Write to help@fernhill.example. [5]", "Write to refund@fernhill.example. [5]"),
        ("Schreiben Sie uns an help@fernhill.example [5].", "Schreiben Sie uns an hilfe@fernhill.example [5]."),
    ],
    "phone number": [
        ("Call us on +1 503 555 0100 [5].", "Call us on +1 503 555 0101 [5]."),
        ("Rufen Sie uns unter +1 503 555 0100 an [5].", "Rufen Sie uns unter +1 503 555 0199 an [5]."),
    ],
    "link": [
        ("See https://fernhill.example/contact for more [5].", "See https://fernhill.example/contract for more [5]."),
        ("Mehr finden Sie unter https://fernhill.example/contact [5].", "Mehr finden Sie unter https://fernhi11.example/contact [5]."),
    ],
    "product name": [
        ("Your order contains the Trail Boots.", "Your order contains the Sky Boots."),
        ("Your order contains Wool Socks.", "Your order contains Silk Socks."),
    ],
    "status word": [
        ("Your order is in transit.", "Your order is out for delivery."),
        ("Ihre Bestellung #W1001 ist unterwegs.", "Ihre Bestellung #W1001 ist in Zustellung."),
        ("Votre commande #W1001 est en route.", "Votre commande #W1001 a été remboursée."),
        ("Su pedido #W1001 está en camino.", "Su pedido #W1001 se ha perdido, está perdido."),
    ],
}  # fmt: skip
EVERY = [(kind, *pair) for kind, pairs in PAIRS.items() for pair in pairs]


@pytest.mark.parametrize(("kind", "right", "wrong"), EVERY, ids=[f"{kind}: {right[:30]}" for kind, right, _ in EVERY])
def test_the_right_value_is_shown_and_the_wrong_one_held_back(kind, right, wrong):
    verdict = check(right, KNOWN)
    assert verdict.supported, verdict.reason
    assert not check(wrong, KNOWN).supported
