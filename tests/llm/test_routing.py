"""Which tier words an answer, and why."""

import pytest

from llm.routing import Signals, Thresholds, Tier, route

BOTH = {Tier.SMALL, Tier.LARGE}

CASES = {
    "small talk": (Signals(small_talk=True, documents=3, strength=0.9), Tier.NONE),
    "a question back": (Signals(must_ask_back=True, orders=2), Tier.NONE),
    "nothing found": (Signals(strength=0.2), Tier.NONE),
    "one clear policy": (Signals(documents=1, strength=0.9), Tier.SMALL),
    "several passages of clear policies": (Signals(documents=2, strength=0.9), Tier.SMALL),
    "facts of an order": (Signals(orders=1), Tier.SMALL),
    "one order, one policy": (Signals(orders=1, documents=1, strength=0.4, intents=2), Tier.SMALL),
    "several policies on an order": (Signals(orders=1, documents=2, strength=0.9), Tier.LARGE),
    "a policy on several orders": (Signals(orders=3, documents=1, strength=0.9), Tier.LARGE),
    "weak evidence": (Signals(documents=2, strength=0.4), Tier.LARGE),
    "a comparison": (Signals(documents=2, strength=0.9, comparison=True), Tier.LARGE),
    "a complaint": (Signals(orders=1, complaint=True), Tier.LARGE),
    "many questions at once": (Signals(orders=1, intents=3), Tier.LARGE),
    "several steps": (Signals(documents=1, strength=0.9, several_steps=True), Tier.LARGE),
    "an answer that did not help": (Signals(documents=1, strength=0.9, unhelpful_before=True), Tier.LARGE),
    "small talk after it": (Signals(small_talk=True, unhelpful_before=True), Tier.NONE),
    "a policy in another language": (Signals(documents=1, strength=0.9, foreign=True), Tier.LARGE),
    "an order in another language": (Signals(orders=1, foreign=True), Tier.SMALL),
    "a long question": (Signals(orders=1, characters=900), Tier.LARGE),
}


@pytest.mark.parametrize(("signals", "tier"), CASES.values(), ids=CASES.keys())
def test_the_tier_fits_the_question(signals, tier):
    chosen = route(signals, BOTH)
    assert chosen.tier is tier and chosen.reason


@pytest.mark.parametrize(("signals", "tier"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("available", [set(), {Tier.SMALL}, {Tier.LARGE}], ids=["none", "small", "large"])
def test_only_an_available_tier_is_chosen(signals, tier, available):
    chosen = route(signals, available)
    if tier is Tier.NONE or not available:
        assert chosen.tier is Tier.NONE
    else:
        assert {chosen.tier} == available


def test_the_reason_says_when_the_wanted_model_was_not_there():
    assert "large model is not available" in route(Signals(orders=1, complaint=True), {Tier.SMALL}).reason


def test_a_shop_says_from_where_on_a_question_is_hard():
    hard = Thresholds(long_question=100, many_questions=2, weak_strength=0.95)
    for signals in (Signals(orders=1, characters=101), Signals(orders=1, intents=2), Signals(documents=1, strength=0.9)):
        assert route(signals, BOTH).tier is Tier.SMALL
        assert route(signals, BOTH, thresholds=hard).tier is Tier.LARGE
