"""The arithmetic of the benchmark of answers worded by a model, and the model it asks."""

import pytest

from benchmarks.llm_streams import POLICY
from benchmarks.model_server import SENTENCES, reply_to, tokens_of
from benchmarks.sentences import lateness

PROMPT = '<passage number="3" document="Returns" heading="Returns">\n{text}\n</passage>\n<question>\nHow long? (case {case})\n</question>'


def test_the_model_quotes_the_evidence_and_each_case_begins_elsewhere():
    first, second = (reply_to(PROMPT.format(text=POLICY, case=case)) for case in (1, 2))
    said = [sentence.removesuffix(" [3]") for sentence in first.rstrip(".").split(". ")]
    assert len(said) == SENTENCES and all(sentence in POLICY for sentence in said)
    assert first != second and said[1] in second
    assert "".join(tokens_of(first)) == first


def test_every_sentence_of_the_policy_is_another():
    sentences = POLICY.rstrip(".").split(". ")
    assert len(set(sentences)) == len(sentences) == 24


def test_a_sentence_is_late_from_the_word_behind_it():
    call = {"text": "One is so [1]. Two is so [1].", "written": [1.0, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12, 1.14]}
    shown = [("One is so [1].", 1.09), (" Two is so [1].", 1.15), ("Said by nobody.", 2.0)]
    assert lateness(shown, call) == pytest.approx([10.0, 10.0])
