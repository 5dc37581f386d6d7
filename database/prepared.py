"""Statements that the ORM builds once, for questions that every turn asks.

Building a query, turning it into SQL and making models of the rows takes the ORM several times what the database needs to answer.
So the query is written with `given("name", field)` where a value comes in, compiled at its first use, and afterwards only filled in:

    by_email = Prepared(lambda: Customer.objects.filter(email=given("email", CharField())).values_list("pk", "first_name"))
    by_email.rows(email="ana@example.com")  # [(7, "Ana")]

Values and columns pass the same conversions as ever. A transaction of the caller counts, as for any query.

On PostgreSQL they are prepared in the server as well, once for each connection: planning such a query there takes longer than
answering it. DATABASE_PREPARED_STATEMENTS=false leaves that out, for poolers that give every transaction another connection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import UpdateQuery


@dataclass(frozen=True, slots=True)
class _Slot:
    """The place of a value among the parameters of a statement."""

    name: str
    field: Any

    def filled(self, values: dict[str, Any]) -> Any:
        return self.field.get_db_prep_value(values[self.name], connection)


class given(Expression):  # noqa: N801 (reads as a word of the query)
    """A value that is told when the statement runs."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[_Slot]]:  # type: ignore[override]  # slots are filled before they are sent
        return "%s", [_Slot(self.name, self.output_field)]


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...] = ()  # column, functions, expression

    def run(self, cursor: Any, values: dict[str, Any]) -> None:
        cursor.execute(self.sql, [p.filled(values) if isinstance(p, _Slot) else p for p in self.parameters])


def _cursor() -> CursorWrapper:
    """As `connection.cursor()`, but that the server keeps the plans; not where queries are logged with their values."""
    if connection.vendor != "postgresql" or not settings.DATABASE_PREPARED_STATEMENTS or connection.queries_logged:
        return connection.cursor()
    connection.validate_thread_sharing()
    connection.ensure_connection()
    return connection.make_cursor(_preparing()(connection.connection))


@cache
def _preparing() -> Any:
    from psycopg import Cursor  # not for SQLite

    class PreparingCursor(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **_: Any) -> Self:
            return super().execute(query, params, prepare=True)

    return PreparingCursor


class Prepared:
    """A query with `values_list`, which is compiled once. Safe to use from many threads."""

    def __init__(self, query: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._query = query
        self._statements: dict[str, _Statement] = {}  # by kind of database

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows as `values_list` would give them. Raises KeyError for a value that is missing."""
        statement = self._statements.get(connection.vendor)
        if statement is None:
            statement = self._statements[connection.vendor] = self._compiled()
        with _cursor() as cursor:
            statement.run(cursor, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return [_converted(row, statement) for row in rows] if statement.converters else rows

    def _compiled(self) -> _Statement:
        compiler = self._query().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = compiler.get_converters([selected[0] for selected in compiler.select[: compiler.col_count]])
        converters = tuple((place, tuple(functions), expression) for place, (functions, expression) in columns.items())
        return _Statement(sql, tuple(parameters), converters)


class _GivenList(Expression):
    """The right side of an `__in`. number: which of the lists of a statement."""

    def __init__(self, number: int, size: int, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.number, self.size = number, size

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[_Slot]]:  # type: ignore[override]
        slots = [_Slot(_name(self.number, place), self.output_field) for place in range(self.size)]
        return f"({', '.join(['%s'] * self.size)})", slots


class PreparedAmong:
    """The same for a query with lists of values, such as `filter(pk__in=…)`: compiled once for each power of two up to their lengths."""

    def __init__(self, query: Callable[..., "QuerySet[Any, Any]"], field: "Field[Any, Any]") -> None:
        """query: takes what stands for each list of values, all of that kind of field."""
        self._query, self._field = query, field
        self._prepared: dict[tuple[int, ...], Prepared] = {}

    def rows(self, *lists: Sequence[Any], **values: Any) -> list[tuple[Any, ...]]:
        """An empty list matches nothing."""
        # the last value once more changes nothing, and NULL is equal to nothing
        padded = [[*chosen, *[chosen[-1]] * (_room(len(chosen)) - len(chosen))] if chosen else [None] for chosen in lists]
        sizes = tuple(map(len, padded))
        prepared = self._prepared.get(sizes)
        if prepared is None:
            prepared = self._prepared[sizes] = self._of(sizes)
        named = {_name(number, place): value for number, filled in enumerate(padded) for place, value in enumerate(filled)}
        return prepared.rows(**named, **values)

    def _of(self, sizes: tuple[int, ...]) -> Prepared:
        return Prepared(lambda: self._query(*(_GivenList(number, size, self._field) for number, size in enumerate(sizes))))


def _room(count: int) -> int:
    """The next power of two."""
    return 1 << (count - 1).bit_length()


def _name(number: int, place: int) -> str:
    return f"_{number}_{place}"


class PreparedUpdate:
    """An `update()` of the rows of a query, which is compiled once."""

    def __init__(self, query: Callable[[], "QuerySet[Any, Any]"], **fields: Expression) -> None:
        self._query, self._fields = query, fields
        self._statements: dict[str, _Statement] = {}

    def run(self, **values: Any) -> int:
        """The number of rows that were changed."""
        statement = self._statements.get(connection.vendor)
        if statement is None:
            statement = self._statements[connection.vendor] = self._compiled()
        with _cursor() as cursor:
            statement.run(cursor, values)
            return int(cursor.rowcount)

    def _compiled(self) -> _Statement:
        query: Any = self._query().query.chain(UpdateQuery)
        query.add_update_values(self._fields)
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return _Statement(sql, tuple(parameters))


def insert(row: Model) -> None:
    """Store a new row whose key is made by us; as `save(force_insert=True)`, without its signals."""
    table, fields = row._meta.db_table, row._meta.concrete_fields
    sql = _inserts.get(table)
    if sql is None:
        quote = connection.ops.quote_name
        columns, places = ", ".join(quote(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
        sql = _inserts[table] = f"INSERT INTO {quote(table)} ({columns}) VALUES ({places})"  # noqa: S608 (names of our own tables)
    with _cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields])
    row._state.adding = False


_inserts: dict[str, str] = {}  # by table; the databases we know quote names alike


def _converted(row: Sequence[Any], statement: _Statement) -> tuple[Any, ...]:
    values = list(row)
    for place, functions, expression in statement.converters:
        for function in functions:
            values[place] = function(values[place], expression, connection)
    return tuple(values)
