"""Parcels and their events into the database.

An order row names its parcels by number alone; a row in the shop's list of shipments tells more of them, and stays when the order
row does not name its number. A parcel keeps what it has, its events too, when a file only names it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any

from django.db import transaction

from orders.importing.parts import OrderParts
from orders.importing.report import Report
from orders.importing.rows import EventRow
from orders.models import Order, OrderLine, Shipment, ShipmentEvent
from orders.references import key_of

_UPDATED = [f.name for f in Shipment._meta.concrete_fields if not f.primary_key]


def write_parcels(batch: Sequence[OrderParts], orders: Mapping[str, Order], report: Report) -> set[str]:
    """Bring the parcels of these orders to what the files say; return the numbers of the orders where one changed."""
    pks = [orders[parts.number].pk for parts in batch]
    stored: dict[int, dict[str, Shipment]] = defaultdict(dict)
    for row in Shipment.objects.filter(order_id__in=pks).order_by("pk"):
        stored[row.order_id][row.key] = row
    of_items = _named_by_items(batch, orders) if stored else set()
    gone: list[int] = []
    new: list[Shipment] = []
    updated: list[Shipment] = []
    changed: set[str] = set()
    for parts in batch:
        order = orders[parts.number]
        before = stored[order.pk]
        wanted = _wanted(parts)
        listed = {key_of(row.tracking_number) for row in parts.shipments}
        for key, (number, fields) in wanted.items():
            old = before.get(key)
            differs = {name: value for name, value in fields.items() if old is None or getattr(old, name) != value}
            if old is None:
                new.append(Shipment(order=order, tracking_number=number, key=key, **fields))
            elif differs:
                for name, value in differs.items():
                    setattr(old, name, value)
                updated.append(old)
            if key in listed:
                report.shipments.add(created=old is None, changed=bool(differs))
            if old is None or differs:
                changed.add(parts.number)
        unnamed = [row for key, row in before.items() if key not in wanted]
        stale = [row.pk for row in unnamed if _is_stale(row, parts, of_items)]
        if stale:
            changed.add(parts.number)
            gone += stale
    if gone:
        Shipment.objects.filter(pk__in=gone).delete()
    if new:
        Shipment.objects.bulk_create(new)
    if updated:
        Shipment.objects.bulk_create(updated, update_conflicts=True, unique_fields=["pk"], update_fields=_UPDATED)
    return changed


def write_events(events: Mapping[str, Sequence[EventRow]], spoiled: Set[str], report: Report) -> set[str]:
    """Replace the events of the parcels with these keys; return the keys that no parcel has.

    spoiled: keys with a row that could not be read: nothing is taken away from those.
    """
    with transaction.atomic():
        parcels = list(Shipment.objects.select_for_update().filter(key__in=events).prefetch_related("events"))
        gone: list[int] = []
        new: list[ShipmentEvent] = []
        for parcel in parcels:
            before = {(e.at, e.place, e.description): e for e in parcel.events.all()}
            for row in sorted(events[parcel.key], key=lambda e: e.at):
                event = (row.at, row.place, row.description)
                known = before.pop(event, None)
                report.events.add(created=known is None, changed=False)
                if known is None:
                    new.append(ShipmentEvent(shipment=parcel, at=row.at, place=row.place, description=row.description))
            if parcel.key not in spoiled:
                gone += [e.pk for e in before.values()]
        if gone:
            ShipmentEvent.objects.filter(pk__in=gone).delete()
        ShipmentEvent.objects.bulk_create(new)
    return set(events) - {parcel.key for parcel in parcels}


def _wanted(parts: OrderParts) -> dict[str, tuple[str, dict[str, Any]]]:
    """(number, fields) by key: of the order row, of its items, of the list of shipments, which knows best."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    if parts.row:
        tracking, carriers = parts.row.tracking or [], parts.row.carriers
        for place, number in enumerate(tracking):
            carrier = carriers[place] if len(carriers) == len(tracking) else (carriers[0] if carriers else "")
            found[key_of(number)] = (number, {"carrier": carrier} if carrier else {})
    for item in parts.items or ():
        number = item.fields.get("tracking_number", "")
        if key_of(number):
            found.setdefault(key_of(number), (number, {}))
    for row in parts.shipments:
        number, fields = found.get(key_of(row.tracking_number), (row.tracking_number, {}))
        found[key_of(row.tracking_number)] = (number, {**fields, **row.fields, "own_row": True})
    return found


def _is_stale(row: Shipment, parts: OrderParts, of_items: set[tuple[int, str]]) -> bool:
    """Whether a parcel that is not named any more was known from one of the files that are read now."""
    if parts.spoiled:
        return False
    if row.own_row:
        return bool(parts.shipments)
    return parts.row is not None and parts.row.tracking is not None and (row.order_id, row.key) not in of_items


def _named_by_items(batch: Sequence[OrderParts], orders: Mapping[str, Order]) -> set[tuple[int, str]]:
    """(order, key) of the parcels that stored items name, where this import brings no items of the order."""
    pks = [orders[parts.number].pk for parts in batch if parts.items is None]
    lines = OrderLine.objects.filter(order_id__in=pks).exclude(tracking_number="").values_list("order_id", "tracking_number")
    return {(order_pk, key_of(number)) for order_pk, number in lines}
