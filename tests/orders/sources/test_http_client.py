"""Over the wire: what is tried again and what is not, where the key goes, what stops at a limit, and what is never written down."""

import asyncio
import gzip
import json
import logging
import time
import traceback
from datetime import UTC, datetime

import pytest

from orders.sources.http_bodies import MAX_BYTES
from orders.sources.http_client import Limits, ShopClient
from orders.sources.http_keys import Fixed
from orders.sources.http_questions import Question, ShopFailed
from orders.sources.http_retrying import pause_before, seconds_asked_for
from tests.orders.sources.client_asking import ORDERS, ask, client, failure
from tests.orders.sources.shop_behaviours import cut, endless, hangs, late, redirects, resets, says, sends, status
from tests.orders.sources.shop_server import TOKEN, ShopServer


async def test_a_question_is_a_get_with_the_key_and_without_cookies(shop):
    shop.will(says({"orders": []}, Set_Cookie="session=of-ana; Path=/"))
    asking = client(shop)
    for _ in range(2):
        await asking.ask(ORDERS, until=asking.clock() + 3)
    first, second = shop.asked
    assert (first.method, first.path, first.params["email"]) == ("GET", "/api/orders", "ana@example.com")
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert "cookie" not in second.headers
    await asking.aclose()


@pytest.mark.parametrize("fault", [status(502), status(503), status(504), resets(), cut(0.5), status(429, Retry_After="0")])
async def test_what_time_can_mend_is_asked_again(shop, fault):
    shop.will(fault)
    assert (await ask(shop))["orders"][0]["number"] == "#W1"
    assert len(shop.asked) == 2


@pytest.mark.parametrize(
    "fault", [status(400), status(401), status(403), status(404), status(422), status(500), status(501), status(204)]
)
async def test_what_time_cannot_mend_is_asked_once(shop, fault):
    shop.usual = fault
    await failure(shop)
    assert len(shop.asked) == 1


async def test_it_is_asked_three_times_at_most(shop):
    shop.usual = status(503)
    assert (await failure(shop)).status == 503
    assert len(shop.asked) == 3


async def test_what_is_posted_is_asked_again_only_if_it_merely_reads(shop):
    for repeatable, times in ((True, 3), (False, 1)):
        shop.asked.clear()
        shop.usual = status(503)
        await failure(shop, Question("/graphql.json", body={"query": "{ orders }"}, repeatable=repeatable))
        assert len(shop.asked) == times


@pytest.mark.parametrize(
    ("asked_for", "times"), [("86400", 1), ("Wed, 21 Oct 2099 07:28:00 GMT", 1), ("0.1", 2), ("soon", 2), ("", 2)]
)
async def test_a_retry_after_is_kept_to_or_the_question_is_given_up(shop, asked_for, times):
    shop.will(status(429, Retry_After=asked_for), status(429, Retry_After="99"))
    await failure(shop)
    assert len(shop.asked) == times


async def test_a_shop_that_does_not_answer_takes_the_time_there_is_and_no_more(shop):
    shop.usual = hangs()
    asking = client(shop)
    started = time.monotonic()
    with pytest.raises(ShopFailed, match="in time"):
        await asking.ask(ORDERS, until=asking.clock() + 0.3)
    assert time.monotonic() - started < 5  # far from forever
    assert len(shop.asked) == 1
    await asking.aclose()


async def test_a_slow_shop_that_is_in_time_is_waited_for(shop):
    shop.usual = late(0.2)
    assert (await ask(shop))["orders"]


async def test_no_time_left_is_no_question(shop):
    await failure(shop, seconds=-1.0)
    assert shop.asked == []


async def test_a_host_that_is_not_there_is_a_failure(shop):
    gone = ShopClient("http://127.0.0.1:9", Fixed())
    with pytest.raises(ShopFailed, match="connection failed"):
        await gone.ask(ORDERS, until=gone.clock() + 2)


