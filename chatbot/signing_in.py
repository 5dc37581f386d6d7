"""A customer proves an e-mail address for one conversation: with a one-time code, or by what the shop's own site has signed."""

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from chatbot import belonging, conversations
from chatbot.models import Conversation
from chatbot.throttling import network_of
from database.lanes import in_database

log = logging.getLogger(__name__)

CODE_SENT = "If we know this address, a code is on its way to it. Please enter it here; it is valid for a few minutes."
CODE_SENT_FOR_ORDER = (
    "If that order was placed with this address, a code is on its way to it. Please enter it here; it is valid for a few minutes."
)
SIGNED_IN = "Thank you, you are signed in."


async def ask_for_code(
    conversation: Conversation, email: str, *, order_number: str = "", address: str, at: datetime
) -> tuple[str, str | None]:
    """Have a code sent. Return the sentence for the customer, the same for a known and an unknown address, and the demo's code.

    Raises EmailRefused, TooManyCodes, OrdersUnavailable or AnotherPerson.
    """
    from orders.verification import request_code

    _check_owner(conversation, email)
    code = await request_code(
        email, scope=str(conversation.pk), address=network_of(address), at=at, order_number=order_number.strip()
    )
    return (CODE_SENT_FOR_ORDER if order_number.strip() else CODE_SENT), code


async def prove(conversation: Conversation, email: str, code: str, *, address: str, at: datetime) -> str:
    """Tie the conversation to the address if the code is right. Raises CodeRefused, TooManyCodes, OrdersUnavailable or AnotherPerson."""
    from orders.verification import confirm_code

    viewer = await confirm_code(email, code, scope=str(conversation.pk), address=network_of(address), at=at)
    await conversations.identify(conversation, viewer)
    return SIGNED_IN


async def accept_token(conversation: Conversation, token: str, *, at: datetime) -> str:
    """Tie the conversation to the customer that a signed token names. Raises IdentityRefused, OrdersUnavailable or AnotherPerson."""
    from orders import signed_identity
    from orders.errors import IdentityRefused

    try:
        signed = signed_identity.read_token(token, trust=signed_identity.trusted(), at=at)
        belonging.check_owner(conversation, signed.email)  # before the token is used up here
        viewer = await signed_identity.use_token(signed, scope=str(conversation.pk), at=at)
    except IdentityRefused as error:
        log.warning("a signed token was refused: %s", error)
        raise
    await conversations.identify(conversation, viewer)
    return SIGNED_IN


async def accept_hash(conversation: Conversation, email: str, identifier_hash: str, *, at: datetime) -> str:
    """Tie the conversation to an address that the shop's site has signed. Raises IdentityRefused or AnotherPerson."""
    from orders import signed_identity
    from orders.errors import IdentityRefused

    try:
        proved = signed_identity.check_hash(email, identifier_hash, trust=signed_identity.trusted())
    except IdentityRefused as error:
        log.warning("a signed e-mail address was refused: %s", error)
        raise
    await conversations.identify(conversation, signed_identity.use_hash(proved, at=at))
    return SIGNED_IN


async def sign_out(conversation: Conversation, *, at: datetime) -> None:
    """Forget who asks. What was said stays theirs, and a signed token that brought them here is good for nothing any more."""
    from orders.signed_identity import end_tokens

    await conversations.forget_identity(conversation)
    await in_database(end_tokens, str(conversation.pk), at)


def belongs_to_another(conversation: Conversation, email: str) -> bool:
    """Whether somebody with another address than that one has signed in in this conversation."""
    from chatbot.errors import AnotherPerson
    from orders.errors import EmailRefused

    try:
        _check_owner(conversation, email)
    except AnotherPerson:
        return True
    except EmailRefused:
        return False
    return False


def signed_in(conversation: Conversation | None) -> dict[str, Any] | None:
    """The address that counts in this conversation now, until when and how it was proved; or None."""
    if conversation is None:
        return None
    viewer = belonging.viewer_of(conversation)
    if not viewer.is_verified(at=timezone.now()):
        return None
    return {"email": viewer.email, "until": viewer.expires_at, "method": viewer.method}


def _check_owner(conversation: Conversation, email: str) -> None:
    from orders.emails import canonical

    belonging.check_owner(conversation, canonical(email))
