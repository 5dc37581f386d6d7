"""CSV files to rows of text: encoding, header and broken lines are dealt with here, and nowhere else.

A file is looked at as a whole before anything is written (`open_table`): what cannot be imported at all is refused then.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orders.errors import ImportRefused

MAX_FIELD = 1_048_576  # characters in one cell; Python's own limit is 131,072
_BLOCK = 1 << 20  # bytes read at a time


@dataclass(slots=True)
class Row:
    """One row: its cells by column, stripped, and the line it begins at. problem: why it cannot be read, or "".

    is_plain: every cell is one line without doubled or odd spaces.
    """

    line: int
    cells: dict[str, str]
    problem: str = ""
    is_plain: bool = False

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be imported. lines: physical lines; is_cut: the last one has no end, so its row may be half of one.

    columns: each name once; a column without one has a name that nobody asks for.
    """

    path: Path
    columns: tuple[str, ...]
    lines: int
    delimiter: str
    is_cut: bool = False

    @property
    def name(self) -> str:
        return self.path.name

    def rows(self) -> Iterator[Row]:
        """The rows in order; rows without any text are left out. A row that cannot be read is given with its problem."""
        _allow_long_cells()
        width = len(self.columns)
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            next(reader, None)
            while True:
                line = reader.line_num + 1
                try:
                    cells = [cell.strip() for cell in next(reader)]
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Row(line, {}, _said(str(error)))
                    if "limit" in str(error) or "unexpected end" in str(error):
                        return  # a quote was not closed; what follows has no rows any more
                    continue
                text = "".join(cells)
                if not text:
                    continue
                row = Row(line, dict(zip(self.columns, cells, strict=False)), "", text.isprintable() and "  " not in text)
                if len(cells) != width or "\0" in text or (self.is_cut and reader.line_num >= self.lines):
                    row.problem = self._problem(text, len(cells), is_last=reader.line_num >= self.lines)
                yield row

    def _problem(self, text: str, cells: int, *, is_last: bool) -> str:
        cut = self.is_cut and is_last
        if cells > len(self.columns) or (cut and cells < len(self.columns)):
            # one cell too many shifts all that follow, so no value of this row can be trusted
            why = "The file seems to be cut off here." if cut else f"A cell with a “{self.delimiter}” in it must stand in quotes."
            return f"The row has {cells} cells, the header has {len(self.columns)}. {why}"
        return "The row has a NUL byte in it. Please export the file again." if "\0" in text else ""


def open_table(path: Path, *, required: tuple[str, ...]) -> Table:
    """Look at a whole file. Raises ImportRefused, in words, if it is missing, empty, not UTF-8 or lacks a required column."""
    lines, is_cut = checked_lines(path)
    _allow_long_cells()
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline(MAX_FIELD)
        delimiter = max(",;\t", key=lambda sign: (head.count(sign), sign == ","))
        file.seek(0)
        try:
            header = next(csv.reader(file, delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            raise ImportRefused(f"{path.name}: the header row cannot be read. {_said(str(error))}") from error
    columns = tuple("_".join(column.strip().lower().replace("-", " ").split()) for column in header)
    missing = [column for column in required if column not in columns]
    if missing:
        found = ", ".join(column for column in columns if column) or "none"
        raise ImportRefused(
            f"{path.name} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}. Columns found: {found[:500]}."
        )
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise ImportRefused(f"{path.name} has the column {twice[0]} more than once.")
    named = tuple(column or f" {place}" for place, column in enumerate(columns))
    return Table(path, named, lines, delimiter, is_cut)


def checked_lines(path: Path) -> tuple[int, bool]:
    """(how many lines the file has, whether the last one is not ended); raises ImportRefused if it cannot be read as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, last = 0, b""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise ImportRefused(f"{path.name} is UTF-16. Please save it as “CSV UTF-8”.")
            block = start
            while block:
                decoder.decode(block)
                lines += block.count(b"\n")
                last = block[-1:]
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = lines + error.object[: error.start].count(b"\n") + 1
        raise ImportRefused(f"{path.name} is not UTF-8 (line {line}). In a spreadsheet, save it as “CSV UTF-8”.") from error
    except OSError as error:
        raise ImportRefused(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    if not start.strip():
        raise ImportRefused(f"{path.name} is empty.")
    is_cut = last not in (b"\n", b"\r")
    return lines + is_cut, is_cut


def _allow_long_cells() -> None:
    """Raise Python's limit for a cell to ours; it is one for the whole process and is never lowered."""
    if csv.field_size_limit() < MAX_FIELD:
        csv.field_size_limit(MAX_FIELD)


def _said(error: str) -> str:
    """A message of the csv module in words for staff."""
    if "limit" in error:
        return f"A cell is longer than {MAX_FIELD:,} characters: probably a quote is not closed. The rest of the file was not read."
    if "unexpected end" in error:
        return "A quote is opened in this row and never closed. The rest of the file was not read."
    return f"The quotes in this row are not right ({error})."
