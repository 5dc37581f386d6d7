"""A call → one turn in a conversation of its own, which staff see like any other. Nothing said in it can be gone on with."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from chatbot import live
from chatbot.as_model.models import ApiCall, ApiKey
from chatbot.as_model.reading import Call
from chatbot.conversations import accept, hash_of, identity_fields
from chatbot.models import Conversation
from chatbot.turn import Question
from database.lanes import in_database
from orders.viewer import ANONYMOUS, Viewer

CHANNEL = "openai_api"

log = logging.getLogger(__name__)


async def ask(call: Call, key: ApiKey, *, at: datetime) -> Question:
    """Begin to answer; return the question, whose turn can be followed.

    Raises IdentityRefused for a signed token that is not right, OrdersUnavailable if it cannot be kept, TooBusy if there is no room.
    """
    viewer = await viewer_of(call.identity, key, at=at)
    question = await in_database(_accept, call, key, viewer, at, live.turns().check_room)
    live.turns().start(question)
    return question


async def viewer_of(identity: str | None, key: ApiKey, *, at: datetime) -> Viewer:
    """Who is asking: nobody in particular without a signed token, and nobody else than it names.

    Such a token is good for one conversation. Here each question is one, so it is good for the calls of one key.
    """
    if identity is None:
        return ANONYMOUS
    from orders import signed_identity  # loads cryptography

    signed = signed_identity.read_token(identity, trust=signed_identity.trusted(), at=at)
    return await signed_identity.use_token(signed, scope=f"api key {key.pk}", at=at)


def _accept(call: Call, key: ApiKey, viewer: Viewer, at: datetime, check_room: Callable[[], None]) -> Question:
    check_room()
    verified = identity_fields(viewer) if viewer.email else {}
    # opened by nobody: the token is thrown away
    conversation = Conversation(
        token_hash=hash_of(secrets.token_urlsafe(32)), channel=CHANNEL, created_at=at, updated_at=at, **verified
    )
    with transaction.atomic():
        conversation.save(force_insert=True)
        accepted = accept(conversation, call.text, uuid4().hex, at)
        history = [{"role": str(said.role), "text": said.text} for said in call.history]
        ApiCall.objects.create(turn_id=accepted.turn.pk, key=key, history=history)
    return replace(accepted.question, history=call.history, stands_alone=True, key=key.prefix)
