"""Transactions that must not do the same thing at the same time, where no row or constraint could tell them."""

from django.db import connection


def one_at_a_time(what: str) -> None:
    """Wait until no other transaction that named the same is under way. Call it within one; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])
