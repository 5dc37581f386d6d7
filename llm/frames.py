"""What a chat-completions server sends, byte by byte, into deltas. Pure: no network, and nothing of the vendor's package.

Frames are cut out of the bytes here, before they are decoded: a network packet may end in the middle of an umlaut, and line
ends inside a text (U+2028) are not line ends of the protocol. What a body is, is told by its first byte and not by its content type:
servers and the proxies before them name either kind as the other.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from llm.errors import ReplyBroken
from llm.refusals import of_error_object
from llm.values import Usage

MAX_FRAME = 1_000_000  # bytes; a longer one is no answer to a customer
MOST_TOKENS = 10_000_000  # of one call; no model takes in so many, so a larger figure is a slip of the server's
DONE = "[DONE]"
_BOM = b"\xef\xbb\xbf"
_UNWRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # control characters: no text has them, and no database keeps all


class FrameReader:
    """Collects bytes, gives the data of each complete event of a text/event-stream.

    A body that is one JSON document, from a server that does not stream, is given as a whole, and DONE after it.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._data: list[bytes] = []
        self._is_begun = False
        self._document: bytearray | None = None

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the data of every event these bytes complete. Raises ReplyBroken for bytes that are no such stream."""
        if not self._is_begun:
            chunk = self._begin(chunk)
        if self._document is not None:
            self._document += chunk
            _check_size(len(self._document))
            return
        self._pending += chunk
        if b"\n" not in chunk and b"\r" not in chunk:
            _check_size(len(self._pending))
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
        if self._document is not None:
            yield _decoded(bytes(self._document))
            yield DONE
            return
        rest, self._pending = self._pending.strip(b"\r\n"), b""
        if rest:
            yield from self._take(rest)
        yield from self._take(b"")

    def _begin(self, chunk: bytes) -> bytes:
        """The first bytes without a byte order mark and blanks; none of them while it is not known what they begin."""
        start = self._pending + chunk
        if _BOM.startswith(start):
            self._pending = start
            return b""
        start, self._pending = start.removeprefix(_BOM).lstrip(), b""
        if start:
            self._is_begun = True
            self._document = bytearray() if start[:1] in (b"{", b"[") else None
        return start

    def _take(self, line: bytes) -> Iterator[str]:
        if not line:
            yield from self._event()
        elif line.startswith(b"data:"):
            value = line[5:].removeprefix(b" ")
            if _is_whole(self._data) and value.lstrip().startswith((b"{", DONE.encode())):
                yield from self._event()  # some servers put no blank line between their events
            self._data.append(value)
            _check_size(sum(map(len, self._data)))
        elif line.startswith(b"error:"):  # a field of llama.cpp's own, with an error object in it
            yield _as_error(line[6:])
        elif line.lstrip()[:1] in (b"<", b"{"):
            raise ReplyBroken(f"not an event stream: {line[:80]!r}", kind="not_a_stream")
        # comments (":"), event names and ids carry no text

    def _event(self) -> Iterator[str]:
        data, self._data = b"\n".join(self._data), []
        if data.strip():  # an event without data is a sign of life
            yield _decoded(data)


def _check_size(size: int) -> None:
    if size > MAX_FRAME:
        raise ReplyBroken("an event is longer than we read", kind="malformed")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReplyBroken("an event is not UTF-8", kind="malformed") from error


def _is_whole(lines: Sequence[bytes]) -> bool:
    """Whether these lines of data look like a whole JSON object, so that the next one begins another."""
    return bool(lines) and lines[0].lstrip().startswith(b"{") and lines[-1].rstrip().endswith(b"}")


def _as_error(value: bytes) -> str:
    text = value.decode("utf-8", errors="replace").strip()
    try:
        error = json.loads(text)
    except (ValueError, RecursionError):
        error = text
    return json.dumps({"error": error or "no reason given"})


@dataclass(frozen=True, slots=True)
class Delta:
    """One step of a reply. tool_call: the server wants a tool that nobody offered. finish_reason: in lower case."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage | None = None
    tool_call: bool = False


def read_delta(data: str) -> Delta:
    """The delta in one event's data, or in a whole JSON answer. Raises ReplyBroken, or what an error object stands for."""
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReplyBroken(f"an event is not JSON: {data[:80]!r}", kind="malformed") from error
    if not isinstance(payload, dict):
        raise ReplyBroken(f"an event is not an object: {data[:80]!r}", kind="malformed")
    if (failure := _error_in(payload)) is not None:
        raise of_error_object(failure)
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
        text=_UNWRITTEN.sub("", content) if isinstance(content, str) else "",
        finish_reason=_reason(choice.get("finish_reason")),
        usage=usage or _usage(choice.get("usage")),
        tool_call=isinstance(said, dict) and bool(said.get("tool_calls") or said.get("function_call")),
    )


def _error_in(payload: dict[str, Any]) -> Any:
    """What says that the server failed: under `error`, or beside what stands for no answer. None if nothing does."""
    if payload.get("error"):
        return payload["error"]
    if "error" in (payload.get("object"), payload.get("type")):
        return payload
    if "choices" not in payload:
        said = payload.get("message") or payload.get("detail")
        return payload | {"message": said} if isinstance(said, str) else None
    return None


def _reason(value: Any) -> str:
    """Why the reply ends; "" while it does not. Some servers write "null" in each event before the last."""
    reason = str(value or "")[:40].lower()
    return "" if reason in ("null", "none") else reason


def _usage(value: Any) -> Usage | None:
    """Tokens under the names that servers have for them; None for what names none, or more than can be."""
    if not isinstance(value, dict):
        return None
    details = value.get("prompt_tokens_details")
    tokens_in = _tokens(value, "prompt_tokens", "input_tokens")
    out = _tokens(value, "completion_tokens", "output_tokens")
    cached = _tokens(details, "cached_tokens") or _tokens(value, "cached_tokens", "prompt_cache_hit_tokens")
    if (not tokens_in and not out) or max(tokens_in, cached, out) > MOST_TOKENS:
        return None
    return Usage(tokens_in, min(cached, tokens_in), out)


def _tokens(value: Any, *names: str) -> int:
    """The first of these figures that is more than 0; 0 if none is."""
    figures = (value.get(name) for name in names) if isinstance(value, dict) else ()
    return next((int(n) for n in figures if isinstance(n, int | float) and not isinstance(n, bool) and 0 < n < inf), 0)
