"""What a chat-completions server sends, byte by byte, into deltas. Pure: no network, and nothing of the vendor's package.

Frames are cut out of the bytes here, before they are decoded: a network packet may end in the middle of an umlaut, and line
ends inside a text (U+2028) are not line ends of the protocol.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llm.errors import ReplyBroken
from llm.refusals import of_error_object
from llm.values import Usage

MAX_FRAME = 1_000_000  # bytes; a longer one is no answer to a customer
DONE = "[DONE]"


class FrameReader:
    """Collects bytes, gives the data of each complete event of a text/event-stream."""

    def __init__(self) -> None:
        self._pending = b""
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the data of every event these bytes complete. Raises ReplyBroken for bytes that are no such stream."""
        self._pending += chunk
        if b"\n" not in chunk and b"\r" not in chunk:
            if len(self._pending) > MAX_FRAME:
                raise ReplyBroken("an event is longer than we read", kind="malformed")
            return
        # a lone \r may be the first half of \r\n, so it waits for the next byte
        keep = b"\r" if self._pending.endswith(b"\r") else b""
        text = self._pending[: len(self._pending) - len(keep)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._pending = rest + keep
        for line in lines:
            yield from self._take(line)

    def close(self) -> Iterator[str]:
        """Yield what the server left without a blank line behind it."""
        rest, self._pending = self._pending.strip(b"\r\n"), b""
        if rest:
            yield from self._take(rest)
        yield from self._take(b"")

    def _take(self, line: bytes) -> Iterator[str]:
        if line:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                if sum(map(len, self._data)) > MAX_FRAME:
                    raise ReplyBroken("an event is longer than we read", kind="malformed")
            elif line.lstrip()[:1] in (b"<", b"{"):
                raise ReplyBroken(f"not an event stream: {line[:80]!r}", kind="not_a_stream")
            return  # comments (":"), event names and ids carry no text
        if self._data:
            data, self._data = b"\n".join(self._data), []
            try:
                yield data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ReplyBroken("an event is not UTF-8", kind="malformed") from error


@dataclass(frozen=True, slots=True)
class Delta:
    """One step of a reply. tool_call: the server wants a tool that nobody offered."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    tool_call: bool = False


def read_delta(data: str) -> Delta:
    """The delta in one event's data, or in a whole JSON answer. Raises ReplyBroken, or what an error object stands for."""
    try:
        payload = json.loads(data)
    except ValueError as error:
        raise ReplyBroken(f"an event is not JSON: {data[:80]!r}", kind="malformed") from error
    if not isinstance(payload, dict):
        raise ReplyBroken(f"an event is not an object: {data[:80]!r}", kind="malformed")
    if payload.get("error"):
        raise of_error_object(payload["error"])
    usage = _usage(payload.get("usage"))
    choices = payload.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return Delta(usage=usage)
    choice = choices[0]
    said = choice.get("delta") or choice.get("message") or {}
    content = said.get("content") if isinstance(said, dict) else None
    if isinstance(content, list):  # some servers send a list of parts
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return Delta(
        text=content if isinstance(content, str) else "",
        finish_reason=str(choice.get("finish_reason") or ""),
        usage=usage,
        tool_call=isinstance(said, dict) and bool(said.get("tool_calls") or said.get("function_call")),
    )


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, dict):
        return None
    details = value.get("prompt_tokens_details")
    found = [
        value.get("prompt_tokens"),
        (details if isinstance(details, dict) else {}).get("cached_tokens"),
        value.get("completion_tokens"),
    ]
    if not any(isinstance(n, int) and n > 0 for n in found):
        return None
    tokens_in, cached, out = (n if isinstance(n, int) and n > 0 else 0 for n in found)
    return Usage(tokens_in, min(cached, tokens_in), out)
