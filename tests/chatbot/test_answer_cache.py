"""Answers that are kept: for the same policy question of others, never for what is personal, and never after a withdrawal."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.test import override_settings
from django.utils import timezone

from chatbot import answer_cache
from chatbot.conversations import give_feedback, start_conversation
from chatbot.instructions.trying import try_out
from chatbot.instructions.wording import Instructions
from chatbot.models import Feedback, Turn
from chatbot.turn import TurnFinished
from llm.client import Limits, ModelClient
from llm.models import ModelCall, Price
from llm.routing import Tier
from retrieval.search import SearchResult
from tests.factories import TODAY, make_order, make_passage
from tests.fake_openai import FakeOpenAI, answers_with, says
from tests.fakes import FakeOrders, FakePolicies, fake_services

WINDOW = make_passage("You can return an item within 45 days from delivery. It must be unworn and have its tags.")
ASKED = "What is your return policy?"
REPLY = "You can return an item within 45 days from delivery [1]."
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_cache(settings):
    settings.LLM_CACHE_SECONDS = 60
    caches["answers"].clear()
    yield
    caches["answers"].clear()


@pytest.fixture
async def shop(run_turn):
    """A shop with a small model; `ask` gives the answer and the turn, `asked` counts the calls."""
    server = await FakeOpenAI(says(REPLY)).__aenter__()
    first = ModelClient("tiny", Tier.SMALL, server.base_url, "sk", Limits(first_token=2.0, total=6.0, stall=0.5, pause=0.02))

    class Shop:
        policies = FakePolicies(WINDOW)
        told = Instructions()
        model = first

        @property
        def asked(self):
            return len(server.asked)

        def will(self, *behaviours):
            server.will(*behaviours)

        def kit(self, orders=None):
            async def told():
                return self.told

            return fake_services(orders or FakeOrders(), self.policies, models={Tier.SMALL: self.model}, instructions=told)

        async def ask(self, text=ASKED, *, email="", orders=None, conversation=None):
            events, turn = await run_turn(text, self.kit(orders), email=email, conversation=conversation)
            return events[-1].answer, turn

    yield Shop()
    await first.aclose()
    await server.__aexit__(None, None, None)


async def test_the_same_question_is_paid_for_once_and_the_trace_says_what_was_saved(shop):
    await Price.objects.acreate(model="tiny", valid_from=TODAY.replace(year=2020), input_usd=1, cached_usd=1, output_usd=2)
    first, _ = await shop.ask()
    again, turn = await shop.ask("what is your RETURN policy")
    assert shop.asked == 1
    assert again.text == first.text == REPLY
    assert [c.public() for c in again.citations] == [c.public() for c in first.citations]
    assert (again.tier, again.model, again.cost_usd, again.usage["input"]) == ("small", "tiny", Decimal(0), 0)
    assert turn.route["cache"] == {"tier": "small", "model": "tiny", "input": 100, "output": 20, "cost_usd": "0.000140"}
    assert all(s["by"] == "cache" for s in turn.sentences)
    assert await ModelCall.objects.acount() == 1


async def test_what_is_withdrawn_is_gone_in_the_same_moment(shop):
    await shop.ask()
    other = replace(WINDOW, version_id=WINDOW.version_id + 1, version=WINDOW.version + 1, chunk_id=WINDOW.chunk_id + 1)
    shop.policies.result = SearchResult((other,), 0.9)
    await shop.ask()
    assert shop.asked == 2


async def test_other_instructions_readers_and_models_have_answers_of_their_own(shop):
    await shop.ask()
    shop.told = Instructions(1, "Speak softly, {shop}.")
    await shop.ask()
    assert shop.asked == 2
    await shop.ask(email="maya@example.com")  # a signed-in customer may read more
    assert shop.asked == 3
    shop.model = replace(shop.model, name="grown")
    await shop.ask()
    assert shop.asked == 4
    await shop.model.aclose()


async def test_a_greeting_and_thanks_make_no_other_question(shop):
    await shop.ask()
    for text in ("Hello! What is your return policy? Thank you very much.", "Good morning. What is your return policy? Thanks"):
        answer, turn = await shop.ask(text)
        assert answer.text == REPLY and "cache" in turn.route
    await shop.ask("What is not your return policy?")
    assert shop.asked == 2


PERSONAL = [
    "What is your return policy? My name is Ana.",
    "What is your return policy? Write to ana@example.com.",
    "What is your return policy for 20261234?",
    "What is your return policy? I'm Ana, the one with the parcel.",
    "What is your return policy for Zdenka Novotny?",
    "Can Zdenka still return a dress after 45 days?",
    "What is your return policy? I live at the harbour.",
    "What is your return policy? I've lost a leg.",
    "Was ist Ihre Rückgaberegel? Ich wohne in Kiel.",
]


@pytest.mark.parametrize("text", PERSONAL)
async def test_what_tells_of_somebody_is_never_kept(shop, text):
    await shop.ask(text)
    await shop.ask(text)
    assert shop.asked == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is the return policy the same above €50?", "Is the return policy the same above $50?"),
        ("Is the return policy the same at 10%?", "Is the return policy the same at 10?"),
        ("Is the return policy the same at -5?", "Is the return policy the same at 5?"),
        ("Is the return policy the same for 1.5 items?", "Is the return policy the same for 15 items?"),
    ],
)
async def test_a_sign_that_changes_the_meaning_makes_another_question(shop, one, other):
    await shop.ask(one)
    await shop.ask(other)
    assert shop.asked == 2
    await shop.ask(f"{one[:-1]} ?!")
    assert shop.asked == 2


async def test_whatever_is_sent_to_models_personal_data_is_never_kept(shop, settings):
    settings.LLM_REDACT = False
    for _ in range(2):
        await shop.ask("What is your return policy? Write to ana@example.com.")
    assert shop.asked == 2


async def test_an_answer_of_yesterday_is_not_given_today(shop, run_turn, monkeypatch):
    """ "Until tomorrow" is true for a day."""
    await shop.ask()
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: tomorrow)
    _, turn = await shop.ask()
    assert shop.asked == 2 and "cache" not in turn.route


async def test_what_staff_try_is_asked_anew_kept_for_nobody_and_metered_apart(shop):
    await shop.ask()
    ended = await try_out(shop.told, ASKED, shop.kit())
    assert isinstance(ended, TurnFinished) and ended.answer.text == REPLY and shop.asked == 2
    await try_out(replace(shop.told, tone="warm"), ASKED, shop.kit())
    shop.told = replace(shop.told, tone="warm")
    await shop.ask()
    assert shop.asked == 4
    assert [call.purpose async for call in ModelCall.objects.order_by("pk")] == ["answer", "trial", "trial", "answer"]


async def test_a_rule_that_a_stranger_asks_for_is_kept_and_for_a_customer_it_is_about_their_orders(shop):
    for _ in range(2):
        _, turn = await shop.ask("Can I return shoes?")
    assert shop.asked == 1 and "cache" in turn.route
    for asked in (2, 3):
        await shop.ask("Can I return shoes?", email="maya@example.com", orders=FakeOrders(make_order()))
        assert shop.asked == asked


async def test_an_answer_about_an_order_is_never_kept(shop):
    shop.will(answers_with(lambda asked: "Order #K100 is on its way."))
    for _ in range(2):
        await shop.ask("Where is order #K100?", email="maya@example.com", orders=FakeOrders(make_order()))
    assert shop.asked == 2


async def test_an_answer_that_did_not_help_is_given_to_nobody_else(shop):
    now = timezone.now()
    for tried in range(2):  # one that was worded for this customer, and one that was kept
        conversation, token = await start_conversation(channel="test", at=now)
        _, turn = await shop.ask(conversation=conversation)
        assert ("cache" in turn.route) is (tried == 1)
        await give_feedback(turn.pk, token=token, helpful=True, at=now)
        await shop.ask()
        assert shop.asked == 1 + tried
        await give_feedback(turn.pk, token=token, helpful=False, at=now)
        await shop.ask()
        assert shop.asked == 2 + tried


async def test_a_conversation_that_goes_on_keeps_and_takes_nothing(shop):
    await shop.ask()
    now = (await Turn.objects.afirst()).started_at
    conversation, _ = await start_conversation(channel="test", at=now - timedelta(minutes=5))
    await shop.ask("How long does delivery take?", conversation=conversation)
    before = shop.asked
    await shop.ask(conversation=conversation)
    assert shop.asked == before + 1


async def test_what_was_composed_or_held_back_is_not_kept(shop):
    shop.will(says("Shipping costs $9.99."))
    await shop.ask()
    shop.will(says(REPLY))
    answer, turn = await shop.ask()
    assert answer.text == REPLY and "cache" not in turn.route


async def test_a_kept_answer_that_does_not_hold_any_more_is_not_shown(shop, monkeypatch):
    await shop.ask()
    kept = answer_cache.kept

    async def changed(key):
        return replace(await kept(key), text="You can return an item within 45 days from delivery [1]. Returns cost $99 [1].")

    monkeypatch.setattr(answer_cache, "kept", changed)
    answer, turn = await shop.ask()
    assert answer.text == REPLY and shop.asked == 2
    assert "cache" not in turn.route


async def test_a_shop_may_keep_nothing(shop):
    with override_settings(LLM_CACHE_SECONDS=0):
        await shop.ask()
        await shop.ask()
    assert shop.asked == 2


class TestWrongLanguage:
    async def test_a_reply_in_another_language_is_not_shown_and_recorded(self, shop):
        shop.will(says("Sie können einen Artikel innerhalb von 45 Tagen nach der Lieferung zurückgeben [1]."))
        answer, turn = await shop.ask()
        assert "Sie können" not in answer.text and "within 45 days" in answer.text
        assert "another language" in next(s["support"] for s in turn.sentences if not s["shown"])
        assert "another language" in turn.route["calls"][0]["heard"]
        assert len(turn.route["calls"]) == 1

    async def test_a_language_that_the_shop_has_fixed_counts(self, shop):
        shop.told = Instructions(2, language="de")
        german = "Sie können einen Artikel innerhalb von 45 Tagen nach der Lieferung zurückgeben [1]."
        shop.will(says(german))
        answer, _ = await shop.ask()
        assert answer.text == german


async def test_after_a_thumb_down_the_large_model_is_wished_for(shop):
    now = timezone.now() - timedelta(minutes=1)
    conversation, token = await start_conversation(channel="test", at=now)
    _, turn = await shop.ask(conversation=conversation)
    assert "did not help" not in turn.route["reason"]
    await give_feedback(turn.pk, token=token, helpful=False, at=now)
    assert await Feedback.objects.acount() == 1
    _, turn = await shop.ask("What is your return policy for hats?", conversation=conversation)
    assert turn.route["reason"].startswith("the last answer did not help the customer")
