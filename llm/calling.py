"""One call of one endpoint: its place in the queue, its attempts, and its figures afterwards, whatever its ending."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from llm.counting import estimate_messages, estimate_tokens
from llm.errors import ModelError, ModelUnavailable, ReplyBroken
from llm.frames import Delta
from llm.nonsense import HalfCharacters, LoopDetector, ThoughtFilter
from llm.retrying import Attempts
from llm.values import ChatMessage, Usage

if TYPE_CHECKING:
    from llm.client import ModelClient

# finish reasons of a reply that is whole, as servers word them; with any other ("length", "content_filter", "error" …) it is not
WHOLE_REASONS = frozenset(
    {
        "stop", "stop_sequence", "end", "end_turn", "eos", "eos_token", "eot", "endoftext", "end_of_text", "normal", "complete",
        "completed", "done", "finished",
    }
)  # fmt: skip
# endings that say the server itself is not well, as against an answer or a request that is not
_COUNTED_BY_BREAKER = frozenset(
    {
        "busy", "unavailable", "timeout", "unauthorized", "unknown_model", "redirected", "server_error", "cut_off", "stalled",
        "not_a_stream", "malformed",
    }
)  # fmt: skip
# endings before a word was made: no server charges for them
_COSTS_NOTHING = frozenset(
    {
        "queue_full", "breaker_open", "busy", "unavailable", "unauthorized", "unknown_model", "redirected", "refused",
        "context_overflow", "server_error",
    }
)  # fmt: skip


def was_cut(finish_reason: str) -> bool:
    """Whether a reply that ended for that reason is not whole. "" for a server that gives none: that is no sign of it."""
    return bool(finish_reason) and finish_reason not in WHOLE_REASONS


class Call:
    """Iterate `pieces()` once; it raises a ModelError and nothing else. Afterwards the figures stand in the attributes.

    ending: a word for records, "cancelled" until we know better: also when the task is cancelled half way.
    first_token_ms and total_ms count from the moment the call asked for a place in the queue.
    """

    def __init__(
        self, client: "ModelClient", messages: Sequence[ChatMessage], *, end_by: float | None = None, retries: int | None = None
    ) -> None:
        """end_by: of the clock `time.monotonic`, when the customer has waited long enough. retries: None is as the limits say."""
        self.model, self.tier, self.endpoint = client.name, client.tier, client.endpoint
        self.text = ""
        self.usage = Usage()
        self.finish_reason = ""
        self.ending = "cancelled"
        self.first_token_ms: float | None = None
        self.total_ms = 0.0
        self.error = ""
        self._client, self._messages = client, messages
        self._attempts = Attempts(client.limits, started_at=time.monotonic(), end_by=end_by, retries=retries)
        self._reported: Usage | None = None
        self._asked = False
        self._is_silent = True  # the newest attempt has not told anything yet
        self._spent_before = Usage()  # by attempts that were followed by another

    @property
    def was_cut(self) -> bool:
        return was_cut(self.finish_reason)

    async def pieces(self) -> AsyncGenerator[str, None]:
        try:
            patience = self._attempts.patience(begun=False, last_at=0.0)
            async with self._client.room.place(patience=patience), aclosing(self._watched()) as pieces:
                async for piece in pieces:
                    yield piece
            self.ending = "cut" if self.was_cut else "finished"
        except ModelError as error:
            self.ending, cause = error.kind, error.__cause__
            self.error = f"{error} ({type(cause).__name__})" if cause else str(error)
            raise
        finally:
            self._sum_up()

    async def _watched(self) -> AsyncGenerator[str, None]:
        """The answer, with its ending told to the breaker."""
        breaker = self._client.breaker
        if not breaker.try_call():
            raise ModelUnavailable("the breaker is open after failures in a row", kind="breaker_open")
        self._asked = True
        try:
            async with aclosing(self._answer()) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelError as error:
            if error.kind in _COUNTED_BY_BREAKER:
                breaker.failed(rest=getattr(error, "retry_after", None) or 0.0)
            else:
                breaker.succeeded()  # it answers; what it says is another matter
            raise
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()

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
                self._spent_before += self._used(error.kind)
                await asyncio.sleep(pause)

    async def _attempt(self) -> AsyncGenerator[str, None]:
        halves, thoughts, loops, tool_called, shown = HalfCharacters(), ThoughtFilter(), LoopDetector(), False, 0
        limit = self._client.limits.answer_characters
        self.finish_reason, self._reported, self._is_silent = "", None, True
        async with aclosing(self._client.connection().stream(self._messages, attempts=self._attempts)) as deltas:
            async for delta in deltas:
                self._note(delta)
                tool_called = tool_called or delta.tool_call
                if not (text := thoughts.feed(halves.joined(delta.text))):
                    continue
                if thoughts.is_aloud:
                    raise ReplyBroken("what was said was a thought: it ended, and never began", kind="thinking_aloud")
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
        self._is_silent = False
        self.finish_reason = delta.finish_reason or self.finish_reason
        self._reported = delta.usage or self._reported

    def _sum_up(self) -> None:
        self.total_ms = self._attempts.elapsed_ms()
        self.usage = self._spent_before + (self._used(self.ending) if self._asked else Usage())

    def _used(self, ending: str) -> Usage:
        """Tokens of the newest attempt, as the server counts them; counted by us where it does not, or names only a part."""
        counted = self._reported
        was_refused = ending in _COSTS_NOTHING or (ending == "cut_off" and self._is_silent)  # or let go without a word
        if counted is None and not self.text and was_refused:
            return Usage()
        if counted is not None and counted.input and (counted.output or not self.text):
            return counted
        known = counted or Usage()
        read, written = known.input or estimate_messages(self._messages), known.output or estimate_tokens(self.text)
        return Usage(read, min(known.cached, read), written, estimated=True)
