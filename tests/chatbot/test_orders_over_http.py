"""A turn over a shop's real API: the order is told, and when the shop is down the policies still answer and nothing is made up."""

import pytest

from chatbot.turn import OrderShown
from orders import lookup
from orders.sources.breaker import Breaker
from tests.factories import make_passage
from tests.fakes import FakePolicies, fake_services
from tests.orders.sources.shop_behaviours import hangs, says, status
from tests.orders.sources.shop_server import ShopServer, order

pytestmark = pytest.mark.django_db(transaction=True)
WINDOW = make_passage("You can return an item within 45 days from delivery.", heading="Returns > How long you have")
CANNOT = "I cannot reach our order system at the moment."


@pytest.fixture
def shop(monkeypatch):
    orders = [
        order("#K100", "maya@example.com", items=[{"name": "Kettle"}]),
        order("#K877", "bo@example.com", items=[{"name": "Secret Gift"}]),
    ]
    with ShopServer(orders) as server:
        source = server.asking(seconds=0.5, breaker=Breaker(rest=60.0))
        monkeypatch.setattr("orders.sources.configured.source", lambda: source)
        monkeypatch.setattr(lookup, "_memory", lookup._Memory())
        yield server


def services():
    return fake_services(policies=FakePolicies(WINDOW), find_orders=lookup.find_orders, known_shapes=lookup.known_shapes)


async def test_an_order_is_told_from_the_shops_api(shop, run_turn):
    events, turn = await run_turn("Where is order #K100?", services())
    (shown,) = [event for event in events if isinstance(event, OrderShown)]
    assert (shown.card["number"], shown.card["items"][0]["name"]) == ("#K100", "Kettle")
    assert "has been shipped" in turn.answer


async def test_a_strangers_order_reads_like_one_that_does_not_exist_whatever_the_api_gives(shop, run_turn):
    shop.ignores_filter = True
    said = []
    for number in ("#K877", "#K966"):
        _, turn = await run_turn(f"Where is order {number}?", services())
        said.append(turn.answer.replace(number, "#N"))
        assert "Secret" not in f"{turn.answer}{turn.orders}{turn.evidence}{turn.prompt}"
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "fault", [status(503), says("<html>502 Bad Gateway</html>", "text/html"), hangs()], ids=["503", "page", "silent"]
)
async def test_a_shop_that_is_down_is_told_in_a_sentence_and_the_policies_answer(shop, run_turn, fault):
    shop.usual = fault
    _, asked_order = await run_turn("Where is order #K100?", services())
    _, asked_both = await run_turn("Can I return order #K100?", services())
    _, asked_rule = await run_turn("How long do I have to return something?", services())
    assert CANNOT in asked_order.answer
    assert CANNOT in asked_both.answer and "45 days" in asked_both.answer
    assert CANNOT not in asked_rule.answer and "45 days" in asked_rule.answer
    assert [turn.orders for turn in (asked_order, asked_both, asked_rule)] == [[], [], []]
