"""PDF to Markdown: headings by size and weight, lists, paragraphs joined again, simple tables, a mark before each page's text."""

import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from retrieval.blocks import page_mark
from retrieval.readers import CannotRead, Read
from retrieval.readers.pdf_cells import Table
from retrieval.readers.pdf_glyphs import UNREADABLE, Glyph, Page, pages, stated_title
from retrieval.readers.pdf_grids import take_tables
from retrieval.readers.pdf_lines import Row, columns, rows, without_running_lines
from retrieval.readers.pdf_tables import BULLETS, with_tables

SCANNED = (
    "This PDF has pictures of pages and no text. Text recognition (OCR) needs the program tesseract, which is not installed on this "
    "server: please upload the document it was printed from, or a copy that a text recognition program has added text to."
)
RECOGNISED = "{pages} a picture whose text was recognised by a program (OCR). Please check names, amounts and days."
NOT_READ = "{pages} a picture without text and was not read."
NO_LETTERS = "The letters in this PDF cannot be told: its fonts say how they look but not what they are. Please export it again."
_ITEM = re.compile(
    rf"(?P<bullet>[{BULLETS}])\s+(?=\S)|(?P<number>\d{{1,3}}[.)])\s+(?=\S)|(?P<letter>\((?:[a-z]|\d{{1,2}}|[ivx]{{1,5}})\)|[a-z][.)])\s+(?=\S)"
)
_SENTENCE_END = (".", "!", "?", ":", ";", "…", '."', ".)", "。")
_HEADING_CHARACTERS = 160


@dataclass(slots=True)
class _Block:
    """A part of a page on its way to Markdown. kind: heading, text, item, table. style: what tells heading levels apart."""

    kind: str
    lines: list[str]
    page: int
    size: float = 0.0
    bold: bool = False
    indent: float = 0.0
    mark: str = ""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class _Norms:
    """What is usual in this document, in points: the letter size and the distance of lines of running text."""

    size: float
    leading: float


def read_pdf(data: bytes, recognise: Callable[[bytes, Iterable[int]], dict[int, list[Glyph]]] | None = None) -> Read:
    """Read a PDF. recognise: the letters of pages that are pictures, by their numbers from 1. Raises CannotRead."""
    found = list(pages(data))
    pictures = tuple(n for n, page in enumerate(found, 1) if _is_picture(page))
    notices: tuple[str, ...] = ()
    if pictures and recognise is not None:
        letters = recognise(data, pictures)
        found = [page._replace(glyphs=letters[n], picture=0.0) if n in letters else page for n, page in enumerate(found, 1)]
        notices, pictures = (RECOGNISED.format(pages=_named(pictures)),), ()
    elif pictures:
        notices = (NOT_READ.format(pages=_named(pictures)),)
    _check_text(found, pictures)
    all_rows = [rows(take_tables(page.glyphs, page.drawn)) for page in found]
    all_rows = without_running_lines(all_rows, [page.height for page in found])
    norms = _norms([row for page in all_rows for row in page])
    blocks: list[_Block] = []
    for number, (page, page_rows) in enumerate(zip(found, all_rows, strict=True), 1):
        on_page = list(_page_blocks(page_rows, page, number, norms))
        _join_over_page_break(blocks, on_page)
        blocks.extend(on_page)
    levels = _levels(blocks)
    words = Counter(word for block in blocks for line in block.lines for word in re.findall(r"[\w-]+", line.lower()))
    headings = [_joined(block.lines, words) for block in blocks if block.kind == "heading" and levels[_style(block)] == 1]
    title = headings[0] if headings and blocks[0].kind == "heading" else stated_title(data) or next(iter(headings), "")
    markdown = re.sub(r"\n{3,}", "\n\n", "\n".join(_markdown(blocks, levels, words)))
    return Read(markdown, title, len(found), notices, pictures)


