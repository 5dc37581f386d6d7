"""The questions that are asked of a shop's views, built once for each layout. Values are told when a question is asked, always bound.

Which orders a person may see is decided here, in `Questions.own`: every question but the sample of numbers goes through it, or through
ids that came from it. Each is bounded in rows.
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    TableClause,
    bindparam,
    case,
    column,
    func,
    literal,
    select,
    table,
)

from orders.sources.sql_dialects import Dialect
from orders.sources.sql_views import ITEMS, ORDERS, SHIPMENTS, VIEWS, Layout, View

MOST_NAMES = 20_000  # orders, and parcels, of one person whose numbers are compared
MOST_PARTS = 20_000  # rows of one kind for the orders of one question
SAMPLE = 300  # order numbers at each end from which formats are learned

Question = Select[Any]
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)


class Questions:
    """Asked with the values of `Dialect.address` where not said otherwise; orders come newest first."""

    def __init__(self, layout: Layout, dialect: Dialect) -> None:
        self.layout, self.dialect = layout, dialect
        self._orders = orders = table_of(ORDERS, layout)
        self.own: ColumnElement[bool] = dialect.same_address(orders.c.customer_email, ignores_case=layout.ignores_case)
        names = [orders.c[name] for name in ("order_id", "number", "placed_at") if name in orders.c]
        self.names = self._newest_first(select(*names).where(self.own)).limit(MOST_NAMES)
        """order_id, number and, if there is one, placed_at."""
        self.parcels = self._parcels()
        """Several questions for order_id and tracking_number, which may hold several."""
        whole = self._newest_first(select(orders).where(self.own))
        self.newest = whole.limit(bindparam("limit", type_=Integer))
        """limit: how many."""
        self.these = whole.where(orders.c.order_id.in_(_IDS)).limit(MOST_NAMES)
        """ids: among which."""
        self.count = select(func.count()).select_from(orders).where(self.own)
        self.any = select(literal(1)).select_from(orders).where(self.own).limit(1)
        self.parts = {view: self._parts(view) for view in VIEWS if view is not ORDERS and layout.has(view)}
        """ids: of orders that `newest` or `these` gave; no address."""
        some = select(orders.c.order_id, orders.c.number)
        self.sample = some.order_by(orders.c.order_id).limit(SAMPLE), some.order_by(orders.c.order_id.desc()).limit(SAMPLE)
        """Of anybody's orders, the oldest and the newest: order_id and number. No address."""
        self.numbered = some.where(orders.c.order_id.in_(_IDS))
        """The same for some ids."""
        self.nothing = select(literal(1)).select_from(orders).where(literal(1) == literal(0))
        """Fails if the database cannot give anything."""

    def _parcels(self) -> list[Question]:
        """From wherever parcels are named."""
        orders = self._orders
        found: list[Question] = []
        for view in (SHIPMENTS, ITEMS):
            if self.layout.has(view) and "tracking_number" in self.layout.of(view):
                parts = table_of(view, self.layout)
                joined = parts.join(orders, parts.c.order_id == orders.c.order_id)
                named = select(parts.c.order_id, parts.c.tracking_number).select_from(joined)
                found.append(named.where(self.own, parts.c.tracking_number.is_not(None)).limit(MOST_NAMES))
        if "tracking_numbers" in orders.c:
            numbers = orders.c.tracking_numbers
            named = select(orders.c.order_id, numbers.label("tracking_number"))
            found.append(named.where(self.own, numbers.is_not(None)).limit(MOST_NAMES))
        return found

    def _parts(self, view: View) -> Question:
        parts = table_of(view, self.layout)
        order_by = [parts.c[name] for name in ("order_id", "line", "at", "item_id") if name in parts.c]
        return select(parts).where(parts.c.order_id.in_(_IDS)).order_by(*order_by).limit(MOST_PARTS)

    def _newest_first(self, question: Question) -> Question:
        """By the day they were placed, those without a day last, in a way that all databases understand."""
        if "placed_at" not in self._orders.c:
            return question.order_by(self._orders.c.order_id.desc())
        placed = self._orders.c.placed_at
        return question.order_by(case((placed.is_(None), 1), else_=0), placed.desc(), self._orders.c.order_id.desc())


def table_of(view: View, layout: Layout) -> TableClause:
    return table(view.name, *map(column, layout.of(view)))
