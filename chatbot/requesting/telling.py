"""What the shop decides about a request: written down, told in the conversation it was made in, and sent to the shop's system."""

import asyncio
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from chatbot.conversations import add_message
from chatbot.fanout import announce
from chatbot.models import Conversation
from chatbot.requesting import wording
from chatbot.turn import Role
from orders import requests, requests_outbox
from orders.requests_values import By, Changed, State
from retrieval import queueing

SEND = "orders.tasks.send_request_messages"
_waking: set["asyncio.Task[None]"] = set()


def decide(
    request_id: UUID, state: State, *, by: By, who: str = "", note: str = "", at: datetime, message_id: str | None = None
) -> Changed:
    """Bring a request into a state and tell its customer, in one transaction. Raises UnknownRequest, RequestRefused.

    The message is shown to its customer alone, while they are signed in. A conversation that was deleted is told nothing.
    """
    with transaction.atomic():
        changed = requests.decide(request_id, state, by=by, who=who, note=note, at=at, message_id=message_id)
        if changed.is_new and changed.conversation_id is not None:
            _tell(changed, changed.conversation_id, at)
    if changed.is_new and by is not By.SHOP and requests_outbox.is_configured():
        queueing.send(SEND)
    return changed


def wake_the_worker() -> None:
    """Have the worker look at the outbox now, beside the running turn; a broker that is down costs half a minute and nothing else."""
    if requests_outbox.is_configured():
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(queueing.send, SEND))
        _waking.add(task)
        task.add_done_callback(_waking.discard)


def _tell(changed: Changed, conversation_id: UUID, at: datetime) -> None:
    # writing the row locks it, so that no other message takes the same place
    if Conversation.objects.filter(pk=conversation_id).update(updated_at=at):
        add_message(conversation_id, Role.STAFF, wording.news(changed.request, shop=settings.SHOP_NAME), at, private=True)
        transaction.on_commit(lambda: announce(conversation_id))
