"""Our own tables do what every source of orders must do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.db import OperationalError

from orders.models import ShipmentEvent
from orders.sources import local
from orders.sources.local import LocalSource
from tests.orders.conftest import make_customer, make_order
from tests.orders.sources.contract import SourceContract
from tests.orders.sources.contract_orders import orders

pytestmark = pytest.mark.django_db(transaction=True)


class LocalShop:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.source, self._monkeypatch = LocalSource(), monkeypatch
        for order in orders():
            fields = {k: v for k, v in order.items() if not isinstance(v, list) and not k.startswith("customer_") and k != "number"}
            email = order["customer_email"].lower()  # as an import stores it
            make_customer(email, first_name=order.get("customer_first_name", ""), last_name=order.get("customer_last_name", ""))
            lines = [
                item | {"options": [list(pair) for pair in item.get("options", {}).items()]} for item in order.get("items", ())
            ]
            parcels = [{k: v for k, v in parcel.items() if k != "events"} for parcel in order.get("shipments", ())]
            made = make_order(order["number"], email, lines=lines, shipments=parcels, payments=order.get("payments", ()), **fields)
            for row, parcel in zip(made.shipments.order_by("pk"), order.get("shipments", ()), strict=True):
                for event in parcel.get("events", ()):
                    ShipmentEvent.objects.create(shipment=row, **event)

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        async def fails(*_: object) -> None:
            raise OperationalError("disk on fire")

        with self._monkeypatch.context() as patched:
            patched.setattr(local, "in_database", fails)
            yield


class TestLocal(SourceContract):
    @pytest.fixture
    def shop(self, monkeypatch):
        return LocalShop(monkeypatch)
