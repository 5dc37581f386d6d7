"""A turn's events as a customer receives them: a name and plain values. The same values are stored and replayed. Pure."""

from typing import Any

from chatbot.errors import ChatError
from chatbot.turn import OrderShown, SourcesFound, StatusShown, TextShown, TurnEvent, TurnFailed, TurnFinished

Sent = dict[str, Any]  # {"event": name, "data": {...}}
LAST = frozenset({"final", "error"})  # nothing follows one of these


def as_sent(event: TurnEvent) -> Sent:
    """Return {"event": "status" | "order" | "sources" | "delta" | "final" | "error", "data": {...}}."""
    match event:
        case StatusShown(text):
            return {"event": "status", "data": {"text": text}}
        case OrderShown(card):
            return {"event": "order", "data": card}
        case SourcesFound(citations):
            return {"event": "sources", "data": {"citations": [c.public() for c in citations]}}
        case TextShown(text, html, block):
            return {"event": "delta", "data": {"text": text, "html": html, "block": block}}
        case TurnFinished(answer, html):
            return {"event": "final", "data": answer.public() | {"html": html}}
        case TurnFailed(code, message, retryable):
            return failure(code, message, retryable=retryable)


def failure(code: str, message: str, *, retryable: bool) -> Sent:
    return {"event": "error", "data": {"code": code, "message": message, "retryable": retryable}}


def unexpected() -> Sent:
    """What is sent when something broke that nobody foresaw; the log has the cause."""
    return failure(ChatError.code, ChatError.user_message, retryable=ChatError.retryable)


def interrupted() -> Sent:
    """What is sent in place of the rest of an answer that nobody is writing any more."""
    return failure("interrupted", "This answer was interrupted before it was finished. Please ask again.", retryable=True)


def is_last(sent: Sent) -> bool:
    return sent["event"] in LAST
