"""What sorting questions by itself and by hand have in common: one at a time, and a group is the sum of its members' vectors."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from django.db import connection, transaction

from chatbot.models import QuestionGroup

_LOCK = 0x5369_6674  # any number that only this module uses


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else sorts questions. SQLite has one writer at a time by itself."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def keep(row: QuestionGroup, total: np.ndarray, size: int) -> None:
    """Store what the group is now: the sum of so many vectors."""
    row.total, row.size = np.asarray(total, dtype="<f4").tobytes(), size
    row.save(update_fields=["total", "size"] if row.pk else None)


def recount(row: QuestionGroup) -> None:
    """Make the sum anew from the members that have vectors of the group's recipe; none, and the group is like nothing."""
    total, size = np.zeros(0, dtype=np.float32), 0
    for vector in row.questions.filter(recipe=row.recipe).order_by().values_list("vector", flat=True).iterator():
        member = np.frombuffer(vector, dtype="<f4")
        total = total + member if size else member
        size += 1
    keep(row, total, size)
