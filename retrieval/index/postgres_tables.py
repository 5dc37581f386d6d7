"""The two tables of the PostgreSQL index. They stand beside Django's, because only some databases can have them."""

from typing import Any

# no foreign key to the chunks: rows that point nowhere are harmless, since every hit is checked against the chunks when it is read
STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS vector",
    """CREATE TABLE IF NOT EXISTS retrieval_searchrow (
        chunk_id bigint PRIMARY KEY, version_id bigint NOT NULL, recipe text NOT NULL, terms tsvector NOT NULL, embedding vector
    )""",
    "CREATE INDEX IF NOT EXISTS retrieval_searchrow_terms ON retrieval_searchrow USING gin (terms)",
    "CREATE INDEX IF NOT EXISTS retrieval_searchrow_version ON retrieval_searchrow (version_id)",
    # one row: how far the log was read
    """CREATE TABLE IF NOT EXISTS retrieval_searchposition (
        single boolean PRIMARY KEY DEFAULT true CHECK (single), id bigint NOT NULL, key text NOT NULL
    )""",
    "INSERT INTO retrieval_searchposition (id, key) VALUES (-1, '') ON CONFLICT DO NOTHING",
)


def can_have_tables(cursor: Any) -> bool:
    """Whether this server ships pgvector."""
    cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
    return cursor.fetchone() is not None


def make_tables(cursor: Any) -> None:
    """Make what is missing. Raises a database error where the role may not create the extension."""
    for statement in STATEMENTS:
        cursor.execute(statement)
