"""Models that are asked the same thing once: what they said is kept in a file, and said again.

At temperature 0 a model says the same to the same words, so a turn that is tried in several ways pays for each call once, and a run
that was broken off goes on where it was. The figures of a call (tokens, milliseconds) are those of the time when it was made.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast

from llm.calling import Call, was_cut
from llm.client import ChatMessage, ModelClient, Reply, Usage
from llm.errors import ModelError

# endings that the same words would have again; a server that was busy or away may answer next time
FOR_GOOD = frozenset({"finished", "cut", "cancelled", "empty", "repeating", "tool_call", "context_overflow"})
LEFT = "cancelled"  # the reader had heard enough


@dataclass(slots=True)
class KeptCall:
    """One call after its end, with the figures that `llm.calling.Call` has; its ending may be told differently by who heard it."""

    model: str
    tier: str
    endpoint: str
    pieces: tuple[str, ...]
    usage: Usage
    finish_reason: str
    ending: str
    first_token_ms: float | None
    total_ms: float
    error: str

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def was_cut(self) -> bool:
        return was_cut(self.finish_reason)

    @classmethod
    def of(cls, call: Call, pieces: Sequence[str]) -> "KeptCall":
        figures = (call.usage, call.finish_reason, call.ending, call.first_token_ms, call.total_ms, call.error)
        return cls(call.model, str(call.tier), call.endpoint, tuple(pieces), *figures)


class Memory:
    """Calls by what was asked, one JSON object a line. A line that is not whole (the run was killed) is passed over.

    made: calls that had to be made. failed: endings of those that a server is to blame for; they are not kept.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.made, self.failed = 0, list[str]()
        self._path = path
        self._calls: dict[str, KeptCall] = {}
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                try:
                    known = json.loads(line)
                except json.JSONDecodeError:
                    continue
                values = known["call"] | {"usage": Usage(**known["call"]["usage"]), "pieces": tuple(known["call"]["pieces"])}
                self._calls[known["key"]] = KeptCall(**values)

    def get(self, key: str) -> KeptCall | None:
        return self._calls.get(key)

    def keep(self, key: str, call: KeptCall) -> None:
        self.made += 1
        if call.ending not in FOR_GOOD:
            self.failed.append(call.ending)
            return
        self._calls[key] = call
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, "call": asdict(call)}, ensure_ascii=False) + "\n")


@dataclass(slots=True, eq=False)
class RememberingModel(ModelClient):
    """A model that is asked through a memory."""

    memory: Memory = field(default_factory=Memory)

    def reply(self, messages: Sequence[ChatMessage]) -> Reply:
        return _RememberedReply(self, messages, self.memory)


class _RememberedReply(Reply):
    def __init__(self, client: ModelClient, messages: Sequence[ChatMessage], memory: Memory) -> None:
        super().__init__(client, messages)
        asked = [client.base_url, client.name, client.limits.answer_tokens, [(m.role, m.content) for m in messages]]
        self._key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        self._memory = memory

    async def _run(self) -> AsyncGenerator[str, None]:
        kept = self._memory.get(self._key)
        async with aclosing(self._asked() if kept is None else self._again(kept)) as pieces:
            async for piece in pieces:
                yield piece

    async def _asked(self) -> AsyncGenerator[str, None]:
        said: list[str] = []
        try:
            async with aclosing(super()._run()) as pieces:
                async for piece in pieces:
                    said.append(piece)
                    yield piece
        except asyncio.CancelledError:  # the run was broken off, or patience was over: not what the model has to say
            raise
        except BaseException:  # it was left by its reader, or the model fell short
            self._memory.keep(self._key, KeptCall.of(self.calls[-1], said))
            raise
        self._memory.keep(self._key, KeptCall.of(self.calls[-1], said))

    async def _again(self, kept: KeptCall) -> AsyncGenerator[str, None]:
        self.calls = (cast("Call", replace(kept)),)  # what is said of this one is not said of the next
        self.first_token_ms, self.total_ms = kept.first_token_ms, kept.total_ms
        for piece in kept.pieces:
            yield piece
        if kept.ending == LEFT:
            raise SystemExit(
                "A kept reply was left earlier than it is now: the program has changed since. Begin with another --keep FILE."
            )
        if kept.error:
            raise ModelError(kept.error, kind=kept.ending)
