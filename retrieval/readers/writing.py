"""Parts of a document as Markdown: what readers of slides, sheets, rich text and mail write with. Pure."""

import re
from collections.abc import Sequence

from retrieval.blocks import page_mark

# what a line must not begin with by chance; "-" and "1." that somebody typed are meant as a list
_MARKS = re.compile(r"#{1,6}(?:\s|$)|>|```|~~~|\||<!--|(?:=+|-+|_{3,}|\*{3,})$")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>()]{1,2000}", re.IGNORECASE)
Cells = Sequence[Sequence[str]]


class Markdown:
    """A document being written, from the top down. Blank and empty parts are left out."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._in_list = False

    @property
    def is_in_list(self) -> bool:
        """Whether the last that was written is an item of a list."""
        return self._in_list

    def heading(self, level: int, text: str) -> None:
        if text := one_line(text):
            self._block(f"{'#' * min(max(level, 1), 6)} {text}")

    def paragraph(self, text: str) -> None:
        """A paragraph; its lines stay lines."""
        lines = [plain_start(line) for line in map(one_line, text.split("\n")) if line]
        if lines:
            self._block("\n".join(lines))

    def item(self, depth: int, text: str, mark: str = "-") -> None:
        """An item of a list. depth: 0 for the outer list. mark: "-" or a number with its dot."""
        if text := one_line(text):
            if not self._in_list:
                self._lines.append("")
                depth = 0
            self._lines.append(f"{'   ' * min(depth, 8)}{mark} {text}")
            self._in_list = True

    def table(self, rows: Cells) -> None:
        """A table whose first row is its head. A table of one column is a list of paragraphs."""
        rows = [[one_line(cell) for cell in row] for row in rows]
        rows = [row for row in rows if any(row)]
        wide = max(map(len, rows), default=0)
        if wide < 2 or len(rows) < 2:
            for row in rows:
                self.paragraph(" – ".join(filter(None, row)))
            return
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in [*row, *[""] * (wide - len(row))]) + " |" for row in rows]
        self._block("\n".join([lines[0], "|" + " --- |" * wide, *lines[1:]]))

    def markdown(self, text: str) -> None:
        """Text that is Markdown already."""
        if text.strip():
            self._block(text.strip("\n"))

    def page(self, number: int) -> None:
        self._block(page_mark(number))

    def text(self) -> str:
        return "\n".join(self._lines).strip("\n") + "\n"

    def _block(self, text: str) -> None:
        self._lines += ["", text]
        self._in_list = False


def one_line(text: str) -> str:
    return " ".join(text.split())


def plain_start(text: str) -> str:
    """A line that says what it says, also where it begins like Markdown's marks for something else."""
    return f"\\{text}" if _MARKS.match(text) else text


def link(text: str, address: str) -> str:
    """A link that leads out of the document; only its words where it leads nowhere from here, or the words are the address."""
    words = text.strip()
    same = address.removeprefix("mailto:").rstrip("/") == words.rstrip("/")
    if not words or same or "[" in words or "]" in words or not _ADDRESS.fullmatch(address):
        return text
    return f"[{words}]({address})"


def spread(rows: Sequence[Sequence[tuple[str, int, int]]], *, wide: int = 200) -> list[list[str]]:
    """Rows of (text, columns, rows) to a grid in which a cell that spans others is repeated in each of them: a row must say all alone.

    wide: columns at most; what lies beyond is left out.
    """
    grid: list[list[str]] = []
    below: dict[int, tuple[str, int]] = {}  # column → text, and rows that it still fills
    for row in rows:
        line: list[str] = []
        later: dict[int, tuple[str, int]] = {}
        for cell in [*row, None]:
            while len(line) in below and len(line) < wide:
                text, left = below.pop(len(line))
                if left > 1:
                    later[len(line)] = (text, left - 1)
                line.append(text)
            if cell is None:
                break
            text, columns, high = cell
            for _ in range(min(columns, wide - len(line))):
                if high > 1:
                    later[len(line)] = (text, high - 1)
                line.append(text)
        below = later
        grid.append(line)
    return grid
