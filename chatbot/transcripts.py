"""A conversation as its customer sees it again after a reload."""

from typing import Any

from django.utils import timezone

from chatbot.citations import policy_url
from chatbot.models import Conversation, Turn
from chatbot.rendering import render_answer
from chatbot.turn import Cited, Role


def message_views(conversation: Conversation, *, private: bool) -> list[dict[str, Any]]:
    """Return the messages, oldest first, as plain values: id, role, text, html, at, and for answers what came with them.

    private: also those that are shown only to a customer who is signed in.
    A turn that was cut off shows its question and, in place of an answer, the state "abandoned" or "running".
    """
    turns = {t.pk: t for t in conversation.turns.select_related("feedback").prefetch_related("citations")}
    views = []
    for message in conversation.messages.all() if private else conversation.messages.filter(private=False):
        turn = turns.get(message.pk)
        citations = cited_by(turn) if turn else ()
        views.append(
            {
                "id": str(message.pk),
                "role": message.role,
                "text": message.text,
                "html": render_answer(message.text, citations) if message.role != Role.CUSTOMER else "",
                "at": timezone.localtime(message.created_at).isoformat(timespec="seconds"),
                "citations": [c.public() for c in citations],
                "orders": _cards(turn),
                "suggestions": _final(turn).get("suggestions", []),
                "needs_sign_in": bool(_final(turn).get("needs_sign_in")),
                "outcome": turn.outcome if turn else None,
                "state": turn.state if turn else None,
                "feedback": _feedback(turn),
            }
        )
    return views


def cited_by(turn: Turn) -> tuple[Cited, ...]:
    return tuple(
        Cited(c.n, c.document, c.version, c.heading, c.quote, policy_url(c.slug, c.version, c.start, c.end), c.slug, c.start, c.end)
        for c in turn.citations.all()
    )


def _cards(turn: Turn | None) -> list[dict[str, Any]]:
    return [e["data"] for e in turn.events if e["event"] == "order"] if turn else []


def _final(turn: Turn | None) -> dict[str, Any]:
    return next((e["data"] for e in reversed(turn.events) if e["event"] == "final"), {}) if turn else {}


def _feedback(turn: Turn | None) -> bool | None:
    return turn.feedback.helpful if turn is not None and hasattr(turn, "feedback") else None
