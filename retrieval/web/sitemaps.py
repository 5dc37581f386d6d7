"""Sitemaps: XML (also packed), an index of sitemaps, or a plain list of addresses. Pure, and safe for hostile files.

The parser refuses every document type declaration, so there are no entities to expand and nothing to load. It reads once from
beginning to end, keeps only addresses, and stops at the limit.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from retrieval.web.bodies import unpacked
from retrieval.web.errors import NotFetched

MAX_ADDRESS = 2_000  # characters of one entry; longer ones are skipped
MAX_DEPTH = 20  # of elements in elements; a sitemap has three
DAMAGED = "This sitemap is damaged or is not a sitemap, so no addresses could be taken from it."
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(slots=True)
class Sitemap:
    """The addresses of pages and of further sitemaps, as written, in order, each once. is_cut: there were more than the limit."""

    pages: dict[str, None] = field(default_factory=dict)
    sitemaps: dict[str, None] = field(default_factory=dict)
    is_cut: bool = False


class _Enough(Exception):
    """The limit is reached; what was read so far is kept."""


def parse_sitemap(data: bytes, *, max_entries: int, max_bytes: int) -> Sitemap:
    """Read a sitemap. Raises NotFetched for what is none, or unpacks to more than max_bytes."""
    if data.startswith(_GZIP_MAGIC):
        data = b"".join(unpacked([data], limit=max_bytes))
    text = _text(data)
    return _from_xml(text, max_entries) if text.lstrip().startswith("<") else _from_lines(text, max_entries)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")  # the protocol allows nothing else
    except UnicodeDecodeError as error:
        raise NotFetched(DAMAGED) from error


def _from_lines(text: str, max_entries: int) -> Sitemap:
    found = Sitemap()
    for line in text.splitlines():
        entry = line.strip()
        if not entry:
            continue
        if not re.match(r"https?://", entry, re.IGNORECASE):
            raise NotFetched(DAMAGED)
        if len(found.pages) == max_entries and entry not in found.pages:
            found.is_cut = True
            break
        if len(entry) <= MAX_ADDRESS:
            found.pages[entry] = None
    return found


def _from_xml(text: str, max_entries: int) -> Sitemap:
    found = Sitemap()
    path: list[str] = []  # the open elements
    words: list[str] = []  # of the entry that is being read

    def start(name: str, _: dict[str, str]) -> None:
        path.append(name.rpartition(" ")[2])  # "namespace name"
        if len(path) > MAX_DEPTH or path[0] not in ("urlset", "sitemapindex"):
            raise NotFetched(DAMAGED)
        words.clear()

    def end(_: str) -> None:
        if path in (["urlset", "url", "loc"], ["sitemapindex", "sitemap", "loc"]):
            entry = "".join(words).strip()
            into = found.pages if path[0] == "urlset" else found.sitemaps
            if len(into) == max_entries and entry not in into:
                raise _Enough
            if entry and len(entry) <= MAX_ADDRESS:
                into[entry] = None
        path.pop()

    def characters(piece: str) -> None:
        if path and path[-1] == "loc" and len(words) <= MAX_ADDRESS:  # a piece has one character at least
            words.append(piece[: MAX_ADDRESS + 1])

    def refuse(*_: object) -> None:
        raise NotFetched("This sitemap contains a document type declaration, which no sitemap needs. It was not read.")

    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, refuse
    try:
        parser.Parse(text.encode(), True)
    except _Enough:
        found.is_cut = True
    except expat.ExpatError as error:
        raise NotFetched(DAMAGED) from error
    return found
