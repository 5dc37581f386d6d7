"""One order as an import says it, before it is written."""

from dataclasses import dataclass, field

from orders.importing.rows import EventRow, ItemRow, OrderRow, ShipmentRow


@dataclass(slots=True)
class OrderParts:
    """What one import says about one order. row is None if only its items or parcels are in the files; items None likewise.

    spoiled: one of its items or parcels could not be read, so nothing that is stored is taken away for not being named.
    all_parcels: shipments are all that there are, even if there are none. events: by the key of their parcel, where they come with
    the order. customer_name: of a customer of whom nothing else is known.
    """

    number: str
    row: OrderRow | None = None
    items: list[ItemRow] | None = None
    shipments: list[ShipmentRow] = field(default_factory=list)
    spoiled: bool = False
    all_parcels: bool = False
    events: dict[str, list[EventRow]] = field(default_factory=dict)
    customer_name: str = ""
