"""What the shop's views answer within one transaction, and a look at which views and columns there are."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, column, func, literal, literal_column, select, table
from sqlalchemy.exc import DBAPIError

from orders.sources.sql_dialects import Dialect, MySQL
from orders.sources.sql_faults import is_forbidden, is_missing
from orders.sources.sql_questions import SAMPLE, Question, Questions, table_of
from orders.sources.sql_views import ITEMS, OPTIONS, ORDERS, VIEWS, Layout, Missing, Unusable, View, laid_out

Row = dict[str, Any]


class Views:
    """email: always an address that comes from `Viewer.email_at` where a customer asks."""

    def __init__(self, connection: Connection, questions: Questions) -> None:
        self._connection, self._questions = connection, questions

    def names(self, email: str) -> list[Row]:
        """order_id, number and, if there is one, placed_at; newest first."""
        return self._rows(self._questions.names, email)

    def parcels(self, email: str) -> list[Row]:
        """order_id and tracking_number; a number of the orders' view may be several."""
        return [row for question in self._questions.parcels for row in self._rows(question, email)]

    def newest(self, email: str, limit: int) -> list[Row]:
        return self._rows(self._questions.newest, email, limit=limit)

    def these(self, email: str, ids: Sequence[object]) -> list[Row]:
        """Those of that address among the ids, newest first."""
        return self._rows(self._questions.these, email, ids=ids)

    def count(self, email: str) -> int:
        return self._connection.scalar(self._questions.count, self._address(email)) or 0

    def has_any(self, email: str) -> bool:
        return self._connection.scalar(self._questions.any, self._address(email)) is not None

    def answer(self) -> None:
        """Ask the database for nothing. It fails if the database cannot give anything."""
        self._connection.execute(self._questions.nothing)

    def with_parts(self, orders: Sequence[Row], *views: View) -> list[Row]:
        """The orders, which `newest` or `these` gave, with their parts from these views, as `making` takes them. One question a view."""
        ids = [order["order_id"] for order in orders]
        parts = {view.part: self._parts(view, ids) for view in views}
        if ITEMS in views and "item_id" in self._questions.layout.columns.get(ITEMS.part, ()):
            _give_options(parts[ITEMS.part], self._parts(OPTIONS, ids))
        return [order | {part: found.get(str(order["order_id"]), []) for part, found in parts.items()} for order in orders]

    def _parts(self, view: View, ids: Sequence[object]) -> dict[str, list[Row]]:
        """Rows by the text of their order's id: SQLite may give a number in one view and its digits in another."""
        found: dict[str, list[Row]] = defaultdict(list)
        if ids and view in self._questions.parts:
            for row in self._rows(self._questions.parts[view], ids=ids):
                found[str(row["order_id"])].append(row)
        return found

    def sample(self) -> list[object]:
        """Numbers of orders of anybody, from which formats are learned: the oldest, the newest, and where ids are counted, between."""
        rows = [row for question in self._questions.sample for row in self._rows(question)]
        counted = [row["order_id"] for row in rows if type(row["order_id"]) is int]
        if len(rows) == 2 * SAMPLE and len(counted) == len(rows):
            first, last = min(counted), max(counted)
            between = range(first, last + 1, max((last - first) // SAMPLE, 1))
            rows += self._rows(self._questions.numbered, ids=list(between))
        return [row["number"] for row in rows]

    def _rows(self, question: Question, email: str | None = None, **values: object) -> list[Row]:
        told = values if email is None else values | self._address(email)
        return [dict(row) for row in self._connection.execute(question, told).mappings()]

    def _address(self, email: str) -> dict[str, object]:
        # no database keeps a NUL, and PostgreSQL would complain
        return self._questions.dialect.address(email.replace("\x00", "\N{REPLACEMENT CHARACTER}"))


def _give_options(items: dict[str, list[Row]], options: dict[str, list[Row]]) -> None:
    """Options in rows of their own to the items that have none."""
    pairs: dict[tuple[str, str], list[tuple[object, object]]] = defaultdict(list)
    for order_id, rows in options.items():
        for row in rows:
            pairs[order_id, str(row["item_id"])].append((row["name"], row["value"]))
    for order_id, rows in items.items():
        for row in rows:
            row["options"] = row.get("options") or pairs.get((order_id, str(row["item_id"])), [])


def look_at_views(connection: Connection, dialect: Dialect) -> Layout:
    """Which views and columns there are, without reading a row. Raises Unusable, with sentences for staff."""

    def look(view: View) -> frozenset[str]:
        try:
            with connection.begin_nested():  # an error must not end the transaction
                whole: Select[Any] = select(literal_column("*")).select_from(table(view.name)).where(literal(1) == literal(0))
                return frozenset(name.lower() for name in connection.execute(whole).keys())  # noqa: SIM118 (a result, no dict)
        except DBAPIError as error:
            if is_missing(error):
                raise Missing(f"There is no view {view.name}.") from error
            if is_forbidden(error):
                raise Missing(f"The view {view.name} may not be read by the user of ORDERS_DATABASE_URL.") from error
            raise

    ignores_case = isinstance(dialect, MySQL) and _compares_without_case(connection)
    layout = laid_out(look, ignores_case=ignores_case)
    for view in (view for view in VIEWS if view is not ORDERS and layout.has(view)):
        _try_join(connection, layout, view)
    return layout


def _try_join(connection: Connection, layout: Layout, view: View) -> None:
    """Raises Unusable if the ids of the two views cannot be compared."""
    orders, parts = table_of(ORDERS, layout), table_of(view, layout)
    joined = (
        select(literal(1)).select_from(parts.join(orders, parts.c.order_id == orders.c.order_id)).where(literal(1) == literal(0))
    )
    try:
        with connection.begin_nested():
            connection.execute(joined)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise Unusable(
            f"order_id in {view.name} is of another kind than in {ORDERS.name}: give both the same column type."
        ) from error


def _compares_without_case(connection: Connection) -> bool:
    """Whether the address column of a MySQL view has a collation that takes "A" and "a" for one, as most have."""
    columns = table(
        "columns", *map(column, ("table_schema", "table_name", "column_name", "collation_name")), schema="information_schema"
    )
    here = select(columns.c.collation_name).where(
        columns.c.table_schema == func.database(), columns.c.table_name == ORDERS.name, columns.c.column_name == "customer_email"
    )
    return str(connection.scalar(here) or "").endswith("_ci")
