"""The body of an answer to values: unpacked within a limit, decoded, parsed. Pure; what cannot be trusted raises BadBody.

No message here repeats a body: it may hold what the person asking may not see, and messages go to the logs.
"""

import json
import re
import zlib
from decimal import Decimal
from typing import Any

MAX_BYTES = 4 * 1024 * 1024  # of one answer, unpacked
_MAX_NUMBER = 40  # characters of a number that can be an amount, a count or an id
_MAX_EXPONENT = 20
_CHARSETS = {
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}


class BadBody(Exception):
    """An answer that cannot be read; str() says in words why, for the log."""


class TooLarge(BadBody):
    """More than the limit: what was asked for is too much, which says nothing about the next question."""


class Unpacker:
    """Takes a body piece by piece as it comes over the wire and gives it unpacked; never holds more than `limit` bytes.

    encoding: the answer's Content-Encoding. Raises BadBody for one that is not gzip, deflate or none.
    """

    def __init__(self, encoding: str = "", *, limit: int = MAX_BYTES) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BadBody("it is packed in a way that was not asked for")
        # 32 + 15: gzip or zlib, by the first bytes
        self._zip = zlib.decompressobj(47) if name not in ("", "identity") else None
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> None:
        """Raises BadBody for what cannot be unpacked, and for the first byte beyond the limit."""
        if self._zip is not None:
            try:
                # one byte more than is left shows a bomb without unpacking it
                piece = self._zip.decompress(piece, self._limit - self._size + 1)
            except zlib.error:
                raise BadBody("it cannot be unpacked") from None
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLarge(f"it is larger than {self._limit // 1024} KiB")
        self._pieces.append(piece)

    def whole(self) -> bytes:
        """The body. Raises BadBody if it was packed and its end is missing."""
        if self._zip is not None and self._size and not self._zip.eof:
            raise BadBody("its end is missing")
        return b"".join(self._pieces)


def parsed(body: bytes, content_type: str = "") -> Any:
    """JSON as values: numbers are int or Decimal, those that no shop means (too long, too large) are None, "not known".

    Raises BadBody for what is not JSON, and for the constants that JSON does not have (NaN, Infinity).
    """
    kind, _, parameters = content_type.lower().partition(";")
    if kind.strip() in ("text/html", "application/xhtml+xml") or kind.strip().endswith("/xml"):
        raise BadBody("it is a web page, not JSON")
    text = _decoded(body, parameters)
    if not text.strip():
        raise BadBody("it is empty")
    try:
        return json.loads(text, parse_int=_whole, parse_float=_decimal, parse_constant=_refuse)
    except json.JSONDecodeError:
        raise BadBody(
            "it is a web page, not JSON" if text.lstrip()[:1] == "<" else "it is not JSON, or its end is missing"
        ) from None
    except RecursionError:
        raise BadBody("it is nested too deeply") from None


def _decoded(body: bytes, parameters: str) -> str:
    try:
        return body.decode(json.detect_encoding(body)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    named = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters)
    if named and (charset := _CHARSETS.get(named[1])):
        try:
            return body.decode(charset)
        except UnicodeDecodeError:
            pass
    raise BadBody("it is not in the character set that it should be in")


def _whole(written: str) -> int | None:
    return int(written) if len(written) <= _MAX_NUMBER else None


def _decimal(written: str) -> Decimal | None:
    if len(written) > _MAX_NUMBER:
        return None
    number = Decimal(written)
    return number if number == 0 or abs(number.adjusted()) <= _MAX_EXPONENT else None


def _refuse(constant: str) -> Any:
    raise BadBody(f"it has {constant}, which JSON does not")
