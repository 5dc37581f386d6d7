"""The wire: one request to a chat-completions server, its bytes to deltas, every fault of the way to an error of ours.

The openai package makes the request (address, key, proxies, connection pool); the stream is read by `llm.frames`, because the
package hides the end mark, and without it an answer that was cut off looks like one that is whole.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import httpx2
import openai

from llm.errors import ModelError, ModelTimeout, ModelUnavailable, ReplyBroken
from llm.frames import DONE, Delta, FrameReader, read_delta
from llm.refusals import is_context_overflow, of_status, seconds_to_wait
from llm.retrying import Attempts
from llm.values import OWN_MARK, ChatMessage

log = logging.getLogger(__name__)

MOST_OF_A_REFUSAL = 64 * 1024  # bytes
MOST_BYTES = 30_000_000  # of one reply; a model that thinks for 50,000 tokens sends half of that
AFTER_FINISH = 1.0  # seconds to wait for the usage and the end mark after the finish reason came
AFTER_DONE = 0.05  # seconds to wait for the end of the body after the end mark


class Sizes(Protocol):
    @property
    def answer_tokens(self) -> int: ...
    @property
    def first_token(self) -> float: ...
    @property
    def stall(self) -> float: ...


class Connection:
    """One model on one server within one event loop. Remembers which optional parameters the server does not take."""

    def __init__(self, model: str, base_url: str, api_key: str, sizes: Sizes, *, key_variable: str = "") -> None:
        """key_variable: the name of the variable the key came from, for messages."""
        self._model, self._key, self._key_variable = model, api_key, key_variable
        longest_silence = max(sizes.first_token, sizes.stall)
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "no-key-needed",  # the package refuses an empty one; local servers ignore it
            max_retries=0,  # we retry ourselves, within what a customer waits
            timeout=httpx2.Timeout(longest_silence, connect=min(3.0, longest_silence)),
            # what is compressed on its way comes in blocks, and the first words of an answer would wait for the block to fill
            default_headers={"Accept-Encoding": "identity", **OWN_MARK},
            # a server that sends us on could send prompt and customer to an address that nobody has set up
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False, verify=_authorities(), event_hooks={"response": [_shorten_refusal]}
            ),
        )
        self._optional: dict[str, Any] = {
            "stream_options": {"include_usage": True},
            "max_tokens": sizes.answer_tokens,
            "temperature": 0,
        }

    async def aclose(self) -> None:
        await self._client.close()

    async def stream(self, messages: Sequence[ChatMessage], *, attempts: Attempts) -> AsyncGenerator[Delta, None]:
        """Yield the deltas of one attempt. Closing the generator closes the connection. Raises a ModelError and nothing else."""
        begun, silent, last_at = False, True, time.monotonic()
        finished_at: float | None = None
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(attempts.patience(begun=False, last_at=last_at)):
                    response = await self._open(stack, messages, plainly=attempts.plainly)
                events = await stack.enter_async_context(aclosing(_events(response)))
                while True:
                    patience = attempts.patience(begun=begun, last_at=last_at)
                    if finished_at is not None:
                        patience = min(patience, finished_at + AFTER_FINISH - time.monotonic())
                    if patience <= 0:  # also for a server so fast that reading never has to wait
                        raise TimeoutError
                    async with asyncio.timeout(patience):
                        data = await anext(events, None)
                    if data is None or data.lstrip().startswith(DONE):
                        if data is None and finished_at is None:
                            # llama-cpp-python ends so where the prompt is too long, and says why only to who wants no stream
                            attempts.plainly = silent
                            raise ReplyBroken("the stream ended without an end mark", kind="cut_off")
                        await _read_out(events)
                        return
                    silent = False
                    delta = read_delta(data)
                    if finished_at is not None:  # what is said after the end is no part of the answer
                        delta = Delta(usage=delta.usage)
                    elif delta.finish_reason:
                        finished_at = time.monotonic()
                    if delta.text.strip():  # blanks are no sign of life
                        begun, last_at = True, time.monotonic()
                    yield delta
            except Exception as error:
                if finished_at is not None:  # the answer is whole; only its figures are lost
                    log.info("after its finish reason the server broke off: %s", type(error).__name__)
                    return
                ours = error if isinstance(error, ModelError) else translated(error, begun=begun, key_variable=self._key_variable)
                # servers repeat keys and whole prompts in their words, and those would go to the logs with the cause
                if isinstance(error, openai.APIStatusError) or (self._key and self._key in f"{ours} {error}"):
                    raise (ours.without(self._key) if self._key else ours) from None
                if ours is error:
                    raise
                raise ours from error

    async def _open(self, stack: AsyncExitStack, messages: Sequence[ChatMessage], *, plainly: bool) -> Any:
        """Send the request, without those parameters the server turns out not to know. plainly: ask for no stream."""
        asked: Any = [{"role": m.role, "content": m.content} for m in messages]
        options = {name: value for name, value in self._optional.items() if not (plainly and name == "stream_options")}
        left_out: set[str] = set()
        while True:
            body = {"model": self._model, "messages": asked, "stream": not plainly, **options}
            try:
                # as it is, without the package's walk over every part of it, which takes longer than the request itself
                response = await self._client.post(
                    "/chat/completions", cast_to=httpx2.Response, body=body, stream=True, stream_cls=openai.AsyncStream[Any]
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                named = _parameter_named(error, options)
                if not named:
                    raise
                value = options.pop(named)
                left_out.add(named)
                if named == "max_tokens" and "max_completion_tokens" in _said(error):
                    options["max_completion_tokens"] = value
                continue
            stack.push_async_callback(response.aclose)
            if left_out:
                self._remember(options, left_out)
            return response

    def _remember(self, helped: Mapping[str, Any], left_out: Collection[str]) -> None:
        """Ask in that way from now on. Only of a call that was taken: a refusal for another reason may name every parameter."""
        kept = {name: value for name, value in self._optional.items() if name not in left_out}
        self._optional = kept | {name: value for name, value in helped.items() if name not in kept}
        log.info("the server does not take %s; asking without from now on", ", ".join(sorted(left_out)))


def _parameter_named(error: openai.APIStatusError, sent: Collection[str]) -> str:
    """The parameter that a refusal names, of those that were sent and are no part of every server; "" if it names none."""
    said = _said(error)
    if is_context_overflow(said):  # these name max_tokens too, and mean the prompt
        return ""
    named = str(getattr(error, "param", None) or "")
    return named if named in sent else next((name for name in sent if name in said), "")


class _Beginning(httpx2.AsyncByteStream):
    """The first bytes of a stream."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._most = stream, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for chunk in self._stream:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _shorten_refusal(response: Any) -> None:
    """Let the package read no more of a refusal than a sentence needs: it reads all there is, and keeps it in memory."""
    if not response.is_success:
        response.stream = _Beginning(response.stream, MOST_OF_A_REFUSAL)


