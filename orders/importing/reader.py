"""The cells of a row, one after the other, as checked values; what is wrong with them is reported with its column."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from orders.importing import values
from orders.importing.files import Row
from orders.importing.report import Problem, Report

Value = TypeVar("Value")
# an address that Django's validator takes, found without it: most are like this
_PLAIN_ADDRESS = re.compile(r"[a-z0-9_+%-]+(?:\.[a-z0-9_+%-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}", re.ASCII)


@dataclass(slots=True)
class Reader:
    """Reads the cells of one row after the other and reports what is wrong with them; `good` tells whether this row is.

    sparse: only what an order or a parcel cannot be without is needed, as where a programme tells of single orders.
    """

    file: str
    report: Report
    sparse: bool = False
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)
    row: Row = field(default_factory=lambda: Row(0, {}))
    good: bool = True

    def begin(self, row: Row) -> bool:
        """Turn to a row; False if it cannot be read at all."""
        self.row, self.good = row, True
        if row.problem:
            self.refuse("", row.problem)
        return self.good

    def refuse(self, column: str, reason: str) -> None:
        self.good = False
        self.report.refuse(Problem(self.file, self.row.line, column, reason))

    def warn(self, column: str, reason: str) -> None:
        self.report.warn(Problem(self.file, self.row.line, column, reason))

    def has(self, column: str) -> bool:
        return column in self.row.cells

    def text(self, column: str, longest: int, *, needed: bool = False) -> str:
        """A cell in one line; one that is needed and empty, or too long to be stored, is refused."""
        cell = self.row.cells.get(column, "")
        if not self.row.is_plain:
            cell = " ".join(cell.split())
        if needed and not cell:
            self.refuse(column, "This cell is empty.")
        if len(cell) > longest:
            self.refuse(column, f"This cell has {len(cell):,} characters; at most {longest} can be stored.")
        return cell

    def read(self, column: str, understand: Callable[[str], Value]) -> Value | None:
        """A cell as a value; one that cannot be understood is refused."""
        try:
            return understand(self.row.cells.get(column, ""))
        except values.Unclear as unclear:
            self.refuse(column, str(unclear))
            return None

    def email(self, column: str) -> str:
        address = self.text(column, 254, needed=True).lower()
        if address and not _PLAIN_ADDRESS.fullmatch(address):
            try:
                validate_email(address)
            except ValidationError:
                self.refuse(column, "This is not an e-mail address.")
        return address

    def texts(self, longest: Mapping[str, int]) -> dict[str, Any]:
        """The cells of these columns, as far as the file has them."""
        cells, is_plain = self.row.cells, self.row.is_plain
        found = {}
        for column, most in longest.items():
            if (cell := cells.get(column)) is not None:
                found[column] = cell if is_plain and len(cell) <= most else self.text(column, most)
        return found

    def moments(self, *columns: str) -> dict[str, Any]:
        cells = self.row.cells
        return {column: self.read(column, self.moment) if cells[column] else None for column in columns if column in cells}

    def day(self, column: str) -> dict[str, Any]:
        return {column: self.read(column, self._day)} if self.has(column) else {}

    def moment(self, cell: str) -> datetime | None:
        return values.moment(cell, self.zone) if cell else None

    def _day(self, cell: str) -> date | None:
        return values.day(cell, self.zone) if cell else None
