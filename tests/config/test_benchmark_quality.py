"""The measures of rankings that the benchmarks report."""

import math

import pytest

from benchmarks.judged import Asked, as_chat, as_keywords
from benchmarks.quality import Ranking, auroc, by_question, interval, ndcg, recall, reciprocal_rank


def test_recall_is_the_share_of_what_is_relevant():
    assert recall(["a", "x", "b"], {"a", "b", "c", "d"}, 5) == 0.5
    assert recall(["x", "a"], {"a"}, 1) == 0


def test_reciprocal_rank_looks_at_the_first_hit():
    assert reciprocal_rank(["x", "a", "b"], {"a", "b"}, 10) == 0.5
    assert reciprocal_rank(["x", "y", "a"], {"a"}, 2) == 0


def test_ndcg_is_one_for_a_perfect_ranking_and_falls_with_the_rank():
    assert ndcg(["a", "b", "x"], {"a", "b"}, 10) == pytest.approx(1)
    assert ndcg(["x", "a"], {"a"}, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg(["x"], {"a"}, 10) == 0


def test_a_question_without_a_ranking_counts_as_missed():
    values = by_question({"1": Ranking(("a",), 1.0)}, {"1": {"a"}, "2": {"b"}})
    assert values["MRR@10"] == [1.0, 0.0]


def test_the_area_counts_ties_half():
    assert auroc([2, 1], [0, 1]) == 0.875
    assert math.isnan(auroc([], [1]))


def test_the_interval_holds_zero_when_nothing_differs_and_not_when_all_do():
    assert interval([1, 0, 1], [1, 0, 1]) == (0, 0)
    low, high = interval([1.0] * 20, [0.5] * 20)
    assert low == high == 0.5


def test_questions_are_reworded_by_rule():
    asked = Asked("7", "How long do I have to return the boots?")
    assert as_keywords(asked) == "long return boots"
    assert asked.text in as_chat(asked)
    assert as_chat(asked) == as_chat(asked)


def test_history_is_pasted_in_front_without_what_was_answered():
    history = ({"role": "user", "text": "Do you sell boots?"}, {"role": "assistant", "text": "Yes."})
    assert Asked("1", "In red?", history).pasted == "Do you sell boots?\nIn red?"
