"""Database threads that stay: each keeps its connection, and all requests of the API and all turns of a process share them.

A thread and a connection of its own for each request, as Django gives them, cost a turn more than everything it asks the database.
What runs in a lane must be short, because others wait behind it.
"""

import asyncio
import itertools
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import close_old_connections, connection

LANES = 8  # threads, hence connections, of one process

P = ParamSpec("P")
R = TypeVar("R")

_of_loop: "WeakKeyDictionary[asyncio.AbstractEventLoop, itertools.cycle[ThreadSensitiveContext]]" = WeakKeyDictionary()


def next_lane() -> ThreadSensitiveContext:
    """The lane for the next request or turn on the running event loop, each in its turn."""
    loop = asyncio.get_running_loop()
    lanes = _of_loop.get(loop)
    if lanes is None:
        lanes = _of_loop[loop] = itertools.cycle([ThreadSensitiveContext() for _ in range(LANES)])
    return next(lanes)


def enter(lane: ThreadSensitiveContext) -> None:
    """Let the running task, and what it starts, talk to the database in that lane."""
    SyncToAsync.thread_sensitive_context.set(lane)


async def in_database(work: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Run a function that talks to the database, in one change of thread, and give its connection back in the same."""
    return await sync_to_async(_and_release)(work, *args, **options)


async def release_database() -> None:
    """Give the connection back: a stream may stay open for hours, and must not hold one meanwhile."""
    if not connections_stay():
        await sync_to_async(_release)()


def connections_stay() -> bool:
    """Whether a thread keeps its connection, so that there is nothing to give back: a file has as many as we like."""
    return connection.settings_dict["CONN_MAX_AGE"] is None


def _and_release(work: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    try:
        return work(*args, **options)
    finally:
        if not connections_stay():
            _release()


def _release() -> None:
    if not connection.in_atomic_block:  # of a caller that goes on
        close_old_connections()
