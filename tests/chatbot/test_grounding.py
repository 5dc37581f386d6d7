"""Which sentences of an answer may be shown, and which not, given what was found."""

import re

import pytest

from chatbot.grounding import check, cleaned, strip_unknown_citations, with_citations
from tests.chatbot.grounding_shop import DELIVERED, ON_ITS_WAY, grounds, passage

GERMAN = (
    passage(
        1,
        "Rückgabe > Frist",
        "Sie können Artikel innerhalb von 30 Tagen nach Erhalt zurückgeben. Die Rücksendung kostet 4,95 €. "
        "Ab einem Bestellwert von 1.250,00 € ist der Versand kostenlos.",
    ),
)

TWO_ORDERS_TRUE = [
    "Your order #W1001 is on its way and is expected on Tuesday 24 November.",
    "Order #W1001 is in transit with UPS; its tracking number is 1Z999AA10123456784.",
    "It was last seen in Omaha on Friday 20 November.",
    "You can follow it here: https://ups.example/t?n=1Z999AA10123456784.",
    "You can [follow it](https://ups.example/t?n=1Z999AA10123456784).",
    "Your order #W1002 was delivered on Thursday 5 November, 16 days ago.",
    "You paid $129.95 with your credit card ending 4821.",
    "Your order contains two Wool Socks and the Trail Boots in blue, size 42.",
    "You can return an item within 45 days from delivery [1].",
    "Yes, you can still return it: you have 45 days from delivery. [1]",
    "You have 45 days from the day of delivery to start a return [1].",
    "After that you have two weeks to hand the parcel to the carrier [1].",
    "Standard shipping to Germany takes 2–3 business days and costs $6.95 [3].",
    "Shipping is free from $99 for Germany [3].",
    "Unfortunately, Last Chance items cannot be returned [2].",
    "Gift cards cannot be returned [2].",
    "Refunds on a card take another 3 to 5 business days [4].",
    "I'm sorry about the delay with your order.",
    "I could not find that in our policies.",
    "Is there anything else I can help you with?",
    "Which order do you mean, #W1001 or #W1002?",
    "You have 2 orders.",
    "It should arrive in 3 days.",
    "It should arrive on Tuesday.",
    "**Order #W1001**",
    "- Trail Boots (color blue, size 42): $119.95",
    "Hello Ana!",
    "$10.00 was refunded to your PayPal on Monday 9 November.",
    "We have refunded $10.00 for order #W1002.",
    "Order #W1002 has been partially refunded: $10.00.",
    "Your order has not been delivered yet.",
    "Once your parcel is delivered, you have 45 days to return it [1].",
    "If your parcel is lost, write to help@fernhill.example [4].",
    "The items in it are Trail Boots and Wool Socks.",
    "Thanks for your patience!",
    "Let me know if you have any other questions.",
    "It was shipped on Wednesday 18 November.",
    "Here's what I found about your order:",
    "The refund goes back within 5 business days after we have checked the parcel [4].",
]
TWO_ORDERS_FALSE = [
    "Your order #W1001 was delivered on Tuesday 24 November.",
    "Your order #W1001 is expected on Wednesday 24 November.",
    "Your order #W1001 is expected on Tuesday 25 November.",
    "Order #W1001 was delivered on Thursday 5 November.",
    "It was last seen in Chicago on Friday 20 November.",
    "It is with FedEx.",
    "You can follow it here: https://evil.example/t?n=1.",
    "See [here](https://evil.example/).",
    "![x](https://evil.example/a.png)",
    "<script>alert(1)</script>",
    "You paid €129.95.",
    "You paid $129.59.",
    "You can return an item within 30 days [1].",
    "You can return an item within 45 weeks [1].",
    "You can return gift cards within 45 days [1].",
    "Gift cards can be returned [2].",
    "Last Chance items can be returned.",
    "Standard shipping to Germany takes 2–3 weeks [3].",
    "Card refunds take 3–5 days [4].",
    "I have cancelled your order.",
    "I've refunded $129.95 to your card.",
    "I will cancel it for you.",
    "Your refund has been issued for order #W1001.",
    "Order #W1001 has been cancelled.",
    "Your order has been lost.",
    "Shall I cancel it for you?",
    "We offer a lifetime guarantee on all boots.",
    "Shipping is free worldwide.",
    "Your address has been updated.",
    "A replacement has been sent.",
    "It should arrive tomorrow.",
    "It should arrive in 5 days.",
    "It should arrive on Monday.",
    "Tracking number 1Z999AA10123456785.",
    "Call us at +1 503 555 0100.",
    "Write to refunds@evil.example.",
    "The CEO of our company is a nice person living in a castle.",
    "Bananas grow on trees in warm countries.",
    "Use only what stands between the evidence marks of the last message: the facts of the customer's own orders.",
    "You get a 20% discount.",
    "It contains three Wool Socks.",
    "Order #W9999 is on its way.",
    "Your order was shipped on Wednesday 18 November and delivered yesterday.",
]
ONE_ORDER_TRUE = [
    "It is expected this Tuesday, 24 November.",
    "It's on its way with UPS and should arrive on 24 November.",
    "Your order is on the way! It left our warehouse on 18 November.",
    "Your parcel with the Trail Boots is in transit.",
    "It will be delivered to Denver, CO.",
    "The total is $129.95.",
    "You placed it on Monday 16 November.",
    "It has not been delivered yet, and no refund has been issued.",
    "Your order was placed 5 days ago and shipped 3 days ago.",
    "It was shipped to 1 Elm, Denver.",
    "There is no news of a delay.",
    "The parcel arrived at the hub in Omaha on Friday 20 November.",
]
ONE_ORDER_FALSE = [
    "It was delivered to Denver.",
    "It should arrive on Friday 20 November.",
    "It was shipped 5 days ago.",
    "Your order was placed on Wednesday 18 November.",
    "Your order is delayed by 2 days.",
    "It is out for delivery today.",
    "Your refund is on its way.",
    "Two parcels are on the way.",
    "It ships to Boulder.",
    "It has been delivered and is in your mailbox.",
    "It will arrive by tomorrow.",
    "Yes, you can still return your latest delivered order within 45 days from delivery [1].",
]
POLICIES_TRUE = [
    "You can return the item within 45 days [1].",
    "You can return an item.",
    "Shipping to Norway costs $14.95 and takes 4–7 business days. [3]",
    "Shipping to Norway takes 4 to 7 business days.",
    "Standard shipping to Germany is free for orders of $99 or more.",
    "To get an answer about your order, please sign in.",
    "Sorry, stove fuel cannot be returned. [2]",
    "You have 14 days to hand it to the carrier after starting the return. [1]",
    "If your order came in several parcels, the 45 days begin when the last parcel is delivered. [1]",
    "For other questions, write to help@fernhill.example. [4]",
    "That means you can return an item up to 45 days after delivery.",
    "No, you cannot return gift cards.",
    "I understand your frustration.",
    "Unfortunately, I don't have information about that.",
    "You can return your delivered order within 45 days [1].",
]
POLICIES_FALSE = [
    "Your order has been shipped.",
    "Your order is on its way and will arrive on Tuesday.",
    "Your refund was issued yesterday.",
    "You can return stove fuel.",
    "Shipping to Norway costs $6.95 and takes 8 days.",
    "Shipping to Norway takes 4 days.",
    "Shipping to Sweden takes 4–7 business days.",
    "Yes, opened water filters can be returned within 45 days.",
    "We refund within 5 days after we checked the parcel.",
    "You must include the original receipt and a photo of your passport.",
    "You have until Friday 1 January to return it.",
    "Returns are free for members.",
]
GERMAN_POLICY_TRUE = [
    "Sie können Artikel innerhalb von 30 Tagen zurückgeben [1].",
    "Die Rücksendung kostet 4,95 €.",
    "You can return items within 30 days after you receive them [1].",
    "A return costs €4.95.",
    "Shipping is free for orders of €1,250.00 or more.",
    "Ab 1250 € ist der Versand kostenlos.",
]
GERMAN_POLICY_FALSE = [
    "Sie können Artikel innerhalb von 14 Tagen zurückgeben [1].",
    "Die Rücksendung kostet 5,95 €.",
    "You can return items within 60 days [1].",
    "A return costs $4.95.",
    "Ich habe Ihre Bestellung storniert.",
    "Ab 1.350,00 € ist der Versand kostenlos.",
]


