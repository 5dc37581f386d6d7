"""How much of a shop's API is read, how long it is waited for, and how long what it said is kept."""

import asyncio

import pytest

from orders.errors import OrdersUnavailable
from orders.sources.breaker import Breaker
from tests.orders.sources.http_asking import BO, START, Clock, find, numbers, own, shop
from tests.orders.sources.shop_behaviours import hangs, late, says, status
from tests.orders.sources.shop_server import TOKEN, ShopServer, many, order

__all__ = ["own", "shop"]


# --- pages ------------------------------------------------------------------------------------------------------------------
async def test_all_pages_are_read_newest_first(shop):
    shop.orders, shop.most = list(many(7, "ana@example.com")), 3
    source = shop.asking()
    source.shop.page = source._page = 3
    found = await find(source, limit=50)
    assert [record.number for record in found.records] == [f"#W{1000 + n}" for n in range(6, -1, -1)]
    assert found.total == 7


async def test_a_shop_that_sells_its_pages_dearly_is_asked_for_smaller_ones_from_then_on():
    with ShopServer(list(many(5, "ana@example.com")), kind="shopify", most=2) as shop:
        source = shop.asking(fresh=0.0)
        assert len(await numbers(source)) == 5
        asked = [
            request.body["variables"]["first"] for request in shop.asked if "search" in (request.body or {}).get("variables", {})
        ]
        assert asked == [10, 5, 2, 2, 2]
        shop.asked.clear()
        await find(source)
        assert shop.asked[0].body["variables"]["first"] == 2


async def test_a_shop_that_is_asked_too_much_is_asked_when_it_says():
    def throttled(wanted, left):
        cost = {"requestedQueryCost": wanted, "throttleStatus": {"currentlyAvailable": left, "restoreRate": 100}}
        return says({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}})

    with ShopServer([order("#W1", "ana@example.com")], kind="shopify") as shop:
        source = shop.asking(key={"token": TOKEN})
        shop.will(throttled(120, 100))
        assert await numbers(source) == ["#W1"]
        shop.will(throttled(900, 100))  # in eight seconds: too late for this customer
        with pytest.raises(OrdersUnavailable, match="enough questions"):
            await find(source, BO)


async def test_an_app_without_the_right_to_see_addresses_is_named():
    with (
        ShopServer([order("#W1", None)], kind="shopify", ignores_filter=True) as shop,
        pytest.raises(OrdersUnavailable, match="protected customer data"),
    ):
        await find(shop.asking())


async def test_what_shopify_leaves_out_for_want_of_a_right_is_named_to_staff():
    with ShopServer([order("#W1", "ana@example.com")], kind="shopify") as shop:
        source = shop.asking(key={"token": TOKEN})
        denied = {"message": "for ana@example.com", "path": ["orders"], "extensions": {"code": "ACCESS_DENIED"}}
        node = {"name": "#W1", "email": "ana@example.com", "customer": None}
        shop.will(says({"data": {"orders": {"nodes": [node]}}, "errors": [denied]}))
        assert await numbers(source) == ["#W1"]
        (note,) = (await source.check()).notes
        assert "(ACCESS_DENIED)" in note
        assert "ana" not in note


async def test_a_next_that_leads_in_a_circle_ends(own):
    own.usual = says({"orders": [order("#W1", "ana@example.com")], "next": "again"})
    found = await find(own.asking())
    assert [record.number for record in found.records] == ["#W1"]
    assert len(own.asked) == 2


async def test_pages_that_do_not_fit_into_the_time_are_left_and_deny_nothing(own):
    class Hurrying(Clock):
        def __call__(self) -> float:
            self.seconds += 0.1  # whatever is done takes its time
            return self.seconds

    own.orders, own.most = list(many(30, "ana@example.com")), 1
    source = own.asking(seconds=3.0, fresh=300.0, client={"clock": Hurrying()})
    read = await numbers(source, limit=50)
    assert read == [f"#W{1029 - n}" for n in range(len(read))]
    assert 1 <= len(read) < 30
    with pytest.raises(OrdersUnavailable):
        await find(source, references=("#W1000",))


