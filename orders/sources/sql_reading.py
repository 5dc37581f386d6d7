"""Questions to the shop's views. Which orders a person may see is decided here, in `Orders.of`, and every question goes through it.

Values are always bound, never written into a statement. Each question is bounded in rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TableClause, case, column, func, literal, literal_column, select, table
from sqlalchemy.exc import DBAPIError

from orders.sources.sql_dialects import Dialect, MySQL
from orders.sources.sql_faults import is_forbidden, is_missing
from orders.sources.sql_views import ITEMS, OPTIONS, ORDERS, SHIPMENTS, VIEWS, Layout, Missing, Unusable, View, laid_out

MOST_NAMES = 20_000  # orders, and parcels, of one person whose numbers are compared
MOST_PARTS = 20_000  # rows of one kind for the orders of one question
_SAMPLE = 300  # order numbers at each end from which formats are learned

Row = dict[str, Any]


class Views:
    """The views within one transaction."""

    def __init__(self, connection: Connection, dialect: Dialect, layout: Layout) -> None:
        self._connection, self._dialect, self.layout = connection, dialect, layout
        self._orders = _table(ORDERS, layout)

    def of(self, email: str) -> ColumnElement[bool]:
        """The orders of that address, which must come from `Viewer.email_at` where a customer asks."""
        address = email.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # no database keeps it, and PostgreSQL would complain
        return self._dialect.same_address(self._orders.c.customer_email, address, ignores_case=self.layout.ignores_case)

    def names(self, email: str) -> list[Row]:
        """order_id, number and, if there is one, placed_at; newest first."""
        columns = [self._orders.c[name] for name in ("order_id", "number", "placed_at") if name in self.layout.of(ORDERS)]
        return self._rows(self._newest_first(select(*columns).where(self.of(email))).limit(MOST_NAMES))

    def parcels(self, email: str) -> list[Row]:
        """order_id and tracking_number, from wherever parcels are named; a number of the orders' view may be several."""
        rows = [row for view in (SHIPMENTS, ITEMS) for row in self._parcels_in(view, email)]
        if "tracking_numbers" in self.layout.of(ORDERS):
            numbers = self._orders.c.tracking_numbers
            named = select(self._orders.c.order_id, numbers.label("tracking_number")).where(self.of(email), numbers.is_not(None))
            rows += self._rows(named.limit(MOST_NAMES))
        return rows

    def _parcels_in(self, view: View, email: str) -> list[Row]:
        if not self.layout.has(view) or "tracking_number" not in self.layout.of(view):
            return []
        parts = _table(view, self.layout)
        joined = parts.join(self._orders, parts.c.order_id == self._orders.c.order_id)
        named = select(parts.c.order_id, parts.c.tracking_number).select_from(joined)
        return self._rows(named.where(self.of(email), parts.c.tracking_number.is_not(None)).limit(MOST_NAMES))

    def newest(self, email: str, limit: int) -> list[Row]:
        return self._rows(self._newest_first(select(self._orders).where(self.of(email))).limit(limit))

    def these(self, email: str, ids: Sequence[object]) -> list[Row]:
        """Those of that address among the ids, newest first."""
        among = self._orders.c.order_id.in_(ids)
        return self._rows(self._newest_first(select(self._orders).where(self.of(email), among)).limit(len(ids)))

    def count(self, email: str) -> int:
        return self._connection.scalar(select(func.count()).select_from(self._orders).where(self.of(email))) or 0

    def has_any(self, email: str) -> bool:
        return self._connection.scalar(select(literal(1)).select_from(self._orders).where(self.of(email)).limit(1)) is not None

    def answer(self) -> None:
        """Ask the database for nothing. It fails if the database cannot give anything."""
        self._connection.execute(select(literal(1)).select_from(self._orders).where(literal(1) == literal(0)))

    def with_parts(self, orders: Sequence[Row], *views: View) -> list[Row]:
        """The orders, which `newest` or `these` gave, with their parts from these views, as `making` takes them. One question a view."""
        ids = [order["order_id"] for order in orders]
        parts = {view.part: self._parts(view, ids) for view in views}
        if ITEMS in views and "item_id" in self.layout.columns.get(ITEMS.part, ()):
            _give_options(parts[ITEMS.part], self._parts(OPTIONS, ids))
        return [order | {part: found.get(str(order["order_id"]), []) for part, found in parts.items()} for order in orders]

    def _parts(self, view: View, ids: Sequence[object]) -> dict[str, list[Row]]:
        """Rows by the text of their order's id: SQLite may give a number in one view and its digits in another."""
        found: dict[str, list[Row]] = defaultdict(list)
        if ids and self.layout.has(view):
            parts = _table(view, self.layout)
            order_by = [parts.c[name] for name in ("order_id", "line", "at", "item_id") if name in parts.c]
            for row in self._rows(select(parts).where(parts.c.order_id.in_(ids)).order_by(*order_by).limit(MOST_PARTS)):
                found[str(row["order_id"])].append(row)
        return found

    def sample(self) -> list[object]:
        """Numbers of orders of anybody, from which formats are learned: the oldest, the newest, and where ids are counted, between."""
        ids, numbers = self._orders.c.order_id, self._orders.c.number
        some = select(ids, numbers)
        rows = [*self._rows(some.order_by(ids).limit(_SAMPLE)), *self._rows(some.order_by(ids.desc()).limit(_SAMPLE))]
        counted = [row["order_id"] for row in rows if type(row["order_id"]) is int]
        if len(rows) == 2 * _SAMPLE and len(counted) == len(rows):
            first, last = min(counted), max(counted)
            between = range(first, last + 1, max((last - first) // _SAMPLE, 1))
            rows += self._rows(some.where(ids.in_(list(between))))
        return [row["number"] for row in rows]

    def _newest_first(self, question: Select[Any]) -> Select[Any]:
        """By the day they were placed, those without a day last, in a way that all databases understand."""
        if "placed_at" not in self.layout.of(ORDERS):
            return question.order_by(self._orders.c.order_id.desc())
        placed = self._orders.c.placed_at
        return question.order_by(case((placed.is_(None), 1), else_=0), placed.desc(), self._orders.c.order_id.desc())

    def _rows(self, question: Select[Any]) -> list[Row]:
        return [dict(row) for row in self._connection.execute(question).mappings()]


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
                whole = select(literal_column("*")).select_from(table(view.name)).where(literal(1) == literal(0))
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
    orders, parts = _table(ORDERS, layout), _table(view, layout)
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


def _table(view: View, layout: Layout) -> TableClause:
    return table(view.name, *map(column, layout.of(view)))
