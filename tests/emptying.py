"""How tables are emptied after a test that commits: what every test finds the same stays, and one round trip does the rest.

Django's own way makes each content type and permission anew every time, which took longer than most tests, and TRUNCATE makes new files
for seventy tables that hold nothing.
"""

from functools import cache
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connections

from console.roles import ensure_roles

KEPT = frozenset({"django_content_type", "auth_permission"})  # made with the tables, of models alone


def _statements(style: Any, connection: Any, reset_sequences: bool = True, allow_cascade: bool = False) -> list[str]:
    """What empties the tables. On PostgreSQL in no order: the database looks at what refers to what when the transaction ends."""
    tables = _tables(connection.alias)
    if connection.vendor != "postgresql" or reset_sequences or allow_cascade:
        return list(connection.ops.sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade))
    deletions = " ".join(f"DELETE FROM {connection.ops.quote_name(table)};" for table in tables)
    return [f"DO $$ BEGIN {deletions} END $$"]


@cache
def _tables(alias: str) -> list[str]:
    every = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return [table for table in every if table not in KEPT]


def _made_anew(verbosity: int, interactive: bool, using: str) -> None:
    """What a fresh database has beside what is kept."""
    ensure_roles(using=using)


@pytest.fixture(scope="session", autouse=True)
def _rows_are_deleted() -> None:
    flush.sql_flush = _statements  # type: ignore[attr-defined]
    flush.emit_post_migrate_signal = _made_anew  # type: ignore[attr-defined]
