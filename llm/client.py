"""Stream a reply from any OpenAI-compatible server. The package for the wire is imported with the first call: it is heavy.

    async with configured()[Tier.SMALL].reply(messages) as reply:
        async for piece in reply:
            ...
    await record_call(reply, ...)

Leaving the `async with` early closes the connection to the server, so that it stops writing what nobody reads.
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from llm.breaker import Breaker
from llm.counting import estimate_messages, estimate_tokens
from llm.errors import ModelError, ModelUnavailable, ReplyBroken
from llm.frames import Delta
from llm.nonsense import LoopDetector, ThoughtFilter
from llm.retrying import Attempts
from llm.routing import Tier
from llm.values import ChatMessage, Usage

if TYPE_CHECKING:
    from llm.connection import Connection

__all__ = [
    "ChatMessage",
    "Limits",
    "ModelClient",
    "Reply",
    "Usage",
    "configured",
    "estimate_messages",
    "estimate_tokens",
    "warm_up",
]

CUT_REASONS = frozenset({"length", "content_filter"})
# endings that say the server itself is not well, as against an answer or a request that is not
_COUNTED_BY_BREAKER = frozenset(
    {
        "busy",
        "unavailable",
        "timeout",
        "unauthorized",
        "unknown_model",
        "server_error",
        "cut_off",
        "stalled",
        "not_a_stream",
        "malformed",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, tokens and characters one reply may take. The waits include retries: they are what a customer waits."""

    first_token: float = 8.0
    total: float = 30.0
    stall: float = 8.0  # between two pieces
    answer_tokens: int = 400
    retries: int = 1
    pause: float = 0.5  # about how long before a retry; spread, so that many customers do not come back at once
    longest_pause: float = 3.0  # a server that asks for more than this is not asked again

    @property
    def answer_characters(self) -> int:
        """Where we stop reading a server that does not keep to `answer_tokens`."""
        return self.answer_tokens * 8


class Reply:
    """One call of a model: an async context manager, then an async iterator of text pieces, then the figures of the call.

    Iteration raises a ModelError and nothing else. Afterwards, whatever the ending: `text`, `usage`, `finish_reason`,
    `was_cut` (the answer is not whole), `ending` (a word for records), `first_token_ms` (None if none came), `total_ms`, `error`.
    """

    def __init__(self, client: "ModelClient", messages: Sequence[ChatMessage]) -> None:
        self.model, self.tier = client.name, client.tier
        self.text = ""
        self.usage = Usage()
        self.finish_reason = ""
        self.ending = "cancelled"  # until we know better: also when the task is cancelled half way
        self.first_token_ms: float | None = None
        self.total_ms = 0.0
        self.error = ""
        self._client, self._messages = client, tuple(messages)
        self._attempts = Attempts(client.limits, started_at=time.monotonic())
        self._reported: Usage | None = None
        self._called = False
        self._pieces: AsyncGenerator[str, None] | None = None

    @property
    def was_cut(self) -> bool:
        return self.finish_reason in CUT_REASONS

    async def __aenter__(self) -> Self:
        return self

    def __aiter__(self) -> AsyncIterator[str]:
        if self._pieces is None:
            self._pieces = self._run()
        return self._pieces

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pieces is not None:
            await self._pieces.aclose()
        self._sum_up()

    async def _run(self) -> AsyncGenerator[str, None]:
        breaker = self._client.breaker
        if not breaker.try_call():
            raise self._failed(ModelUnavailable("the breaker is open after failures in a row", kind="breaker_open"))
        self._called = True
        await warm_up()
        self._attempts = Attempts(self._client.limits, started_at=time.monotonic())
        try:
            async with aclosing(self._answer()) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelError as error:
            if error.kind in _COUNTED_BY_BREAKER:
                breaker.failed(rest=getattr(error, "retry_after", None) or 0.0)
            else:
                breaker.succeeded()  # it answers; what it says is another matter
            raise self._failed(error) from error.__cause__
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        self.ending = "cut" if self.was_cut else "finished"
        self._sum_up()

    async def _answer(self) -> AsyncGenerator[str, None]:
        """Text pieces of the attempt that works. Once a piece was given there is no second attempt."""
        while True:
            try:
                async with aclosing(self._attempt()) as pieces:
                    async for piece in pieces:
                        if self.first_token_ms is None:
                            self.first_token_ms = self._attempts.elapsed_ms()
                        self.text += piece
                        yield piece
                if not self.text.strip():
                    raise ReplyBroken(f"an empty reply, finish reason {self.finish_reason or 'none'!r}", kind="empty")
                return
            except ModelError as error:
                pause = None if self.text else self._attempts.pause_before_next(error)
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    async def _attempt(self) -> AsyncGenerator[str, None]:
        thoughts, loops, tool_called, shown = ThoughtFilter(), LoopDetector(), False, 0
        limit = self._client.limits.answer_characters
        self.finish_reason, self._reported = "", None
        async with aclosing(self._client.connection().stream(self._messages, attempts=self._attempts)) as deltas:
            async for delta in deltas:
                self._note(delta)
                tool_called = tool_called or delta.tool_call
                if not (text := thoughts.feed(delta.text)):
                    continue
                if shown + len(text) >= limit:
                    yield text[: limit - shown]
                    self.finish_reason = "length"
                    return
                shown += len(text)
                yield text
                if loops.is_looping(text):
                    raise ReplyBroken("the reply repeats itself", kind="repeating")
        if held := thoughts.close():
            shown += len(held)
            yield held
        if tool_called and not shown:
            raise ReplyBroken("the model asked for a tool that nobody offered", kind="tool_call")

    def _note(self, delta: Delta) -> None:
        self.finish_reason = delta.finish_reason or self.finish_reason
        self._reported = delta.usage or self._reported

    def _failed(self, error: ModelError) -> ModelError:
        self.ending, self.error = error.kind, f"{error} ({type(error.__cause__).__name__})" if error.__cause__ else str(error)
        self._sum_up()
        return error

    def _sum_up(self) -> None:
        self.total_ms = self.total_ms or self._attempts.elapsed_ms()
        if self._reported is not None:
            self.usage = self._reported
        elif self._called:
            self.usage = Usage(input=estimate_messages(self._messages), output=estimate_tokens(self.text), estimated=True)


