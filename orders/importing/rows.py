"""Rows of text to checked values, one kind of file after the other. What a row lacks or garbles is reported with its column.

A value is given only for a column the file has: what a file does not speak of stays as it is in the database.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from orders.importing import values
from orders.importing.files import Row
from orders.importing.keys import key_of
from orders.importing.payments import Payment, payments
from orders.importing.reader import Reader

Options = tuple[tuple[str, str], ...]

_LONGEST_HISTORY = 20_000  # characters
# columns of plain text, with the most characters that can be stored
_CUSTOMER = {
    "first_name": 100, "last_name": 100, "address1": 200, "address2": 200, "city": 100, "state": 100, "zip": 30, "country": 100,
    "payment_methods": 20_000,
}  # fmt: skip
_ORDER = {
    "currency": 8, "ship_name": 200, "ship_address1": 200, "ship_address2": 200, "ship_city": 100, "ship_state": 100, "ship_zip": 30,
    "ship_country": 100,
}  # fmt: skip
_ITEM = {"item_id": 100, "product_id": 100, "tracking_number": 100}
_SHIPMENT = {"carrier": 100, "status": 100, "tracking_url": 500}
REQUIRED = {
    "customers": ("email",),
    "orders": ("order_number", "customer_email", "status"),
    "items": ("order_number", "name"),
    "shipments": ("order_number", "tracking_number"),
    "events": ("tracking_number", "at", "description"),
}


@dataclass(slots=True)
class CustomerRow:
    """customer_id: the e-mail address where the shop gives no id. fields: the other columns of the file, by model field."""

    line: int
    customer_id: str
    has_id: bool
    email: str
    fields: dict[str, Any]


@dataclass(slots=True)
class OrderRow:
    """tracking and payments are None where the file has no such column. carriers: one for all parcels, or one for each.

    updated_at: when the shop last changed the order, if it says so; what is older than what is stored is left out.
    """

    line: int
    number: str
    key: str
    email: str
    fields: dict[str, Any]
    tracking: list[str] | None
    carriers: list[str]
    payments: list[Payment] | None
    updated_at: datetime | None = None


@dataclass(slots=True)
class ItemRow:
    line: int
    position: int | None
    fields: dict[str, Any]


@dataclass(slots=True)
class ShipmentRow:
    line: int
    tracking_number: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    line: int
    at: datetime
    place: str
    description: str


def customer_row(reader: Reader, row: Row) -> CustomerRow | None:
    if not reader.begin(row):
        return None
    email = reader.email("email")
    given = reader.text("customer_id", 100)
    fields = reader.texts(_CUSTOMER)
    return CustomerRow(row.line, (given or email)[:100], bool(given), email, fields) if reader.good else None


def order_row(reader: Reader, row: Row) -> OrderRow | None:
    if not reader.begin(row):
        return None
    number = reader.text("order_number", 64, needed=True)
    key = key_of(number)
    if number and not key:
        reader.refuse("order_number", "An order number needs a letter or a digit.")
    email = reader.email("customer_email")
    fields: dict[str, Any] = {}
    if not reader.sparse or reader.has("status"):
        fields["status"] = reader.text("status", 100, needed=not reader.sparse)
    fields |= reader.texts(_ORDER)
    fields |= reader.moments("placed_at", "shipped_at", "delivered_at") | reader.day("estimated_delivery")
    if "currency" in fields:
        fields["currency"] = fields["currency"].upper()
    if reader.has("total"):
        total = reader.read("total", values.positive_money)
        fields["total"] = total[0] if total else None
        if total and total[1]:
            if fields.get("currency", total[1]) not in ("", total[1]):
                reader.refuse("total", f"The total is in {total[1]}, the currency column says {fields['currency']}.")
            fields["currency"] = total[1]
    tracking = _tracking(reader, "tracking_numbers") if reader.has("tracking_numbers") else None
    carriers = values.several(reader.text("carrier", 1000)) if reader.has("carrier") else []
    if len(carriers) > 1 and len(carriers) != len(tracking or ()):
        reader.warn("carrier", f"{len(carriers)} carriers for {len(tracking or ())} tracking numbers: left out.")
        carriers = []
    paid = _payments(reader, fields.get("currency", "")) if reader.has("payment_history") else None
    updated_at = reader.read("updated_at", reader.moment) if reader.has("updated_at") else None
    if not reader.good:
        return None
    return OrderRow(row.line, number, key[:64], email, fields, tracking, [c[:100] for c in carriers], paid, updated_at)


def item_row(reader: Reader, row: Row) -> ItemRow | None:
    if not reader.begin(row):
        return None
    fields: dict[str, Any] = {"name": reader.text("name", 300, needed=True)}
    fields |= reader.texts(_ITEM)
    if reader.has("options"):
        fields["options"] = reader.read("options", _options) or ()
    if reader.has("unit_price"):
        price = reader.read("unit_price", values.positive_money)
        fields["unit_price"] = price[0] if price else None
    if reader.has("quantity"):
        fields["quantity"] = reader.read("quantity", values.count) or 1
    position = reader.read("line", lambda cell: values.count(cell, least=0))
    return ItemRow(row.line, position, fields) if reader.good else None


def shipment_row(reader: Reader, row: Row) -> ShipmentRow | None:
    if not reader.begin(row):
        return None
    number = reader.text("tracking_number", 100, needed=not reader.sparse)
    if number and not key_of(number):
        reader.refuse("tracking_number", "A tracking number needs a letter or a digit.")
    fields = reader.texts(_SHIPMENT)
    fields |= reader.moments("shipped_at", "delivered_at") | reader.day("estimated_delivery")
    if fields.get("tracking_url") and not fields["tracking_url"].lower().startswith(("https://", "http://")):
        # it becomes a link on the customer's page, so nothing but a web address is taken
        reader.warn("tracking_url", "This is not a web address (https://…): left out.")
        fields["tracking_url"] = ""
    return ShipmentRow(row.line, number, fields) if reader.good else None


def event_row(reader: Reader, row: Row) -> EventRow | None:
    if not reader.begin(row):
        return None
    at = reader.read("at", reader.moment)
    if at is None and reader.good:
        reader.refuse("at", "This cell is empty.")
    place, description = reader.text("place", 200), reader.text("description", 300, needed=True)
    return EventRow(row.line, at, place, description) if reader.good and at else None


@lru_cache(maxsize=4096)  # the same colours and sizes come again and again
def _options(cell: str) -> Options:
    return tuple((name, value) for name, value in values.pairs(cell))


def _tracking(reader: Reader, column: str) -> list[str]:
    """Tracking numbers, each once however it is written."""
    numbers = reader.read(column, values.several) or []
    if len(numbers) == 1 and numbers[0].isalnum() and len(numbers[0]) <= 100:
        return numbers
    if any(len(number) > 100 for number in numbers):
        reader.refuse(column, "A tracking number has more than 100 characters.")
    return list({key_of(number): number for number in reversed(numbers) if key_of(number)}.values())[::-1]


def _payments(reader: Reader, currency: str) -> list[Payment]:
    cell = reader.row.get("payment_history")
    if len(cell) > _LONGEST_HISTORY:
        reader.refuse("payment_history", f"This cell has {len(cell):,} characters; at most {_LONGEST_HISTORY:,} are read.")
        return []
    understood, doubts = payments(cell, reader.zone)
    for doubt in doubts:
        reader.warn("payment_history", doubt)
    kept = [p for p in understood if not (currency and p.currency and p.currency != currency)]
    if len(kept) < len(understood):
        reader.warn("payment_history", f"A payment is not in the order's currency ({currency}): left out.")
    return kept