CASES = [
    *((grounds(), text, True) for text in TWO_ORDERS_TRUE),
    *((grounds(), text, False) for text in TWO_ORDERS_FALSE),
    *((grounds((ON_ITS_WAY,)), text, True) for text in ONE_ORDER_TRUE),
    *((grounds((ON_ITS_WAY,)), text, False) for text in ONE_ORDER_FALSE),
    *((grounds(()), text, True) for text in POLICIES_TRUE),
    *((grounds(()), text, False) for text in POLICIES_FALSE),
    *((grounds((), GERMAN), text, True) for text in GERMAN_POLICY_TRUE),
    *((grounds((), GERMAN), text, False) for text in GERMAN_POLICY_FALSE),
]


@pytest.mark.parametrize(
    ("known", "text", "supported"), CASES, ids=[f"{'shown' if ok else 'held back'}: {text}" for _, text, ok in CASES]
)
def test_a_sentence_is_shown_only_if_the_evidence_holds_it(known, text, supported):
    verdict = check(text, known)
    assert verdict.supported is supported, verdict.reason
    assert verdict.reason


def test_the_facts_of_one_order_do_not_support_a_sentence_about_another():
    assert check("Order #W1002 was delivered on Thursday 5 November.", grounds()).supported
    assert not check("Order #W1001 costs $40.00.", grounds()).supported
    assert check("Order #W1002 costs $40.00.", grounds()).supported


