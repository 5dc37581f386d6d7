"""What the bot asks for before it shows a request: which order, which items, what instead, where to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from chatbot.models import PendingRequest
from chatbot.requesting import wording
from orders.records import Line, Status
from tests.chatbot.requesting.talking import ARRIVED, CAN_RETURN, EARLY, NO_SHIRTS, rows

pytestmark = pytest.mark.django_db(transaction=True)


async def test_items_are_asked_for_and_those_the_rule_excludes_are_left_out(talk):
    maya = talk(ARRIVED, rules=(CAN_RETURN, NO_SHIRTS))
    said = await maya.say("I want to return something from my order #W1001")
    assert "1. Hiking boots" in said
    said = await maya.say("all of them")
    assert "cannot be returned" in said
    assert "- Hiking boots" in said.split("I can ask")[1]
    assert "shirt" not in said.split("I can ask")[1].lower()
    await maya.say("yes please")
    assert (await rows())[0].pieces == [[1, 1, "Hiking boots"]]


async def test_named_items_and_a_reason_need_no_question(talk):
    maya = talk(ARRIVED, rules=(CAN_RETURN,))
    said = await maya.say("I want to return the boots because they are too small")
    assert "your reason: “they are too small”" in said
    assert "Linen" not in said.split("I can ask")[1]
    await maya.say("yes")
    (request,) = await rows()
    assert (request.pieces, request.reason) == ([[1, 1, "Hiking boots"]], "they are too small")


async def test_an_exchange_asks_what_for(talk):
    maya = talk(ARRIVED)
    await maya.say("I want to exchange the boots of order #W1001")
    assert wording.WHAT_INSTEAD in maya.last.text
    assert "instead: “size 43”" in await maya.say("size 43")
    await maya.say("yes")
    assert (await rows())[0].instead == "size 43"


async def test_an_address_is_asked_for_until_it_is_one(talk):
    maya = talk()
    assert wording.WHICH_ADDRESS in await maya.say("Please change the address of my order")
    assert wording.NOT_AN_ADDRESS in await maya.say("my office")
    assert "new address: 12 Elm Street, Denver, CO 80203" in await maya.say("12 Elm Street\nDenver, CO 80203")
    await maya.say("yes")
    assert (await rows())[0].address == "12 Elm Street\nDenver, CO 80203"


async def test_a_missing_parcel(talk):
    maya = talk(ARRIVED)
    assert "look for a parcel" in await maya.say("It says delivered but I never got my parcel")
    await maya.say("yes")
    assert (await rows())[0].kind == "missing parcel"


async def test_a_parcel_in_time_is_not_reported_missing(talk):
    maya = talk(replace(EARLY, status=Status.IN_TRANSIT, estimated_on=(timezone.now() + timedelta(days=3)).date()))
    await maya.say("my parcel has not arrived yet")
    assert not await PendingRequest.objects.aexists()


async def test_which_order_is_asked_first(talk):
    other = replace(EARLY, number="#W7777777", lines=(Line(1, "Tent"),))
    maya = talk(EARLY, other)
    await maya.say("I want to cancel my order")
    assert maya.last.suggestions == ("#W2378156", "#W7777777")
    assert "cancel order **#W7777777**" in await maya.say("#W7777777")
    await maya.say("yes")
    assert (await rows())[0].order_number == "#W7777777"
