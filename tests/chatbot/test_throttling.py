"""How often somebody may ask, and who "somebody" is."""

from uuid import uuid4

import pytest
from django.core.cache import caches
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot import throttling
from chatbot.errors import TooManyTurns
from chatbot.throttling import client_address, give_back, limit, network_of

NOON = 1_800_000_000.0  # a whole number of minutes


def uses(key: str, allowed: int, at: float, tries: int) -> int:
    """How many of `tries` uses at that moment pass."""
    passed = 0
    for _ in range(tries):
        try:
            limit(key, allowed, 60, now=at)
            passed += 1
        except TooManyTurns:
            pass
    return passed


def test_a_limit_lets_that_many_pass_and_says_when_to_come_back():
    key = str(uuid4())
    assert uses(key, 3, NOON, 5) == 3
    with pytest.raises(TooManyTurns) as refused:
        limit(key, 3, 60, now=NOON)
    assert 1 <= refused.value.retry_after <= 120


def test_the_turn_of_a_minute_does_not_double_the_limit():
    key = str(uuid4())
    assert uses(key, 10, NOON + 59, 10) == 10
    assert uses(key, 10, NOON + 61, 10) == 0
    assert uses(key, 10, NOON + 120, 10) == 10


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.integers(0, 59), st.integers(0, 59))
def test_waiting_as_long_as_was_said_is_enough(allowed, first, second):
    key = str(uuid4())
    uses(key, allowed, NOON + first, allowed)
    uses(key, allowed, NOON + 60 + second, allowed)
    with pytest.raises(TooManyTurns) as refused:
        while True:
            limit(key, allowed, 60, now=NOON + 60 + second)
    limit(key, allowed, 60, now=NOON + 60 + second + refused.value.retry_after)


def test_keys_are_counted_apart():
    one, other = str(uuid4()), str(uuid4())
    assert uses(one, 1, NOON, 2) == 1
    assert uses(other, 1, NOON, 2) == 1


class SharedCache:
    """Stands for a cache over the network: counts, but is not the cache in this process."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, key, value, timeout=None):
        self.counts.setdefault(key, value)

    def incr(self, key):
        self.counts[key] += 1
        return self.counts[key]

    def decr(self, key):
        self.counts[key] -= 1

    def get(self, key):
        return self.counts.get(key)

    def close(self):
        pass


class DeadCache(SharedCache):
    def add(self, key, value, timeout=None):
        raise ConnectionError("no cache")


@pytest.fixture
def default_cache(monkeypatch):
    monkeypatch.setattr(throttling, "_cache_rests_until", 0.0)
    before = caches["default"]

    def put(replacement):
        caches["default"] = replacement

    yield put
    caches["default"] = before


def test_a_shared_cache_counts_for_all_processes(default_cache):
    shared = SharedCache()
    default_cache(shared)
    key = str(uuid4())
    assert uses(key, 2, NOON, 3) == 2
    assert list(shared.counts.values()) == [2]  # the refused use was taken back


def test_a_broken_cache_does_not_open_the_limit(default_cache, caplog):
    default_cache(DeadCache())
    assert uses(str(uuid4()), 2, NOON, 10) == 2
    assert len([r for r in caplog.records if "does not count" in r.message]) == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "<script>", "192.0.2.1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), ("::ffff:192.0.2.1", "192.0.2.1"), ("", "not an address")],
)
def test_addresses_of_one_customer_count_as_one(one, other):
    assert network_of(one) == network_of(other)


def test_a_use_that_is_given_back_does_not_count():
    key = str(uuid4())
    for _ in range(10):
        limit(key, 2, 60, now=NOON)
        give_back(key, 60, now=NOON)
    assert uses(key, 2, NOON, 5) == 2


def test_giving_back_what_was_never_used_frees_nothing():
    key = str(uuid4())
    give_back(key, 60, now=NOON)
    assert uses(key, 2, NOON, 5) == 2
