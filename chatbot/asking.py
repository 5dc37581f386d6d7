"""One question outside the browser: its own conversation, a whole turn, the answer object."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from chatbot.answering import answer_turn, services
from chatbot.conversations import accept_question, identify, start_conversation
from chatbot.errors import ChatError
from chatbot.services import Services
from chatbot.turn import Role, TurnFailed, TurnFinished, Utterance
from llm import endpoints
from orders.viewer import Method, Viewer

_ROLES = {"user": Role.CUSTOMER, "assistant": Role.BOT, "staff": Role.STAFF, "agent": Role.BOT}


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of a batch file."""

    id: Any
    text: str
    asked_by: str | None
    history: tuple[Utterance, ...]


def read_lines(line: str) -> Asked:
    """Return what a line {"id", "text", "asked_by", "history": [{"role", "text"}…]} asks. Raises ValueError in words."""
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise ValueError('each line must be an object with a "text"')
    asked_by, history = data.get("asked_by"), data.get("history") or []
    if asked_by is not None and not isinstance(asked_by, str):
        raise ValueError('"asked_by" must be an e-mail address or null')
    if not isinstance(history, list) or not all(isinstance(h, dict) and isinstance(h.get("text"), str) for h in history):
        raise ValueError('"history" must be a list of objects with "role" and "text"')
    said = tuple(Utterance(_ROLES.get(str(h.get("role")), Role.CUSTOMER), h["text"]) for h in history)
    return Asked(data.get("id"), data["text"], asked_by, said)


async def ask(
    text: str, *, asked_by: str | None, at: datetime, history: Sequence[Utterance] = (), working_with: Services | None = None
) -> dict[str, Any]:
    """Run one turn in a conversation of its own and return the answer object.

    asked_by: the customer's e-mail, trusted, because whoever runs a command can read the database anyway; None is a stranger.
    working_with: None is the product's own services, with the models that are set up.
    Raises QuestionRefused for a text that cannot be taken. A turn that fails gives the outcome "failed" and its sentence.
    """
    conversation, _ = await start_conversation(channel="command", at=at)
    if asked_by:
        await identify(conversation, Viewer(asked_by.strip().lower(), Method.OPERATOR))
    accepted = await accept_question(conversation, text, uuid4().hex, at=at)
    question = replace(accepted.question, history=(*history, *accepted.question.history))
    await endpoints.refresh()
    last = None
    async for event in answer_turn(question, working_with or services()):
        last = event
    if isinstance(last, TurnFinished):
        return last.answer.public()
    if isinstance(last, TurnFailed):
        return {"id": str(question.turn_id), "answer": last.message, "outcome": "failed", "citations": [], "orders": []}
    raise ChatError("the turn ended without an answer")
