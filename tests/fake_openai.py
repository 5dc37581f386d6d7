"""A small real HTTP server that speaks the OpenAI chat-completions protocol, well or badly, as a test scripts it.

    async with FakeOpenAI(says("Hello.")) as server:
        settings.OPENAI_BASE_URL = server.base_url
        ...
        server.asked[0].messages

Each request takes the next behaviour; the last one stays. `in_thread` runs it beside code that has no event loop.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from tests.openai_script import (
    Asked,
    Behaviour,
    Exchange,
    answers_with,
    chunk,
    echoes,
    endless,
    fails_inside,
    frame,
    hangs,
    html_page,
    pieces_of,
    refused_url,
    refuses_parameter,
    resets,
    says,
    says_as_json,
    slow_first,
    status,
    stops_after,
    streams,
    streams_bytes,
    texts,
    usage_chunk,
)

__all__ = [
    "Asked",
    "Behaviour",
    "Exchange",
    "FakeOpenAI",
    "answers_with",
    "chunk",
    "echoes",
    "endless",
    "fails_inside",
    "frame",
    "hangs",
    "html_page",
    "in_thread",
    "pieces_of",
    "refused_url",
    "refuses_parameter",
    "resets",
    "says",
    "says_as_json",
    "slow_first",
    "status",
    "stops_after",
    "streams",
    "streams_bytes",
    "texts",
    "usage_chunk",
]


@dataclass
class FakeOpenAI:
    """asked: every request so far. hung_up: exchanges the client left before our answer was whole. open: exchanges going on."""

    first: Behaviour = field(default_factory=lambda: says("I am a scripted model."))
    asked: list[Asked] = field(default_factory=list)
    hung_up: int = 0
    open: int = 0

    def __post_init__(self) -> None:
        self._idle = asyncio.Event()
        self._idle.set()
        self._script: list[Behaviour] = [self.first]
        self._tasks: set[asyncio.Task[None]] = set()
        self.base_url = ""

    def will(self, *behaviours: Behaviour) -> None:
        """Script the next requests, one behaviour each; the last one stays."""
        self._script = list(behaviours)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_idle(self, seconds: float = 5.0) -> None:
        """Wait until every exchange has ended: an open connection of a client that left shows as a time-out."""
        async with asyncio.timeout(seconds):
            await self._idle.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open += 1
        self._idle.clear()
        try:
            exchange = Exchange(await _read_request(reader), writer)
            self.asked.append(exchange.asked)
            behaviour = self._script.pop(0) if len(self._script) > 1 else self._script[0]
            await self._behave(behaviour, exchange, reader)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            if not self.open:
                self._idle.set()
            self._tasks.discard(task)
            writer.close()

    async def _behave(self, behaviour: Behaviour, exchange: Exchange, reader: asyncio.StreamReader) -> None:
        """Run the behaviour until it ends or the client hangs up, whichever is first."""
        if exchange.asked.method == "GET":
            return await exchange.whole(200, json.dumps({"object": "list", "data": [{"id": "scripted", "object": "model"}]}))
        answering, leaving = asyncio.ensure_future(behaviour(exchange)), asyncio.ensure_future(reader.read())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done() or isinstance(answering.exception(), ConnectionError):
                self.hung_up += 1
        finally:
            for part in (answering, leaving):
                part.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)
        return None


async def _read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, json.loads(body) if body else {})


@contextlib.contextmanager
def in_thread(*behaviours: Behaviour) -> Iterator[FakeOpenAI]:
    """The server in a thread with its own event loop, for tests and commands that have none."""
    server, loop, ready, stop = FakeOpenAI(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    if behaviours:
        server.will(*behaviours)

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()
