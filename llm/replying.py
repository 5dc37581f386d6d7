"""A reply of a tier: its endpoints are called one after the other until one speaks.

What a customer waits is counted once, over all of them. When the first word has come, there is no other endpoint any more: two
halves of two answers are no answer.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Self

from llm.calling import Call
from llm.counting import estimate_messages
from llm.errors import ModelError
from llm.values import ChatMessage, Usage
from llm.warming import warm_up

if TYPE_CHECKING:
    from llm.client import ModelClient


class Reply:
    """An async context manager, then an async iterator of text pieces, then the figures of the reply.

    Iteration raises a ModelError and nothing else. Afterwards, whatever the ending: `text`, `usage` (of all calls), `finish_reason`,
    `was_cut` (the answer is not whole), `ending` (a word for records), `first_token_ms` (None if none came) and `total_ms` from the
    customer's side, `error`, `model`, and `calls`: each call that was made, the last one the one that spoke.
    """

    def __init__(self, client: "ModelClient", messages: Sequence[ChatMessage]) -> None:
        self.tier = client.tier
        self.calls: tuple[Call, ...] = ()
        self.first_token_ms: float | None = None
        self.total_ms = 0.0
        self._client, self._messages = client, tuple(messages)
        self._started = time.monotonic()
        self._pieces: AsyncGenerator[str, None] | None = None

    @property
    def model(self) -> str:
        """The name of the model that spoke, or was asked last."""
        return self.calls[-1].model if self.calls else self._client.name

    @property
    def endpoint(self) -> str:
        return self.calls[-1].endpoint if self.calls else self._client.endpoint

    @property
    def text(self) -> str:
        return self.calls[-1].text if self.calls else ""

    @property
    def usage(self) -> Usage:
        return sum((call.usage for call in self.calls), Usage())

    @property
    def finish_reason(self) -> str:
        return self.calls[-1].finish_reason if self.calls else ""

    @property
    def ending(self) -> str:
        return self.calls[-1].ending if self.calls else "cancelled"

    @property
    def error(self) -> str:
        return self.calls[-1].error if self.calls else ""

    @property
    def was_cut(self) -> bool:
        return bool(self.calls) and self.calls[-1].was_cut

    async def __aenter__(self) -> Self:
        return self

    def __aiter__(self) -> AsyncIterator[str]:
        if self._pieces is None:
            self._pieces = self._run()
        return self._pieces

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pieces is not None:
            await self._pieces.aclose()
        self.total_ms = self.total_ms or self._elapsed_ms()

    async def _run(self) -> AsyncGenerator[str, None]:
        await warm_up()
        self._started = time.monotonic()
        end_by = self._started + self._client.limits.total
        left = _in_line(self._client.candidates)
        try:
            while True:
                client, *left = left
                # no second try where somebody else can be asked
                retries = 0 if any(self._takes_it(other, client) for other in left) else None
                call = Call(client, self._messages, end_by=end_by, retries=retries)
                self.calls += (call,)
                try:
                    async with aclosing(call.pieces()) as pieces:
                        async for piece in pieces:
                            if self.first_token_ms is None:
                                self.first_token_ms = self._elapsed_ms()
                            yield piece
                    return
                except ModelError as error:
                    left = [other for other in left if self._may_follow(other, client, error)]
                    if call.text or not left or time.monotonic() >= end_by:
                        raise
        finally:
            self.total_ms = self._elapsed_ms()

    def _may_follow(self, other: "ModelClient", failed: "ModelClient", error: ModelError) -> bool:
        """Whether another endpoint may do better with the same messages."""
        if error.kind == "context_overflow" and other.limits.context_tokens <= failed.limits.context_tokens:
            return False
        return self._takes_it(other, failed)

    def _takes_it(self, other: "ModelClient", failed: "ModelClient") -> bool:
        """Whether the other can be asked now, and has as much room for the messages as they need, or as the first had."""
        if other.breaker.is_open:
            return False
        needs = estimate_messages(self._messages) + other.limits.answer_tokens
        return other.limits.context_tokens >= min(needs, failed.limits.context_tokens)

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._started) * 1000, 3)


def _in_line(clients: Sequence["ModelClient"]) -> list["ModelClient"]:
    """Those that may be called now, as they were put in order, but with room first: nobody waits beside an idle server.

    If all are full, the first one's queue is the one to wait in. If every breaker is open, the first one is left, to say so.
    """
    up = [client for client in clients if not client.breaker.is_open]
    return sorted(up, key=lambda client: client.room.is_full) or [clients[0]]