@cache
def _authorities() -> ssl.SSLContext:
    """Whom we believe who a server is; read once, since that takes longer than a short call."""
    return httpx2.create_ssl_context()


async def _events(response: Any) -> AsyncGenerator[str, None]:
    """The data of each event, or of one JSON document, then the end mark."""
    content_type = response.headers.get("content-type", "").lower()
    if "html" in content_type:
        raise ReplyBroken(f"the server sent {content_type!r} instead of a stream", kind="not_a_stream")
    frames, size = FrameReader(), 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > MOST_BYTES:
            raise ReplyBroken(f"the reply is longer than {MOST_BYTES:,} bytes", kind="malformed")
        for data in frames.feed(chunk):
            yield data
    for data in frames.close():
        yield data


async def _read_out(events: AsyncGenerator[str, None]) -> None:
    """Read what stands behind the end mark, for a moment: a connection whose answer was read to its end serves the next call."""
    with suppress(Exception):
        async with asyncio.timeout(AFTER_DONE):
            async for _ in events:
                pass


def translated(error: Exception, *, begun: bool, key_variable: str = "") -> ModelError:
    """Our error for one of the packages below us. begun: text had already come."""
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, key_variable)
    if isinstance(error, TimeoutError | openai.APITimeoutError | httpx2.TimeoutException):
        return ReplyBroken("no more text came in time", kind="stalled") if begun else ModelTimeout("no text came in time")
    if begun:
        return ReplyBroken("the connection broke in the middle of the reply", kind="cut_off")
    return ModelUnavailable("the server cannot be reached")


def _of_status(error: openai.APIStatusError, key_variable: str) -> ModelError:
    wait = seconds_to_wait(error.response.headers.get("retry-after"), now=datetime.now(UTC))
    return of_status(error.status_code, _said(error), retry_after=wait, key_variable=key_variable)


def _said(error: openai.APIStatusError) -> str:
    """The server's message, with its own code and what else its body holds."""
    words = error.message.removeprefix(f"Error code: {error.status_code} - ")  # the package's own
    return f"{words} {error.body if error.body is not None else ''}".strip()