def _is_picture(page: Page) -> bool:
    letters = sum(glyph.char.isalnum() for glyph in page.glyphs)
    return (page.picture > 0.5 and letters < 10) or (page.picture > 0.05 and letters < 3)


def _named(numbers: tuple[int, ...]) -> str:
    """The pages in words, with their verb: "Page 3 is", "Each of the pages 3, 4 and 7 is"."""
    if len(numbers) == 1:
        return f"Page {numbers[0]} is"
    if len(numbers) > 12:
        return f"Each of {len(numbers)} pages (the first is page {numbers[0]}) is"
    return f"Each of the pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} is"


def _check_text(found: list[Page], pictures: tuple[int, ...]) -> None:
    """Raise CannotRead where pages are pictures or letters cannot be told: a policy with holes would give wrong answers."""
    letters = "".join(glyph.char for page in found for glyph in page.glyphs)
    solid = [char for char in letters if not char.isspace()]
    if pictures and (len(solid) < 3 or len(pictures) * 2 >= len(found) > 1):
        raise CannotRead(SCANNED, pictures)
    if letters.count(UNREADABLE) * 5 > len(solid) > 0:
        raise CannotRead(NO_LETTERS)


def _norms(found: list[Row]) -> _Norms:
    sizes: Counter[float] = Counter()
    for row in found:
        sizes[round(row.size * 2) / 2] += len(row.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    apart = [
        below.base - above.base
        for above, below in pairwise(found)
        if size * 0.8 < below.base - above.base < size * 2.2 and abs(above.size - size) < 0.6 and abs(below.size - size) < 0.6
    ]
    return _Norms(size, statistics.median_low(apart) if apart else size * 1.2)


# --- blocks -------------------------------------------------------------------------------------------------------------


def _page_blocks(found: list[Row], page: Page, number: int, norms: _Norms) -> Iterator[_Block]:
    for part in columns([run for row in found for run in row.runs]):
        lines = list(with_tables(rows(part), page.drawn.rules))
        plain = [line for line in lines if isinstance(line, Row)]
        left = min((row.x0 for row in plain), default=0.0)
        right = max((row.x1 for row in plain), default=0.0)
        block: _Block | None = None
        above: Row | None = None
        for line in lines:
            if isinstance(line, Table):
                if block:
                    yield block
                block, above = None, None
                if line.caption:
                    yield _Block("text", list(line.caption), number)
                yield _Block("table", [part for cells in line.cells for cell in cells for part in cell], number, table=line)
                continue
            fresh = _block_of(line, number, norms)
            if block and above and _goes_on(block, above, line, fresh, norms, left=left, right=right):
                block.lines.append(line.text)
            else:
                if block:
                    yield block
                block = fresh
            above = line
        if block:
            yield block


def _block_of(row: Row, page: int, norms: _Norms) -> _Block:
    text = row.text
    if _is_heading(row, norms):
        return _Block("heading", [text], page, row.size, row.bold, row.x0)
    item = _ITEM.match(text)
    if item:
        mark = item["number"] or ("-" if item["bullet"] else f"- {item['letter']}")
        return _Block("item", [text[item.end() :]], page, row.size, row.bold, row.x0, mark)
    return _Block("text", [text], page, row.size, row.bold, row.x0)


def _is_heading(row: Row, norms: _Norms) -> bool:
    text = row.text
    if len(text) > _HEADING_CHARACTERS or sum(map(str.isalpha, text)) < 2:
        return False
    if row.size >= norms.size * 1.12:
        return True
    return (
        row.bold and row.size >= norms.size * 0.95 and not text.endswith((".", ";", ",")) and not text.startswith(("•", "-", "–"))
    )


def _goes_on(block: _Block, above: Row, row: Row, fresh: _Block, norms: _Norms, *, left: float, right: float) -> bool:
    """Whether a line belongs to the block above it."""
    apart = row.base - above.base
    leading = max(norms.leading, norms.leading * row.size / norms.size)
    if apart < -0.5 * row.size:
        return block.kind == "text" and not block.lines[-1].endswith(_SENTENCE_END) and fresh.kind == "text"
    if apart > 1.3 * leading:
        return False
    if block.kind == "heading" or fresh.kind == "heading":
        return block.kind == fresh.kind and _style(block) == _style(fresh) and len(" ".join(block.lines)) < _HEADING_CHARACTERS
    if fresh.kind == "item":
        return False
    if block.kind == "item" and row.x0 < block.indent - 0.5 * row.size:
        return False
    ended = above.text.endswith(_SENTENCE_END)
    if ended and above.x1 < right - 0.2 * (right - left):
        return block.kind == "item" and row.x0 > block.indent + 0.5 * row.size
    indented = row.x0 > left + 0.8 * row.size and above.x0 <= left + 0.4 * row.size
    return not (ended and indented and block.kind == "text")


def _join_over_page_break(blocks: list[_Block], on_page: list[_Block]) -> None:
    """Let a paragraph that runs over a page break end where it began: the page's first lines move to it. A table keeps its head."""
    if not blocks or not on_page:
        return
    last, first = blocks[-1], on_page[0]
    if last.table and first.table:
        on_page[0] = replace(first, table=first.table.going_on(last.table))
    unfinished = last.kind in ("text", "item") and not last.lines[-1].endswith(_SENTENCE_END)
    if unfinished and first.kind == "text" and first.lines[0][:1].islower():
        last.lines.extend(first.lines)
        del on_page[0]


# --- Markdown -----------------------------------------------------------------------------------------------------------


def _style(block: _Block) -> tuple[float, bool]:
    return round(block.size * 2) / 2, block.bold


def _levels(blocks: list[_Block]) -> dict[tuple[float, bool], int]:
    """Heading styles to levels: the largest is 1, bold goes before light."""
    styles = sorted({_style(block) for block in blocks if block.kind == "heading"}, reverse=True)
    return {style: min(level, 6) for level, style in enumerate(styles, 1)}


def _markdown(blocks: list[_Block], levels: dict[tuple[float, bool], int], words: Counter[str]) -> Iterator[str]:
    page = 0
    indents: list[float] = []
    before = ""
    for block in blocks:
        if block.page != page:
            page = block.page
            yield from ("", page_mark(page), "")
            before = ""
        text = "" if block.table else _joined(block.lines, words)
        if block.kind == "item":
            if before != "item":
                yield ""
                indents = []
            while indents and block.indent < indents[-1] - 3:
                indents.pop()
            if not indents or block.indent > indents[-1] + 3:
                indents.append(block.indent)
            yield f"{'   ' * (len(indents) - 1)}{block.mark} {text}"
        elif block.kind == "heading":
            yield from ("", f"{'#' * levels[_style(block)]} {text}", "")
        elif block.table:
            yield from ("", block.table.markdown(lambda cell: _joined(cell, words)), "")
        else:
            yield from ("", f"\\{text}" if text.startswith(("#", "+ ", ">", "```", "~~~", "|")) else text, "")
        before = block.kind


def _joined(lines: Iterable[str], words: Counter[str]) -> str:
    """Lines of a paragraph as one; a word that was cut at the end of a line is made whole."""
    text = ""
    for line in lines:
        if not text:
            text = line
            continue
        end = text[-300:]  # of a word or an address; looking at all of a long text for each line takes for ever
        cut = re.search(r"(\w+)-$", end)
        rest = re.match(r"[^\W\d_]+", line)
        if cut and rest and rest[0][0].islower():
            kept, whole = f"{cut[1]}-{rest[0]}".lower(), f"{cut[1]}{rest[0]}".lower()
            text = text + line if words[kept] > words[whole] else text[:-1] + line
        elif text.endswith(("/", "://")) or re.search(r"https?://\S+-$", end):
            text += line
        else:
            text = f"{text} {line}"
    return text
