"""Markdown to chunks: pieces small enough for the embedding model, each an exact slice of the text. Pure, linear in its length.

A chunk never crosses a heading or a page mark. Inside a section, what belongs together stays together where it fits: a sentence,
a table with its head, a list with the sentence that leads into it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.pieces import Piece, pieces, sections
from retrieval.plaintext import plain

CHUNKER = "sections-1"  # changes whenever the same text would give other chunks, or other words for the embedding
MAX_TOKENS = 200  # as estimated, which is a fifth too many; with title and heading a chunk stays under the model's 256
PATH_SEPARATOR = " > "
PATH_CHARACTERS = 500
_TARGET = 0.75  # of max_tokens: what a chunk aims at when a section must be cut
_SMALL = 0.4  # of the target: a last chunk below it joins the one before


@dataclass(frozen=True, slots=True)
class ChunkText:
    """One chunk: text == markdown[start:end]. heading: "Returns > Sale items", "" before any. page: None in unpaged files.

    context: words from elsewhere in the document that the chunk needs to be understood: the head of a table that was cut by
    rows, the sentence that leads into a list that was cut by items; "" for most. For search and prompts, never for quotations.
    """

    position: int
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    context: str = ""


def chunk_markdown(markdown: str, *, title: str = "", max_tokens: int = MAX_TOKENS) -> list[ChunkText]:
    """Cut a document into chunks in reading order; together they hold every word that is not a heading, each word once.

    A heading with nothing under it is a chunk of its own words: it may be all that is said ("No refunds on gift cards").
    title stands in for the heading of text before the first one. No text, no chunks. Raises ValueError if max_tokens < 1.
    """
    if max_tokens < 1:
        raise ValueError("max_tokens must be at least 1")
    chunks: list[ChunkText] = []
    for section in sections(markdown):
        heading = (PATH_SEPARATOR.join(section.path) or title)[:PATH_CHARACTERS]
        for piece in _packed(list(pieces(markdown, section.content, max_tokens)), max_tokens):
            text = markdown[piece.start : piece.end]
            chunks.append(ChunkText(len(chunks), heading, text, piece.start, piece.end, section.page, piece.context))
    return chunks


def _packed(parts: list[Piece], limit: int) -> Iterator[Piece]:
    """Join a section's pieces into chunks of about the same size, none over the limit."""
    total = sum(part.tokens for part in parts)
    if total <= limit:
        if parts:
            yield _joined(parts)
        return
    goal = total / math.ceil(total / (limit * _TARGET))
    bunches: list[list[Piece]] = []
    size = 0
    for part in parts:
        if bunches and not _is_full(size, part, goal=goal, limit=limit):
            bunches[-1].append(part)
            size += part.tokens
        else:
            bunches.append([part])
            size = part.tokens
    if len(bunches) > 1 and size < goal * _SMALL and size + sum(part.tokens for part in bunches[-2]) <= limit:
        small = bunches.pop()
        bunches[-1].extend(small)
    yield from map(_joined, bunches)


def _is_full(size: int, part: Piece, *, goal: float, limit: int) -> bool:
    """Whether a chunk of that size ends before the part: never over the limit, near the goal, rather not inside a group."""
    after = size + part.tokens
    if after > limit:
        return True
    if part.tight:
        return size >= goal
    return size >= goal * 0.9 or (size >= goal * 0.5 and after - goal > goal - size)


def _joined(parts: list[Piece]) -> Piece:
    return parts[0]._replace(end=parts[-1].end)


def text_for_embedding(
    title: str, heading: str, text: str, *, context: str = "", with_title: bool = True, with_heading: bool = True
) -> str:
    """The words the embedding model reads for a chunk: where it stands, then what it says, without Markdown's marks.

    A chunk such as "Within 14 days." means nothing without its document and its headings; a benchmark leaves them out to see what
    they are worth (with_title, with_heading).
    """
    headings = [part for part in heading.split(PATH_SEPARATOR) if part] if with_heading else []
    if headings and headings[0].casefold() == title.casefold():
        headings = headings[1:]
    place = ". ".join(part for part in (title if with_title else "", *headings) if part)
    return "\n".join(part for part in (place, plain(context), plain(text)) if part)
