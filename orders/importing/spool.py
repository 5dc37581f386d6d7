"""A pile on disk that brings the rows of one order together, however they are spread over a file, without filling the memory."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from orders.importing.files import Row

_WAITING = 1000  # rows that are written together
_GAP = "\0"  # between cells; no row that is put here has one


class Spool:
    """Rows by kind and name (an order number, a tracking number). Lives as long as the `with` block; used by one thread at a time."""

    def __enter__(self) -> Self:
        # an empty name is a temporary file of sqlite's own, kept in memory while it is small and deleted at the end
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
            "CREATE TABLE seen (kind TEXT, name TEXT, line INTEGER, PRIMARY KEY (kind, name)) WITHOUT ROWID;"
            "CREATE TABLE pile (kind TEXT, name TEXT, line INTEGER, plain INTEGER, cells TEXT, PRIMARY KEY (kind, name, line)) "
            "WITHOUT ROWID;"
        )
        self._db.execute("BEGIN")  # one transaction for all: nothing here outlives the block
        self._waiting: list[tuple[str, str, int, bool, str]] = []
        self._columns: dict[str, tuple[str, ...]] = {}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    def seen_before(self, kind: str, names: Sequence[tuple[str, int]]) -> dict[int, int]:
        """Of these (name, line), in the order of the file: the lines whose name was met before in this import, with the first line."""
        before = self._db.total_changes
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", [(kind, name, line) for name, line in names])
        if self._db.total_changes - before == len(names):
            return {}
        first = "SELECT line FROM seen WHERE kind = ? AND name = ?"
        lines = {line: int(self._db.execute(first, (kind, name)).fetchone()[0]) for name, line in names}
        return {line: met for line, met in lines.items() if met != line}

    def put(self, kind: str, name: str, row: Row) -> None:
        """All rows of a kind have the same columns, but some may lack the last ones."""
        if len(row.cells) > len(self._columns.get(kind, ())):
            self._columns[kind] = tuple(row.cells)
        self._waiting.append((kind, name, row.line, row.is_plain, _GAP.join(row.cells.values())))
        if len(self._waiting) >= _WAITING:
            self._write()

    def take(self, kind: str, names: Sequence[str]) -> dict[str, list[Row]]:
        """The rows under these names, each name's in the order of the file; they are gone from the pile."""
        self._write()
        taken: dict[str, list[Row]] = {}
        which = "FROM pile WHERE kind = ? AND name IN (SELECT value FROM json_each(?))"
        values = (kind, json.dumps(names))
        columns = self._columns.get(kind, ())
        for name, line, plain, cells in self._db.execute(f"SELECT name, line, plain, cells {which} ORDER BY name, line", values):
            taken.setdefault(name, []).append(Row(line, dict(zip(columns, cells.split(_GAP), strict=False)), "", bool(plain)))
        if taken:
            self._db.execute(f"DELETE {which}", values)
        return taken

    def left(self, kinds: Sequence[str], size: int) -> Iterator[list[str]]:
        """Names that still have rows of any of these kinds, `size` at a time, until nothing is left; take them each time."""
        self._write()
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT DISTINCT name FROM pile WHERE kind IN ({marks}) ORDER BY name LIMIT ?"  # noqa: S608 (only marks are put in)
        while names := [name for (name,) in self._db.execute(query, (*kinds, size))]:
            yield names

    def _write(self) -> None:
        if self._waiting:
            self._db.executemany("INSERT INTO pile VALUES (?, ?, ?, ?, ?)", self._waiting)
            self._waiting.clear()
