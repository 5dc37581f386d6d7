"""Two rankings become one, and the words of a text become its terms."""

import pytest

from retrieval.index.fusion import best_possible, blend, fuse, idf, is_repetition, weigh
from retrieval.synonyms import spelled_out
from retrieval.tuning import Tuning
from retrieval.words import telling_terms, terms


def order(dense, lexical, best):
    return [entry.chunk_id for entry in fuse(weigh(dense, lexical, best_lexical=best, dense_weight=0.6))]


def test_a_passage_that_both_sides_like_comes_first():
    assert order({1: 0.6, 2: 0.6}, {2: 4.0, 3: 4.0}, 10)[0] == 2


def test_a_rare_word_that_only_one_passage_has_outweighs_a_small_lead_in_meaning():
    terms_asked, size = {"x200": 1.0, "return": 1.0}, 500
    frequency = {"x200": 1, "return": 200}
    best = best_possible(terms_asked, frequency, size)
    with_code = idf(1, size) * 1.8
    assert order({1: 0.5, 2: 0.45}, {2: with_code, 1: idf(200, size) * 1.8}, best)[0] == 2


def test_words_that_stand_nowhere_leave_the_decision_to_meaning():
    best = best_possible({"wombat": 1.0, "order": 1.0}, {"order": 250}, 500)
    assert order({1: 0.6, 2: 0.5}, {2: idf(250, 500)}, best)[0] == 1


def test_without_vectors_terms_decide_alone():
    assert order({}, {1: 1.0, 2: 3.0}, 4.0) == [2, 1]


def test_equal_scores_keep_one_order():
    assert order({5: 0.5, 3: 0.5, 4: 0.5}, {}, 1.0) == [3, 4, 5]


def test_nothing_found_is_an_empty_ranking():
    assert fuse(weigh({}, {}, best_lexical=best_possible({}, {}, 0), dense_weight=0.6)) == []


def test_a_score_is_the_sum_of_its_parts_and_says_which_engine_named_the_passage_and_where():
    both, words_only, meaning_only = sorted(
        fuse(weigh({1: 0.8, 3: 0.5}, {2: 5.0, 1: 4.0}, best_lexical=10.0, dense_weight=0.6)), key=lambda entry: entry.chunk_id
    )
    assert (both.why.dense_rank, both.why.lexical_rank, both.why.bm25, both.why.lexical) == (1, 2, 4.0, 0.4)
    assert both.score == pytest.approx(0.6 * 0.8 + 0.4 * 0.4) == both.why.score
    assert (words_only.why.dense_rank, words_only.why.dense, words_only.why.lexical_rank) == (None, None, 1)
    assert words_only.why.parts["dense"] == pytest.approx(0.6 * 0.5)
    assert (meaning_only.why.bm25, meaning_only.why.parts["lexical"]) == (None, 0.0)


@pytest.mark.parametrize(("name", "value"), [("dense_weight", 1.5), ("title_weight", float("nan")), ("candidates", 0)])
def test_a_tuning_that_cannot_work_names_its_field(name, value):
    with pytest.raises(ValueError, match=name):
        Tuning(**{name: value})


def test_a_blend_lies_between_and_has_unit_length():
    mixed = blend([1.0, 0.0], [0.0, 1.0], 0.25)
    assert sum(value * value for value in mixed) == pytest.approx(1.0)
    assert mixed[0] > mixed[1] > 0


def test_a_repetition_has_nearly_the_same_terms():
    earlier = [frozenset(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])]
    assert is_repetition(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], earlier, at_least=0.9)
    assert not is_repetition(["a", "b", "c"], earlier, at_least=0.9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Returned shoes, returning SHOES", ["return", "shoe", "return", "shoe"]),
        ("Rückgabe für Müller", ["ruckgab", "fur", "muller"]),
        ("The shop's 14-day policies", ["the", "shop", "14", "day", "polici"]),
        ("返品方法", ["返品", "品方", "方法"]),
        ("<b>;--'", ["b"]),
        ("", []),
    ],
)
def test_terms_are_folded_and_without_endings(text, expected):
    assert terms(text) == expected


def test_telling_terms_leave_out_how_it_was_asked_unless_nothing_else_was_said():
    assert telling_terms("What is your return window? Return!") == ["return", "window"]
    assert telling_terms("who are you") == ["who", "are", "you"]


@pytest.mark.parametrize(
    ("question", "spelled"),
    [
        ("What is your return window?", "What is your return time limit?"),
        ("is there a window for returns", "is there a time limit for returns"),
        ("Do you sell roof windows?", "Do you sell roof windows?"),
        ("whats ur ETA", "what is your estimated delivery date"),
        ("How long do I have to send something back?", "How long do I have to return something?"),
        ("Can I bring it back to a shop?", "Can I return it to a shop?"),
        ("I moved back to Denver, send the bill", "I moved back to Denver, send the bill"),
    ],
)
def test_short_words_of_the_trade_are_spelled_out(question, spelled):
    assert spelled_out(question) == spelled
