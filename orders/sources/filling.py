"""What an order does not say itself is taken from its parcels, and the other way round when there is only one. Pure.

One rule for every source.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from orders.records import Shipment, Status
from orders.statuses import order_status, parcel_status, refined


class Progress(NamedTuple):
    """How far an order has come: its state, its days, its parcels."""

    status: Status
    shipped_at: datetime | None
    estimated_on: date | None
    delivered_at: datetime | None
    shipments: tuple[Shipment, ...]


def parcel_state(said: str, delivered_at: datetime | None) -> Status:
    """A parcel's state from the carrier's word, or from its day of delivery where the word says nothing."""
    status = parcel_status(said) if said else Status.UNKNOWN
    return Status.DELIVERED if delivered_at and status is Status.UNKNOWN else status


def filled(
    said: str,
    shipped_at: datetime | None,
    estimated_on: date | None,
    delivered_at: datetime | None,
    shipments: tuple[Shipment, ...],
) -> Progress:
    """said: the shop's status word. An order is delivered when each of its parcels is, unless it says that some are still to be sent."""
    status = order_status(said)
    parcels_in = [s.delivered_at for s in shipments if s.delivered_at]
    if delivered_at is None and parcels_in and len(parcels_in) == len(shipments) and status is not Status.PARTIALLY_SHIPPED:
        delivered_at = max(parcels_in)
    if shipped_at is None:
        shipped_at = min((s.shipped_at for s in shipments if s.shipped_at), default=None)
    if estimated_on is None:
        estimated_on = max((s.estimated_on for s in shipments if s.estimated_on), default=None)
    status = refined(status, said, delivered=delivered_at is not None, shipments=shipments)
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
    return Progress(status, shipped_at, estimated_on, delivered_at, shipments)
