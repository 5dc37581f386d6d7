"""How often a person may ask: counters in the cache, and in this process when the cache does not answer.

Every counter slides: the count of the window before weighs in by the share of it that is still recent, so that nobody can ask
twice the limit around the turn of a minute.
"""

import ipaddress
import logging
import math
import time
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import BaseCache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest

from chatbot.errors import TooManyTurns

logger = logging.getLogger(__name__)

MINUTE = 60
CACHE_REST_SECONDS = 5.0  # a broken cache is left alone this long, so that no question waits for its connection attempts
_own_counters = LocMemCache("throttling", {"MAX_ENTRIES": 100_000})
_cache_rests_until = 0.0


def limit(key: str, allowed: int, seconds: int, *, now: float | None = None) -> None:
    """Count one use of `key`; raise TooManyTurns if more than `allowed` fall into the last `seconds`. A refused use does not count.

    now: seconds since the epoch; the clock of this machine unless given.
    """
    now = time.time() if now is None else now
    window, passed = divmod(now, seconds)
    current, previous = f"limit:{key}:{int(window)}", f"limit:{key}:{int(window) - 1}"
    used, before = _count(current, previous, seconds)
    share_left = 1 - passed / seconds
    if used + before * share_left > allowed:
        _take_back(current)
        raise TooManyTurns(retry_after=_wait(used - 1, before, allowed, seconds, passed))


def give_back(key: str, seconds: int, *, now: float | None = None) -> None:
    """Take back one use of `key` in the window of this moment: a sign-in that succeeded is not a guess. Never fails."""
    window = int((time.time() if now is None else now) // seconds)
    _take_back(f"limit:{key}:{window}")


async def alimit(key: str, allowed: int, seconds: int) -> None:
    """The same for asynchronous callers; a cache in this process is asked directly, one over the network from a thread."""
    if isinstance(_counters(), LocMemCache):
        limit(key, allowed, seconds)
    else:
        await sync_to_async(limit, thread_sensitive=False)(key, allowed, seconds)


async def limit_turns_of_address(address: str) -> None:
    """Raise TooManyTurns when this network asks too much, whatever conversations it uses."""
    await alimit(f"turns-address:{network_of(address)}", settings.TURNS_PER_MINUTE_PER_ADDRESS, MINUTE)


async def limit_turns_of_conversation(conversation_id: UUID) -> None:
    """Raise TooManyTurns when this conversation asks too much. Call it only for the person who holds its token."""
    await alimit(f"turns-conversation:{conversation_id}", settings.TURNS_PER_MINUTE, MINUTE)


def count_turn_of_conversation(conversation_id: UUID) -> None:
    """The same, for a caller who is in a thread already."""
    limit(f"turns-conversation:{conversation_id}", settings.TURNS_PER_MINUTE, MINUTE)


async def limit_conversations(address: str) -> None:
    """Raise TooManyTurns when this network starts too many conversations."""
    await alimit(f"conversations:{network_of(address)}", settings.TURNS_PER_MINUTE_PER_ADDRESS, MINUTE)


async def limit_identifying(address: str) -> None:
    """Raise TooManyTurns when this network tries too often to prove who asks; codes have tighter limits of their own."""
    await alimit(f"identifying:{network_of(address)}", settings.TURNS_PER_MINUTE_PER_ADDRESS, MINUTE)


def client_address(request: HttpRequest) -> str:
    """The network address of the customer, "" if there is none (a local socket).

    X-Forwarded-For counts only as far as our own proxies wrote it: each of the TRUSTED_PROXIES appends the address it was called
    from, so the customer stands that many places from the right. Whatever stands further left anybody can have made up.
    """
    peer = _as_address(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    if proxies < 1:
        return peer
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_as_address(hops[-proxies]) if len(hops) >= proxies else "") or peer


def network_of(address: str) -> str:
    """What is counted as one: an IPv4 address, or the /64 that a provider gives to one IPv6 customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address) + "/64"
    return str(parsed)


def _as_address(text: str) -> str:
    """An IP address out of "1.2.3.4", "1.2.3.4:567", "::1" or "[::1]:567"; "" for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].split("]", 1)[0]
    elif text.count(":") == 1:
        text = text.split(":", 1)[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _wait(used: int, before: int, allowed: int, seconds: int, passed: float) -> int:
    """Whole seconds until one more use would pass, at least 1."""
    if used + 1 <= allowed and before > 0:
        # the share of the window before must shrink to what is still free
        wait = seconds * (1 - (allowed - used - 1) / before) - passed
    else:
        # this window is full: in the next one, its count is the window before
        wait = seconds - passed + (seconds * (1 - max(allowed - 1, 0) / used) if used else 0)
    return max(1, math.ceil(wait))


def _count(current: str, previous: str, seconds: int) -> tuple[int, int]:
    """Count one use; return the counts of this window and the one before. Falls back to this process if the cache fails."""
    global _cache_rests_until
    counters = _counters()
    try:
        return _count_in(counters, current, previous, seconds)
    except Exception:  # a cache may fail in any way of its client library; a question must not fail with it
        if counters is _own_counters:
            raise
        _cache_rests_until = time.monotonic() + CACHE_REST_SECONDS
        logger.exception("the cache does not count; limits are kept in this process for %g s", CACHE_REST_SECONDS)
        return _count_in(_own_counters, current, previous, seconds)


def _count_in(counters: BaseCache, current: str, previous: str, seconds: int) -> tuple[int, int]:
    counters.add(current, 0, timeout=2 * seconds + 1)
    try:
        used = counters.incr(current)
    except ValueError:  # it expired between the two steps
        counters.set(current, 1, timeout=2 * seconds + 1)
        used = 1
    return used, counters.get(previous) or 0


def _take_back(current: str) -> None:
    try:
        counters = _counters()
        if (counters.get(current) or 0) > 0:  # the window may have turned since
            counters.decr(current)
    except Exception:  # then the refused use counts; it goes with its window
        logger.warning("a refused use could not be taken back", exc_info=True)


def _counters() -> BaseCache:
    """Where uses are counted now.

    Django's cache in this process keeps 300 entries unless told otherwise; a crowd would push the counters out. So ours is used.
    """
    shared = caches["default"]
    if isinstance(shared, LocMemCache) or time.monotonic() < _cache_rests_until:
        return _own_counters
    return shared
