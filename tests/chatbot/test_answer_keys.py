"""What makes two questions one, and a word the name of somebody."""

import pytest

from chatbot import answer_cache


def test_words_that_are_courtesy_elsewhere_are_kept_within_a_question():
    assert answer_cache.without_courtesy(["hello", "there", "do", "you", "take", "good", "care", "of", "it", "thanks"]) == [
        "do",
        "you",
        "take",
        "good",
        "care",
        "of",
        "it",
    ]
    assert answer_cache.without_courtesy(["thank", "you"]) == ["thank", "you"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Can Zdenka return it?", True),
        ("Do you ship to Norway?", False),
        ("Do you ship to Peru?", True),  # a name or not: who cannot tell asks anew
        ("What Is Your Return Policy", False),
        ("CAN ZDENKA RETURN IT?", False),
        ("Is there VAT on it? Shipping is free?", False),
        ("Does Kite & Co take it back?", False),
        ("Wie lange habe ich Zeit für eine Rückgabe?", False),
    ],
)
def test_a_word_written_like_a_name_is_one_unless_the_documents_know_it(text, named):
    public = ["Our return policy. We ship to Norway and Sweden.", "Kite & Co"]
    assert answer_cache.may_name_somebody(text, public=public) is named
