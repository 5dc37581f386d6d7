"""The views that a shop gives us to read, and which of their columns are there. docs/orders-sql.md tells the shop about them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

PREFIX = "whereabouts_"


@dataclass(frozen=True, slots=True)
class View:
    """part: its name without the prefix. without: what is not known when the whole view is missing, for staff."""

    part: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    without: str = ""

    @property
    def name(self) -> str:
        return PREFIX + self.part


ORDERS = View(
    "orders",
    ("order_id", "number", "customer_email", "status"),
    (
        *("placed_at", "currency", "total", "customer_name", "customer_first_name", "customer_last_name"),
        *("ship_name", "ship_address1", "ship_address2", "ship_city", "ship_state", "ship_zip", "ship_country"),
        *("shipped_at", "estimated_delivery", "delivered_at", "carrier", "tracking_numbers"),
    ),
)
ITEMS = View(
    "items",
    ("order_id", "name"),
    ("line", "item_id", "product_id", "options", "unit_price", "quantity", "tracking_number"),
    "what was ordered is not known",
)
OPTIONS = View(
    "options",
    ("order_id", "item_id", "name", "value"),
    (),
    "options of items are known only where whereabouts_items has them",
)
SHIPMENTS = View(
    "shipments",
    ("order_id", "tracking_number"),
    ("carrier", "status", "tracking_url", "shipped_at", "estimated_delivery", "delivered_at"),
    "parcels are not known, but for those that whereabouts_orders or whereabouts_items name",
)
EVENTS = View(
    "events",
    ("order_id", "at", "description"),
    ("tracking_number", "place"),
    "what carriers reported is not known",
)
PAYMENTS = View(
    "payments",
    ("order_id", "amount"),
    ("kind", "method", "at"),
    "payments and refunds are not known",
)
PARTS = (ITEMS, SHIPMENTS, EVENTS, PAYMENTS)
VIEWS = (ORDERS, ITEMS, OPTIONS, SHIPMENTS, EVENTS, PAYMENTS)


class Missing(Exception):
    """What the look at a view found: that it is not there, or may not be read. str() is a sentence for staff."""


class Unusable(Exception):
    """Views that cannot be used as they are. str() is sentences for staff: what is missing, and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of each view that we know and that are there, by the view's name without prefix.

    ignores_case: whether the address column's own comparison does (see `Dialect.same_address`). notes: what is not known.
    """

    columns: Mapping[str, tuple[str, ...]]
    ignores_case: bool = False
    notes: tuple[str, ...] = field(default=())

    def has(self, view: View) -> bool:
        return view.part in self.columns

    def of(self, view: View) -> tuple[str, ...]:
        return self.columns[view.part]


def laid_out(look: Callable[[View], frozenset[str]], *, ignores_case: bool = False) -> Layout:
    """look: gives the names of a view's columns in lower case, or raises Missing.

    Raises Unusable when a column or view that must be there is not.
    """
    faults: list[str] = []
    notes: list[str] = []
    columns: dict[str, tuple[str, ...]] = {}
    for view in VIEWS:
        try:
            found = look(view)
        except Missing as missing:
            if view is ORDERS:
                faults.append(f"{missing} It must be there: docs/orders-sql.md has its definition.")
            else:
                notes.append(f"{missing} So {view.without}.")
            continue
        faults += _lacking(view, found)
        columns[view.part] = tuple(name for name in (*view.required, *view.optional) if name in found)
        if absent := [name for name in view.optional if name not in found]:
            notes.append(f"The view {view.name} has no {_listed(absent, 'or')}: not known.")
    if faults:
        raise Unusable(" ".join(faults))
    return Layout(columns, ignores_case, tuple(notes))


def _lacking(view: View, found: frozenset[str]) -> Iterator[str]:
    if absent := [name for name in view.required if name not in found]:
        yield (
            f"The view {view.name} lacks the column{'s' * (len(absent) > 1)} {_listed(absent, 'and')}: "
            "add to its definition what docs/orders-sql.md says."
        )


def _listed(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
