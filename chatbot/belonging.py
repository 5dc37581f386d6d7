"""Whose a conversation is, and what was said in it. Pure.

A conversation belongs to the first person who proves an e-mail address in it: from then on nobody else can sign in there, and what
was said under the sign-in (or before it) is shown while it lasts, and to nobody after it.
"""

import hmac
from datetime import datetime

from django.utils.crypto import salted_hmac

from chatbot.errors import AnotherPerson
from chatbot.models import Conversation, Turn
from orders.viewer import ANONYMOUS, Method, Viewer


def viewer_of(conversation: Conversation) -> Viewer:
    """Who is asking in this conversation, with what was verified and until when."""
    if not conversation.email or not conversation.verified_by:
        return ANONYMOUS
    return Viewer(conversation.email, Method(conversation.verified_by), conversation.verified_until)


def viewer_then(turn: Turn) -> Viewer:
    """Who asked when that turn began."""
    kept = turn.viewer
    if not kept.get("email") or not kept.get("method"):
        return ANONYMOUS
    until = kept.get("expires_at")
    return Viewer(kept["email"], Method(kept["method"]), datetime.fromisoformat(until) if until else None)


def is_private(turn: Turn) -> bool:
    """Whether the turn was asked by a customer who was signed in, so that its answer may hold their orders."""
    return viewer_then(turn).is_verified(at=turn.started_at)


def check_owner(conversation: Conversation, email: str) -> None:
    """Raise AnotherPerson if somebody else proved their address in this conversation before. email: in its one form."""
    if conversation.owner and not hmac.compare_digest(conversation.owner, owner_of(email)):
        raise AnotherPerson


def owner_of(email: str) -> str:
    """What is kept of the address that a conversation belongs to, also after signing out."""
    return salted_hmac("chatbot.conversations.owner", email, algorithm="sha256").hexdigest()
