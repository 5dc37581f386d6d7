"""Parcels and their events into the database.

An order row names its parcels by number alone; a row in the shop's list of shipments tells more of them, and stays when the order
row does not name its number. A parcel keeps what it has, its events too, when a file only names it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from django.db import transaction

from database import bulk
from orders.importing.keys import key_of
from orders.importing.parts import OrderParts
from orders.importing.report import Report
from orders.importing.rows import EventRow
from orders.importing.stored import Headers
from orders.models import OrderLine, Shipment, ShipmentEvent

_FIELDS = ("own_row", "carrier", "status", "tracking_url", "shipped_at", "estimated_delivery", "delivered_at")
_DEFAULTS = dict(zip(_FIELDS, (False, "", "", "", None, None, None), strict=True))
_COLUMNS = ("order_id", "id", "key", *_FIELDS)
_EVENT_FIELDS = ("at", "place", "description")
Fields = dict[str, Any]


class Parcel(NamedTuple):
    """A stored parcel."""

    pk: int
    key: str
    fields: Fields


def write_parcels(batch: Sequence[OrderParts], headers: Headers, report: Report) -> set[str]:
    """Bring the parcels of these orders to what the files say; return the numbers of the stored orders where one changed."""
    stored = _stored(headers.keys[parts.number] for parts in batch if parts.number not in headers.created)
    of_items = _named_by_items(batch, headers) if stored else set()
    gone: list[int] = []
    new: list[tuple[Any, ...]] = []
    updated: list[tuple[Any, ...]] = []
    changed: set[str] = set()
    for parts in batch:
        order = headers.keys[parts.number]
        before = stored.get(order, {})
        wanted = _wanted(parts)
        listed = {key_of(row.tracking_number) for row in parts.shipments}
        for key, (number, fields) in wanted.items():
            old = before.get(key)
            differs = old is None or any(old.fields[name] != value for name, value in fields.items())
            if old is None:
                new.append((order, number, key, *{**_DEFAULTS, **fields}.values()))
            elif differs:
                updated.append((*{**old.fields, **fields}.values(), old.pk))
            if key in listed:
                report.shipments.add(created=old is None, changed=differs)
            if differs:
                changed.add(parts.number)
        stale = [row.pk for key, row in before.items() if key not in wanted and _is_stale(order, row, parts, of_items)]
        if stale:
            changed.add(parts.number)
            gone += stale
    bulk.delete(ShipmentEvent, gone, by="shipment_id")
    bulk.delete(Shipment, gone)
    bulk.update(Shipment, _FIELDS, updated)
    bulk.insert(Shipment, ("order_id", "tracking_number", "key", *_FIELDS), new)
    return changed - headers.created


def _stored(orders: Iterable[int]) -> dict[int, dict[str, Parcel]]:
    """The stored parcels of these orders, by order and key."""
    found: dict[int, dict[str, Parcel]] = defaultdict(dict)
    for order, pk, key, *values in bulk.rows_among(Shipment, _COLUMNS, "order_id", orders, order_by="id"):
        found[order][key] = Parcel(pk, key, dict(zip(_FIELDS, values, strict=True)))
    return found


def write_events(events: Mapping[str, Sequence[EventRow]], spoiled: Set[str], report: Report) -> set[str]:
    """Replace the events of the parcels with these keys; return the keys that no parcel has.

    spoiled: keys with a row that could not be read: nothing is taken away from those.
    """
    with transaction.atomic():
        bulk.one_writer_at_a_time()
        parcels: dict[int, str] = dict(bulk.rows_among(Shipment, ("id", "key"), "key", events))
        replace_events(
            {pk: events[key] for pk, key in parcels.items()}, {pk for pk, key in parcels.items() if key in spoiled}, report
        )
    return events.keys() - set(parcels.values())


def write_own_events(batch: Sequence[OrderParts], headers: Headers, report: Report) -> None:
    """Replace the events of the parcels whose events came with their order."""
    told = {headers.keys[parts.number]: parts for parts in batch if parts.events}
    parcels = {(order, key): pk for order, key, pk in bulk.rows_among(Shipment, ("order_id", "key", "id"), "order_id", told)}
    events = {
        parcels[order, key]: rows for order, parts in told.items() for key, rows in parts.events.items() if (order, key) in parcels
    }
    spoiled = {pk for (order, _), pk in parcels.items() if told[order].spoiled}
    replace_events(events, spoiled, report)


def replace_events(events: Mapping[int, Sequence[EventRow]], spoiled: Set[int], report: Report) -> None:
    """The same for parcels by the keys of their rows."""
    stored: dict[int, dict[tuple[Any, ...], int]] = defaultdict(dict)
    for parcel, pk, *event in bulk.rows_among(
        ShipmentEvent, ("shipment_id", "id", *_EVENT_FIELDS), "shipment_id", events, order_by="id"
    ):
        stored[parcel][tuple(event)] = pk
    gone: list[int] = []
    new: list[tuple[Any, ...]] = []
    for parcel, rows in events.items():
        before = stored.get(parcel, {})
        # the same event twice is one
        for row in sorted({(row.at, row.place, row.description): row for row in rows}.values(), key=lambda row: row.at):
            known = before.pop((row.at, row.place, row.description), None)
            report.events.add(created=known is None, changed=False)
            if known is None:
                new.append((parcel, row.at, row.place, row.description))
        if parcel not in spoiled:
            gone += before.values()
    bulk.delete(ShipmentEvent, gone)
    bulk.insert(ShipmentEvent, ("shipment_id", *_EVENT_FIELDS), new)


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


def _is_stale(order: int, row: Parcel, parts: OrderParts, of_items: set[tuple[int, str]]) -> bool:
    """Whether a parcel that is not named any more was known from one of the files that are read now."""
    if parts.spoiled:
        return False
    if row.fields["own_row"]:
        return bool(parts.shipments) or parts.all_parcels
    return parts.row is not None and parts.row.tracking is not None and (order, row.key) not in of_items


def _named_by_items(batch: Sequence[OrderParts], headers: Headers) -> set[tuple[int, str]]:
    """(order, key) of the parcels that stored items name, where this import brings no items of the order."""
    orders = [headers.keys[parts.number] for parts in batch if parts.items is None and parts.number not in headers.created]
    lines = bulk.rows_among(OrderLine, ("order_id", "tracking_number"), "order_id", orders, where="tracking_number <> ''")
    return {(order, key_of(number)) for order, number in lines}
