"""Plain orders, as a view or a programme of the shop gives them, to records. Pure, but for a line in the log.

An order is a mapping with these names; only `number` must be there, and every other may be missing, None or broken:

    number, status, placed_at, currency, total, customer_name, customer_first_name, customer_last_name,
    ship_name, ship_address1, ship_address2, ship_city, ship_state, ship_zip, ship_country,
    shipped_at, estimated_delivery, delivered_at, carrier, tracking_numbers ("A; B", or a list),
    items:     [{name, line, item_id, product_id, options, unit_price, quantity, tracking_number}]
    shipments: [{tracking_number, carrier, status, tracking_url, shipped_at, estimated_delivery, delivered_at, events: […]}]
    events:    [{tracking_number, at, description, place}]   of parcels, where they do not stand within them
    payments:  [{kind, amount, method, at}]

A missing or broken value is "not known", never an invented one, and a broken one is told in the log (see `troubles`). Which values
are understood stands in `cells`. The words of states go through `orders/statuses.py`, gaps are filled by `filling`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from orders.importing.payments import kind_named
from orders.records import Address, Event, Kind, Line, OrderRecord, Shipment, Transaction
from orders.references import key_of
from orders.sources import cells
from orders.sources.filling import filled, parcel_state
from orders.sources.troubles import Troubles

MAX_PARTS = 500  # lines, parcels, events or payments of one order; more tells nobody anything
Row = Mapping[str, Any]


def records_of(
    orders: Iterable[object], *, zone: tzinfo, shown: tzinfo | None = None, currency: str = "", troubles: Troubles | None = None
) -> list[OrderRecord]:
    """The orders as records, in their order; one without a number is left out, as is a number that has come before.

    zone: of times that name none. shown: the shop's zone, in which times are given out; `zone` if not said.
    currency: of orders that name none. troubles: where to count what is left out; otherwise it is written to the log here.
    """
    counted = troubles or Troubles()
    reading = Reading(zone, shown or zone, currency, counted)
    found: dict[str, OrderRecord] = {}
    for order in orders:
        record = reading.order(order)
        if record is None:
            continue
        if record.number in found:
            counted.add("orders that repeat a number", "it stands for another order already")
            continue
        found[record.number] = record
    if troubles is None:
        counted.tell()
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of one source are read."""

    zone: tzinfo
    shown: tzinfo
    currency: str = ""
    troubles: Troubles = field(default_factory=Troubles)

    def order(self, row: object) -> OrderRecord | None:
        """None, and a note, for what is no order or has no number."""
        if not isinstance(row, Mapping):
            self.troubles.add("orders", f"a {type(row).__name__} is no order")
            return None
        number = self._text("orders.number", row.get("number"), 64)
        if not key_of(number):
            self.troubles.add("orders.number", "an order has none")
            return None
        of = "orders"
        said = self._text(f"{of}.status", row.get("status"), 100)
        currency = self._currency(row.get("currency"))
        lines = self._lines(row, currency)
        progress = filled(
            said,
            self._moment(f"{of}.shipped_at", row.get("shipped_at")),
            self._day(f"{of}.estimated_delivery", row.get("estimated_delivery")),
            self._moment(f"{of}.delivered_at", row.get("delivered_at")),
            self._shipments(row, lines),
        )
        return OrderRecord(
            number=number,
            status=progress.status,
            status_text=said,
            currency=currency,
            placed_at=self._moment(f"{of}.placed_at", row.get("placed_at")),
            total=self._amount(f"{of}.total", row.get("total"), currency),
            ship_to=self._address(row),
            customer_name=self._customer(row),
            shipped_at=progress.shipped_at,
            estimated_on=progress.estimated_on,
            delivered_at=progress.delivered_at,
            lines=lines,
            shipments=progress.shipments,
            transactions=self._transactions(row, currency),
        )

    def _address(self, row: Row) -> Address:
        def part(name: str, longest: int = 200) -> str:
            return self._text(f"orders.{name}", row.get(name), longest)

        return Address(
            name=part("ship_name"),
            line1=part("ship_address1"),
            line2=part("ship_address2"),
            city=part("ship_city", 100),
            state=part("ship_state", 100),
            zip=part("ship_zip", 30),
            country=part("ship_country", 100),
        )

    def _customer(self, row: Row) -> str:
        whole = self._text("orders.customer_name", row.get("customer_name"), 200)
        parts = (self._text(f"orders.{n}", row.get(n), 100) for n in ("customer_first_name", "customer_last_name"))
        return whole or " ".join(filter(None, parts))

    def _lines(self, row: Row, currency: str) -> tuple[Line, ...]:
        found = []
        for place, item in enumerate(self._rows(row, "items"), 1):
            name = self._text("items.name", item.get("name"))
            quantity = self._count("items.quantity", item.get("quantity"))
            if quantity == 0:  # it was taken out of the order again
                continue
            if not name:
                self.troubles.add("items.name", "an item has none")
                continue
            found.append(
                Line(
                    position=self._count("items.line", item.get("line")) or place,
                    name=name,
                    item_id=self._text("items.item_id", item.get("item_id"), 100),
                    product_id=self._text("items.product_id", item.get("product_id"), 100),
                    options=self._options(item.get("options")),
                    unit_price=self._amount("items.unit_price", item.get("unit_price"), currency),
                    quantity=quantity or 1,
                    tracking_number=self._text("items.tracking_number", item.get("tracking_number"), 100),
                )
            )
        return tuple(sorted(found, key=lambda line: line.position))

    def _shipments(self, row: Row, lines: tuple[Line, ...]) -> tuple[Shipment, ...]:
        """The parcels that are listed, and those that the order or its items only name."""
        found = [parcel for part in self._rows(row, "shipments") if (parcel := self._shipment(part))]
        known = {key_of(parcel.tracking_number) for parcel in found} | {""}
        named = self.troubles.read("orders.tracking_numbers", cells.several, row.get("tracking_numbers")) or ()
        numbers = [*named, *(line.tracking_number for line in lines)]
        carrier = self._text("orders.carrier", row.get("carrier"), 100)
        for number in numbers:
            if key_of(number) not in known:
                known.add(key_of(number))
                found.append(Shipment(number[:100], carrier))
        loose = [(self._text("events.tracking_number", e.get("tracking_number"), 100), e) for e in self._rows(row, "events")]
        return tuple(self._with_events(parcel, loose, alone=len(found) == 1) for parcel in found) if loose else tuple(found)

    def _shipment(self, part: Row) -> Shipment | None:
        said = self._text("shipments.status", part.get("status"), 100)
        delivered_at = self._moment("shipments.delivered_at", part.get("delivered_at"))
        parcel = Shipment(
            tracking_number=self._text("shipments.tracking_number", part.get("tracking_number"), 100),
            carrier=self._text("shipments.carrier", part.get("carrier"), 100),
            status=parcel_state(said, delivered_at),
            status_text=said,
            tracking_url=self._link(part.get("tracking_url")),
            shipped_at=self._moment("shipments.shipped_at", part.get("shipped_at")),
            estimated_on=self._day("shipments.estimated_delivery", part.get("estimated_delivery")),
            delivered_at=delivered_at,
            events=self._events(self._rows(part, "events")),
        )
        return None if parcel == Shipment("") else parcel  # a row of nothing is no parcel

    def _with_events(self, parcel: Shipment, loose: list[tuple[str, Row]], *, alone: bool) -> Shipment:
        """The parcel with the events that name it; those that name none belong to an order's only parcel."""
        key = key_of(parcel.tracking_number)
        own = [event for number, event in loose if key_of(number) == key or (alone and not key_of(number))]
        events = sorted({*parcel.events, *self._events(own)}, key=lambda event: event.at)
        return replace(parcel, events=tuple(events))

    def _events(self, rows: Iterable[Row]) -> tuple[Event, ...]:
        found = []
        for row in rows:
            at = self._moment("events.at", row.get("at"))
            description = self._text("events.description", row.get("description"))
            if not at or not description:
                self.troubles.add("events", "one has no time or no description")
                continue
            found.append(Event(at, description, self._text("events.place", row.get("place"), 200)))
        return tuple(sorted(found, key=lambda event: event.at))

    def _transactions(self, row: Row, currency: str) -> tuple[Transaction, ...]:
        found = []
        for part in self._rows(row, "payments"):
            said = self._text("payments.kind", part.get("kind"), 100)
            amount = self.troubles.read("payments.amount", cells.signed_amount, part.get("amount"), currency)
            if amount is None:
                continue
            kind = kind_named(said) if said else (Kind.REFUND if amount < 0 else Kind.PAYMENT)
            if kind is None or (kind is Kind.PAYMENT and amount < 0):
                self.troubles.add("payments.kind", "it does not say whether money was paid or refunded")
                continue
            method = self._text("payments.method", part.get("method"), 100)
            found.append(Transaction(kind, abs(amount), method, self._moment("payments.at", part.get("at"))))
        return tuple(found)

    def _rows(self, row: Row, name: str) -> list[Row]:
        """The parts of that name that are mappings."""
        parts = row.get(name)
        if parts is None:
            return []
        if not isinstance(parts, (list, tuple)):
            self.troubles.add(name, f"a {type(parts).__name__} is no list")
            return []
        found = [part for part in parts if isinstance(part, Mapping)]
        if len(found) < len(parts):
            self.troubles.add(name, "something in the list has no fields")
        return found[:MAX_PARTS]

    def _text(self, name: str, value: object, longest: int = cells.LONGEST_TEXT) -> str:
        return (self.troubles.read(name, cells.text, value, longest) if value is not None else None) or ""

    def _moment(self, name: str, value: object) -> datetime | None:
        return None if value is None else self.troubles.read(name, cells.moment, value, self.zone, self.shown)

    def _day(self, name: str, value: object) -> date | None:
        return None if value is None else self.troubles.read(name, cells.day, value, self.zone, self.shown)

    def _amount(self, name: str, value: object, currency: str) -> Decimal | None:
        return None if value is None else self.troubles.read(name, cells.amount, value, currency)

    def _count(self, name: str, value: object) -> int | None:
        return None if value is None else self.troubles.read(name, cells.count, value)

    def _currency(self, value: object) -> str:
        return self.troubles.read("orders.currency", cells.currency_code, value) or self.currency

    def _link(self, value: object) -> str:
        return self.troubles.read("shipments.tracking_url", cells.web_address, value) or ""

    def _options(self, value: object) -> tuple[tuple[str, str], ...]:
        return self.troubles.read("items.options", cells.options, value) or ()
