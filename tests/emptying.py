"""How tables are emptied between tests: row by row on PostgreSQL, where TRUNCATE makes new files for seventy tables that hold nothing."""

from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

_truncated = DatabaseOperations.sql_flush


def _deleted(
    self: DatabaseOperations, style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False
) -> list[str]:
    """Statements in no order: the database looks at what refers to what when the transaction ends."""
    if reset_sequences or allow_cascade:
        return _truncated(self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
    return [f"DELETE FROM {self.quote_name(table)}" for table in tables]


@pytest.fixture(scope="session", autouse=True)
def _rows_are_deleted() -> None:
    DatabaseOperations.sql_flush = _deleted  # type: ignore[method-assign,assignment]
