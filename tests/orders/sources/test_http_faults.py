"""A shop's API on bad days, and one that cannot be trusted: nobody sees a stranger's order, nothing is made up, and all is told."""

import logging
import traceback

import pytest

from orders.errors import OrdersUnavailable
from orders.records import Status
from orders.sources.breaker import Breaker
from orders.sources.http_client import Limits
from orders.sources.http_pages import placed_with
from orders.viewer import Method, Viewer
from orders.wanted import OrdersFound
from tests.orders.sources.http_asking import BO, find, numbers, own, shop
from tests.orders.sources.shop_behaviours import cut, endless, hangs, late, resets, says, status
from tests.orders.sources.shop_server import TOKEN, many, order

__all__ = ["own", "shop"]


# --- whose orders ---------------------------------------------------------------------------------------------------------
async def test_an_api_that_overlooks_the_filter_shows_nobody_a_strangers_order(shop, caplog):
    shop.ignores_filter = True
    source = shop.asking()
    assert await numbers(source) == ["#W1"]
    assert await numbers(source, BO) == ["#W2"]
    assert await find(source, references=("#W2",)) == OrdersFound(missing=("#W2",), narrowed=True)
    assert not await source.knows("nobody@example.com")
    assert not await source.placed("#W2", email="ana@example.com")
    assert "example.com" not in caplog.text


async def test_it_is_named_to_staff(own, caplog):
    own.ignores_filter = True
    source = own.asking()
    await find(source)
    health = await source.check()
    assert health.answers
    assert "other e-mail addresses" in health.notes[0]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


async def test_an_api_that_overlooks_the_filter_is_seen_before_anybody_asks(own):
    own.ignores_filter = True
    (note,) = (await own.asking().check()).notes
    assert "2 orders of other e-mail addresses" in note


async def test_an_api_is_well_only_if_it_gives_orders(own):
    source = own.asking()
    assert (await source.shapes()).match("W7")
    own.usual = status(500)
    assert not (await source.check()).answers
    own.usual = late(0.0)
    assert (await source.check()).answers
    assert own.asked[-1].path == "/api/orders"


async def test_where_strangers_orders_crowd_out_all_pages_it_is_not_said_that_there_are_none(own):
    own.ignores_filter, own.most = True, 2
    own.orders = [*many(100, "bo@example.com"), order("#A1", "ana@example.com", placed_at="2020-01-01T00:00:00Z")]
    with pytest.raises(OrdersUnavailable):
        await find(own.asking())


@pytest.mark.parametrize(
    "email",
    [None, "", 17, [], {"a": 1}, "ana@example.com.evil.example", "xana@example.com", "ana@example.com,bo@example.com", True],
)
def test_only_the_whole_address_counts(email):
    assert placed_with("ana@example.com", [{"number": "#1", "email": email}]) == []


def test_an_address_counts_without_regard_to_case_and_spaces():
    mine = {"number": "#1", "email": " Ana@Example.COM\n"}
    assert placed_with("ana@example.com", [mine, "text", None, 3, [mine], {"number": "#2"}]) == [mine]


async def test_the_shop_is_asked_for_the_address_and_never_for_a_number(shop):
    source = shop.asking(fresh=0.0)
    for reference in ("#W2", "#W777"):  # a stranger's, and one that does not exist
        await find(source, references=(reference,))
    first, second = shop.asked[-2:]
    assert (first.path, first.params, first.body) == (second.path, second.params, second.body)
    assert "W2" not in f"{first.path}{first.params}{first.body}"


async def test_an_address_is_data_for_the_shop_and_not_a_search(shop):
    source = shop.asking()
    for email in (
        'ana@example.com" OR email:"bo@example.com',
        "*",
        "ana@example.com&email=bo@example.com",
        "a\nb@example.com",
        "ü@exämple.com",
    ):
        assert await find(source, Viewer(email, Method.OPERATOR)) == OrdersFound()
    if shop.kind == "shopify":
        assert shop.asked[1].search == r'email:"ana@example.com\" or email:\"bo@example.com"'


