"""Tables as a PDF has them: the lines of each cell, and where the columns are. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

_HEAD_CHARACTERS = 40  # of a column's name; longer ones are what the first row says, not what the columns are
Cell = tuple[str, ...]  # the lines of a cell


@dataclass(frozen=True, slots=True, eq=False)  # one is the same as another only if it is that one
class Table:
    """A table: its first row is its head. edges: of its columns, in points. caption: the lines of a title over all columns.

    bold_head: whether the first row looks like a head.
    """

    base: float
    cells: list[list[Cell]]
    edges: tuple[float, ...] = ()
    caption: Cell = ()
    bold_head: bool = False

    def markdown(self, joined: Callable[[Cell], str] = " ".join) -> str:
        """joined: makes one line of a cell's lines."""
        lines = ["| " + " | ".join(joined(cell).replace("|", "\\|") for cell in row) + " |" for row in self.cells]
        return "\n".join([lines[0], "|" + " --- |" * len(self.cells[0]), *lines[1:]])

    def going_on(self, before: "Table") -> "Table":
        """This table, at the top of a page, with the head of the one that ends the page before if it goes on with it."""
        same = len(self.edges) == len(before.edges) and all(
            abs(one - two) <= 3 for one, two in zip(self.edges, before.edges, strict=True)
        )
        short = all(0 < sum(map(len, cell)) <= _HEAD_CHARACTERS for cell in before.cells[0])
        if (
            not (same and self.edges and (short or before.bold_head))
            or self.caption
            or self.bold_head
            or self.cells[0] == before.cells[0]
        ):
            return self
        return replace(self, cells=[before.cells[0], *self.cells])


def in_one_head(cells: list[list[Cell]], heads: int) -> list[list[Cell]]:
    """The rows with one head made of the first `heads`: each column's names from the top down, each once."""
    if heads < 2:
        return cells
    names = [tuple(line for cell in dict.fromkeys(column) for line in cell) for column in zip(*cells[:heads], strict=True)]
    return [names, *cells[heads:]]
