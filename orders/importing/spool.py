"""A pile on disk that brings the rows of one order together, however they are spread over a file, without filling the memory."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from orders.importing.files import Row

_NAMES = 500  # in one query; sqlite takes 999 values in its oldest builds


class Spool:
    """Rows by kind and name (an order number, a tracking number). Lives as long as the `with` block; belongs to one thread."""

    def __enter__(self) -> Self:
        # an empty name is a temporary file of sqlite's own, kept in memory while it is small and deleted at the end
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;"
            "CREATE TABLE seen (kind TEXT, name TEXT, line INTEGER, PRIMARY KEY (kind, name)) WITHOUT ROWID;"
            "CREATE TABLE pile (kind TEXT, name TEXT, line INTEGER, cells TEXT, PRIMARY KEY (kind, name, line)) WITHOUT ROWID;"
        )
        self._db.execute("BEGIN")  # one transaction for all: nothing here outlives the block
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    def first_line(self, kind: str, name: str, line: int) -> int:
        """The line where this name was met first in this import: `line` itself if it is new."""
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (kind, name, line)).rowcount:
            return line
        return int(self._db.execute("SELECT line FROM seen WHERE kind = ? AND name = ?", (kind, name)).fetchone()[0])

    def put(self, kind: str, name: str, row: Row) -> None:
        self._db.execute("INSERT INTO pile VALUES (?, ?, ?, ?)", (kind, name, row.line, json.dumps(row.cells)))

    def take(self, kind: str, names: Sequence[str]) -> dict[str, list[Row]]:
        """The rows under these names, each name's in the order of the file; they are gone from the pile."""
        taken: dict[str, list[Row]] = {}
        for start in range(0, len(names), _NAMES):
            some = names[start : start + _NAMES]
            which = f"FROM pile WHERE kind = ? AND name IN ({', '.join('?' * len(some))})"
            query = f"SELECT name, line, cells {which} ORDER BY name, line"
            for name, line, cells in self._db.execute(query, (kind, *some)):
                taken.setdefault(name, []).append(Row(line, json.loads(cells)))
            self._db.execute(f"DELETE {which}", (kind, *some))
        return taken

    def left(self, kinds: Sequence[str], size: int) -> Iterator[list[str]]:
        """Names that still have rows of any of these kinds, `size` at a time, until nothing is left; take them each time."""
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT DISTINCT name FROM pile WHERE kind IN ({marks}) ORDER BY name LIMIT ?"  # noqa: S608 (only marks are put in)
        while names := [name for (name,) in self._db.execute(query, (*kinds, size))]:
            yield names
