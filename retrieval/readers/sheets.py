"""The cells of a sheet as Markdown in which each row says all it says alone: "- Country: Norway; Days: 4–7". Pure.

A sheet is what somebody laid out for the eye: titles above tables, several tables, groups of rows, notes below. Blank rows divide it
into regions; in each, the row that names the columns is found, and every row under it becomes an item that keeps those names.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from retrieval.readers import CannotRead
from retrieval.readers.writing import Markdown, one_line

MAX_CELLS = 1_000_000  # filled cells of one file
TOO_MANY = (
    "This file has more than {limit:,} filled cells. That is a database rather than a policy: please upload only the tables that "
    "customers ask about."
)
_NAME_CHARACTERS = 80
_LABEL_CHARACTERS = 100
_ADDRESS = re.compile(r"\S+@\S+\.\w+|https?://\S+")


class Cell(NamedTuple):
    """text: as somebody sees it. merged: part of a cell that spans several columns; each part has the whole text."""

    text: str
    bold: bool = False
    merged: bool = False

    @property
    def is_word(self) -> bool:
        """Whether it can name a column: words, not an amount, a date or an address."""
        signs = [char for char in self.text if char.isalnum()]
        digits = sum(map(str.isdigit, signs))
        return bool(signs) and digits <= 0.4 * len(signs) and not _ADDRESS.fullmatch(self.text)


Row = Sequence[Cell]
NOTHING = Cell("")


def write_sheet(out: Markdown, rows: Sequence[Row], *, level: int, named: bool = False) -> None:
    """Write a sheet's content under headings of that level and deeper. named: the first row of a table is known to name its columns."""
    names: list[str] = []
    regions = list(_regions(rows))
    for number, region in enumerate(regions, 1):
        names = _write_region(out, region, names, level=level, named=named, last=number == len(regions))


def _regions(rows: Sequence[Row]) -> Iterator[list[list[Cell]]]:
    """Parts between blank rows, and parts beside each other that are not of the same height; each without its blank columns."""
    for filled, group in groupby(rows, key=lambda row: any(cell.text for cell in row)):
        if not filled:
            continue
        block = [list(row) for row in group]
        wide = max(map(len, block))
        block = [row + [NOTHING] * (wide - len(row)) for row in block]
        used = [any(row[column].text for row in block) for column in range(wide)]
        spans = [[column for column, _ in span] for here, span in groupby(enumerate(used), key=lambda one: one[1]) if here]
        parts = [[[row[column] for column in span] for row in block] for span in spans]
        heights = {max(number for number, row in enumerate(part) if any(cell.text for cell in row)) for part in parts}
        if len(parts) > 1 and len(heights) > 1 and all(len(part[0]) > 1 for part in parts):
            for part in parts:
                yield [row for row in part if any(cell.text for cell in row)]
        else:
            yield [[row[column] for column in range(wide) if used[column]] for row in block]


def _write_region(out: Markdown, region: list[list[Cell]], before: list[str], *, level: int, named: bool, last: bool) -> list[str]:
    """Write one region; return the names of its columns, which also hold for a next region that has none of its own."""
    if len(region[0]) == 1:
        for row in region:
            _write_label(out, row[0], level=level, alone=len(region) == 1 and not last)
        return before
    at = 0
    while at < len(region) and _only(region[at]) is not None:
        _write_label(out, _only(region[at]) or NOTHING, level=level, alone=at + 1 < len(region))
        at += 1
    region = region[at:]
    if not region:
        return before
    names, height = _names(region, named=named and not before, again=len(before) == len(region[0]))
    if not names and len(before) == len(region[0]):
        names = before
    body = region[height:]
    question = _question_column(body)
    for row in body:
        label = _only(row)
        if label is not None and (label.merged or len(row) > 2 or not names):
            _write_label(out, label, level=level, alone=True)
        elif question is not None and row[question].text:
            out.heading(level + 1, row[question].text)
            _write_answer(out, row, names, question)
        else:
            out.item(0, _said(row, names))
    if not body and names:
        out.paragraph("; ".join(names))
    return names


def _only(row: list[Cell]) -> Cell | None:
    """The one cell of a row that has just one, or one that spans the row."""
    filled = [cell for cell in row if cell.text]
    if len(filled) == 1 or (len(filled) > 1 and all(cell.merged for cell in filled) and len({cell.text for cell in filled}) == 1):
        return filled[0]
    return None


