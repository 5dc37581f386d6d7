"""A customer proves an e-mail address with a one-time code, for one conversation."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from chatbot import conversations
from chatbot.models import Conversation

CODE_SENT = "If we know this address, a code is on its way to it. Please enter it here; it is valid for a few minutes."


async def ask_for_code(conversation: Conversation, email: str, *, address: str, at: datetime) -> tuple[str, str | None]:
    """Have a code sent. Return the sentence for the customer, the same for a known and an unknown address, and the demo's code.

    Raises TooManyCodes.
    """
    from orders.verification import request_code

    return CODE_SENT, await request_code(email, scope=str(conversation.pk), address=address, at=at)


async def prove(conversation: Conversation, email: str, code: str, *, address: str, at: datetime) -> str:
    """Tie the conversation to the address if the code is right. Raises CodeRefused or TooManyCodes."""
    from orders.verification import confirm_code

    viewer = await confirm_code(email, code, scope=str(conversation.pk), address=address, at=at)
    await conversations.identify(conversation, viewer)
    return "Thank you, you are signed in."


def signed_in(conversation: Conversation | None) -> dict[str, Any] | None:
    """The address that counts in this conversation now and until when, or None."""
    if conversation is None:
        return None
    viewer = conversations.viewer_of(conversation)
    if not viewer.is_verified(at=timezone.now()):
        return None
    return {"email": viewer.email, "until": viewer.expires_at}
