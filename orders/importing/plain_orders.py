"""Whole orders as JSON objects to what is written of them. Pure, but for the report of what is wrong with them.

The form is the one that a shop's programme answers with (docs/orders-http.md), so that a shop describes its orders once. Values go
through the same readers as cells of CSV files. A name that is missing leaves what is stored; null takes it away.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orders.importing import rows as parse
from orders.importing.files import Row
from orders.importing.keys import key_of
from orders.importing.parts import OrderParts
from orders.importing.reader import Reader
from orders.importing.report import Problem

MAX_PARTS = 500  # items, parcels, events or payments of one order
_ORDER = {
    "number": "order_number",
    "email": "customer_email",
    "payments": "payment_history",
} | {
    name: name
    for name in (
        *("status", "placed_at", "updated_at", "currency", "total", "shipped_at", "estimated_delivery", "delivered_at"),
        *("ship_name", "ship_address1", "ship_address2", "ship_city", "ship_state", "ship_zip", "ship_country"),
        *("carrier", "tracking_numbers"),
    )
}
_ITEM = {name: name for name in ("line", "name", "item_id", "product_id", "options", "unit_price", "quantity", "tracking_number")}
_PARCEL = {
    name: name
    for name in ("tracking_number", "carrier", "status", "tracking_url", "shipped_at", "estimated_delivery", "delivered_at")
}
_EVENT = {name: name for name in ("at", "description", "place")}
_WRITTEN = {column: name for name, column in _ORDER.items()}
_STRUCTURED = {"options", "payments", "tracking_numbers"}
_AMOUNTS = {"total", "unit_price"}
_FINE_AMOUNT = re.compile(r"-?\d{1,12}\.\d{3,4}", re.ASCII)  # as databases compute them


@dataclass(slots=True)
class PlainReader(Reader):
    """Reads parts of JSON objects; at: the place within the order, as a JSON pointer. Names are those of the JSON."""

    sparse: bool = True
    at: str = ""

    def refuse(self, column: str, reason: str) -> None:
        self.good = False
        self.report.refuse(self._problem(column, reason))

    def warn(self, column: str, reason: str) -> None:
        self.report.warn(self._problem(column, reason))

    def _problem(self, column: str, reason: str) -> Problem:
        name = _WRITTEN.get(column, column) if not self.at else column
        return Problem(
            self.file, self.row.line, f"{self.at}/{name}" if name else self.at, reason.replace("This cell", "This value")
        )


def number_of(order: Mapping[str, Any]) -> str:
    """The number of an order, as it is compared; "" for none."""
    number = order.get("number")
    return " ".join(number.split())[:64] if isinstance(number, str) else ""


def order_parts(reader: PlainReader, line: int, order: object) -> OrderParts | None:
    """What is to be written of one order; None, and a report, for what is no order. Broken items or parcels are left out."""
    reader.at, reader.row, reader.good = "", Row(line, {}), True
    if not isinstance(order, dict):
        reader.refuse("", "An order must be an object with names and values.")
        return None
    row = parse.order_row(reader, _row(reader, line, order, _ORDER))
    if row is None:
        return None
    parts = OrderParts(row.number, row)
    name = order.get("customer_name")
    parts.customer_name = " ".join(name.split())[:200].replace("\0", "") if isinstance(name, str) else ""
    _add_items(reader, line, order, parts)
    _add_parcels(reader, line, order, parts)
    return parts


def removal(reader: PlainReader, line: int, order: Mapping[str, Any]) -> tuple[str, datetime | None]:
    """(number, when the shop removed it, if it says so) of an order that is to be deleted; the reader tells whether it can be."""
    reader.at = ""
    reader.begin(_row(reader, line, order, {name: _ORDER[name] for name in ("number", "updated_at")}))
    number = reader.text("order_number", 64, needed=True)
    return number, reader.read("updated_at", reader.moment)


def _add_items(reader: PlainReader, line: int, order: Mapping[str, Any], parts: OrderParts) -> None:
    if order.get("items") is None:
        return
    parts.items = []
    taken: set[int] = set()
    for item in _parts(reader, line, order, "items", parts):
        if str(item.get("quantity")) in ("0", "0.0"):  # it was taken out of the order again
            continue
        found = parse.item_row(reader, _row(reader, line, item, _ITEM))
        if found and found.position in taken:
            reader.refuse("line", "Another item of this order has this line.")
            found = None
        if found is None:
            parts.spoiled = True
            continue
        taken |= {found.position} if found.position is not None else set()
        parts.items.append(found)


def _add_parcels(reader: PlainReader, line: int, order: Mapping[str, Any], parts: OrderParts) -> None:
    if order.get("shipments") is None:
        return
    parts.all_parcels = True
    taken: set[str] = set()
    for parcel in _parts(reader, line, order, "shipments", parts):
        at = reader.at
        found = parse.shipment_row(reader, _row(reader, line, parcel, _PARCEL))
        key = key_of(found.tracking_number) if found else ""
        if found and key in taken:
            reason = (
                "Another parcel of this order has this number." if key else "Only one parcel of an order may be without a number."
            )
            reader.refuse("tracking_number", reason)
            found = None
        if found is None:
            parts.spoiled = True
            continue
        taken.add(key)
        parts.shipments.append(found)
        if parcel.get("events") is not None:
            parts.events[key] = events = []
            for event in _parts(reader, line, parcel, "events", parts, below=at):
                told = parse.event_row(reader, _row(reader, line, event, _EVENT))
                if told is None:
                    parts.spoiled = True
                else:
                    events.append(told)


def _parts(
    reader: PlainReader, line: int, whole: Mapping[str, Any], name: str, parts: OrderParts, *, below: str = ""
) -> Iterator[dict[str, Any]]:
    """The objects of a list; the reader stands at each. What is none is refused."""
    listed = whole[name]
    reader.at, reader.row = below, Row(line, {})
    if not isinstance(listed, list) or len(listed) > MAX_PARTS:
        reader.refuse(name, f"This must be a list of at most {MAX_PARTS} objects.")
        parts.spoiled = True
        return
    for place, part in enumerate(listed):
        reader.at, reader.row = f"{below}/{name}/{place}", Row(line, {})
        if isinstance(part, dict):
            yield part
        else:
            reader.refuse("", "This must be an object with names and values.")
            parts.spoiled = True


def _row(reader: PlainReader, line: int, values: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    """The values as cells, under the names that CSV files have for them. A value that cannot be one makes the row unreadable."""
    cells: dict[str, str] = {}
    problem = ""
    for name, column in names.items():
        if name not in values:
            continue
        cell = _cell(name, values[name])
        if cell is None:
            problem = problem or f"“{name}” has a value of the wrong kind."
            cell = ""
        cells[column] = cell
    text = "".join(cells.values())
    if not text.isprintable() and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        problem = "It has a character that cannot be stored."
    return Row(line, cells, problem)


def _cell(name: str, value: object) -> str | None:
    """A value as a cell; None for one that cannot be one. Numbers come as they were written."""
    if value is None:
        return ""
    if isinstance(value, str):
        if name in _AMOUNTS and _FINE_AMOUNT.fullmatch(value):
            return str(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP))
        return value.strip()
    if name in _STRUCTURED and isinstance(value, (list, dict)):
        if name == "options" and isinstance(value, list):
            value = {str(_part(pair, 0, "name", "label")): _part(pair, 1, "value") for pair in value}
        return json.dumps(value) if value else ""
    return None


def _part(pair: object, place: int, *names: str) -> object:
    """The name or the value of an option that stands in a list."""
    if isinstance(pair, dict):
        return next((pair[name] for name in names if pair.get(name) is not None), "")
    return pair[place] if isinstance(pair, list) and len(pair) == 2 else ""
