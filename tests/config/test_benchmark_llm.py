"""The arithmetic of the benchmark of answers worded by a model, and the model it asks."""

import pytest

from benchmarks.bench_llm import asked, worded
from benchmarks.customer import Heard
from benchmarks.model_server import SENTENCES, reply_to, tokens_of
from benchmarks.sentences import lateness

POLICY = " ".join(
    f"The {thing} of the {season} collection can be returned within {days} days of the delivery."
    for days, (thing, season) in enumerate(
        ((t, s) for t in ("umbrella", "lantern", "kettle", "hammock", "tent", "stove", "rope") for s in ("spring", "autumn")), 21
    )
)
PROMPT = '<passage number="3" document="Returns" heading="Returns">\n{text}\n</passage>\n<question>\nHow long?\n</question>'


def test_the_model_quotes_the_evidence_and_each_call_begins_elsewhere():
    first, second = (reply_to(PROMPT.format(text=POLICY), start) for start in (1, 2))
    said = [sentence.removesuffix(" [3]") for sentence in first.rstrip(".").split(". ")]
    assert len(said) == SENTENCES and all(sentence in POLICY for sentence in said)
    assert first != second and said[1] in second
    assert "".join(tokens_of(first)) == first


def test_five_hundred_questions_are_each_another_one():
    assert len(set(asked(500))) == 500


def test_an_answer_belongs_to_the_call_of_its_words_that_ended_before_it_was_read():
    calls = [{"text": "So it is [1].", "asked": at, "written": [at + 0.1, at + 0.2]} for at in (1.0, 2.0, 3.0)]
    heard = Heard(1.9, [("So it is [1].", 2.3)], {"answer": "So it is [1]."})
    assert worded(heard, calls) is calls[1]
    assert worded(Heard(1.9, [], {"answer": "So it is not."}), calls) is None


def test_a_sentence_is_late_from_the_word_behind_it():
    call = {"text": "One is so [1]. Two is so [1].", "written": [1.0, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12, 1.14]}
    shown = [("One is so [1].", 1.09), (" Two is so [1].", 1.15), ("Said by nobody.", 2.0)]
    assert lateness(shown, call) == pytest.approx([10.0, 10.0])