def _write_label(out: Markdown, cell: Cell, *, level: int, alone: bool) -> None:
    """A cell that stands by itself: a heading if it is short and stands over something, else a paragraph."""
    text = one_line(cell.text)
    is_title = alone and len(text) <= _LABEL_CHARACTERS and not text.endswith((".", ";", ",", "!")) and cell.is_word
    if is_title or (cell.bold and len(text) <= _LABEL_CHARACTERS and cell.is_word):
        out.heading(level, text)
    else:
        out.paragraph(cell.text)


def _said(row: list[Cell], names: list[str]) -> str:
    """A row in words: every value with the name of its column; of two columns without names, the first names the second."""
    parts = []
    for number, cell in enumerate(row):
        if cell.text and not (cell.merged and number and row[number - 1] == cell and not names):
            name = names[number] if number < len(names) else ""
            parts.append(f"{name}: {one_line(cell.text)}" if name else one_line(cell.text))
    if not names and len(row) == 2 and len(parts) == 2:
        return f"{parts[0].rstrip(':')}: {parts[1]}"
    return "; ".join(parts)


# --- the names of columns -----------------------------------------------------------------------------------------------


def _names(region: list[list[Cell]], *, named: bool, again: bool) -> tuple[list[str], int]:
    """The columns' names, and how many rows they take: two where one name spans several columns; none if nothing names them.

    named: the first row does. again: the region above had as many columns, so only a row that stands out names them anew.
    """
    first = region[0]
    if named and len(region) > 1:
        return [one_line(cell.text) for cell in first], 1
    double = len(region) > 2 and any(cell.merged for cell in first) and all(c.is_word or not c.text for c in region[1])
    heads = region[: 2 if double else 1]
    names = [
        " ".join(dict.fromkeys(one_line(row[column].text) for row in heads if row[column].text)) for column in range(len(first))
    ]
    body = region[len(heads) :]
    if not body or not _can_name(names, heads):
        return [], 0
    stands_out = all(c.bold for row in heads for c in row if c.text) and not all(c.bold for c in body[0] if c.text)
    if stands_out or _differs(heads, body):
        return names, len(heads)
    if again or (len(first) == 2 and not _longer_below(names, body)):
        return [], 0
    return (names, len(heads)) if all(c.is_word for row in heads for c in row if c.text) else ([], 0)


def _can_name(names: list[str], heads: list[list[Cell]]) -> bool:
    given = [name for name in names if name]
    return (
        len(given) >= max(2, 0.6 * len(names))
        and len(set(given)) == len(given)
        and all(len(name) <= _NAME_CHARACTERS and not name.endswith((".", "!")) for name in given)
        and (any(cell.is_word for row in heads for cell in row) or all(cell.bold for row in heads for cell in row if cell.text))
    )


def _differs(heads: list[list[Cell]], body: list[list[Cell]]) -> bool:
    """Whether a column has words at the top and amounts or days under them."""
    for column, head in enumerate(heads[-1]):
        below = [row[column] for row in body if row[column].text]
        if head.is_word and below and sum(not cell.is_word for cell in below) * 2 > len(below):
            return all(cell.is_word for cell in heads[-1] if cell.text)
    return False


def _longer_below(names: list[str], body: list[list[Cell]]) -> bool:
    """Whether the values of the second of two columns are longer than its name: "Answer" over answers, not a value over values."""
    below = [len(row[1].text) for row in body if row[1].text]
    return bool(below) and sum(below) / len(below) > 1.5 * len(names[1]) and len(names[0]) <= 30


# --- questions and answers ----------------------------------------------------------------------------------------------


def _question_column(body: list[list[Cell]]) -> int | None:
    """The column whose cells are questions, as in the list of a help desk; None for most tables."""
    for column in range(len(body[0]) if body else 0):
        filled = [row[column].text for row in body if row[column].text]
        if len(filled) > 1 and sum(text.rstrip().endswith(("?", "？", "؟")) for text in filled) > 0.6 * len(filled):
            return column
    return None


def _write_answer(out: Markdown, row: list[Cell], names: list[str], question: int) -> None:
    others = [number for number, cell in enumerate(row) if number != question and cell.text]
    if len(others) == 1:
        out.paragraph(row[others[0]].text)
        return
    for number in others:
        name = names[number] if number < len(names) else ""
        out.paragraph(f"{name}: {row[number].text}" if name else row[number].text)


def check_size(filled: int) -> None:
    """Raise CannotRead for more cells than a file may have."""
    if filled > MAX_CELLS:
        raise CannotRead(TOO_MANY.format(limit=MAX_CELLS))
