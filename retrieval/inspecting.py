"""A version as search sees it: its chunks, what lies between them, and the words that stand for each in both engines. For reading."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.chunking import text_for_embedding
from retrieval.models import Chunk, DocumentVersion
from retrieval.plaintext import estimate_tokens, plain
from retrieval.rendering import render_markdown

_CELL = re.compile(r"(?<!\\)\|")
_PAGE = re.compile(r"<!--\s*page\s+\d+\s*-->", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ChunkView:
    """One chunk for people to read. tokens: about how many the embedding model sees of `embedded`, its title and headings included.

    before: the words between the chunk before it and this one (headings, rules), which no search finds by themselves; html and
    before are safe to show. context: words from elsewhere that are read with it, "" for most.
    """

    position: int
    heading: str
    start: int
    end: int
    page: int | None
    html: str
    before: str
    context: str
    embedded: str
    tokens: int

    @property
    def number(self) -> int:
        """As people count."""
        return self.position + 1

    @property
    def characters(self) -> int:
        return self.end - self.start


def chunk_count(version: DocumentVersion) -> int:
    return version.chunks.count()


def chunk_at(version: DocumentVersion, offset: int) -> int | None:
    """The position of the chunk that holds this character of the text, else of the last one that begins before it, else the first."""
    positions = version.chunks.order_by("-start").values_list("position", flat=True)
    found = positions.filter(start__lte=offset).first()
    return positions.order_by("start").first() if found is None else found


def view_chunks(version: DocumentVersion, *, first: int = 0, count: int | None = None) -> list[ChunkView]:
    """The chunks from position `first` on, in reading order, at most `count`."""
    rows = version.chunks.order_by("position").filter(position__gte=max(first - 1, 0)).defer("vector")
    chunks = list(rows if count is None else rows[: count + (first > 0)])
    return list(_views(version, chunks, first))


def _views(version: DocumentVersion, chunks: Sequence[Chunk], first: int) -> Iterator[ChunkView]:
    reached = 0
    for chunk in chunks:
        if chunk.position >= first:
            embedded = text_for_embedding(version.document.title, chunk.heading, chunk.text, context=chunk.context)
            yield ChunkView(
                position=chunk.position,
                heading=chunk.heading,
                start=chunk.start,
                end=chunk.end,
                page=chunk.page,
                html=render_markdown(_readable(chunk.text, chunk.context)),
                before=_between(version.markdown[reached : chunk.start]),
                context=plain(chunk.context),
                embedded=embedded,
                tokens=estimate_tokens(embedded),
            )
        reached = chunk.end


def _between(markdown: str) -> str:
    """What stands between two chunks, without the page marks, which every chunk says for itself."""
    return render_markdown(_PAGE.sub("", markdown)) if markdown.strip() else ""


def _readable(text: str, context: str) -> str:
    """Rows that were cut off from the head of their table are no table by themselves: they get their head again."""
    head = context.strip()
    if not (text.startswith("|") and head.startswith("|") and "\n" not in head):
        return text
    cells = len(_CELL.findall(head)) - 1
    return f"{head}\n{'|---' * max(cells, 1)}|\n{text}"
