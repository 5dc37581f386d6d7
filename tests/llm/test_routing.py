"""Which tier words an answer, and why."""

import pytest

from llm.routing import Signals, Tier, route

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
