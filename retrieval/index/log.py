"""Reading `IndexChange`: what has happened since a position, and whether it is still the same log."""

from typing import NamedTuple

from django.db import connection

from retrieval.models import IndexChange


class Position(NamedTuple):
    """The log row that was read last."""

    id: int
    key: str


class Entry(NamedTuple):
    id: int
    key: str
    version_id: int
    action: str


UNREAD = Position(-1, "")  # the log was never read: everything is to be loaded
EMPTY = Position(0, "")  # the log was read and had no rows


class News:
    """The log from a position on, in one small query. entries: what was not read yet, oldest first."""

    def __init__(self, position: Position) -> None:
        rows: list[Entry] = []
        if position != UNREAD:
            # by hand, because every search asks this
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id, key, version_id, action FROM retrieval_indexchange WHERE id >= %s ORDER BY id", [position.id]
                )
                rows = [Entry(*row) for row in cursor.fetchall()]
        self.entries = [row for row in rows if row.id > position.id]
        # the row read last must still be there, with its key; not so after a restore, or in another database
        self.is_same_log = position == EMPTY or bool(rows and rows[0][:2] == position)


def newest_position() -> Position:
    """Where the log ends now. Read it before the content: what is published in between is then read twice, never missed."""
    last = IndexChange.objects.order_by("-pk").values_list("pk", "key").first()
    return Position(*last) if last else EMPTY
