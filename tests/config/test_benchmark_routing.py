"""The arithmetic of the benchmark of the routing."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from benchmarks.bench_routing import shared_out
from benchmarks.routing_cases import Signpost
from benchmarks.routing_curve import (
    COMPOSED,
    LARGE_ALONE,
    LARGE_FIRST,
    SMALL_ALONE,
    SMALL_FIRST,
    Graded,
    Tokens,
    Tried,
    curve,
    experienced,
    fitted,
    grid,
    routed,
    total,
)
from benchmarks.routing_picture import Point, picture
from benchmarks.routing_report import Setting, drawn, goals, section, settings_table
from llm.experience import FEWEST
from llm.routing import Signals, Thresholds, Tier

USUAL = Thresholds()
SETTING = Setting("little", "big", 10, graded=9, reach=4, context=4096, answer=400, usual=USUAL, least=0.25)


def question(*, strength: float = 0.9, fits: bool = True, small_right: bool = True, large_right: bool = True, **signals) -> Graded:
    """A policy question. The small model takes 100 tokens, the large one 1000; the small one never needs the large one's help."""
    small = Tried(() if small_right else ("misses 'x'",), Tokens(small_in=80, small_out=20), ms=10.0, own_words=True)
    large = Tried(() if large_right else ("misses 'x'",), Tokens(large_in=800, large_out=200), ms=100.0, own_words=True)
    tried = {COMPOSED: Tried((), ms=1.0), SMALL_ALONE: small, SMALL_FIRST: small, LARGE_ALONE: large, LARGE_FIRST: large}
    return Graded("demo", "Can I?", fits, Signals(documents=1, strength=strength, **signals), tried)


def test_the_tokens_of_all_calls_of_a_turn_count_each_for_its_model():
    calls = [
        {"tier": "small", "purpose": "answer", "input": 100, "output": 10},
        {"tier": "small", "purpose": "repair", "input": 120, "output": 5},
        {"tier": "large", "purpose": "escalation", "input": 130, "output": 20},
    ]
    tokens = Tokens.of(calls)
    assert tokens == Tokens(small_in=220, small_out=15, large_in=130, large_out=20)
    assert tokens.weighed(10) == 150 + 23.5
    assert tokens + Tokens(large_in=1) == Tokens(220, 15, 131, 20)


def test_with_experience_a_model_whose_answers_do_not_hold_is_passed_over_after_a_few():
    def falls_short(strength: float = 0.9) -> Graded:
        made = question(strength=strength)
        missed = replace(made.tried[SMALL_ALONE], own_words=False)
        return replace(made, tried={**made.tried, SMALL_ALONE: missed, SMALL_FIRST: replace(missed, own_words=True)})

    before, then = (
        [falls_short() for _ in range(FEWEST)],
        [falls_short(), falls_short(strength=0.2), *[falls_short() for _ in range(9)]],
    )
    choose = experienced(before, then, USUAL, least=0.25)
    assert [choose(one) for one in before] == [SMALL_FIRST] * FEWEST
    assert [choose(one) for one in then] == [COMPOSED, LARGE_FIRST, *[COMPOSED] * 8, SMALL_FIRST]
    asks_any = experienced(before, then, USUAL, least=0.0)
    assert {asks_any(one) for one in then} == {SMALL_FIRST, LARGE_FIRST}


def test_a_policy_comes_to_what_each_question_took_on_the_way_it_was_sent():
    easy, hard, lost = question(), question(strength=0.2), question(large_right=False)
    result = total([easy, hard, lost], routed(USUAL))
    assert (result.questions, result.correct, result.also, result.large_asked) == (3, 3, 2, 1)
    assert result.tokens == Tokens(160, 40, 800, 200)
    assert result.ms == 10.0
    with pytest.raises(ValueError, match="no questions"):
        total([], routed(USUAL))


def test_a_question_that_needs_no_model_costs_nothing_whatever_the_thresholds():
    greeting = question(small_talk=True)
    assert {routed(thresholds)(greeting) for thresholds in grid(USUAL)} == {COMPOSED}


