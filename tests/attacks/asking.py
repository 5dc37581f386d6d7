"""How attackers reach the shop: over HTTP, each in a conversation of their own; and everything that they are shown."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
from django.db.backends.utils import CursorWrapper
from django.test import AsyncClient
from django.utils import timezone

from chatbot.chat_cookie import NAME
from tests.chatbot.scripted import Customer, frames

SECRET = "attacks-kX7mQ2pL9vRt4Wz8-kX7mQ2pL9vRt4Wz8"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
VALUES = re.compile(r"'[^']*'|\b\d+\b|%s(, %s)*")


@dataclass
class Reply:
    """One answer as it came. statements: what was asked of our database for it, without its values."""

    events: list[tuple[str, Any]]
    statements: list[str] = field(default_factory=list)

    @property
    def final(self) -> dict[str, Any]:
        name, data = self.events[-1]
        assert name == "final", self.events
        return data

    @property
    def text(self) -> str:
        return json.dumps(self.events, ensure_ascii=False)

    def without(self, **names: str) -> Any:
        """The reply with these words exchanged for their names, for comparison."""
        text = json.dumps([self.events, sorted(self.statements)], ensure_ascii=False)
        for name, word in names.items():
            for written in (json.dumps(word, ensure_ascii=False)[1:-1], word):
                text = text.replace(written, f"<{name}>")
        return json.loads(text)


def difference(one: list[Any], other: list[Any]) -> str:
    """What differs between two replies: the events that only one has, and the statements."""
    lines = [f"{sign} {part}" for sign, here, there in (("-", one, other), ("+", other, one)) for part in _only_in(here, there)]
    return "\n    ".join(lines) or "the order of the same events or statements"


def _only_in(here: list[Any], there: list[Any]) -> list[str]:
    return [str(part) for place in (0, 1) for part in here[place] if part not in there[place]]


def token_for(email: str, **claims: Any) -> str:
    """What the shop's site would sign for somebody who is signed in there."""
    return jwt.encode({"email": email, "exp": timezone.now() + timedelta(minutes=5), "jti": uuid4().hex} | claims, SECRET, "HS256")


async def arrive(email: str | None) -> Customer:
    """Somebody with a conversation, signed in through the shop's site or not at all."""
    customer = await Customer.start(AsyncClient())
    if email:
        response = await customer.post("identify", {"token": token_for(email)})
        assert response.status_code == 200, response.content
    return customer


async def ask(customer: Customer, text: str) -> Reply:
    """The events of an answer, without what differs from one answer to the next by nature: ids and durations."""
    with statements() as asked:
        response = await customer.stream(text, uuid4().hex)
        assert response.status_code == 200, response.content
        received = [(frame["event"], _lasting(frame["data"])) async for frame in frames(response)]
    return Reply(received, asked)


async def somebody() -> Customer:
    """Who has a conversation and has proved nothing."""
    return await Customer.start(AsyncClient())


async def refused(customer: Customer, body: Any, shop: Any) -> tuple[int, bytes]:
    """Send a proof that must not be taken; nothing may be learned afterwards either."""
    response = await customer.post("identify", body)
    assert response.status_code in (422, 429), (body, response.content)
    reply = await ask(customer, "Where is my order?")
    assert reply.final["needs_sign_in"] and not shop.leaks(reply.text)
    return response.status_code, response.content


async def shown(customer: Customer, *, page: bool = False) -> str:
    """What the conversation shows after a reload, and to a program."""
    response = await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)
    text = UUID.sub("", response.content.decode())
    if page:
        browser = AsyncClient()
        browser.cookies[NAME] = f"{customer.id}.{customer.token}"
        text += UUID.sub("", (await browser.get("/")).content.decode())
    return text


def _lasting(data: Any) -> Any:
    return (
        {name: value for name, value in data.items() if name not in ("id", "timings_ms", "at")} if isinstance(data, dict) else data
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that all threads send within, each with its values taken out. Several may listen at once, and end in any order."""
    sent: list[str] = []
    _listening.append(sent)
    CursorWrapper._execute_with_wrappers = _heard
    try:
        yield sent
    finally:
        _listening[:] = [other for other in _listening if other is not sent]
        if not _listening:
            CursorWrapper._execute_with_wrappers = _unheard


_listening: list[list[str]] = []
_unheard = CursorWrapper._execute_with_wrappers


def _heard(self: Any, sql: str, *args: Any, **options: Any) -> Any:
    for sent in tuple(_listening):
        sent.append(VALUES.sub("?", sql))
    return _unheard(self, sql, *args, **options)
