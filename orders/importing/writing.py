"""Orders with all their parts into the database: a batch is one transaction, so an order is written whole or not at all.

Everything is compared with what stands there; lines, parcels and payments that differ are replaced, never added to. The rows go
past the ORM (`database/bulk.py`), which would take longer than reading the files and writing the rows together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from database import bulk
from orders.importing.customers import customers_by_email, name_customers
from orders.importing.keys import digits_of
from orders.importing.parcels import write_own_events, write_parcels
from orders.importing.parts import OrderParts
from orders.importing.report import Report
from orders.importing.rows import ItemRow, OrderRow
from orders.importing.stored import Headers, Stored, dumped
from orders.incoming_models import RemovedOrder
from orders.models import Order, OrderLine, Transaction

_FIELDS = (
    *("status", "placed_at", "currency", "total"),
    *("ship_name", "ship_address1", "ship_address2", "ship_city", "ship_state", "ship_zip", "ship_country"),
    *("shipped_at", "estimated_delivery", "delivered_at"),
)
_WITHOUT_VALUE = dict.fromkeys(_FIELDS, "") | dict.fromkeys(
    ("placed_at", "total", "shipped_at", "estimated_delivery", "delivered_at"), None
)
_NEW_ORDER = ("id", "number", "key", "digits", "customer_id", "imported_at", "updated_at", *_FIELDS)
_LINE_DEFAULTS = {
    "name": "", "item_id": "", "product_id": "", "options": (), "unit_price": None, "quantity": 1, "tracking_number": "",
}  # fmt: skip
_PAYMENT_FIELDS = ("kind", "amount", "method", "at")
Line = dict[str, Any]


class Left(NamedTuple):
    """Numbers of orders of which nothing was written: unknown here and in the database, or older than what is stored."""

    unknown: set[str]
    older: set[str]


def write_orders(batch: Sequence[OrderParts], report: Report) -> Left:
    """Write these orders, all or none, and count them."""
    with transaction.atomic():
        # two imports at once, or one and a message of the shop, do not mix the parts of an order
        bulk.one_writer_at_a_time()
        headers = _write_headers(batch)
        known = [parts for parts in batch if parts.number in headers.keys and parts.number not in headers.older]
        changed = headers.changed
        _write_lines(known, headers, report)
        changed |= _write_payments(known, headers)
        changed |= write_parcels(known, headers, report)
        write_own_events(known, headers, report)
    for parts in batch:
        if parts.row:
            report.orders.add(created=parts.number in headers.created, changed=parts.number in changed)
    return Left({parts.number for parts in batch} - headers.keys.keys() - headers.older, headers.older)


def _write_headers(batch: Sequence[OrderParts]) -> Headers:
    stored = Stored.of([parts.number for parts in batch])
    rows = [parts.row for parts in batch if parts.row]
    found = Headers({number: order.key for number, order in stored.items()})
    found.older = _older(rows, stored)
    rows = [row for row in rows if row.number not in found.older]
    customers = customers_by_email({row.email for row in rows})
    name_customers(
        {customers[p.row.email]: p.customer_name for p in batch if p.row and p.customer_name and p.row.email in customers}
    )
    now = timezone.now()
    _insert([row for row in rows if row.number not in stored], customers, found, now)
    for names, group in _by_fields(row for row in rows if row.number in stored).items():
        _update(names, group, stored, customers, found, now)
    return found


def _older(rows: Sequence[OrderRow], stored: Mapping[str, Stored]) -> set[str]:
    """The numbers of orders of which something newer is stored, or that the shop removed later than that."""
    removed = bulk.rows_among(
        RemovedOrder, ("number", "updated_at"), "number", [row.number for row in rows if row.number not in stored]
    )
    when: dict[str, datetime | None] = dict(removed)
    older = set()
    for row in rows:
        order = stored.get(row.number)
        known = order.updated_at if order else when.get(row.number)
        if row.updated_at and known and row.updated_at < known:
            older.add(row.number)
    bulk.delete(RemovedOrder, when.keys() - older, by="number")
    return older


def _insert(rows: Sequence[OrderRow], customers: Mapping[str, int], found: Headers, now: datetime) -> None:
    if not rows:
        return
    keys = bulk.next_keys(Order, len(rows))
    new = []
    for key, row in zip(keys, rows, strict=True):
        values = {**_WITHOUT_VALUE, **row.fields}.values()
        digits = digits_of(row.number, row.key)[:64]
        new.append((key, row.number, row.key, digits, customers[row.email], now, row.updated_at, *values))
        found.keys[row.number] = key
        found.created.add(row.number)
    bulk.insert(Order, _NEW_ORDER, new)


def _by_fields(rows: Any) -> dict[tuple[str, ...], list[OrderRow]]:
    """The rows by what they speak of: all rows of one file speak of the same."""
    groups: dict[tuple[str, ...], list[OrderRow]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.fields)].append(row)
    return groups


def _update(
    names: tuple[str, ...],
    rows: Sequence[OrderRow],
    stored: Mapping[str, Stored],
    customers: Mapping[str, int],
    found: Headers,
    now: datetime,
) -> None:
    before = {row[0]: row[1:] for row in bulk.rows_among(Order, ("id", *names), "id", [stored[row.number].key for row in rows])}
    changes = []
    for row in rows:
        order = stored[row.number]
        values, customer = tuple(row.fields.values()), customers[row.email]
        updated_at = row.updated_at or order.updated_at
        differs = values != before[order.key] or customer != order.customer
        if differs:
            found.changed.add(row.number)
        if differs or updated_at != order.updated_at:
            changes.append((*values, customer, updated_at, now, order.key))
    bulk.update(Order, (*names, "customer_id", "updated_at", "imported_at"), changes)


def _write_lines(batch: Sequence[OrderParts], headers: Headers, report: Report) -> None:
    of_stored = [headers.keys[p.number] for p in batch if p.items is not None and p.number not in headers.created]
    columns = ("order_id", "id", "position", *_LINE_DEFAULTS)
    stored: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
    for order, *row in bulk.rows_among(OrderLine, columns, "order_id", of_stored):
        stored[order][row[1]] = tuple(row)
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    stale: list[int] = []
    for parts in batch:
        if parts.items is None:
            continue
        order = headers.keys[parts.number]
        before = stored.get(order, {})
        for position, fields in numbered(parts.items).items():
            old = before.pop(position, None)
            if old is None:
                report.items.created += 1
                new.append((order, position, *_line({**_LINE_DEFAULTS, **fields})))
                continue
            # what the file has no column for stays as it was
            was = dict(zip(_LINE_DEFAULTS, old[2:], strict=True))
            was["options"] = tuple(map(tuple, was["options"]))
            full = {**was, **fields}
            report.items.add(created=False, changed=full != was)
            if full != was:
                changed.append((*_line(full), old[0]))
        if not parts.spoiled:
            stale += [row[0] for row in before.values()]
    bulk.delete(OrderLine, stale)
    bulk.update(OrderLine, tuple(_LINE_DEFAULTS), changed)
    bulk.insert(OrderLine, ("order_id", "position", *_LINE_DEFAULTS), new)


def _line(fields: Line) -> list[Any]:
    """The values of a line in the order of its columns, the options as text."""
    values = list(fields.values())
    values[3] = dumped(values[3])
    return values


def numbered(items: Sequence[ItemRow]) -> dict[int, Line]:
    """Fields by position; an item without a line number gets the next one that is free."""
    taken = {item.position for item in items if item.position is not None}
    lines: dict[int, Line] = {}
    free = 1
    for item in items:
        position = item.position
        if position is None:
            while free in taken:
                free += 1
            position = free
            taken.add(free)
        lines[position] = item.fields
    return lines


def _write_payments(batch: Sequence[OrderParts], headers: Headers) -> set[str]:
    """The numbers of the stored orders whose payments changed."""
    paid = [parts for parts in batch if parts.row and parts.row.payments is not None]
    of_stored = [headers.keys[parts.number] for parts in paid if parts.number not in headers.created]
    stored: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for order, *row in bulk.rows_among(Transaction, ("order_id", "id", *_PAYMENT_FIELDS), "order_id", of_stored, order_by="id"):
        stored[order].append(tuple(row))
    stale: list[int] = []
    new: list[tuple[Any, ...]] = []
    changed: set[str] = set()
    for parts in paid:
        assert parts.row is not None and parts.row.payments is not None  # chosen so above
        order = headers.keys[parts.number]
        before = stored.get(order, [])
        now = [(entry.kind.value, entry.amount, entry.method, entry.at) for entry in parts.row.payments]
        if [row[1:] for row in before] != now:
            changed.add(parts.number)
            stale += [row[0] for row in before]
            new += [(order, *entry) for entry in now]
    bulk.delete(Transaction, stale)
    bulk.insert(Transaction, ("order_id", *_PAYMENT_FIELDS), new)
    return changed - headers.created
