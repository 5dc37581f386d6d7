"""The one door to orders: who asks, and what they mean, to frozen records.

Everything about visibility is decided in the source's query; an unknown order and somebody else's order give the same result.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from orders.errors import OrdersUnavailable
from orders.health import SourceHealth
from orders.references import NO_SHAPES, Shapes
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted

log = logging.getLogger(__name__)
HEALTH_AGE = 5.0  # seconds; whoever can reach /health/ready must not be able to keep the shop's system busy
SHAPES_AGE = 60.0  # seconds the formats of order numbers are kept before they are learned again


async def find_orders(wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
    """Return the viewer's own orders that match; an unverified viewer has none.

    Raises OrdersUnavailable if the source does not answer.
    """
    from orders import status_words
    from orders.sources.configured import source

    try:
        found = await source().find(wanted, viewer=viewer, at=at)
        if settings.ORDERS_SOURCE != "local":  # our own tables can be counted
            status_words.note(found.records)
        return found
    except OrdersUnavailable as error:
        _tell("orders could not be looked up", error)
        raise


async def known_shapes() -> Shapes:
    """The formats of this shop's order numbers, learned from the source and kept for a minute.

    A source that does not answer gives what was known before, or nothing: numbers are then found by the words around them.
    Every turn begins here, so here the process also learns what the shop's status words mean by now.
    """
    from orders import status_words
    from orders.sources.configured import source

    await status_words.refresh()
    now = time.monotonic()
    if not _memory.shapes.is_empty and now < _memory.until:
        return _memory.shapes
    try:
        _memory.shapes = await source().shapes()
    except OrdersUnavailable as error:
        _tell("the formats of order numbers could not be learned", error)
    _memory.until = now + SHAPES_AGE
    return _memory.shapes


def _tell(what: str, error: OrdersUnavailable) -> None:
    """With its cause, but once: while a source is left alone after failures, each turn writes one line."""
    log.error("%s: %s", what, error, exc_info=error if error.__cause__ else None)


async def source_health() -> SourceHealth:
    """Whether orders can be read, for staff alone: a few seconds old at most. Never raises; may take as long as a look-up.

    All who ask meanwhile wait for the same look, and it is not broken off when they go: what it finds is remembered.
    """
    if _memory.health is not None and time.monotonic() < _memory.health_until:
        return _memory.health
    looking = _memory.looking
    if looking is None or looking.done() or looking.get_loop() is not asyncio.get_running_loop():
        looking = _memory.looking = asyncio.ensure_future(_look())
    return await asyncio.shield(looking)


async def _look() -> SourceHealth:
    from orders.sources.configured import source

    _memory.health = await source().check()
    _memory.health_until = time.monotonic() + HEALTH_AGE
    return _memory.health


def forget_shapes() -> None:
    """Learn the formats again at the next call: the orders have changed."""
    _memory.shapes = NO_SHAPES


@dataclass(slots=True)
class _Memory:
    shapes: Shapes = NO_SHAPES
    until: float = 0.0
    health: SourceHealth | None = None
    health_until: float = 0.0
    looking: "asyncio.Future[SourceHealth] | None" = None


_memory = _Memory()
