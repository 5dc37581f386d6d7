"""Orders with all their parts into the database: a batch is one transaction, so an order is written whole or not at all.

Everything is compared with what stands there; lines, parcels and payments that differ are replaced, never added to.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from orders.importing.customers import customers_by_email
from orders.importing.parcels import write_parcels
from orders.importing.parts import OrderParts
from orders.importing.report import Report
from orders.importing.rows import ItemRow, OrderRow
from orders.models import Order, OrderLine, Transaction
from orders.references import digits_of, key_of

_WITHOUT_NUMBER = [f.name for f in Order._meta.concrete_fields if f.name not in ("id", "number")]
_LINE_FIELDS = ("name", "item_id", "product_id", "options", "unit_price", "quantity", "tracking_number")
_PAYMENT_FIELDS = ("kind", "amount", "method", "at")


def write_orders(batch: Sequence[OrderParts], report: Report) -> set[str]:
    """Write these orders; return the numbers of those that have no row here and none in the database: nothing is written of them."""
    with transaction.atomic():
        orders, created, changed = _write_headers([parts.row for parts in batch if parts.row], [parts.number for parts in batch])
        known = [parts for parts in batch if parts.number in orders]
        _write_lines(known, orders, report)
        changed |= _write_payments(known, orders)
        changed |= write_parcels(known, orders, report)
        for parts in known:
            if parts.row:
                report.orders.add(created=parts.number in created, changed=parts.number in changed)
    return {parts.number for parts in batch} - orders.keys()


def _write_headers(rows: Sequence[OrderRow], numbers: Sequence[str]) -> tuple[dict[str, Order], set[str], set[str]]:
    """(orders by number, numbers created, numbers changed)."""
    # locked, so that two imports at once do not mix the parts of an order
    orders = {o.number: o for o in Order.objects.select_for_update().filter(number__in=numbers).order_by("pk")}
    customers = customers_by_email({row.email for row in rows}) if rows else {}
    new: list[Order] = []
    changed: list[Order] = []
    for row in rows:
        order = orders.get(row.number)
        customer = customers[row.email]
        if order is None:
            new.append(
                Order(
                    number=row.number,
                    key=key_of(row.number)[:64],
                    digits=digits_of(row.number)[:64],
                    customer=customer,
                    **row.fields,
                )
            )
            continue
        differs = {name: value for name, value in row.fields.items() if getattr(order, name) != value}
        if order.customer_id != customer.pk:
            differs["customer"] = customer
        for name, value in differs.items():
            setattr(order, name, value)
        if differs:
            changed.append(order)
    if new:
        Order.objects.bulk_create(new, update_conflicts=True, unique_fields=["number"], update_fields=_WITHOUT_NUMBER)
    if changed:
        Order.objects.bulk_create(changed, update_conflicts=True, unique_fields=["pk"], update_fields=_WITHOUT_NUMBER)
    created = {o.number for o in new}
    return orders | {o.number: o for o in new}, created, {o.number for o in changed}


def _write_lines(batch: Sequence[OrderParts], orders: Mapping[str, Order], report: Report) -> None:
    wanted = {orders[parts.number].pk: numbered(parts.items) for parts in batch if parts.items is not None}
    spoiled = {orders[parts.number].pk for parts in batch if parts.spoiled}
    stored = _stored(OrderLine, list(wanted), "position")
    stale: list[int] = []
    new: list[OrderLine] = []
    for order_pk, lines in wanted.items():
        before = {row.position: row for row in stored[order_pk]}
        for position, fields in lines.items():
            old = before.pop(position, None)
            # what the file has no column for stays as it was
            full = {name: fields.get(name, getattr(old, name) if old else None) for name in _LINE_FIELDS}
            full = {name: value for name, value in full.items() if value is not None or name == "unit_price"}
            same = old is not None and all(getattr(old, name) == value for name, value in full.items())
            report.items.add(created=old is None, changed=not same)
            if not same:
                stale += [old.pk] if old else []
                new.append(OrderLine(order_id=order_pk, position=position, **full))
        if order_pk not in spoiled:
            stale += [row.pk for row in before.values()]
    _replace(OrderLine, stale, new)


def numbered(items: Sequence[ItemRow]) -> dict[int, dict[str, Any]]:
    """Fields by position; an item without a line number gets the next one that is free."""
    taken = {item.position for item in items if item.position is not None}
    lines: dict[int, dict[str, Any]] = {}
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


def _write_payments(batch: Sequence[OrderParts], orders: Mapping[str, Order]) -> set[str]:
    wanted = {orders[p.number].pk: (p.number, p.row.payments) for p in batch if p.row and p.row.payments is not None}
    stored = _stored(Transaction, list(wanted), "pk")
    stale: list[int] = []
    new: list[Transaction] = []
    changed: set[str] = set()
    for order_pk, (number, entries) in wanted.items():
        before = [tuple(getattr(row, name) for name in _PAYMENT_FIELDS) for row in stored[order_pk]]
        now = [(entry.kind.value, entry.amount, entry.method, entry.at) for entry in entries]
        if before != now:
            changed.add(number)
            stale += [row.pk for row in stored[order_pk]]
            new += [Transaction(order_id=order_pk, **dict(zip(_PAYMENT_FIELDS, entry, strict=True))) for entry in now]
    _replace(Transaction, stale, new)
    return changed


def _stored(model: Any, order_pks: Sequence[int], order_by: str) -> dict[int, list[Any]]:
    """The stored parts of these orders, by order."""
    found: dict[int, list[Any]] = defaultdict(list)
    if order_pks:
        for row in model.objects.filter(order_id__in=order_pks).order_by(order_by):
            found[row.order_id].append(row)
    return found


def _replace(model: Any, stale: Sequence[int], new: Sequence[Any]) -> None:
    if stale:
        model.objects.filter(pk__in=stale).delete()
    if new:
        model.objects.bulk_create(new)
