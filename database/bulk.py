"""Many rows at once: read by a list of keys, inserted, changed. For imports, where the ORM takes several times what the database needs.

Values are those of the models' fields, and pass the conversions of the database; keys and defaults are the caller's affair. On
PostgreSQL rows come in with COPY and are changed in one statement from arrays; on SQLite a statement is made once for all rows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import DateField, DateTimeField, DecimalField, Field, JSONField, Model

Rows = list[tuple[Any, ...]]
_SQLITE_CACHE_KB = 96_000
_ONE_WRITER = 0x57484152  # any number, the same in every process


def one_writer_at_a_time() -> None:
    """Wait until no other transaction that called this is under way. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_WRITER])


@contextmanager
def much_to_write() -> Iterator[None]:
    """Let SQLite keep more of its pages in memory meanwhile: rows come in no order of the indexes. Nothing elsewhere."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA cache_size").fetchone()
        cursor.execute(f"PRAGMA cache_size = -{_SQLITE_CACHE_KB}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(usual)}")


def rows_among(
    model: type[Model], columns: Sequence[str], by: str, values: Iterable[Any], *, order_by: str = "", where: str = ""
) -> Rows:
    """The rows whose column `by` is among these values. where: one more condition, ours, in SQL."""
    values = list(values)
    if not values:
        return []
    sql, among = _select(model, tuple(columns), by, order_by, where, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [among(values)])
        found: Rows = cursor.fetchall()
    converters = _from_database(model, tuple(columns), connection.vendor)
    return [_converted(row, converters) for row in found] if converters else found


def next_keys(model: type[Model], count: int) -> Sequence[int]:
    """Keys for so many new rows, in ascending order. On SQLite they are free until the transaction ends."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [f'"{table}"', count])
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return range(last + 1, last + count + 1)


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert these rows; columns that are not named must have a default in the database."""
    if isinstance(rows, Sequence) and not rows:
        return
    columns = tuple(columns)
    table, names = _quoted(model._meta.db_table), ", ".join(_column(model, name) for name in columns)
    prepared = _prepared(model, columns, rows)
    if connection.vendor == "postgresql":
        # COPY goes past Django's cursor, so its errors have to be made Django's here
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in prepared:
                copy.write_row(row)
        return
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", prepared)  # type: ignore[arg-type]  # noqa: S608


def update(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set these columns. rows: the new values, in the order of the columns, and the row's key as the last."""
    columns = tuple(columns)
    prepared = list(_prepared(model, (*columns, "id"), rows))
    if not prepared:
        return
    table = _quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = [_kind(model, name) for name in (*columns, "id")]
            arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
            names = ", ".join(f"v{place}" for place in range(len(kinds)))
            changes = ", ".join(f"{_column(model, name)} = given.v{place}" for place, name in enumerate(columns))
            cursor.execute(
                f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS given({names}) "  # noqa: S608
                f'WHERE {table}."id" = given.v{len(columns)}',
                [list(values) for values in zip(*prepared, strict=True)],
            )
            return
        changes = ", ".join(f"{_column(model, name)} = %s" for name in columns)
        cursor.executemany(f'UPDATE {table} SET {changes} WHERE "id" = %s', prepared)  # noqa: S608


def delete(model: type[Model], keys: Iterable[Any], *, by: str = "id") -> None:
    """Delete the rows whose column `by` is among these. Rows of other tables that name them must be gone."""
    keys = list(keys)
    if keys:
        among, prepare = _among(connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_quoted(model._meta.db_table)} WHERE {_column(model, by)} {among}", [prepare(keys)])  # noqa: S608


def _select(
    model: type[Model], columns: tuple[str, ...], by: str, order_by: str, where: str, vendor: str
) -> tuple[str, Callable[[list[Any]], Any]]:
    among, prepare = _among(vendor)
    names = ", ".join(_column(model, name) for name in columns)
    more = (f" AND {where}" if where else "") + (f" ORDER BY {_column(model, order_by)}" if order_by else "")
    return f"SELECT {names} FROM {_quoted(model._meta.db_table)} WHERE {_column(model, by)} {among}{more}", prepare  # noqa: S608


def _among(vendor: str) -> tuple[str, Callable[[list[Any]], Any]]:
    """(condition, what to make of the list of values): one parameter, so that the statement stays short and the same."""
    if vendor == "postgresql":
        return "= ANY(%s)", list
    return "IN (SELECT value FROM json_each(%s))", _json


def _json(values: list[Any]) -> str:
    import json

    return json.dumps(values)


def _prepared(model: type[Model], columns: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    converters = _to_database(model, columns, connection.vendor)
    return (_converted(row, converters) for row in rows) if converters else rows


def _converted(row: Sequence[Any], converters: Sequence[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in converters:
        if values[place] is not None:
            values[place] = convert(values[place])
    return tuple(values)


@cache
def _to_database(model: type[Model], columns: tuple[str, ...], vendor: str) -> list[tuple[int, Callable[[Any], Any]]]:
    """(place, function) for the columns whose values the driver does not take as they are; JSON comes as text already."""
    if vendor == "postgresql":
        return []
    adapt = connection.ops
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, name in enumerate(columns):
        field = _field(model, name)
        if isinstance(field, DateTimeField):
            found.append((place, adapt.adapt_datetimefield_value))
        elif isinstance(field, DateField):
            found.append((place, adapt.adapt_datefield_value))
        elif isinstance(field, DecimalField):
            found.append((place, str))
    return found


@cache
def _from_database(model: type[Model], columns: tuple[str, ...], vendor: str) -> list[tuple[int, Callable[[Any], Any]]]:
    """(place, function) for the columns whose values the driver does not give as the field does."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, name in enumerate(columns):
        column = _field(model, name).get_col(model._meta.db_table)
        for function in chain(connection.ops.get_db_converters(column), column.get_db_converters(connection)):
            found.append((place, _bound(function, column)))
    return found


def _bound(function: Callable[..., Any], column: Any) -> Callable[[Any], Any]:
    return lambda value: function(value, column, connection)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field: Field[Any, Any] = next(f for f in model._meta.concrete_fields if name in (f.name, f.attname))
    return field


@cache
def _column(model: type[Model], name: str) -> str:
    return _quoted(str(_field(model, name).column))


def _kind(model: type[Model], name: str) -> str:
    """The type of a column for a cast, without its length, which the column itself checks."""
    field = _field(model, name)
    kind = (
        "jsonb"
        if isinstance(field, JSONField)
        else str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))
    )
    return kind.partition("(")[0]


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
