"""Many customers who ask at the same time, each over a connection of their own: asyncio and nothing else, so that they cost little."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from benchmarks.customer import Heard, Refused

PATIENCE = 600.0  # seconds for all of them


async def ask_together(port: int, questions: Sequence[str]) -> list[Heard]:
    """What each customer heard, in the order of the questions. All are asked once every conversation is begun.

    Raises Refused for an answer that ends with an error, or without an end.
    """
    customers = [await _Customer.begin(port) for _ in questions]
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.gather(*(one.listen(text) for one, text in zip(customers, questions, strict=True)))
    finally:
        for one in customers:
            one.leave()


class _Customer:
    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._host, self._reader, self._writer = f"localhost:{port}", reader, writer
        self._conversation = self._token = ""

    @classmethod
    async def begin(cls, port: int) -> "_Customer":
        """A customer with a conversation."""
        customer = cls(port, *await asyncio.open_connection("127.0.0.1", port, limit=1_000_000))
        status, length = await customer._send("/api/v1/conversations", {}, accept="application/json")
        body = await customer._reader.readexactly(length)
        if status != 201:
            raise Refused(f"no conversation: {status}: {body[:300]!r}")
        begun = json.loads(body)
        customer._conversation, customer._token = begun["id"], begun["token"]
        return customer

    async def listen(self, question: str) -> Heard:
        sent = time.monotonic()
        path = f"/api/v1/conversations/{self._conversation}/messages"
        status, length = await self._send(path, {"text": question, "client_id": str(uuid4())}, accept="text/event-stream")
        if status != 200:
            raise Refused(f"{status}: {(await self._reader.readexactly(length))[:300]!r}")
        pieces: list[tuple[str, float]] = []
        name = ""
        # between the lines of the events stand those of the chunked transfer, which begin with neither word
        while line := await self._reader.readline():
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            elif line.startswith(b"data: ") and name == "delta":
                pieces.append((json.loads(line[6:])["text"], time.monotonic()))
            elif line.startswith(b"data: ") and name == "final":
                return Heard(sent, pieces, json.loads(line[6:]))
            elif line.startswith(b"data: ") and name == "error":
                raise Refused(f"{question!r}: {line!r}")
        raise Refused(f"{question!r}: the stream ended without an answer")

    def leave(self) -> None:
        self._writer.close()

    async def _send(self, path: str, body: Any, *, accept: str) -> tuple[int, int]:
        """Send a request; the answer's status and the length of its body, 0 if it says none."""
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\nAccept: {accept}\r\n"
        head += f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        self._writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        lengths = [line for line in answer.split(b"\r\n") if line.startswith(b"content-length:")]
        return int(answer.split(b" ", 2)[1]), int(lengths[0].partition(b":")[2]) if lengths else 0
