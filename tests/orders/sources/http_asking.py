"""A shop's API and who asks it, for the tests of the http source."""

from datetime import UTC, datetime, timedelta

import pytest

from orders.viewer import Method, Viewer
from orders.wanted import OrdersFound, Wanted
from tests.orders.sources.shop_server import ShopServer, order

KINDS = ("own", "shopify", "woocommerce")
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that only moves when it is told to, by which also the time of day goes."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 100.0)


def signed_in(name: str) -> Viewer:
    return Viewer(f"{name}@example.com", Method.OPERATOR)


ANA, BO = signed_in("ana"), signed_in("bo")


@pytest.fixture(params=KINDS)
def shop(request):
    with ShopServer([order("#W1", "ana@example.com"), order("#W2", "bo@example.com")], kind=request.param) as server:
        yield server


@pytest.fixture
def own():
    with ShopServer([order("#W1", "ana@example.com"), order("#W2", "bo@example.com")]) as server:
        yield server


async def find(source, viewer=ANA, **wanted) -> OrdersFound:
    return await source.find(Wanted(**wanted), viewer=viewer, at=START)


async def numbers(source, viewer=ANA, **wanted) -> list[str]:
    return [record.number for record in (await find(source, viewer, **wanted)).records]
