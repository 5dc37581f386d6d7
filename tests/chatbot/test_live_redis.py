"""What happens in one process reaches the customers of another, through Redis."""

import asyncio
import os
import sys

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from chatbot import conversations, fanout, liveness
from chatbot.models import Conversation, Turn
from tests.chatbot.scripted import Customer, frames

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not settings.REDIS_URL, reason="needs REDIS_URL: python -m tests.servers pytest"),
    pytest.mark.django_db(transaction=True),
]

ANNOUNCE = "import sys, uuid, django; django.setup(); from chatbot import fanout; fanout.announce(uuid.UUID(sys.argv[1]))"


async def test_a_change_that_another_process_announces_is_shown(async_client, monkeypatch):
    monkeypatch.setattr(fanout, "POLL_SECONDS", 1000)  # only Redis can tell
    customer = await Customer.start(async_client)
    conversation = await Conversation.objects.aget(pk=customer.id)
    stream = frames(await customer.events())
    reader = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.3)
    await sync_to_async(conversations.add_message)(conversation.pk, conversations.Role.STAFF, "From afar.", timezone.now())
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", ANNOUNCE, str(conversation.pk), env=environment)
    assert await other.wait() == 0
    assert (await asyncio.wait_for(reader, 5))["data"]["text"] == "From afar."
    await stream.aclose()


async def test_a_turn_that_another_process_is_answering_is_not_taken_for_dead(async_client):
    customer = await Customer.start(async_client)
    conversation = await Conversation.objects.aget(pk=customer.id)
    before = timezone.now() - 2 * liveness.YOUNG
    turn: Turn = (await conversations.accept_question(conversation, "Where is it?", "one", at=before)).turn
    assert await liveness.is_dead(turn, now=timezone.now())
    async with liveness.beating(turn.pk):
        await asyncio.sleep(0.2)
        assert not await liveness.is_dead(turn, now=timezone.now())
    await sync_to_async(cache.clear)()