# --- what comes back --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fault",
    [
        status(500), status(503), status(401), status(404), resets(), cut(), says("<html>Just a moment…</html>", "text/html"), says("null"), says("[]"), says("{}"),
        says('{"orders": {}}'), says('{"orders": "none"}'), says("[" * 50_000), says(b"\xff\xfe\x00"), says('{"orders": [NaN]}'), says({"data": None, "errors": [{}]}),
        says({"data": {"orders": None}}), says({"errors": "no"}), says({"code": "woocommerce_rest_cannot_view"}), endless(), hangs(),
    ],
    ids=range(21),
)  # fmt: skip
async def test_an_answer_that_is_none_is_a_source_that_is_down(shop, fault):
    shop.usual = fault
    source = shop.asking(seconds=0.7, fresh=0.0, limits=Limits(max_bytes=50_000), breaker=Breaker(rest=0.0), key={"token": TOKEN})
    try:
        found = await find(source)
    except OrdersUnavailable as failed:
        assert failed.user_message == OrdersUnavailable.user_message
        assert "example.com" not in str(failed)
    else:  # an empty list is an answer to WooCommerce: no orders
        assert (shop.kind, found) == ("woocommerce", OrdersFound())
    shop.usual = late(0.0)
    assert await numbers(source) == ["#W1"]


@pytest.mark.parametrize(
    "name",
    ["status", "placed_at", "total", "currency", "items", "shipments", "payments", "ship_city", "customer_name", "delivered_at"],
)
@pytest.mark.parametrize(
    "broken", [{"a": {"b": []}}, [[[]]], True, "\ud800\x00\u202e", 10**30, -1, "", ["x"] * 3, {"x": None}], ids=range(9)
)
async def test_a_broken_value_costs_that_value_and_not_the_order(own, name, broken):
    own.orders = [order("#W1", "ana@example.com", total="12.50", items=[{"name": "Hat"}]) | {name: broken}]
    (record,) = (await find(own.asking())).records
    assert record.number == "#W1"
    text = repr(record)
    text.encode()  # it can be stored
    assert "\\u202e" not in text and "\\ud800" not in text and "\\x00" not in text
    if name != "total":
        assert str(record.total) == "12.50"
    if name in ("placed_at", "total", "delivered_at"):
        assert {"placed_at": record.placed_at, "total": record.total, "delivered_at": record.delivered_at}[name] is None


async def test_a_form_that_nobody_thought_of_is_a_source_that_is_down_for_this_one_customer(own, monkeypatch, caplog):
    def reckoned(answer, *, limit, cursor):
        raise ArithmeticError(f"cannot reckon with {answer}")

    source = own.asking()
    monkeypatch.setattr(source.shop, "read_orders", reckoned)
    for _ in range(4):
        with pytest.raises(OrdersUnavailable) as failed:
            await find(source)
    assert not source.breaker.is_open
    told = caplog.text + "".join(traceback.TracebackException.from_exception(failed.value, limit=0).format())
    assert "ArithmeticError in reckoned, line" in told
    assert "#W1" not in told


async def test_orders_without_a_number_or_twice_the_same_are_left_out(own):
    mine = {"email": "ana@example.com"}
    own.orders = [
        order("#W1", **mine),
        order("#W1", **mine, status="lost"),
        {**mine},
        {**mine, "number": None},
        {**mine, "number": "#"},
        order("#W3", **mine),
    ]
    assert sorted(await numbers(own.asking())) == ["#W1", "#W3"]


async def test_a_state_that_is_not_known_is_told_in_the_shops_word(own):
    own.orders = [order("#W1", "ana@example.com", status="Waiting for the moon")]
    (record,) = (await find(own.asking())).records
    assert (record.status, record.status_text) == (Status.UNKNOWN, "Waiting for the moon")
