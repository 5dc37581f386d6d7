"""A small shop made by hand, and the people who ask."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import lookup
from orders.importing import import_files
from orders.models import Customer, Order, OrderLine, Shipment, ShipmentEvent, Transaction
from orders.references import digits_of, key_of
from orders.viewer import Method, Viewer

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    lookup.forget_shapes()


@pytest.fixture
def now():
    return NOW


def signed_in(email: str) -> Viewer:
    return Viewer(email, Method.CODE, NOW + timedelta(hours=1))


@pytest.fixture
def ana():
    return signed_in("ana@example.com")


@pytest.fixture
def bo():
    return signed_in("bo@example.com")


def make_customer(email: str, **fields) -> Customer:
    return Customer.objects.get_or_create(email=email, defaults={"customer_id": email, **fields})[0]


def make_order(number: str, email: str = "ana@example.com", *, lines=(), shipments=(), payments=(), **fields) -> Order:
    """lines: names, or dicts of OrderLine; shipments: dicts of Shipment, with "events"; payments: dicts of Transaction."""
    fields.setdefault("status", "processing")
    order = Order.objects.create(
        number=number, key=key_of(number), digits=digits_of(number), customer=make_customer(email), **fields
    )
    for position, line in enumerate(lines, 1):
        OrderLine.objects.create(order=order, position=position, **({"name": line} if isinstance(line, str) else line))
    for shipment in shipments:
        events = shipment.pop("events", [])
        row = Shipment.objects.create(order=order, key=key_of(shipment["tracking_number"]), **shipment)
        for at, description in events:
            ShipmentEvent.objects.create(shipment=row, at=at, description=description)
    for payment in payments:
        Transaction.objects.create(order=order, **payment)
    return order


@pytest.fixture
def queries():
    """The queries of a `with` block."""
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture
def load(tmp_path):
    """Import files given as text or bytes, by kind."""

    def load_(**texts):
        paths = {}
        for kind, text in texts.items():
            paths[kind] = tmp_path / f"{kind}.csv"
            paths[kind].write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_files(**paths)

    return load_