def test_without_escalation_a_small_model_is_alone():
    assert routed(USUAL)(question()) == SMALL_FIRST
    assert routed(USUAL, escalates=False)(question()) == SMALL_ALONE
    assert routed(USUAL, escalates=False)(question(strength=0.2)) == LARGE_FIRST


def test_the_fit_spends_least_among_what_keeps_the_right_answers():
    questions = [question(strength=0.55, small_right=False), *(question(strength=0.85) for _ in range(19))]
    found = fitted(questions, USUAL, ratio=10, share=1.0)
    assert found == Thresholds(USUAL.long_question, USUAL.many_questions, 0.6)
    assert total(questions, routed(found)).correct == 20
    assert fitted(questions, USUAL, ratio=10, share=0.95) == USUAL


def test_the_fit_changes_nothing_that_the_questions_cannot_tell_apart():
    other = Thresholds(long_question=333, many_questions=3, weak_strength=0.45)
    assert fitted([question(), question()], USUAL, ratio=10) == USUAL
    assert fitted([question(), question()], other, ratio=10) == other


def test_where_nothing_keeps_enough_the_fit_keeps_the_most():
    # a complaint goes to the large model, whose only failing is there: no threshold helps
    questions = [
        question(strength=0.45, small_right=False, characters=60),
        question(complaint=True, large_right=False),
        question(),
    ]
    found = fitted(questions, Thresholds(weak_strength=0.0), ratio=10, share=1.5)
    assert total(questions, routed(found)).correct == 2


def test_the_curve_runs_from_no_model_to_everything_large_past_what_is_shipped():
    names = [name for name, _ in curve(Thresholds(long_question=333))]
    assert names[0] == "composed, no model"
    assert names[-1] == "everything large"
    assert "LLM_LONG_QUESTION=333" in names


def test_settings_that_come_to_the_same_share_a_row():
    questions = [question(strength=0.55), question(strength=0.55, fits=False)]
    _, rows = settings_table(questions[:1], questions[1:], SETTING)
    weak = [row for row in rows if row[0].startswith("LLM_WEAK")]
    assert [row[0] for row in weak] == ["LLM_WEAK_STRENGTH=0, 0.3, 0.4, 0.5", "LLM_WEAK_STRENGTH=0.6, 0.7, 0.8, 0.9"]
    assert weak[0][2] == "1%"
    assert weak[1][2] == "100%"


def test_the_goal_is_told_of_the_questions_that_were_not_fitted_on():
    questions = [question(small_right=False), question(fits=False), question(fits=False, large_right=False)]
    measured = {what: value for what, value, _ in goals(questions[:1], questions[1:], SETTING)}
    assert measured["right answers of the routing, of those of the large model"] == "200%"
    assert measured["tokens, small ones counted at 1/10, of the large model's"] == "1%"
    assert measured["tokens of the large model alone, the same"] == "0%"
    text = section(questions, SETTING, head="today", image="curve.svg")
    assert "2 of 2" in text
    assert "the other 2 are what is reported" in text


def test_the_picture_is_well_formed_and_names_every_place_once():
    points = [Point("everything large", 1.0, 0.5, True), Point("a <b>", 0.1, 0.5, True), Point("same", 0.1, 0.5)]
    drawing = ElementTree.fromstring(picture(points, most_cost=0.4, least_correct=0.475))
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert "a <b>, same" in texts
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}circle"))) == 2
    assert ElementTree.fromstring(drawn([question(), question(fits=False)], SETTING)) is not None


def test_questions_are_shared_out_evenly():
    assert shared_out(7, ["a", "b", "c"]) == [("a", 3), ("b", 2), ("c", 2)]


def test_the_signpost_sends_only_what_a_model_may_answer():
    signpost = Signpost()
    signpost.to = Tier.LARGE
    assert signpost(Signals(documents=1, strength=0.9), {Tier.LARGE}).tier is Tier.LARGE
    assert signpost(Signals(small_talk=True), {Tier.LARGE}).tier is Tier.NONE
    assert signpost.signals == Signals(small_talk=True)
