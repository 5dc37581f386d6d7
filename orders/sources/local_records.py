"""Rows of our tables to frozen records: one query for each kind of part, whatever the number of orders.

All are read as plain rows with prepared statements: the ORM's way to a query and to model instances takes longer than the database.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db.models import BigIntegerField, Model
from django.utils import timezone

from database.prepared import PreparedAmong
from orders import models
from orders.records import Address, Event, Kind, Line, OrderRecord, Shipment, Transaction
from orders.sources.filling import filled, parcel_state

T = TypeVar("T")
_KINDS = frozenset(kind.value for kind in Kind)


class OrderRow(NamedTuple):
    """The columns of an order that a record is made of, with its customer's name; the names are those of `values_list`."""

    pk: int
    number: str
    status: str
    placed_at: datetime | None
    currency: str
    total: Decimal | None
    ship_name: str
    ship_address1: str
    ship_address2: str
    ship_city: str
    ship_state: str
    ship_zip: str
    ship_country: str
    shipped_at: datetime | None
    estimated_delivery: date | None
    delivered_at: datetime | None
    customer__first_name: str
    customer__last_name: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to some orders, by the key of their rows."""

    lines: dict[int, tuple[Line, ...]]
    shipments: dict[int, tuple[Shipment, ...]]
    transactions: dict[int, tuple[Transaction, ...]]


def records_of(orders: Sequence[OrderRow], *, money: bool = True) -> list[OrderRecord]:
    """The orders as records, in their order, times in the shop's zone, so that `.date()` is the shop's day.

    money: also their payments. Four queries.
    """
    if not orders:
        return []
    keys = [order.pk for order in orders]
    parts = Parts(_lines(keys), _shipments(keys), _transactions(keys) if money else {})
    return [_record(order, parts) for order in orders]


def with_money(orders: Sequence[OrderRow], records: Sequence[OrderRecord]) -> list[OrderRecord]:
    """The same records, which were made without their payments, with them. One query."""
    paid = _transactions([order.pk for order in orders])
    return [replace(record, transactions=paid.get(order.pk, ())) for order, record in zip(orders, records, strict=True)]


def _record(order: OrderRow, parts: Parts) -> OrderRecord:
    progress = filled(
        order.status,
        _local(order.shipped_at),
        order.estimated_delivery,
        _local(order.delivered_at),
        parts.shipments.get(order.pk, ()),
    )
    return OrderRecord(
        number=order.number,
        status=progress.status,
        status_text=order.status,
        currency=order.currency or settings.SHOP_CURRENCY,
        placed_at=_local(order.placed_at),
        total=order.total,
        ship_to=Address(
            name=order.ship_name,
            line1=order.ship_address1,
            line2=order.ship_address2,
            city=order.ship_city,
            state=order.ship_state,
            zip=order.ship_zip,
            country=order.ship_country,
        ),
        customer_name=f"{order.customer__first_name} {order.customer__last_name}".strip(),
        shipped_at=progress.shipped_at,
        estimated_on=progress.estimated_on,
        delivered_at=progress.delivered_at,
        lines=parts.lines.get(order.pk, ()),
        shipments=progress.shipments,
        transactions=parts.transactions.get(order.pk, ()),
    )


def _lines(keys: list[int]) -> dict[int, tuple[Line, ...]]:
    found: dict[int, list[Line]] = defaultdict(list)
    for key, position, name, item_id, product_id, options, price, quantity, tracking in _line_rows.rows(keys):
        pairs = tuple((str(option), str(value)) for option, value in options)
        found[key].append(Line(position, name, item_id, product_id, pairs, price, quantity, tracking))
    return _frozen(found)


def _shipments(keys: list[int]) -> dict[int, tuple[Shipment, ...]]:
    found: dict[int, list[Shipment]] = defaultdict(list)
    rows = _shipment_rows.rows(keys)
    events = _events([row[0] for row in rows])
    for pk, key, number, carrier, said, url, shipped, estimated, delivered in rows:
        found[key].append(
            Shipment(
                tracking_number=number,
                carrier=carrier,
                status=parcel_state(said, delivered),
                status_text=said,
                tracking_url=url,
                shipped_at=_local(shipped),
                estimated_on=estimated,
                delivered_at=_local(delivered),
                events=events.get(pk, ()),
            )
        )
    return _frozen(found)


def _events(shipments: list[int]) -> dict[int, tuple[Event, ...]]:
    found: dict[int, list[Event]] = defaultdict(list)
    if shipments:
        zone = timezone.get_default_timezone()
        for key, at, place, description in _event_rows.rows(shipments):
            found[key].append(Event(timezone.localtime(at, zone), description, place))
    return _frozen(found)


def _transactions(keys: list[int]) -> dict[int, tuple[Transaction, ...]]:
    found: dict[int, list[Transaction]] = defaultdict(list)
    for key, said, amount, method, at in _transaction_rows.rows(keys) if keys else ():
        found[key].append(Transaction(Kind(said) if said in _KINDS else Kind.PAYMENT, amount, method, _local(at)))
    return _frozen(found)


def _parts(part: type[Model], owner: str, order_by: tuple[str, ...], *columns: str) -> PreparedAmong:
    """A statement for the parts of some owners, by the owners' keys."""
    return PreparedAmong(
        lambda keys: part._default_manager.filter(**{f"{owner}__in": keys}).order_by(*order_by).values_list(*columns),
        BigIntegerField(),
    )


_line_rows = _parts(
    *(models.OrderLine, "order_id", ("order_id", "position")),
    *("order_id", "position", "name", "item_id", "product_id", "options", "unit_price", "quantity", "tracking_number"),
)
_shipment_rows = _parts(
    *(models.Shipment, "order_id", ("pk",)),
    *("pk", "order_id", "tracking_number", "carrier", "status", "tracking_url", "shipped_at", "estimated_delivery", "delivered_at"),
)
_event_rows = _parts(models.ShipmentEvent, "shipment_id", ("at", "pk"), "shipment_id", "at", "place", "description")
_transaction_rows = _parts(models.Transaction, "order_id", ("pk",), "order_id", "kind", "amount", "method", "at")


def _frozen(found: dict[int, list[T]]) -> dict[int, tuple[T, ...]]:
    return {key: tuple(values) for key, values in found.items()}


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment, timezone.get_default_timezone()) if moment else None
