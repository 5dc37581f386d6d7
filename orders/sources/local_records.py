"""Rows of our tables to frozen records. Reads only what was fetched with the rows; no query of its own when all was."""

from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from orders import models
from orders.records import Address, Event, Kind, Line, OrderRecord, Shipment, Status, Transaction
from orders.statuses import order_status, parcel_status, refined

_KINDS = frozenset(kind.value for kind in Kind)


def record_of(order: models.Order, *, with_money: bool = True) -> OrderRecord:
    """The order as a record, times in the shop's zone, so that `.date()` is the shop's day. with_money: also its payments.

    What the order row does not say is taken from its parcels, and the other way round when there is only one.
    """
    status = order_status(order.status)
    shipments = tuple(map(_shipment, order.shipments.all()))
    delivered_at, shipped_at, estimated_on = _local(order.delivered_at), _local(order.shipped_at), order.estimated_delivery
    parcels_in = [s.delivered_at for s in shipments if s.delivered_at]
    if delivered_at is None and parcels_in and len(parcels_in) == len(shipments) and status is not Status.PARTIALLY_SHIPPED:
        delivered_at = max(parcels_in)
    if shipped_at is None:
        shipped_at = min((s.shipped_at for s in shipments if s.shipped_at), default=None)
    if estimated_on is None:
        estimated_on = max((s.estimated_on for s in shipments if s.estimated_on), default=None)
    status = refined(status, order.status, delivered=delivered_at is not None, shipments=shipments)
    if len(shipments) == 1:
        only = shipments[0]
        shipments = (
            replace(
                only,
                status=status if only.status is Status.UNKNOWN and not only.status_text else only.status,
                shipped_at=only.shipped_at or shipped_at,
                estimated_on=only.estimated_on or estimated_on,
                delivered_at=only.delivered_at or delivered_at,
            ),
        )
    return OrderRecord(
        number=order.number,
        status=status,
        status_text=order.status,
        currency=order.currency,
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
        customer_name=f"{order.customer.first_name} {order.customer.last_name}".strip(),
        shipped_at=shipped_at,
        estimated_on=estimated_on,
        delivered_at=delivered_at,
        lines=tuple(map(_line, order.lines.all())),
        shipments=shipments,
        transactions=tuple(map(_transaction, order.transactions.all())) if with_money else (),
    )


def _line(row: models.OrderLine) -> Line:
    return Line(
        position=row.position,
        name=row.name,
        item_id=row.item_id,
        product_id=row.product_id,
        options=tuple((str(name), str(value)) for name, value in row.options),
        unit_price=row.unit_price,
        quantity=row.quantity,
        tracking_number=row.tracking_number,
    )


def _shipment(row: models.Shipment) -> Shipment:
    zone = timezone.get_default_timezone()
    status = parcel_status(row.status) if row.status else Status.UNKNOWN
    return Shipment(
        tracking_number=row.tracking_number,
        carrier=row.carrier,
        status=Status.DELIVERED if row.delivered_at and status is Status.UNKNOWN else status,
        status_text=row.status,
        tracking_url=row.tracking_url,
        shipped_at=_local(row.shipped_at),
        estimated_on=row.estimated_delivery,
        delivered_at=_local(row.delivered_at),
        events=tuple(Event(at=timezone.localtime(e.at, zone), description=e.description, place=e.place) for e in row.events.all()),
    )


def _transaction(row: models.Transaction) -> Transaction:
    kind = Kind(row.kind) if row.kind in _KINDS else Kind.PAYMENT
    return Transaction(kind=kind, amount=row.amount, method=row.method, at=_local(row.at))


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment, timezone.get_default_timezone()) if moment else None
