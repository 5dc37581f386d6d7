"""Turns that do not run in this process: finished ones are replayed, those of another process awaited, dead ones told apart.

A process that answers a turn renews a mark in the shared cache. Without a shared cache there is one web process; then a turn that
began before this process did has died with its predecessor.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from chatbot.models import Citation, Conversation, Message, Turn
from chatbot.sent_events import Sent, failure, interrupted, is_last
from database.lanes import release_database

logger = logging.getLogger(__name__)

BEAT_SECONDS = 4.0
MARK_SECONDS = 15
POLL_SECONDS = 0.4
WAIT_SECONDS = 45.0  # for a turn of another process
YOUNG = timedelta(seconds=10)  # so long a turn may take to set its first mark
_process_began = timezone.now()


@contextlib.asynccontextmanager
async def beating(turn_id: UUID) -> AsyncIterator[None]:
    """While inside, other processes see that this turn is being answered."""
    if not settings.REDIS_URL:
        yield
        return
    task = asyncio.create_task(_beat(_mark(turn_id)))
    try:
        yield
    finally:
        task.cancel()


async def _beat(key: str) -> None:
    while True:
        try:
            await sync_to_async(cache.set, thread_sensitive=False)(key, 1, timeout=MARK_SECONDS)
        except Exception:  # the turn goes on without its mark; at worst it is asked again
            logger.warning("the mark of a running turn could not be set", exc_info=True)
        await asyncio.sleep(BEAT_SECONDS)


def _mark(turn_id: UUID) -> str:
    return f"turn-runs:{turn_id}"


async def is_dead(turn: Turn, *, now: datetime) -> bool:
    """Whether a turn that is stored as running, and not in this process, is answered by nobody any more."""
    age = now - turn.started_at
    if age > timedelta(seconds=settings.LLM_TIMEOUT_SECONDS + WAIT_SECONDS):
        return True
    if not settings.REDIS_URL:
        return turn.started_at < _process_began
    if age < YOUNG:
        return False
    try:
        return await sync_to_async(cache.get, thread_sensitive=False)(_mark(turn.pk)) is None
    except Exception:  # nobody knows; then it counts as alive until it is too old
        logger.warning("the mark of a running turn could not be read", exc_info=True)
        return False


async def reclaim(turn: Turn, *, at: datetime) -> bool:
    """Take over a turn that was abandoned or whose process died, to answer it again; True for one caller only."""
    if turn.state == Turn.State.RUNNING:
        if not await is_dead(turn, now=at):
            return False
    elif turn.state != Turn.State.ABANDONED:
        return False
    same = Turn.objects.filter(pk=turn.pk, state=turn.state, started_at=turn.started_at)
    if not await same.aupdate(state=Turn.State.RUNNING, started_at=at, finished_at=None, events=[]):
        return False
    # what was shown of the first try
    await Message.objects.filter(pk=turn.pk).adelete()
    await Citation.objects.filter(turn=turn).adelete()
    return True


async def mark_failed(turn_id: UUID, events: list[Sent]) -> None:
    """Write down that a turn failed, should its own record not have said so."""
    still = Turn.objects.filter(pk=turn_id, state=Turn.State.RUNNING)
    try:
        await still.aupdate(state=Turn.State.FAILED, events=events, finished_at=timezone.now())
    except Exception:
        logger.exception("the failure of turn %s could not be stored", turn_id)


async def stored_events(turn_id: UUID, *, after: int = 0) -> AsyncIterator[tuple[int, Sent] | None]:
    """Yield (place, event) of a turn of another process past place `after`, as soon as it has ended; None while we wait."""
    waits_until = time.monotonic() + WAIT_SECONDS
    while True:
        turn = await Turn.objects.only("state", "events", "started_at").filter(pk=turn_id).afirst()
        await release_database()
        if turn is None:
            yield after + 1, interrupted()
            return
        if turn.state != Turn.State.RUNNING:
            break
        if await is_dead(turn, now=timezone.now()):
            dead = Turn.objects.filter(pk=turn_id, state=Turn.State.RUNNING, started_at=turn.started_at)
            await dead.aupdate(state=Turn.State.ABANDONED, finished_at=timezone.now())
            await release_database()
            yield after + 1, interrupted()
            return
        if time.monotonic() > waits_until:
            yield after + 1, failure("slow", "This answer takes longer than usual. Please look again in a moment.", retryable=True)
            return
        yield None
        await asyncio.sleep(POLL_SECONDS)
    events: list[Sent] = turn.events
    for place, sent in enumerate(events[after:], start=after + 1):
        yield place, sent
    if not events or not is_last(events[-1]):
        yield max(after, len(events)) + 1, interrupted()


async def running_turn(conversation: Conversation) -> str | None:
    """The id of the newest turn that is still being answered, so that a reloaded page can follow it."""
    newest = await conversation.turns.filter(state=Turn.State.RUNNING).order_by("-started_at").only("id").afirst()
    return str(newest.pk) if newest else None
