"""What a message wishes, agrees to, or turns away from."""

import pytest

from chatbot.requesting.hearing import hear, wish_of
from chatbot.requesting.values import Reply
from chatbot.requesting.wording import WISHES
from orders.requests_values import Kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Please cancel my order", Kind.CANCEL),
        ("can you cancel #W2378156?", Kind.CANCEL),
        ("Hi, I'd like to cancel the order from yesterday.", Kind.CANCEL),
        ("If you can, please cancel it", Kind.CANCEL),
        ("stop my order", Kind.CANCEL),
        ("I no longer want it", Kind.CANCEL),
        ("I want to return the boots because they are too small", Kind.RETURN),
        ("The coat does not fit, I want to send it back", Kind.RETURN),
        ("Return the boots, please", Kind.RETURN),
        ("I want to return something from my last order", Kind.RETURN),
        ("If it does not fit, I want to return it", None),
        ("I want a return", Kind.RETURN),
        ("start a return for order R-1001/2", Kind.RETURN),
        ("I would like to exchange the blue shirt for a size L", Kind.EXCHANGE),
        ("please swap it for a smaller one", Kind.EXCHANGE),
        ("I need to change the address of order #W23 to 12 Elm Street, Denver", Kind.CHANGE_ADDRESS),
        ("Can you send it to my office instead?", Kind.CHANGE_ADDRESS),
        ("update my shipping address please", Kind.CHANGE_ADDRESS),
        ("my parcel never arrived", Kind.MISSING),
        ("it says delivered but I have not got it", Kind.MISSING),
        ("please report it missing", Kind.MISSING),
        # questions about the rule, and whatever is denied, over, or only imagined
        ("Can I cancel my order?", None),
        ("How do I return it?", None),
        ("What is your return policy?", None),
        ("I don't want to cancel it", None),
        ("Do not cancel my order", None),
        ("If I want to return it, what happens?", None),
        ("I want to know if I can cancel my order", None),
        ("could you tell me how to return it", None),
        ("I wanted to return it", None),
        ("would it be possible to cancel it", None),
        ("where is my order", None),
        ("cancel my return", None),
        ("Has the parcel arrived?", None),
        ("", None),
    ],
)
def test_a_wish_says_that_something_shall_be_done(text, kind):
    assert wish_of(text) is kind


def test_every_offered_wish_is_understood_as_one():
    assert {kind: wish_of(text) for kind, text in WISHES.items()} == {kind: kind for kind in Kind}


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        *(
            (text, Reply.YES)
            for text in ("yes", "Yes!", "yes please", "ok, go ahead", "Sure, thank you", "do it", "I confirm", "ja", "oui")
        ),
        *(
            (text, Reply.YES)
            for text in ("Yes, ask the shop to cancel #W1", "that's right", "sounds good", "Yep, please cancel it")
        ),
        *((text, Reply.NO) for text in ("no", "No thanks", "never mind", "don't", "nope, leave it", "forget it", "nein")),
        *(
            (text, Reply.NEITHER)
            for text in ("yes, but to another address", "yes and the shirt as well", "yes?", "yes if it is free")
        ),
        *((text, Reply.NEITHER) for text in ("yes, not today", "yesterday", "okra", "sure, when?", "hmm", "the boots", "")),
        ("no, I meant the other order from last week", Reply.NEITHER),
        ("yes " + "indeed " * 20, Reply.NEITHER),
    ],
)
def test_a_yes_counts_only_where_nothing_takes_it_back(text, reply):
    assert hear(text).reply is reply


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("What about my cancellation?", True),
        ("did you cancel my order?", True),
        ("any news on my request", True),
        ("how is my return going?", True),
        ("has anyone decided about it yet?", True),
        ("Can I cancel my order?", False),
        ("please cancel my order", False),
        ("when does my return window end?", False),
        ("I want to make a return request", False),
    ],
)
def test_a_question_about_a_request_is_told_from_one_about_the_rule(text, asks):
    assert hear(text).of_request is asks


@pytest.mark.parametrize(
    "text", ["cancel my return", "please withdraw my request", "I don't want to return it any more", "drop my cancellation request"]
)
def test_a_request_can_be_taken_back_in_words(text):
    assert hear(text).withdraws


@pytest.mark.parametrize(
    "text",
    ["i want to " * 400, "please " * 570, "cancel " * 570, "my " * 1300, "send it to a different " * 170, "i please really " * 250],
)
def test_no_text_makes_the_patterns_go_back_on_themselves(text):
    """One that did would not end within the patience of a test run."""
    assert hear(text[:4000]).text
