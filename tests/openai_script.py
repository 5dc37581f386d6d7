"""What the scripted model server can do: a behaviour answers one request, well or badly. See tests/fake_openai.py."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, str]]:
        return self.body.get("messages", [])

    @property
    def prompt(self) -> str:
        """Every word that was sent."""
        return "\n".join(m["content"] for m in self.messages)


class Exchange:
    """One request and the ways to answer it."""

    def __init__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.asked, self.writer = asked, writer

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int = 200, content_type: str = "text/event-stream", **headers: str) -> None:
        """Status line and headers; the body ends when the connection does."""
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {content_type}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.write("\r\n".join([*lines, "", ""]).encode())

    async def whole(self, status: int, body: str | bytes, content_type: str = "application/json", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        await self.head(status, content_type, Content_Length=str(len(data)), **headers)
        await self.write(data)

    async def event(self, payload: Any) -> None:
        await self.write(frame(payload))

    def abort(self) -> None:
        """Reset the connection instead of closing it."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.writer.transport.abort()


Behaviour = Callable[[Exchange], Awaitable[None]]


# --- what the protocol looks like --------------------------------------------------------------------------------------
def frame(payload: Any) -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def chunk(text: str | None = None, *, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    content = {} if text is None else {"content": text}
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {**content, **delta}, "finish_reason": finish}],
    }


def usage_chunk(tokens_in: int, out: int, cached: int = 0) -> dict[str, Any]:
    details = {"prompt_tokens": tokens_in, "completion_tokens": out, "prompt_tokens_details": {"cached_tokens": cached}}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [], "usage": details}


def pieces_of(text: str, size: int = 7) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


# --- behaviours: well ---------------------------------------------------------------------------------------------------
def says(text: str, *, finish: str | None = "stop", usage: tuple[int, ...] | None = (100, 20, 0), delay: float = 0.0) -> Behaviour:
    """A reply as a good server streams it. usage: (input, output, cached) if asked for, None never. delay: seconds a piece."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event(chunk("", role="assistant"))
        for piece in pieces_of(text):
            await asyncio.sleep(delay)
            await exchange.event(chunk(piece))
        if finish:
            await exchange.event(chunk(finish=finish))
        if usage and exchange.asked.body.get("stream_options", {}).get("include_usage"):
            await exchange.event(usage_chunk(*usage))
        await exchange.event("[DONE]")

    return behave


def usage_by_length(text: str, *, delay: float = 0.0) -> Behaviour:
    """A good server that has read the whole prompt, and counts about what we do."""

    async def behave(exchange: Exchange) -> None:
        await says(text, usage=(len(exchange.asked.prompt) // 5, len(text) // 4), delay=delay)(exchange)

    return behave


def echoes() -> Behaviour:
    """Says back its whole prompt: what must not be in an answer must not be in a prompt."""

    async def behave(exchange: Exchange) -> None:
        await says(exchange.asked.prompt)(exchange)

    return behave


def answers_with(make: Callable[[Asked], str]) -> Behaviour:
    """Says what the function makes of the request."""

    async def behave(exchange: Exchange) -> None:
        await says(make(exchange.asked))(exchange)

    return behave


def streams_bytes(data: bytes, *, split: int = 0, content_type: str = "text/event-stream", then: str = "close") -> Behaviour:
    """Raw bytes, in packets of `split` bytes (0: one packet). then: "close", "reset" or "silence"."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head(content_type=content_type)
        size = split or max(len(data), 1)
        for at in range(0, len(data), size):
            await exchange.write(data[at : at + size])
            await asyncio.sleep(0)
        if then == "silence":
            await asyncio.sleep(3600)
        elif then == "reset":
            await asyncio.sleep(0.05)  # let the client read what was sent: a reset throws away the rest
            exchange.abort()

    return behave


def streams(*payloads: Any, split: int = 0, crlf: bool = False, comments: bool = False, then: str = "close") -> Behaviour:
    """Chosen events. crlf: Windows line ends. comments: keep-alive lines and event names between them."""
    data = b"".join((b": keep-alive\n\nevent: message\nid: 7\n" if comments else b"") + frame(p) for p in payloads)
    return streams_bytes(data.replace(b"\n", b"\r\n") if crlf else data, split=split, then=then)


def says_as_json(text: str) -> Behaviour:
    """One plain JSON object although a stream was asked for."""

    async def behave(exchange: Exchange) -> None:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        await exchange.whole(
            200, json.dumps({"id": "c1", "choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 3}})
        )

    return behave


# --- behaviours: badly --------------------------------------------------------------------------------------------------
def status(code: int, *, retry_after: str = "", message: str = "scripted failure") -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        headers = {"Retry_After": retry_after} if retry_after else {}
        await exchange.whole(code, json.dumps({"error": {"message": message, "type": "scripted"}}), **headers)

    return behave


def hangs() -> Behaviour:
    """Takes the request and never answers."""

    async def behave(exchange: Exchange) -> None:
        await asyncio.sleep(3600)

    return behave


def slow_first(seconds: float, text: str) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.head()
        await asyncio.sleep(seconds)
        for piece in [*map(chunk, pieces_of(text)), chunk(finish="stop"), "[DONE]"]:
            await exchange.event(piece)

    return behave


def resets() -> Behaviour:
    """Resets the connection before a byte of the answer."""

    async def behave(exchange: Exchange) -> None:
        exchange.abort()

    return behave


def stops_after(text: str, *, how: str = "close") -> Behaviour:
    """Begins well; then the end without an end mark ("close"), a reset, or silence."""
    return streams(*map(chunk, pieces_of(text)), then=how)


def fails_inside(text: str, **error: Any) -> Behaviour:
    """Begins well, then sends an error object in the stream."""
    return streams(*map(chunk, pieces_of(text)), {"error": {"message": "scripted failure", **error}})


def html_page() -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.whole(200, "<!doctype html><title>Login</title><script>alert(1)</script>", "text/html; charset=utf-8")

    return behave


def endless(piece: str = "word {n} ", *, delay: float = 0.0) -> Behaviour:
    """Never stops by itself. {n} counts, so that it is not a loop."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head()
        n = 0
        while True:
            n += 1
            await exchange.event(chunk(piece.replace("{n}", str(n))))
            await asyncio.sleep(delay)

    return behave


def refuses_parameter(name: str, then: Behaviour, *, hint: str = "") -> Behaviour:
    """A server that does not take a parameter, and answers as `then` without it."""

    async def behave(exchange: Exchange) -> None:
        if name in exchange.asked.body:
            await status(400, message=f"Unsupported parameter: '{name}'. {hint}")(exchange)
        else:
            await then(exchange)

    return behave


def refused_url() -> str:
    """The address of a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def texts(messages: Sequence[dict[str, str]], role: str) -> list[str]:
    """The contents of all messages of a role."""
    return [m["content"] for m in messages if m["role"] == role]
