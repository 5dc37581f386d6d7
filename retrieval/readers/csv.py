"""Comma-separated values of any country to Markdown: comma, semicolon, tab or bar, any encoding, decimal commas as they stand."""

import csv
import re
from collections import Counter
from collections.abc import Iterator

from retrieval.readers import CannotRead, Read
from retrieval.readers.encoding import decode
from retrieval.readers.sheets import Cell, check_size, write_sheet
from retrieval.readers.writing import Markdown, one_line

MAX_FIELD = 200_000  # characters; a whole policy in one cell has fewer
_DELIMITERS = ",;\t|"
_STATED = re.compile(r"sep=(.)[ \t]*\r?\n", re.IGNORECASE)
_SAMPLE = 50_000  # characters that are looked at to tell the delimiter


def read_csv(data: bytes) -> Read:
    """Read a table in text. Raises CannotRead if a field or the whole is too large."""
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    stated = _STATED.match(text)
    if stated:
        text = text[stated.end() :]
    delimiter = stated[1] if stated else _delimiter(text)
    rows: list[list[Cell]] = []
    filled = 0
    for row in _rows(text, delimiter):
        rows.append([Cell(one_line(field)) for field in row])
        filled += sum(map(bool, row))
        check_size(filled)
    out = Markdown()
    write_sheet(out, rows, level=2, named=_is_named(rows))
    return Read(out.text())


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_FIELD)
    try:
        yield from csv.reader(text.split("\n") if '"' not in text else _lines(text), delimiter=delimiter)
    except csv.Error as error:
        raise CannotRead(
            f"A cell of this table has more than {MAX_FIELD:,} characters; a quotation mark may be missing. Please save it again."
        ) from error


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, which a quoted cell keeps."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _delimiter(text: str) -> str:
    """The delimiter that cuts most rows into the same number of cells; of equals, the one that makes more of them."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            widths = Counter(len(row) for row in _rows(sample, delimiter) if len(row) > 1 or (row and row[0].strip()))
        except CannotRead:
            return 0.0, 0
        cut = Counter({width: count for width, count in widths.items() if width > 1})
        if not cut:
            return 0.0, 0
        width, count = cut.most_common(1)[0]
        return round(count / widths.total(), 1), width

    return max(_DELIMITERS, key=fit)


def _is_named(rows: list[list[Cell]]) -> bool:
    """Whether the first row names the columns, as in nearly every such file: all words, each once, and rows under it."""
    first = rows[0] if rows else []
    filled = [cell.text for cell in first if cell.text]
    return len(rows) > 1 and len(filled) > 1 and len(set(filled)) == len(filled) and all(c.is_word for c in first if c.text)
