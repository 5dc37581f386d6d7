"""The parts a chunk is packed from: sections of a document, and in them what must move as one. Pure, linear."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from retrieval.blocks import Block, Kind, blocks
from retrieval.plaintext import estimate_tokens, plain
from retrieval.sentences import block_sentences

CONTEXT_CHARACTERS = 250
_UNBROKEN = re.compile(r"\S+")


class Section(NamedTuple):
    """The blocks between two headings or page marks, with the headings they stand under."""

    path: tuple[str, ...]
    page: int | None
    content: list[Block]


class Piece(NamedTuple):
    """The smallest part that is moved as one: markdown[start:end]. tight: better not cut off from the piece before it.

    context: words from elsewhere that the piece needs to be understood: a table's head, the sentence before a list.
    """

    start: int
    end: int
    tokens: int
    tight: bool = False
    context: str = ""


# --- sections -------------------------------------------------------------------------------------------------------


def sections(markdown: str) -> Iterator[Section]:
    """Yield the sections in reading order. A heading with nothing under it is a section whose only text is the heading's."""
    headings: list[tuple[int, str]] = []
    content: list[Block] = []
    page: int | None = None
    bare: Block | None = None  # the last heading, as long as nothing stands under it

    def section(of: list[Block]) -> Section:
        return Section(tuple(name for _, name in headings if name), page, of)

    for block in blocks(markdown):
        if block.kind not in (Kind.HEADING, Kind.PAGE):
            content.append(block)
            bare = bare if block.kind is Kind.RULE else None
            continue
        yield section(content)
        content = []
        if block.kind is Kind.PAGE:
            page = block.level
            continue
        if bare and bare.level >= block.level:
            yield section([_as_text(bare)])
        while headings and headings[-1][0] >= block.level:
            headings.pop()
        headings.append((block.level, plain(markdown[block.body : block.end_of_body])))
        bare = block if block.body < block.end_of_body else None
    yield section(content)
    if bare:
        yield section([_as_text(bare)])


def _as_text(heading: Block) -> Block:
    return Block(Kind.TEXT, heading.body, heading.end_of_body, heading.body, heading.end_of_body)


# --- pieces ---------------------------------------------------------------------------------------------------------


def pieces(markdown: str, content: Iterable[Block], limit: int) -> Iterator[Piece]:
    """Yield a section's parts, none of more than `limit` estimated tokens: whole groups where they fit, else parts of them."""
    for group in _groups(content):
        if all(block.kind is Kind.RULE for block in group):
            continue  # a thematic break says nothing
        whole = _piece(markdown, group[0].start, group[-1].end)
        if whole.tokens <= limit:
            yield whole
            continue
        for part in _parts(markdown, group):
            if part.tokens <= limit:
                yield part
            else:
                yield from _cut_sentences(markdown, part, limit)


def _groups(content: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks that belong together: a list or a table, each with the paragraph before it; else one block."""
    group: list[Block] = []
    listed = False
    for block in content:
        if group and not _goes_on(group, block, listed=listed):
            yield group
            group, listed = [], False
        group.append(block)
        listed = listed or block.kind is Kind.ITEM
    if group:
        yield group


def _goes_on(group: list[Block], block: Block, *, listed: bool) -> bool:
    before = group[-1]
    if block.kind is Kind.TABLE_ROW or (block.kind is Kind.RULE and before.kind is Kind.TABLE_HEAD):
        return True
    if block.kind in (Kind.ITEM, Kind.TABLE_HEAD) and before.kind is Kind.TEXT and len(group) == 1:
        return True  # the paragraph that leads into it
    return listed and (block.kind is Kind.ITEM or block.level > 0)


def _parts(markdown: str, group: list[Block]) -> Iterator[Piece]:
    """A group that is too long, in parts: rows of a table, outer items of a list, lines of code, sentences of a paragraph."""
    first = group[0]
    rows = [block for block in group if block.kind is Kind.TABLE_ROW]
    items = [block for block in group if block.kind is Kind.ITEM]
    if rows and not items:
        head = next(block for block in group if block.kind is Kind.TABLE_HEAD)
        yield from _one_each(markdown, group, rows, context=markdown[head.start : head.end])
    elif items:
        margin = min(block.level for block in items)
        outer = [block for block in items if block.level == margin]
        lead = ""
        if first.kind is Kind.TEXT:
            start, end = block_sentences(markdown, first)[-1]  # of a long paragraph, the sentence that leads into the list
            lead = markdown[start:end]
        yield from _one_each(markdown, group, outer, context=lead)
    elif first.kind is Kind.CODE:
        yield from _cut_lines(markdown, first)
    else:
        for block in group:
            yield from _sentence_pieces(markdown, block)


def _one_each(markdown: str, group: list[Block], members: list[Block], *, context: str) -> Iterator[Piece]:
    """One part a member, each up to the next one; the first begins with all that stands before it."""
    limits = [group[0].start, *(block.start for block in members[1:]), group[-1].end]
    context = context[:CONTEXT_CHARACTERS]
    for number in range(len(members)):
        text = markdown[limits[number] : limits[number + 1]].rstrip()
        start = limits[number]
        yield _piece(markdown, start, start + len(text), tight=number > 0, context=context if number else "")


def _sentence_pieces(markdown: str, block: Block) -> Iterator[Piece]:
    for number, (start, end) in enumerate(block_sentences(markdown, block)):
        yield _piece(markdown, start, end, tight=number > 0)


def _cut_lines(markdown: str, block: Block) -> Iterator[Piece]:
    start = block.start
    for line in markdown[block.start : block.end].splitlines(keepends=True):
        if line.strip():
            yield _piece(markdown, start, start + len(line.rstrip()), tight=True)
        start += len(line)


def _cut_sentences(markdown: str, part: Piece, limit: int) -> Iterator[Piece]:
    """A part that is too long, cut at sentences, and sentences that are too long at blanks."""
    text = markdown[part.start : part.end]
    context = part.context
    for block in blocks(text):
        for start, end in block_sentences(text, block):
            piece = _piece(markdown, part.start + start, part.start + end, tight=True, context=context)
            if piece.tokens <= limit:
                yield piece
            else:
                yield from _cut_words(markdown, piece, limit)


def _cut_words(markdown: str, piece: Piece, limit: int) -> Iterator[Piece]:
    """Cut at the last blank that fits; words longer than a whole piece are cut anywhere."""
    start, end, tokens = piece.start, piece.start, 0
    for word in _UNBROKEN.finditer(markdown, piece.start, piece.end):
        for left in range(word.start(), word.end(), limit):  # never more characters than tokens allowed: always fits
            right = min(left + limit, word.end())
            count = estimate_tokens(markdown[left:right])
            if tokens and tokens + count > limit:
                yield Piece(start, end, tokens, tight=True, context=piece.context)
                start, tokens = left, 0
            end = right
            tokens += count
    if tokens:
        yield Piece(start, end, tokens, tight=True, context=piece.context)


def _piece(markdown: str, start: int, end: int, *, tight: bool = False, context: str = "") -> Piece:
    return Piece(start, end, estimate_tokens(markdown[start:end]), tight, context)
