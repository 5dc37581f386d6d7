"""Reading `IndexChange`: what has happened since a position, and whether it is still the same log."""

from datetime import datetime, timedelta
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
        # the row read last must still be there, with its key; not so after a restore, in another database, or when it was trimmed;
        # who has read an empty log cannot know whether what stands there now is all that ever did
        self.is_same_log = not rows if position == EMPTY else bool(rows and rows[0][:2] == position)


def newest_position() -> Position:
    """Where the log ends now. Read it before the content: what is published in between is then read twice, never missed."""
    last = IndexChange.objects.order_by("-pk").values_list("pk", "key").first()
    return Position(*last) if last else EMPTY


KEPT_FOR = timedelta(days=7)  # a replica that was away for longer is made anew
KEPT_ROWS = 10_000  # however old: in a quiet shop a snapshot of last month is still a good start


def trim(*, now: datetime, kept_for: timedelta = KEPT_FOR, kept_rows: int = KEPT_ROWS) -> int:
    """Remove the rows that no replica will want to catch up with; return how many. The newest always stay.

    Whoever has read no further than a row that is gone notices, see `News`, and begins anew from the chunks.
    """
    oldest_kept = (
        IndexChange.objects.order_by("-pk").values_list("pk", flat=True)[max(kept_rows, 1) - 1 : max(kept_rows, 1)].first()
    )
    if oldest_kept is None:
        return 0
    # by id up to the first young row: a gap in the middle would be noticed by nobody
    young = IndexChange.objects.filter(at__gte=now - kept_for).order_by("pk").values_list("pk", flat=True).first()
    below = oldest_kept if young is None else min(oldest_kept, young)
    return IndexChange.objects.filter(pk__lt=below).delete()[0]
