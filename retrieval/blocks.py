"""Markdown text to its blocks, with exact positions. Pure, one pass, linear in the length of the text.

This is not a renderer: it finds where headings, paragraphs, list items, table rows, code and page marks begin and end, so
that chunks and quotations can point at exact characters. Nothing is dropped: every line that is not blank is in one block.

A page mark is a line of its own, `<!-- page 3 -->`: what follows it stands on page 3 of the uploaded file.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

PAGE_MARK = re.compile(r"<!-- page (\d{1,9}) -->")
_ITEM = re.compile(r"([ \t]*)([-*+•]|\d{1,9}[.)])(?=[ \t]|$)[ \t]*")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)[ \t]*")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_BAR = re.compile(r"(?<!\\)\|")  # a bar between two cells, not one written as \|
_DELIMITER_CELL = re.compile(r":?-+:?")


class Kind(Enum):
    """What a block is. A table is a head, a rule and rows; a thematic break is a rule too."""

    HEADING = auto()
    PAGE = auto()
    TEXT = auto()
    ITEM = auto()
    TABLE_HEAD = auto()
    TABLE_ROW = auto()
    RULE = auto()
    CODE = auto()


class Block(NamedTuple):
    """One block: text[start:end] is the whole of it, text[body:end_of_body] without its mark ("#", "-", "3.").

    level: of a heading 1 to 6, of a page mark the page, of anything else its indent in columns.
    """

    kind: Kind
    start: int
    end: int
    body: int
    end_of_body: int
    level: int = 0


class _Line(NamedTuple):
    start: int
    end: int  # without the line end and the blanks before it
    text: str


def page_mark(number: int) -> str:
    """The line that says what follows stands on that page."""
    return f"<!-- page {number} -->"


def blocks(markdown: str) -> Iterator[Block]:
    """Yield the blocks in reading order."""
    lines = list(_lines(markdown))
    at = 0
    in_list = False
    while at < len(lines):
        if not lines[at].text:
            at += 1
            continue
        found, at = _blocks_at(lines, at, in_list=in_list)
        yield from found
        last = found[-1]
        if last.kind is Kind.ITEM:
            in_list = True
        elif last.kind is Kind.HEADING or last.level == 0:
            in_list = False  # an indented paragraph goes on with the list, anything at the margin ends it


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    while start < len(text):
        newline = text.find("\n", start)
        stop = len(text) if newline < 0 else newline
        content = text[start:stop].rstrip()
        yield _Line(start, start + len(content), content)
        start = stop + 1


def _blocks_at(lines: list[_Line], at: int, *, in_list: bool) -> tuple[list[Block], int]:
    """The block that begins on that line (of a table: all its blocks), and the number of the line after it."""
    line = lines[at]
    if found := PAGE_MARK.fullmatch(line.text.lstrip()):
        return [Block(Kind.PAGE, line.start, line.end, line.end, line.end, int(found[1]))], at + 1
    if heading := _atx_heading(line):
        return [heading], at + 1
    if _is_fence(line, in_list=in_list):
        return _code(lines, at)
    if _is_break(line.text):
        return [_whole(Kind.RULE, line)], at + 1
    if at + 1 < len(lines) and _is_table(line.text, lines[at + 1].text):
        return _table(lines, at)
    if item := _ITEM.match(line.text):
        return _text(lines, at, kind=Kind.ITEM, body=line.start + item.end())
    return _text(lines, at, kind=Kind.TEXT, body=line.start + _indent(line.text))


def _table(lines: list[_Line], at: int) -> tuple[list[Block], int]:
    """Head, rule and rows: a table goes on until a blank line or the start of another block."""
    found = [_whole(Kind.TABLE_HEAD, lines[at]), _whole(Kind.RULE, lines[at + 1])]
    at += 2
    while at < len(lines) and lines[at].text and not _starts_block(lines, at, inside=Kind.TABLE_ROW):
        found.append(_whole(Kind.TABLE_ROW, lines[at]))
        at += 1
    return found, at


def _text(lines: list[_Line], at: int, *, kind: Kind, body: int) -> tuple[list[Block], int]:
    """A paragraph or the own text of a list item: it goes on until a blank line or the start of another block."""
    first = lines[at]
    level = _columns(first.text)
    last = at
    for following in range(at + 1, len(lines)):
        line = lines[following]
        if line.text and kind is Kind.TEXT and _SETEXT.fullmatch(line.text):
            depth = 1 if "=" in line.text else 2
            return [Block(Kind.HEADING, first.start, line.end, body, lines[last].end, depth)], following + 1
        if not line.text or _starts_block(lines, following, inside=kind):
            break
        last = following
    end = lines[last].end
    return [Block(kind, first.start, end, min(body, end), end, level)], last + 1


def _starts_block(lines: list[_Line], at: int, *, inside: Kind) -> bool:
    """Whether that line ends the paragraph before it (CommonMark's rules of interruption)."""
    line = lines[at]
    if PAGE_MARK.fullmatch(line.text.lstrip()) or _HEADING.match(line.text) or _is_fence(line, in_list=inside is Kind.ITEM):
        return True
    if _is_break(line.text):
        return True
    if found := _ITEM.match(line.text):
        # "in the year\n2020. We ..." is a wrapped line, not item 2020; neither is a lone dash an item there
        return inside is Kind.ITEM or (found.end() < len(line.text) and found[2] in ("-", "*", "+", "•", "1.", "1)"))
    return at + 1 < len(lines) and _is_table(line.text, lines[at + 1].text)


def _code(lines: list[_Line], at: int) -> tuple[list[Block], int]:
    """A fenced block with its fences; one that is never closed goes to the end, as in CommonMark."""
    opening = _FENCE.match(lines[at].text)
    assert opening is not None
    fence = opening[1]
    last = at
    for following in range(at + 1, len(lines)):
        text = lines[following].text.strip()
        if lines[following].text:
            last = following
        if text.startswith(fence) and not text.strip(fence[0]):
            break
    first, end = lines[at], lines[last].end
    return [Block(Kind.CODE, first.start, end, first.start, end, _columns(first.text))], last + 1


def _atx_heading(line: _Line) -> Block | None:
    found = _HEADING.match(line.text)
    if not found:
        return None
    title = line.text[found.end() :]
    closed = title.rstrip("#")
    if closed != title and (not closed or closed[-1] in " \t"):
        title = closed.rstrip()
    body = line.start + found.end()
    return Block(Kind.HEADING, line.start, line.end, body, body + len(title), len(found[1]))


def _whole(kind: Kind, line: _Line) -> Block:
    return Block(kind, line.start, line.end, line.start + _indent(line.text), line.end, _columns(line.text))


def _is_fence(line: _Line, *, in_list: bool) -> bool:
    return bool(_FENCE.match(line.text)) and (in_list or _columns(line.text) < 4)


def _is_break(text: str) -> bool:
    """Whether the line is a thematic break: three or more of one of * - _ and nothing else."""
    marks = text.replace(" ", "").replace("\t", "")
    return len(marks) >= 3 and marks[0] in "*-_" and not marks.strip(marks[0])


def _is_table(head: str, rule: str) -> bool:
    """Whether the two lines are a table's head and the "|---|---|" under it."""
    if "|" not in head or "-" not in rule or "|" not in rule:
        return False
    cells = rule.strip().removeprefix("|").removesuffix("|").split("|")
    if not all(_DELIMITER_CELL.fullmatch(cell.strip()) for cell in cells):
        return False
    return len(_BAR.split(head.strip().removeprefix("|").removesuffix("|"))) == len(cells)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _columns(text: str) -> int:
    return len(text[: _indent(text)].expandtabs(4))
