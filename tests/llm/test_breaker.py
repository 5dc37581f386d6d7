"""The breaker turns callers away after failures in a row, and lets exactly one find out whether the server is back."""

import pytest

from llm.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, failures_to_open=3, rest=10.0)


def opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        assert breaker.try_call()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row(breaker):
    opened(breaker)
    assert breaker.is_open and not breaker.try_call()


def test_a_success_between_failures_counts_from_the_start_again(breaker):
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.try_call()


def test_after_the_rest_one_probe_goes_and_the_others_wait(breaker, clock):
    opened(breaker)
    clock.now += 10
    assert not breaker.is_open
    assert breaker.try_call() and not breaker.try_call()


def test_a_good_probe_closes_it(breaker, clock):
    opened(breaker)
    clock.now += 10
    breaker.try_call()
    breaker.succeeded()
    assert breaker.try_call() and breaker.try_call()


def test_a_bad_probe_opens_it_for_another_rest(breaker, clock):
    opened(breaker)
    clock.now += 10
    breaker.try_call()
    breaker.failed()
    assert not breaker.try_call()
    clock.now += 10
    assert breaker.try_call()


def test_an_abandoned_probe_lets_the_next_caller_try(breaker, clock):
    opened(breaker)
    clock.now += 10
    breaker.try_call()
    breaker.abandoned()
    assert breaker.try_call()


def test_a_probe_that_never_reports_is_forgotten(breaker, clock):
    opened(breaker)
    clock.now += 10
    breaker.try_call()
    clock.now += 10
    assert breaker.try_call()


def test_a_server_that_asks_for_a_day_is_left_alone_for_two_minutes(breaker, clock):
    breaker.failed(rest=86_400)
    assert breaker.is_open
    clock.now += 119
    assert breaker.is_open
    clock.now += 1
    assert breaker.try_call()