async def test_an_endless_answer_stops_at_the_limit(shop):
    shop.usual = endless()
    failed = await failure(shop, limits=Limits(max_bytes=100_000))
    assert "larger than" in str(failed)
    assert failed.of_one
    assert len(shop.asked) == 1


async def test_a_packed_answer_is_read_and_a_bomb_is_not(shop):
    body = gzip.compress(json.dumps({"orders": []}).encode())
    shop.will(says(body, Content_Encoding="gzip"), says(gzip.compress(b" " * (MAX_BYTES + 1)), Content_Encoding="gzip"))
    assert await ask(shop) == {"orders": []}
    assert "larger than" in str(await failure(shop))


async def test_a_redirect_is_followed_within_the_host(shop):
    shop.will(redirects("/api/orders?email=ana@example.com&limit=100", 308))
    assert (await ask(shop))["orders"]
    assert shop.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


async def test_the_key_does_not_go_to_another_host(shop):
    with ShopServer() as other:
        for target in (
            f"{other.base}/orders",
            "//127.0.0.1:1/x",
            "https://127.0.0.1/x",
            "file:///etc/passwd",
            "http://user:pw@127.0.0.1/x",
            "",
        ):
            shop.will(redirects(target))
            await failure(shop)
        assert other.asked == []


async def test_a_circle_of_redirects_ends_and_what_is_posted_goes_nowhere_else(shop):
    shop.usual = redirects("/api/orders")
    await failure(shop)
    assert len(shop.asked) == 4
    shop.asked.clear()
    await failure(shop, Question("/graphql.json", body={}))
    assert len(shop.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        says("<html>Fatal error in /srv/shop for ana@example.com</html>", "text/html"),
        says(b"\xff\x00"),
        says("{"),
        says('{"a": NaN}'),
        resets(),
        status(418),
        sends(b"ana@example.com has ordered Fatal srv\r\n\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nana@example.com Fatal srv\r\n\r\n{}"),
    ],
)
async def test_no_log_and_no_error_names_the_customer_the_key_or_the_answer(shop, fault, caplog):
    caplog.set_level(logging.DEBUG)
    shop.usual = fault
    failed = await failure(shop)
    logged = "".join(record.getMessage() for record in caplog.records if record.name.startswith("orders"))
    told = logged + "".join(traceback.TracebackException.from_exception(failed, limit=0).format())
    for secret in ("ana", TOKEN, "Fatal", "srv"):
        assert secret not in told


async def test_many_customers_at_once_share_a_few_connections(shop):
    asking = client(shop, limits=Limits(connections=3))
    answers = await asyncio.gather(*(asking.ask(ORDERS, until=asking.clock() + 5) for _ in range(20)))
    assert all(answer["orders"] for answer in answers)
    await asking.aclose()


def test_event_loops_that_have_ended_leave_nothing_behind(shop):
    asking = client(shop)
    for _ in range(4):
        asyncio.run(asking.ask(ORDERS, until=asking.clock() + 5))
    assert len(asking._clients) == 1


def test_pauses_grow_are_spread_and_fit_into_the_time():
    def pause(attempt, **values):
        return pause_before(attempt, **({"asked_for": None, "left": 10.0, "chance": lambda: 0.5} | values))

    assert pause(2) < pause(3)
    assert pause(4) is None
    assert pause(2, chance=lambda: 0.0) < pause(2, chance=lambda: 1.0)
    assert pause(2, asked_for=2.0) == 2.0
    assert pause(2, asked_for=9.9) is None
    assert pause(2, left=0.2) is None


def test_a_retry_after_is_a_number_or_a_date():
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert seconds_asked_for("120", now=now) == 120
    assert seconds_asked_for("Sat, 21 Nov 2026 12:00:30 GMT", now=now) == 30
    assert seconds_asked_for("Sat, 21 Nov 2020 12:00:30 GMT", now=now) == 0
    assert [seconds_asked_for(text, now=now) for text in ("", "soon", "-3", "²")] == [None, None, None, None]