async def test_of_a_very_long_history_the_newest_are_told_and_an_older_number_is_not_denied(own):
    own.orders = list(many(250, "ana@example.com"))
    source = own.asking()
    assert await numbers(source, latest=True) == ["#W1249"]
    assert await numbers(source, references=("#W1249",)) == ["#W1249"]
    assert (await find(source)).unread and not (await find(source, references=("#W1249",))).unread
    with pytest.raises(OrdersUnavailable):
        await find(source, references=("#W1000",))
    assert not source.breaker.is_open


# --- time -------------------------------------------------------------------------------------------------------------------
async def test_a_conversation_does_not_ask_at_every_word_and_never_for_somebody_else(own):
    clock = Clock()
    source = own.asking(fresh=15.0, now=clock.now, client={"clock": clock})
    for _ in range(3):
        assert await numbers(source) == ["#W1"]
    assert await numbers(source, BO) == ["#W2"]
    assert [request.params["email"] for request in own.asked] == ["ana@example.com", "bo@example.com"]
    clock.seconds += 15
    await find(source)
    assert len(own.asked) == 3


async def test_orders_say_how_old_they_are_once_they_are_not_fresh(own):
    clock = Clock()
    source = own.asking(fresh=15.0, now=clock.now, client={"clock": clock})
    assert (await find(source)).records[0].as_of is None
    clock.seconds += 4
    assert (await find(source)).records[0].as_of is None
    clock.seconds += 8
    assert (await find(source)).records[0].as_of == START
    clock.seconds += 4
    assert (await find(source)).records[0].as_of is None


async def test_a_shop_that_fails_is_told_from_what_was_known_for_some_minutes_with_its_age(own):
    clock = Clock()
    source = own.asking(fresh=15.0, now=clock.now, client={"clock": clock})
    await find(source)
    own.usual = status(500)
    clock.seconds += 120
    (record,) = (await find(source)).records
    assert (record.number, record.as_of) == ("#W1", START)
    with pytest.raises(OrdersUnavailable):
        await find(source, BO)  # never asked for before
    clock.seconds += 181
    with pytest.raises(OrdersUnavailable):
        await find(source)


async def test_after_failures_in_a_row_nobody_waits_and_one_question_finds_out_when_it_is_over(own):
    clock = Clock()
    source = own.asking(now=clock.now, client={"clock": clock}, breaker=Breaker(rest=10.0, clock=clock, now=clock.now))
    own.usual = status(500)
    for _ in range(6):
        with pytest.raises(OrdersUnavailable):
            await find(source)
    assert len(own.asked) == 3
    health = await source.check()
    assert (health.answers, health.since, len(own.asked)) == (False, START, 3)
    own.usual = late(0.0)
    clock.seconds += 11
    assert await numbers(source) == ["#W1"]
    assert (await source.check()).answers


async def test_a_strange_address_cannot_keep_the_shop_from_being_asked_for_others(own):
    source = own.asking()
    for code in (400, 404, 414, 422, 400, 400):
        own.will(status(code))
        with pytest.raises(OrdersUnavailable):
            await source.knows(f"strange-{code}@example.com")
    assert not source.breaker.is_open
    assert await numbers(source) == ["#W1"]


# --- the formats of numbers -----------------------------------------------------------------------------------------------
async def test_formats_are_learned_from_numbers_alone_and_remembered(shop):
    source = shop.asking(breaker=Breaker(rest=0.0))
    assert (await source.shapes()).match("W7")
    asked = shop.asked[-1]
    assert "email" not in f"{asked.params}{asked.body}".replace("billing", "")
    shop.usual = status(500)
    assert (await source.shapes()).match("W7")


async def test_a_question_does_not_wait_for_formats_that_do_not_come(own, monkeypatch):
    monkeypatch.setattr("orders.sources.http.SHAPES_WAIT", 0.05)
    own.usual = hangs()
    source = own.asking(seconds=0.5, breaker=Breaker(rest=0.0))
    with pytest.raises(OrdersUnavailable):
        await source.shapes()
    await asyncio.to_thread(own.was_asked.wait, 5)
    own.usual = late(0.0)
    assert await numbers(source) == ["#W1"]
    await source._learning
    assert (await source.shapes()).is_empty  # not asked again so soon
