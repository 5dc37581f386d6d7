"""What a site sends: which kinds are taken, unpacked within a limit, and in an encoding that the file itself names. Pure."""

import codecs
import re
import zlib
from collections.abc import Iterable, Mapping

from retrieval.web.errors import NotFetched

PAGE_TYPES = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "text/markdown",
        "text/csv",
        "text/rtf",
        "application/rtf",
        "application/pdf",
        "application/msword",
        "application/octet-stream",  # a download; what it is, its content says
    }
)
PAGE_TYPE_PREFIXES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
SITEMAP_TYPES = frozenset(
    {"application/xml", "text/xml", "text/plain", "application/gzip", "application/x-gzip", "application/octet-stream"}
)
_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 64 * 1024  # bytes
_MEMBERS = 1000  # of one gzip file; a log may have some, a page has one
_TEXT_TYPES = ("text/", "application/xhtml")
# By Python's names. Not every name that Python knows: one of them (punycode) takes hours for what a site may send us.
_CHARSETS = re.compile(
    r"ascii|utf-16(-[bl]e)?|iso8859-\d{1,2}|cp\d{3,4}|koi8-[ru]|mac-(roman|cyrillic)|tis-620|gb2312|gbk|gb18030|big5(hkscs)?|euc_(jp|kr)"
    r"|shift_jis|iso2022_jp|johab"
)
DAMAGED = "The page is packed in a damaged way. It will be asked for again."
CUT_SHORT = "The page arrived incomplete. It will be asked for again."


def media_type(headers: Mapping[str, str]) -> tuple[str, str]:
    """The type that the site names and its charset: ("text/html", "utf-8"); "" for what it does not say."""
    kind, _, parameters = headers.get("content-type", "").partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", parameters, re.IGNORECASE)
    return kind.strip().lower(), charset[1].lower() if charset else ""


def check_type(kind: str, *, sitemap: bool) -> None:
    """Raise NotFetched for what cannot be a page (or a sitemap), before its body is loaded. A type that is not said may be one."""
    if not kind:
        return
    if sitemap:
        if kind not in SITEMAP_TYPES and not kind.endswith("+xml"):
            raise NotFetched(f"This address leads to “{kind[:60]}”, not to a sitemap (XML). Please add it as a page, or check it.")
        return
    if kind in ("application/xml", "text/xml"):
        raise NotFetched("This address leads to an XML file. If it is a sitemap, please add it as a sitemap.")
    if kind not in PAGE_TYPES and not kind.startswith(PAGE_TYPE_PREFIXES):
        raise NotFetched(f"This address leads to “{kind[:60]}”, not to a page, PDF or Word document.")


def collect(pieces: Iterable[bytes], *, encoding: str, limit: int) -> bytes:
    """The body put together, unpacked if it is packed. Never holds more than limit + one piece, packed or unpacked.

    encoding: the Content-Encoding. Raises NotFetched: too large, damaged, cut short, or packed in a way that was not asked for.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return _within(pieces, limit)
    if encoding not in ("gzip", "x-gzip"):
        raise NotFetched("The site packs its pages in a way that was not asked for, so they cannot be read.")
    return _within(unpacked(_counted(pieces, limit), limit=limit), limit)


def unpacked(pieces: Iterable[bytes], *, limit: int) -> Iterable[bytes]:
    """Unpack gzip piece by piece; members one after another count as one. Raises NotFetched if damaged, cut short or too large."""
    unpack, ended, made, members = zlib.decompressobj(_GZIP), False, 0, 1
    try:
        for piece in _small(pieces):
            while piece:
                if ended:
                    unpack, ended, members = zlib.decompressobj(_GZIP), False, members + 1
                    if members > _MEMBERS:
                        raise NotFetched(DAMAGED)
                out = unpack.decompress(piece, _PIECE)
                made += len(out)
                if made > limit:
                    raise too_large(limit)
                yield out
                ended = unpack.eof
                piece = unpack.unused_data if ended else unpack.unconsumed_tail
    except zlib.error as error:
        raise NotFetched(DAMAGED) from error
    if not ended:
        raise NotFetched(CUT_SHORT)


def in_utf8(body: bytes, kind: str, charset: str) -> bytes:
    """A text whose encoding only the header named, written so that the stored file says it itself; other bodies as they are."""
    if (
        not charset
        or not kind.startswith(_TEXT_TYPES)
        or body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    ):
        return body
    try:
        if not _CHARSETS.fullmatch(codecs.lookup(charset).name):  # UTF-8, or none of those that pages are written in
            return body
        return codecs.BOM_UTF8 + body.decode(charset).encode()
    except (LookupError, ValueError):  # an unknown name, or a header that is wrong
        return body


def too_large(limit: int) -> NotFetched:
    return NotFetched(
        f"This page is larger than {limit // (1024 * 1024)} MB. Please add a smaller page, or ask for a higher limit."
    )


def _small(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """The same bytes a little at a time: what is left of a piece is copied with each member and each step of unpacking."""
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            yield piece[start : start + _PIECE]


def _within(pieces: Iterable[bytes], limit: int) -> bytes:
    return b"".join(_counted(pieces, limit))


def _counted(pieces: Iterable[bytes], limit: int) -> Iterable[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        yield piece
