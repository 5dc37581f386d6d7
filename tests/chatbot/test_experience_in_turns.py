"""A model that falls short of nearly all is passed over, is given a question in a while, and comes back when it holds."""

import pytest

from chatbot.instructions.trying import try_out
from chatbot.instructions.wording import AS_INSTALLED
from llm.client import ModelClient
from llm.experience import FEWEST, ONE_IN
from llm.routing import Tier
from tests.factories import make_passage
from tests.fake_openai import FakeOpenAI, says
from tests.fakes import FakePolicies, fake_services

WINDOW = make_passage("You can return an item within 45 days from delivery. It must be unworn and have its tags.")
HELD, NOT_HELD = "You can return an item within 45 days from delivery [1].", "Shipping back costs $9.99."
CLEAR, HARD = "What is your return policy?", "This is unacceptable! What is your return policy?"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def shop(run_turn):
    """(ask, small, large): asks with models that are kept from question to question; a question gives its turn."""
    async with FakeOpenAI(says(NOT_HELD)) as small, FakeOpenAI(says(HELD)) as large:
        models = {
            tier: ModelClient(name, tier, server.base_url)
            for tier, name, server in ((Tier.SMALL, "tiny", small), (Tier.LARGE, "big", large))
        }
        services = fake_services(policies=FakePolicies(WINDOW), models=models)

        async def ask(text=CLEAR):
            return (await run_turn(text, services))[1]

        ask.services = services
        yield ask, small, large
        for model in models.values():
            await model.aclose()


async def test_after_a_few_answers_that_did_not_hold_clear_questions_are_answered_in_our_own_words(shop):
    ask, small, large = shop
    for _ in range(FEWEST):
        assert [call["purpose"] for call in (await ask()).route["calls"]] == ["answer", "repair", "escalation"]
    turn = await ask()
    assert (turn.tier, turn.outcome) == ("none", "answered") and "45 days" in turn.answer
    assert turn.route["reason"] == "one clear policy question; 0 of the model's last 5 answers held, so our own words"
    assert (len(small.asked), len(large.asked)) == (2 * FEWEST, FEWEST)
    hard = await ask(HARD)
    assert [(call["tier"], call["purpose"]) for call in hard.route["calls"]] == [("large", "answer")]


async def test_it_is_given_a_question_in_a_while_and_comes_back(shop):
    ask, small, _ = shop
    for _ in range(FEWEST):
        await ask()
    small.will(says(HELD))
    tiers = [(await ask()).tier for _ in range(2 * ONE_IN + 1)]
    assert [place for place, tier in enumerate(tiers, 1) if tier == "small"] == [ONE_IN, 2 * ONE_IN, 2 * ONE_IN + 1]


async def test_a_large_model_of_that_kind_is_not_escalated_to(shop):
    ask, _, large = shop
    large.will(says(NOT_HELD))
    for _ in range(FEWEST):
        await ask(HARD)
    asked = len(large.asked)
    assert [call["purpose"] for call in (await ask()).route["calls"]] == ["answer", "repair"]
    assert len(large.asked) == asked


async def test_a_server_that_fails_tells_nothing_of_its_model(shop, settings):
    ask, small, _ = shop
    small.will(says(HELD, finish="length"))
    for _ in range(FEWEST + 1):
        assert (await ask()).route["tier"] == "small"


async def test_what_staff_try_is_held_against_no_model(shop):
    ask, small, _ = shop
    for _ in range(FEWEST + 1):
        await try_out(AS_INSTALLED, CLEAR, ask.services)
    assert len(small.asked) == 2 * (FEWEST + 1)
    assert (await ask()).route["tier"] == "small"


async def test_zero_asks_any_model(shop, settings):
    settings.LLM_LEAST_HELD = 0
    ask, _, _ = shop
    for _ in range(FEWEST + 1):
        assert (await ask()).route["tier"] == "small"
