"""What every source of orders must do, done by shops' APIs of three kinds; and what one of them cannot tell, said as not known."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from orders.records import Status
from orders.sources.breaker import Breaker
from tests.orders.sources import contract
from tests.orders.sources.contract import CY, SourceContract, at
from tests.orders.sources.contract_orders import signed_in
from tests.orders.sources.shop_server import ShopServer


def as_json(value: Any) -> Any:
    """Values as JSON has them, and names as our own contract has them."""
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_json(part) for part in value]
    return value.isoformat() if isinstance(value, datetime | date) else value


def orders() -> list[dict[str, Any]]:
    found = []
    for order in as_json(contract.orders()):
        email, first, last = (order.pop(f"customer_{part}", "") for part in ("email", "first_name", "last_name"))
        found.append({**order, "email": email, "customer_name": f"{first} {last}".strip()})
    return found


class AnApi(SourceContract):
    kind = "own"

    @pytest.fixture
    def shop(self) -> Iterator[ShopServer]:
        with ShopServer(orders(), kind=self.kind) as server:
            server.source = server.asking(breaker=Breaker(rest=0.0))
            yield server

    async def test_an_address_with_letters_that_only_look_like_ours_is_somebody_elses(self, shop):
        shop.orders.append({"number": "#W7700077", "email": "\u212aim@example.com", "status": "shipped"})  # the Kelvin sign
        shop.ignores_filter = True
        assert await self.numbers(shop, signed_in("kim@example.com")) == []


class TestOurOwnContract(AnApi):
    kind = "own"


class TestShopify(AnApi):
    kind = "shopify"

    async def test_what_is_not_known_is_not_made_up(self, shop):
        """It has states of its own only, and each of its orders has one of them."""
        shop.orders[-1] |= {"status": "restocked"}
        (record,) = (await self.find(shop, CY, references=("#W3000002",))).records
        assert (record.status, record.status_text) == (Status.UNKNOWN, "restocked")
        assert (record.placed_at, record.total, record.shipped_at, record.delivered_at, record.expected_on) == (None,) * 5
        assert (record.lines, record.shipments, record.transactions, bool(record.ship_to)) == ((), (), (), False)


class TestWooCommerce(AnApi):
    kind = "woocommerce"

    async def test_a_record_tells_all_that_the_shop_knows(self, shop):
        """It knows no day of delivery, only that its plugin calls the order delivered."""
        shop.orders[0]["delivered_at"] = None
        (record,) = (await self.find(shop, references=("#W1000001",))).records
        assert (record.status, record.status_text, record.delivered_at) == (Status.DELIVERED, "delivered", None)
        assert (str(record.paid), str(record.refunded), record.transactions[1].at) == ("50.00", "25.00", None)
        assert (record.lines[0].options, str(record.lines[0].unit_price)) == ((("color", "blue"), ("size", "M")), "25.00")

    async def test_a_parcel_tells_where_it_is(self, shop):
        """Its plugins keep a parcel's state and days, but not its events."""
        (record,) = (await self.find(shop, latest=True)).records
        (parcel,) = record.shipments
        assert (parcel.carrier, parcel.status, parcel.shipped_at, parcel.events) == ("UPS", Status.IN_TRANSIT, at(10), ())
        assert (record.status, record.expected_on) == (Status.IN_TRANSIT, date(2026, 3, 22))
