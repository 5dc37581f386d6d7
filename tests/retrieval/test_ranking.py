"""Which passages are offered, and in which order: title, document, repetition, the parts of a long question."""

from dataclasses import dataclass, field

import pytest

from retrieval.index.fusion import Why, fuse, weigh
from retrieval.ranking import Reading, diverse, with_subject
from retrieval.tuning import SHIPPED, Tuning
from retrieval.words import terms


@dataclass(frozen=True)
class Found:
    chunk_id: int
    score: float
    slug: str = "returns"
    text: str = ""
    why: Why = field(default_factory=Why)


def found(chunk_id, score, **values):
    return Found(chunk_id, score, text=values.pop("text", f"word{chunk_id}"), why=Why(parts={"dense": score}), **values)


def offered(passages, k=3, tuning=SHIPPED):
    return [p.chunk_id for p in diverse(passages, k, tuning, terms_in=lambda text: frozenset(terms(text)))]


def test_a_question_that_names_a_document_raises_its_passages():
    tuning, why = Tuning(title_weight=0.3), Why(parts={"dense": 0.4})
    readings = [Reading.of("what is your return policy", tuning)]
    raised = with_subject(why, "Returns", readings, tuning)
    assert raised.parts["title"] == pytest.approx(0.3)
    assert raised.score == pytest.approx(0.7)
    assert with_subject(why, "Delivery", readings, tuning).score == pytest.approx(0.4)


def test_the_part_that_a_passage_answers_may_name_its_document():
    texts = ("hello from the lake; return policy please", "hello from the lake", "return policy")
    readings = [Reading.of(text, SHIPPED) for text in texts]
    assert readings[2].names("Returns") == 1.0 > readings[0].names("Returns")
    answers_it, answers_other = (with_subject(Why(part=part), "Returns", readings, SHIPPED) for part in (1, 0))
    assert answers_it.score > answers_other.score


def test_a_passage_steps_back_for_better_ones_of_its_document_but_a_much_better_one_stays():
    close = [found(1, 0.60), found(2, 0.59), found(3, 0.57, slug="delivery")]
    assert offered(close, tuning=Tuning(document_step=0.05)) == [1, 3, 2]
    assert offered(close, tuning=Tuning(document_step=0.0)) == [1, 2, 3]
    far = [found(1, 0.60), found(2, 0.59), found(3, 0.40, slug="delivery")]
    assert offered(far, tuning=Tuning(document_step=0.05)) == [1, 2, 3]


def test_what_is_offered_is_best_first_and_its_score_the_sum_of_its_parts():
    passages = diverse([found(n, 0.6 - n / 100) for n in range(6)], 4, SHIPPED, terms_in=lambda text: frozenset(terms(text)))
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert all(passage.score == pytest.approx(passage.why.score) for passage in passages)


def test_a_passage_that_says_again_what_a_better_one_says_is_left_out():
    same = [found(1, 0.6, text="earrings cannot be returned"), found(2, 0.5, slug="faq", text="Earrings cannot be returned.")]
    assert offered(same) == [1]
    assert offered(same, tuning=Tuning(repetition=0.0)) == [1, 2]


def test_a_passage_counts_as_what_it_says_to_the_whole_and_to_the_part_it_answers_best():
    whole = weigh({1: 0.4, 2: 0.3}, {}, best_lexical=1.0, dense_weight=1.0)
    parts = [
        weigh({2: 0.9, 3: 0.1}, {}, best_lexical=1.0, dense_weight=1.0),
        weigh({1: 0.1, 2: 0.1}, {}, best_lexical=1.0, dense_weight=1.0),
    ]
    first, second, *_ = fuse(whole, parts, part_share=0.5)
    assert (first.chunk_id, first.why.part, first.score) == (2, 0, pytest.approx(0.5 * 0.3 + 0.5 * 0.9))
    assert second.chunk_id == 1
    assert [entry.chunk_id for entry in fuse(whole)] == [1, 2]
    assert fuse(whole)[0].why.part is None
