"""What a question takes from the talk before it, and how a long one is read in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.followups import CHARACTERS, STANDING, context_of, leans, pull, terms_said
from retrieval.long_questions import LONG, MOST_PARTS, parts_of
from retrieval.words import words


@pytest.mark.parametrize("question", ["and for sale items?", "How long does it take?", "Spain?", "Is there a cheaper one", "why"])
def test_a_question_that_opens_like_a_follow_up_points_or_says_little_leans_on_the_talk(question):
    assert leans(question)
    assert pull(question) == 1.0


def test_a_question_that_stands_by_itself_takes_less():
    assert not leans("How long does standard shipping to Portugal usually take?")
    assert pull("How long does standard shipping to Portugal usually take?") == STANDING


def test_the_last_turns_are_the_context_newest_last():
    assert context_of(["first", "second  turn\n", "", "third", "fourth"]) == "second turn\nthird\nfourth"
    assert context_of([]) == ""
    assert len(context_of(["word " * 500])) == CHARACTERS


def test_words_said_count_half_as_much_with_every_turn_further_back():
    weights = terms_said("return of earrings\nshipping to Spain", weight=0.4)
    assert weights == {"ship": 0.4, "spain": 0.4, "return": 0.2, "earring": 0.2}
    assert terms_said("return shoes\nreturn hats", weight=0.4)["return"] == 0.4


RAMBLING = (
    "Hello there! My sister told me about your shop and she has been happy with it for years, which is lovely. "
    "I bought two jackets last week, one of them is too small for my husband; can I return a sale item? "
    "We leave on Friday, so it would be great to know soon."
)


def test_a_long_message_is_read_in_its_sentences_and_long_ones_by_clauses():
    parts = parts_of(RAMBLING)
    assert "can I return a sale item?" in parts
    assert len(parts) > 3


@pytest.mark.parametrize("question", ["Can I return a sale item?", "Can I return it? I bought it last week.", "", "one " * 40])
def test_a_short_message_or_one_of_a_single_part_has_no_parts(question):
    assert parts_of(question) == []


@given(
    st.lists(
        st.sampled_from(["Where is my parcel?", "hello", "I bought a coat, shoes; and socks", "返品できますか。", "ok.", "\n"])
    )
)
def test_parts_hold_nothing_that_was_not_said_and_are_not_too_many(sentences):
    message = " ".join(sentences)
    parts = parts_of(message)
    assert len(parts) <= MOST_PARTS
    assert len(parts) != 1
    assert not parts or len(words(message)) >= LONG
    assert set(words(" ".join(parts))) <= set(words(message))
