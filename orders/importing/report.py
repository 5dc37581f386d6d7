"""What an import did: counts per kind, and each row that was refused or doubted, by file, line, column and reason."""

from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

MOST_LISTED = 10_000  # of errors and of warnings; more are counted, so that a broken file cannot fill the memory
_ADDING = Lock()  # the thread that reads reports, and the one that writes


@dataclass(frozen=True, slots=True)
class Problem:
    """One row, or one cell of it. line: where the row begins in the file, counted from 1; column is "" for the whole row."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.reason}"


@dataclass(slots=True)
class Counts:
    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def add(self, *, created: bool, changed: bool) -> None:
        if created:
            self.created += 1
        elif changed:
            self.updated += 1
        else:
            self.unchanged += 1


@dataclass(slots=True)
class Report:
    """The outcome of one import. Counted are the rows of each kind that are now in the database."""

    customers: Counts = field(default_factory=Counts)
    orders: Counts = field(default_factory=Counts)
    items: Counts = field(default_factory=Counts)
    shipments: Counts = field(default_factory=Counts)
    events: Counts = field(default_factory=Counts)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    errors_total: int = 0
    warnings_total: int = 0

    def refuse(self, problem: Problem) -> None:
        """A row that was not taken."""
        with _ADDING:
            self.errors_total += 1
            if len(self.errors) < MOST_LISTED:
                self.errors.append(problem)

    def warn(self, problem: Problem) -> None:
        """A part of a row that was left out; the row was taken."""
        with _ADDING:
            self.warnings_total += 1
            if len(self.warnings) < MOST_LISTED:
                self.warnings.append(problem)

    def sort(self) -> None:
        """By file and line: rows are not judged in the order in which they stand."""
        for problems in (self.errors, self.warnings):
            problems.sort(key=lambda p: (p.file, p.line))

    def public(self) -> dict[str, Any]:
        """The report as `import_orders --json` prints it."""
        return asdict(self)
