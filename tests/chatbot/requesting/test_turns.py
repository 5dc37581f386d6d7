"""Requests in whole turns: from the wish to the row, and everything that may come between."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from chatbot.composing import phrases
from chatbot.models import PendingRequest, Turn
from chatbot.requesting import wording
from chatbot.requesting.values import FRESH
from llm.routing import Tier
from orders.records import Status
from tests.chatbot.requesting.talking import ARRIVED, CAN_CANCEL, CAN_RETURN, EARLY, rows

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_wish_is_shown_agreed_to_and_filed(talk):
    maya = talk(rules=(CAN_CANCEL,))
    said = await maya.say("Please cancel my order, I ordered by mistake")
    assert "I can ask Kite & Co to cancel order **#W2378156**" in said
    assert wording.NOTHING_YET in said
    assert (maya.last.outcome, maya.last.suggestions) == ("answered", ("Yes, ask the shop to cancel #W2378156", wording.NO))
    assert await rows() == []
    said = await maya.say(maya.last.suggestions[0])
    assert said.startswith("I have asked Kite & Co to cancel order **#W2378156**")
    (request,) = await rows()
    assert (request.kind, request.order_number, request.email, request.state) == ("cancel", "#W2378156", "maya@example.com", "open")
    assert (request.allowed, request.rules, request.reason) == ("yes", [1], "I ordered by mistake")
    assert request.quotes[0]["document"] == "Orders"
    assert request.snapshot["status"] == "processing"
    assert request.conversation_id == maya.conversation.pk


async def test_the_rule_says_no_and_a_person_is_offered(talk):
    maya = talk(replace(EARLY, status=Status.SHIPPED), rules=(CAN_CANCEL,))
    said = await maya.say("Please cancel my order")
    assert "can no longer be cancelled" in said
    assert phrases.OFFER in said
    assert not await PendingRequest.objects.aexists()
    assert phrases.HANDED_OFF in await maya.say("yes")
    assert await rows() == []


async def test_without_a_rule_a_person_decides_and_the_policy_is_quoted(talk):
    maya = talk()
    said = await maya.say("I want to cancel my order")
    assert wording.SHOP_DECIDES in said
    assert "until they are sent" in said
    await maya.say("yes")
    (request,) = await rows()
    assert (request.allowed, request.rules) == ("", [])
    assert "until they are sent" in request.quotes[0]["text"]


@pytest.mark.parametrize("text", ["No, leave it as it is", "no", "never mind"])
async def test_a_no_ends_it(talk, text):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    assert await maya.say(text) == wording.DROPPED
    assert not (await maya.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_another_subject_leaves_it_behind(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    assert "#W2378156" in await maya.say("Where is my order?")
    assert not (await maya.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_a_second_yes_files_nothing_more(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    assert "I have not asked again" in await maya.say("yes")
    assert len(await rows()) == 1


async def test_asking_for_the_same_again_tells_how_it_stands(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    said = await maya.say("I want to cancel order #W2378156")
    assert "I have not asked again: your request" in said
    assert wording.NOTHING_YET not in said


async def test_what_waits_for_the_shop_is_not_said_to_be_out_of_reach(talk):
    maya = talk()
    await maya.say("Please cancel my order")
    await maya.say("yes")
    for again in ("I want to cancel order #W2378156", "Can I cancel #W2378156?", "Yes, ask the shop to cancel it"):
        said = await maya.say(again)
        assert "waits for Kite & Co" in said
        assert "myself" not in said


async def test_an_order_that_changed_between_is_shown_again_and_held_against_the_rule_anew(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    maya.orders.records = (replace(EARLY, status=Status.PENDING),)
    said = await maya.say("yes")
    assert said.startswith(wording.NOT_THE_SAME)
    maya.orders.records = (replace(EARLY, status=Status.SHIPPED),)
    assert "can no longer be cancelled" in await maya.say("yes")
    assert await rows() == []


async def test_an_order_that_is_cancelled_meanwhile_is_not_asked_for(talk):
    maya = talk()
    await maya.say("Please cancel my order")
    maya.orders.records = (replace(EARLY, status=Status.CANCELLED),)
    said = await maya.say("yes")
    assert said.startswith("I have not asked for it, because order **#W2378156** has been cancelled.")
    assert await rows() == []


async def test_a_late_yes_shows_it_again(talk):
    maya, now = talk(rules=(CAN_CANCEL,)), timezone.now()
    await maya.say("Please cancel my order", at=now)
    later = now + FRESH + timedelta(minutes=1)
    assert (await maya.say("yes", at=later)).startswith(wording.EXPIRED)
    assert (await maya.say("yes", at=later + timedelta(minutes=1))).startswith("I have asked")


async def test_the_same_turn_answered_again_files_once_and_says_the_same(talk):
    """The process died after the request was filed and before the turn was stored; the turn is taken up again."""
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    first = await maya.say("yes")
    await Turn.objects.filter(pk=maya.question.turn_id).aupdate(state=Turn.State.RUNNING)
    await maya.conversation.messages.filter(pk=maya.question.turn_id).adelete()
    assert await maya.answer(maya.question) == first
    assert len(await rows()) == 1


async def test_a_source_that_is_down_files_nothing_and_a_later_yes_does(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    maya.orders.down = True
    assert wording.NOTHING_ASKED in await maya.say("yes")
    maya.orders.down = False
    assert (await maya.say("yes")).startswith("I have asked")


async def test_no_model_words_any_of_it(talk):
    class Talkative:
        name, is_available = "talkative", True

        async def stream(self, *_, **__):
            raise AssertionError("a model was asked")
            yield ""

    maya = talk(rules=(CAN_CANCEL,), models={Tier.SMALL: Talkative(), Tier.LARGE: Talkative()})
    await maya.say("Please cancel my order")
    await maya.say("yes")
    await maya.say("What about my cancellation?")
    turns = [turn async for turn in maya.conversation.turns.all()]
    assert [turn.tier for turn in turns] == ["none"] * 3


async def test_a_question_about_the_rule_offers_to_ask(talk):
    maya = talk(ARRIVED, rules=(CAN_RETURN,))
    said = await maya.say("Can I still return order #W1001?")
    assert "can still be returned" in said
    assert wording.NOTHING_YET not in said
    assert maya.last.suggestions[0] == "I want to return it"
    assert "Which items" in await maya.say("I want to return it")
