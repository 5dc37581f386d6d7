"""A shop's API on bad days, and one that cannot be trusted: nobody sees a stranger's order, nothing is made up, and all is told."""

import asyncio
import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from orders.errors import OrdersUnavailable
from orders.records import Status
from orders.sources.breaker import Breaker
from orders.sources.http_client import Limits
from orders.sources.http_pages import placed_with
from orders.viewer import Method, Viewer
from orders.wanted import OrdersFound, Wanted
from tests.orders.sources.shop_server import TOKEN, ShopServer, cut, endless, hangs, late, many, order, resets, says, status

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
