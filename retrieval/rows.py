"""Many rows changed by one prepared statement, where Django would write a statement of its own for each."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def update_each(model: type[models.Model], change: Sequence[str], where: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set the fields `change` of the rows in which the fields `where` have their values; rows: the values of both, in that order.

    How many rows were changed is not told: lock and look first, in the transaction of the caller.
    """
    options = model._meta
    fields: list[Any] = [options.pk if name == "pk" else options.get_field(name) for name in (*change, *where)]
    quoted = [connection.ops.quote_name(field.column) for field in fields]
    assignments = ", ".join(f"{name} = %s" for name in quoted[: len(change)])
    conditions = " AND ".join(f"{name} = %s" for name in quoted[len(change) :])
    values = [[field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)] for row in rows]
    if values:
        with connection.cursor() as cursor:
            # the names are those of our own models
            cursor.executemany(f"UPDATE {connection.ops.quote_name(options.db_table)} SET {assignments} WHERE {conditions}", values)  # noqa: S608
