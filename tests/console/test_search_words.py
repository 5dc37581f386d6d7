"""Why a passage was found, in words and marks."""

import pytest

from console.search_words import marked, moves, ordinal, parts, shared_words, why
from retrieval.index.fusion import Why
from tests.factories import make_passage

QUERY = "How long does shipping to Norway take?"


def passage(text: str, **found):
    return make_passage(text, document="Delivery", why=Why(**found))


def test_the_words_of_the_question_are_marked_in_whatever_form_they_stand():
    pieces = marked("Norwegian customers: we ship to Norway. Deliveries take 5 days.", QUERY)
    assert "".join(piece.text for piece in pieces) == "Norwegian customers: we ship to Norway. Deliveries take 5 days."
    assert [(piece.text, piece.kind) for piece in pieces if piece.kind] == [
        ("ship", "said"),
        ("Norway", "said"),
        ("Deliveries", "related"),
    ]


@pytest.mark.parametrize("text", ["", "nothing of it", "<b>&amp;"])
def test_a_text_without_the_words_stays_in_one_piece(text):
    assert "".join(piece.text for piece in marked(text, QUERY)) == text
    assert not any(piece.kind for piece in marked(text, QUERY))


def test_words_are_named_as_they_were_asked():
    assert shared_words(QUERY, "Deliveries to NORWAY: 5 days") == ["shipping (deliveries)", "norway"]


def test_a_sentence_says_which_engine_found_it_and_by_what():
    both = passage(
        "To Norway in 5 days.", dense=0.7, dense_rank=1, lexical=0.4, lexical_rank=3, parts={"dense": 0.4, "lexical": 0.2}
    )
    assert why(both, QUERY) == "Found by meaning (1st) and by the words “shipping (delivery)”, “norway” (3rd)."
    titled = passage("In 5 days.", dense=0.7, dense_rank=2, parts={"dense": 0.4, "lexical": 0.0, "title": 0.1})
    assert why(titled, QUERY) == "Found by meaning (2nd); the question names the document’s title."


def test_an_engine_that_does_not_count_is_not_named():
    found = passage("To Norway.", dense=0.7, dense_rank=1, lexical=0.4, lexical_rank=11, parts={"dense": 0.0, "lexical": 0.2})
    assert why(found, "norway") == "Found by the word “norway” (11th)."


def test_a_passage_that_only_what_was_said_before_found():
    found = passage("In 5 days.", lexical=0.1, lexical_rank=21, parts={"lexical": 0.1})
    assert why(found, "and hats?") == "Found by words said before (21st)."


def test_parts_are_drawn_end_to_end_against_the_best_score():
    drawn = parts({"dense": 0.4, "lexical": 0.1, "title": 0.0}, best=1.0)
    assert [(part.label, part.start, part.width) for part in drawn] == [("meaning", 0.0, 40.0), ("words", 40.0, 10.0)]
    assert parts({"dense": 0.0}, best=0.0) == []


def test_what_another_setting_moves():
    assert moves([1, 2, 3], [3, 9, 1, 2]) == {3: "up 2", 9: "new", 1: "down 2", 2: "down 2"}
    assert moves([1], [1]) == {1: "same"}


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_ordinals(number, said):
    assert ordinal(number) == said


def test_what_a_question_means_is_marked_not_the_words_it_took():
    assert shared_words("Can I send it back?", "Items can be returned.") == ["return"]
