"""A conversation, its question, and a turn run to its end."""

from uuid import uuid4

import pytest
from django.utils import timezone

from chatbot.answering import answer_turn
from chatbot.conversations import accept_question, identify, start_conversation
from chatbot.models import Turn
from orders.viewer import Method, Viewer


@pytest.fixture
def run_turn():
    """Ask in a new conversation (or a given one); return the events and the stored turn."""

    async def run(text, services, *, email="maya@example.com", conversation=None):
        now = timezone.now()
        if conversation is None:
            conversation, _ = await start_conversation(channel="test", at=now)
        if email:
            await identify(conversation, Viewer(email, Method.OPERATOR))
        accepted = await accept_question(conversation, text, uuid4().hex, at=now)
        events = [event async for event in answer_turn(accepted.question, services)]
        return events, await Turn.objects.aget(pk=accepted.turn.pk)

    return run
