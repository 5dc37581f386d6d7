"""A client of a shop's API that asks once."""

import pytest

from orders.sources.http_client import ShopClient
from orders.sources.http_keys import key_for
from orders.sources.http_questions import Question, ShopFailed
from tests.orders.sources.shop_server import TOKEN, ShopServer

ORDERS = Question("/orders", params=(("email", "ana@example.com"), ("limit", "100")))


def client(shop: ShopServer, **changes) -> ShopClient:
    return ShopClient(shop.base, key_for("own", token=TOKEN, user="", password=""), chance=lambda: 0.0, **changes)


async def ask(shop: ShopServer, question: Question = ORDERS, *, seconds: float = 3.0, **changes):
    asking = client(shop, **changes)
    try:
        return await asking.ask(question, until=asking.clock() + seconds)
    finally:
        await asking.aclose()


async def failure(shop: ShopServer, question: Question = ORDERS, **changes) -> ShopFailed:
    with pytest.raises(ShopFailed) as failed:
        await ask(shop, question, **changes)
    assert str(failed.value).endswith(".")
    return failed.value
