"""Whose request it is, and how it stands when it is filed."""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chatbot.conversations import forget_identity
from chatbot.models import PendingRequest
from chatbot.requesting import telling, wording
from orders.requests_values import By, State
from tests.chatbot.requesting.talking import CAN_CANCEL, rows

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_foreign_order_is_like_one_that_does_not_exist(talk):
    eve = talk(email="eve@example.com")
    foreign = await eve.say("Please cancel order #W2378156")
    unknown = await eve.say("Please cancel order #W9999999")
    assert foreign.replace("#W2378156", "N") == unknown.replace("#W9999999", "N")
    assert await rows() == []
    assert not await PendingRequest.objects.aexists()


async def test_who_signed_out_in_between_files_nothing(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await forget_identity(maya.conversation)
    assert not (await maya.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_another_conversation_of_the_same_customer_does_not_agree(talk):
    maya, elsewhere = talk(rules=(CAN_CANCEL,)), talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    assert not (await elsewhere.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_the_state_is_told_to_its_customer_in_any_conversation_and_to_nobody_else(talk):
    maya, elsewhere, eve = talk(rules=(CAN_CANCEL,)), talk(rules=(CAN_CANCEL,)), talk(email="eve@example.com")
    await maya.say("Please cancel my order")
    await maya.say("yes")
    assert "Nobody has decided yet" in await elsewhere.say("What about my cancellation?")
    assert "decided" not in await eve.say("What about my cancellation?")
    assert "Nobody has decided yet" in await elsewhere.say("Where is my order #W2378156?")


async def test_what_staff_decide_stands_in_the_conversation_with_their_note(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    (request,) = await rows()
    await sync_to_async(telling.decide)(
        request.pk, State.DECLINED, by=By.STAFF, who="sam", note="It left an hour ago.", at=timezone.now()
    )
    last = [message async for message in maya.conversation.messages.order_by("seq")][-1]
    assert (last.role, last.private) == ("staff", True)
    assert "has declined your request to cancel order **#W2378156**" in last.text
    assert "“It left an hour ago.”" in last.text
    assert "was declined by Kite & Co" in await maya.say("What about my cancellation?")


async def test_a_yes_to_a_colleague_is_none_to_the_request(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please change the address of my order to 12 Elm Street, Denver, CO 80203")
    await maya.say("yes")
    await maya.say("Please cancel my order")
    agree = maya.last.suggestions[0]
    (request,) = await rows()
    note = {"who": "sam", "note": "Shall I call you?", "at": timezone.now()}
    await sync_to_async(telling.decide)(request.pk, State.ACCEPTED, by=By.STAFF, **note)
    assert (await maya.say("yes")).startswith(wording.UNCLEAR)
    assert len(await rows()) == 1
    assert (await maya.say(agree)).startswith("I have asked")


async def test_a_request_outlives_the_conversation_and_keeps_none_of_its_words(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order, my neighbour Ingrid told me to")
    await maya.say("yes")
    await maya.conversation.adelete()
    (request,) = await rows()
    assert "Ingrid" not in str(request.__dict__)
    changed = await sync_to_async(telling.decide)(request.pk, State.ACCEPTED, by=By.STAFF, who="sam", note="", at=timezone.now())
    assert changed.is_new


async def test_a_request_is_taken_back_on_a_yes(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    assert "I can take back your request" in await maya.say("Please withdraw my request")
    assert "I have taken back your request" in await maya.say("Yes, take it back")
    assert (await rows())[0].state == "withdrawn"
