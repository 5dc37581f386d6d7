"""An answerer whose events a test writes, and a client that reads event streams."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from django.test import AsyncClient
from django.utils import timezone

from chatbot.models import Turn
from chatbot.sent_events import as_sent
from chatbot.turn import Answer, Outcome, Question, TextShown, TurnEvent, TurnFinished


def finished(question: Question, text: str) -> TurnFinished:
    return TurnFinished(Answer(id=str(question.turn_id), text=text, outcome=Outcome.ANSWERED), f"<p>{text}</p>")


class Scripted:
    """Answers each question with the given words, one event a word, and stores the turn as the product does.

    gate: while it is closed, the answer stops after its first word. broken: the answer raises there.
    """

    def __init__(self, text: str = "It is on its way.", *, broken: bool = False) -> None:
        self.text, self.broken = text, broken
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[str] = []
        self.networks: list[str] = []
        self.cancelled = 0

    async def __call__(self, question: Question) -> AsyncIterator[TurnEvent]:
        self.asked.append(question.text)
        self.networks.append(question.network)
        events: list[TurnEvent] = []
        state = Turn.State.ABANDONED
        try:
            for place, word in enumerate(self.text.split()):
                if place == 1:
                    await self.gate.wait()
                    if self.broken:
                        raise RuntimeError("a secret cause")
                events.append(TextShown(f"{word} ", f"<p>{word}</p>"))
                yield events[-1]
            state = Turn.State.FINISHED
            events.append(finished(question, self.text))
            yield events[-1]
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            if not self.broken:
                await asyncio.shield(self._store(question, state, events))

    async def _store(self, question: Question, state: str, events: list[TurnEvent]) -> None:
        await Turn.objects.filter(pk=question.turn_id).aupdate(
            state=state, answer=self.text, events=[as_sent(e) for e in events], finished_at=timezone.now()
        )


class Customer:
    """Speaks to the API as a program does, with the token of one conversation."""

    def __init__(self, client: AsyncClient, conversation_id: str, token: str) -> None:
        self.client, self.id, self.token = client, conversation_id, token

    @classmethod
    async def start(cls, client: AsyncClient) -> "Customer":
        response = await client.post("/api/v1/conversations")
        assert response.status_code == 201, response.content
        started = response.json()
        return cls(client, started["id"], started["token"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return await self.client.post(
            f"/api/v1/conversations/{self.id}/{path}", body or {}, content_type="application/json", headers=self.headers | headers
        )

    async def ask(self, text: str, client_id: str = "one", **headers: str) -> Any:
        return await self.post("messages", {"text": text, "client_id": client_id}, **headers)

    async def stream(self, text: str, client_id: str = "one", last_id: str = "") -> Any:
        extra = {"Last-Event-ID": last_id} if last_id else {}
        return await self.ask(text, client_id, Accept="text/event-stream", **extra)

    async def events(self, last_id: str = "") -> Any:
        extra = {"Last-Event-ID": last_id} if last_id else {}
        return await self.client.get(f"/api/v1/conversations/{self.id}/events", headers=self.headers | extra)


async def frames(response: Any) -> AsyncIterator[dict[str, Any]]:
    """The events of a stream as {"id", "event", "data"}; comments are skipped."""
    pending = b""
    async for part in response.streaming_content:
        pending += part
        while b"\n\n" in pending:
            frame, pending = pending.split(b"\n\n", 1)
            lines = dict(line.split(": ", 1) for line in frame.decode().splitlines() if not line.startswith(":") and ": " in line)
            if "data" in lines:
                yield {"id": lines.get("id", ""), "event": lines["event"], "data": json.loads(lines["data"])}
