"""A call → one turn in a conversation of its own, which staff see like any other. Nothing said in it can be gone on with.

A call that names itself (Idempotency-Key) and comes again, because its reply was lost, is the same turn: its conversation has an id
that follows from the name, so the database lets there be only one.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from chatbot import live
from chatbot.api import run
from chatbot.as_model.models import ApiCall, ApiKey
from chatbot.as_model.reading import Call
from chatbot.conversations import Accepted, accept, hash_of, identity_fields
from chatbot.errors import SameKeyOtherText
from chatbot.models import Conversation
from database.lanes import in_database
from orders.viewer import ANONYMOUS, Viewer

CHANNEL = "openai_api"


async def ask(call: Call, key: ApiKey, *, named: str = "", at: datetime) -> Accepted:
    """Begin to answer, unless the call came before; return the question, whose turn can be followed.

    named: what the caller calls this call, "" for one of which nothing is known. Raises IdentityRefused for a signed token that is
    not right, SameKeyOtherText for a name that another call had, OrdersUnavailable if it cannot be kept, TooBusy if there is no room.
    """
    viewer = await viewer_of(call.identity, key, at=at)
    accepted = await in_database(_accept, call, key, viewer, named, at, live.turns().check_room)
    await run(accepted)
    return accepted


async def viewer_of(identity: str | None, key: ApiKey, *, at: datetime) -> Viewer:
    """Who is asking: nobody in particular without a signed token, and nobody else than it names.

    Such a token is good for one conversation. Here each question is one, so it is good for the calls of one key.
    """
    if identity is None:
        return ANONYMOUS
    from orders import signed_identity  # loads cryptography

    signed = signed_identity.read_token(identity, trust=signed_identity.trusted(), at=at)
    return await signed_identity.use_token(signed, scope=f"api key {key.pk}", at=at)


def _accept(call: Call, key: ApiKey, viewer: Viewer, named: str, at: datetime, check_room: Callable[[], None]) -> Accepted:
    check_room()
    # opened by nobody: the token is thrown away
    conversation = Conversation(
        pk=_id_of(key, named) if named else uuid4(),
        token_hash=hash_of(secrets.token_urlsafe(32)),
        channel=CHANNEL,
        created_at=at,
        updated_at=at,
        **_verified(viewer),
    )
    history = [{"role": str(said.role), "text": said.text} for said in call.history]
    try:
        with transaction.atomic():
            conversation.save(force_insert=True)
            accepted = accept(conversation, call.text, conversation.pk.hex, at)
            ApiCall.objects.create(turn_id=accepted.turn.pk, key=key, history=history)
    except IntegrityError:
        if not named:
            raise
        accepted = _again(conversation.pk, call, viewer, history, at)
    question = replace(accepted.question, history=call.history, stands_alone=True, key=key.prefix)
    return replace(accepted, question=question)


def _again(conversation_id: UUID, call: Call, viewer: Viewer, history: list[dict[str, str]], at: datetime) -> Accepted:
    """The turn of a call that came before: for the same person, with the same words. Raises SameKeyOtherText."""
    conversation = Conversation.objects.get(pk=conversation_id)
    before = ApiCall.objects.get(turn__conversation=conversation)
    if conversation.email != (viewer.email or "") or before.history != history:
        raise SameKeyOtherText(conversation_id.hex)
    for name, value in _verified(viewer).items():  # the token may be a newer one
        setattr(conversation, name, value)
    conversation.save(update_fields=list(_verified(viewer)))
    return accept(conversation, call.text, conversation_id.hex, at)


def _verified(viewer: Viewer) -> dict[str, object]:
    return identity_fields(viewer) if viewer.email else {}


def _id_of(key: ApiKey, named: str) -> UUID:
    """The id of the conversation for a call of that name: another for each API key, and nobody can work it out."""
    digest = salted_hmac("chatbot.as_model.asking", f"{key.pk} {named}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)