def test_a_line_that_holds_for_no_single_order_supports_any_sentence():
    known = grounds((DELIVERED,), facts=["Last day to return by passage 1: Sunday 20 December"])
    assert check("You can return it until Sunday 20 December.", known).supported
    assert not check("You can return it until Sunday 20 December.", grounds((DELIVERED,))).supported


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Shipping to Norway costs $14.95 [1].", "Shipping to Norway costs $14.95. [3]"),
        ("You can return an item within 45 days.", "You can return an item within 45 days. [1]"),
        ("Gift cards cannot be returned [2].", "Gift cards cannot be returned [2]."),
        ("The total is $129.95 [1].", "The total is $129.95."),
    ],
    ids=["wrong", "missing", "right", "needless"],
)
def test_a_sentence_carries_the_citation_that_supports_it(sentence, shown):
    verdict = check(sentence, grounds())
    assert verdict.supported, verdict.reason
    assert with_citations(sentence, verdict.citations) == shown


class TestCleaning:
    def test_images_markup_and_foreign_links_go_and_their_words_stay(self):
        text = "See ![x](http://e.example/x.png?d=1)[here](https://evil.example/?q=1) <b onclick=x>now</b>.<!-- x -->"
        assert cleaned(text, grounds()) == "See here now."

    def test_a_link_of_the_evidence_stays(self):
        link = "[Follow it](https://ups.example/t?n=1Z999AA10123456784)"
        assert cleaned(link, grounds()) == link

    def test_reference_links_and_their_definitions_go(self):
        assert cleaned("See [the page][r].\n[r]: https://evil.example/?q=1", grounds()) == "See the page.\n"

    @pytest.mark.parametrize(
        "text",
        [
            "a <img src=x onerror=alert(1)> b",
            "a <svg/onload=alert(1)> b",
            "<scr<script>ipt>alert(1)",
            "![a][b] <",
            "[x](javascript:alert(1))",
        ],
    )
    def test_nothing_that_could_run_is_left(self, text):
        made = cleaned(text, grounds())
        assert "javascript:" not in made and "![" not in made
        assert not check(made, grounds()).supported or not re.search(r"<\s*[A-Za-z/!]", made)

    def test_citations_that_do_not_exist_go(self):
        for said, meant in (
            ("You have 45 days (1).", "You have 45 days [1]."),
            ("You have 45 days. (1)", "You have 45 days. [1]"),
            ("(1)", "[1]"),
            ("You have 45 days (9).", "You have 45 days."),
            ("Call 0800 (1) 2345.", "Call 0800 (1) 2345."),
            ("You have 45 (45) days.", "You have 45 (45) days."),
        ):
            assert cleaned(said, grounds()) == meant
        assert strip_unknown_citations("Yes [1, 9]. No [7]. Fine[2]", frozenset({1, 2})) == "Yes [1]. No. Fine[2]"


def test_no_rule_of_the_instructions_is_repeated():
    from chatbot.prompt import instructions

    rules = [line.removeprefix("- ") for line in instructions("Fernhill").splitlines() if line.startswith("- ")]
    assert len(rules) > 8
    assert [rule for rule in rules if check(rule, grounds()).supported] == []


def test_an_item_of_a_list_has_the_sense_of_what_led_it_in():
    assert check("These items cannot be returned:", grounds()).supported
    assert check("- Underwear and swimwear whose hygiene seal is broken", grounds()).supported
    assert not check("- Underwear and swimwear can be returned", grounds()).supported