@dataclass(slots=True, eq=False)
class ModelClient:
    """One model on one server. Safe to keep for the life of the process; the breaker remembers across calls."""

    name: str
    tier: Tier
    base_url: str
    api_key: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    breaker: Breaker = field(default_factory=lambda: Breaker(time.monotonic))
    _connections: WeakKeyDictionary[asyncio.AbstractEventLoop, "Connection"] = field(default_factory=WeakKeyDictionary, repr=False)

    @property
    def is_available(self) -> bool:
        """Whether a call made now would be tried; routing leaves out a model whose breaker is open."""
        return not self.breaker.is_open

    def reply(self, messages: Sequence[ChatMessage]) -> Reply:
        """Ask for a reply; nothing is sent before the first piece is asked for."""
        return Reply(self, messages)

    def connection(self) -> "Connection":
        """The connection pool of the running event loop: pools cannot be shared between loops."""
        from llm.connection import Connection

        loop = asyncio.get_running_loop()
        if loop not in self._connections:
            self._connections[loop] = Connection(self.name, self.base_url, self.api_key, self.limits)
        return self._connections[loop]

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        if connection := self._connections.pop(asyncio.get_running_loop(), None):
            await connection.aclose()


async def warm_up() -> None:
    """Read the package for the wire, in a thread: it takes a second or so, which no customer's deadline should pay for."""
    if "llm.connection" not in sys.modules:
        await asyncio.to_thread(import_module, "llm.connection")


_clients: dict[tuple[Any, ...], ModelClient] = {}


def configured() -> dict[Tier, ModelClient]:
    """The models named in the settings, by tier; empty when none is. The same settings give the same clients."""
    from django.conf import settings

    if not settings.OPENAI_API_KEY and not settings.OPENAI_BASE_URL:
        return {}  # a hosted server without a key cannot work; a local one has an address
    limits = Limits(
        first_token=settings.LLM_FIRST_TOKEN_SECONDS,
        total=settings.LLM_TIMEOUT_SECONDS,
        stall=settings.LLM_FIRST_TOKEN_SECONDS,
        answer_tokens=settings.LLM_MAX_ANSWER_TOKENS,
    )
    base_url = settings.OPENAI_BASE_URL or "https://api.openai.com/v1"
    named = {Tier.SMALL: settings.LLM_SMALL_MODEL, Tier.LARGE: settings.LLM_LARGE_MODEL}
    return {tier: _client(name, tier, base_url, settings.OPENAI_API_KEY, limits) for tier, name in named.items() if name}


def _client(name: str, tier: Tier, base_url: str, api_key: str, limits: Limits) -> ModelClient:
    key = (name, tier, base_url, api_key, limits)
    if key not in _clients:
        _clients[key] = ModelClient(name, tier, base_url, api_key, limits)
    return _clients[key]
