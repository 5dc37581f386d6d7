"""After a few failures in a row nobody waits for a source that is down, and staff learn since when and why."""

import asyncio
from datetime import UTC, datetime

import pytest

from orders.errors import OrdersUnavailable
from orders.sources.breaker import Breaker

NOON = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


class Source:
    """Fails while it is down."""

    def __init__(self) -> None:
        self.down, self.calls = True, 0

    async def work(self) -> str:
        self.calls += 1
        if self.down:
            raise OrdersUnavailable("It is gone.")
        return "orders"


@pytest.fixture
def clock():
    class Clock:
        seconds = 0.0

        def __call__(self) -> float:
            return self.seconds

    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(failures_to_open=3, rest=10.0, clock=clock, now=lambda: NOON)


async def fails(breaker: Breaker, source: Source, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(OrdersUnavailable):
            await breaker.call(source.work)


async def test_after_three_failures_the_source_is_left_alone_for_a_while(breaker, clock):
    source = Source()
    await fails(breaker, source, 5)
    assert source.calls == 3
    clock.seconds = 9.9
    await fails(breaker, source)
    assert source.calls == 3


async def test_then_one_call_tries_and_the_others_are_turned_away_until_it_is_known_how_it_went(breaker, clock):
    source = Source()
    await fails(breaker, source, 3)
    clock.seconds = 10.0
    await fails(breaker, source, 2)
    assert source.calls == 4
    clock.seconds, source.down = 20.0, False
    assert await breaker.call(source.work) == "orders"
    assert await breaker.call(source.work) == "orders"
    assert breaker.health().answers


async def test_a_try_whose_caller_left_is_forgotten(breaker, clock):
    source = Source()
    await fails(breaker, source, 3)
    clock.seconds = 10.0
    waiting = asyncio.ensure_future(breaker.call(lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert breaker.is_open
    clock.seconds, source.down = 20.0, False
    assert await breaker.call(source.work) == "orders"


async def test_failures_that_are_not_in_a_row_do_not_count(breaker):
    source = Source()
    for _ in range(5):
        source.down = True
        await fails(breaker, source, 2)
        source.down = False
        await breaker.call(source.work)
    assert not breaker.is_open


async def test_an_error_of_our_own_says_nothing_about_the_source(breaker):
    async def slip() -> None:
        raise ZeroDivisionError

    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await breaker.call(slip)
    assert not breaker.is_open


async def test_its_health_is_since_when_and_why(breaker):
    source = Source()
    assert breaker.health("A note.").notes == ("A note.",)
    await fails(breaker, source, 4)
    health = breaker.health()
    assert (health.answers, health.since, health.reason) == (False, NOON, "It is gone.")
    with pytest.raises(OrdersUnavailable, match=r"after 3 failures in a row\. It is gone\."):
        await breaker.call(source.work)
