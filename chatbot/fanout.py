"""Tell whoever watches a conversation that it changed: in this process at once, in others through Redis, and by asking the
database now and then as the net beneath both.

Only the conversation's id travels. Watchers read the change from the database through the usual door, so nothing can leak here.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Count

from chatbot.models import Conversation

logger = logging.getLogger(__name__)

CHANNEL = "whereabouts:conversations"
POLL_SECONDS = 4.0
RETRY_SECONDS = 5.0
LISTEN_SECONDS = 10.0  # between two looks at whether there is still somebody to listen for
ASKED_AT_ONCE = 500  # ids in one query


class Changes:
    """The watchers on one event loop, and the tasks that wake them. Tasks run only while somebody watches."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._watchers: dict[UUID, set[asyncio.Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: dict[UUID, tuple[Any, ...]] = {}

    @contextlib.contextmanager
    def watching(self, conversation_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set when the conversation may have changed; the watcher clears it before it looks."""
        changed = asyncio.Event()
        self._watchers.setdefault(conversation_id, set()).add(changed)
        if not self._tasks:
            self._start(self._poll())
            if settings.REDIS_URL:
                self._start(self._listen())
        try:
            yield changed
        finally:
            rest = self._watchers[conversation_id]
            rest.discard(changed)
            if not rest:
                del self._watchers[conversation_id]
                self._seen.pop(conversation_id, None)
            if not self._watchers:
                for task in self._tasks:
                    task.cancel()
                self._tasks = set()

    def watchers_of(self, conversation_id: UUID) -> int:
        return len(self._watchers.get(conversation_id, ()))

    def __len__(self) -> int:
        return sum(map(len, self._watchers.values()))

    def wake(self, conversation_id: UUID) -> None:
        for changed in self._watchers.get(conversation_id, ()):
            changed.set()

    def wake_all(self) -> None:
        for conversation_id in self._watchers:
            self.wake(conversation_id)

    def _start(self, work: Any) -> None:
        self._tasks.add(self.loop.create_task(work))

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            watched = list(self._watchers)
            try:
                found = await sync_to_async(_fingerprints, thread_sensitive=False)(watched)
            except Exception:  # the database is away: the next round asks again
                logger.warning("watched conversations could not be read", exc_info=True)
                continue
            for conversation_id, fingerprint in found.items():
                if (
                    self._seen.get(conversation_id) != fingerprint
                ):  # also the first time: it may have changed since the watcher looked
                    self._seen[conversation_id] = fingerprint
                    self.wake(conversation_id)

    async def _listen(self) -> None:
        import redis.asyncio

        task = asyncio.current_task()
        # the client swallows a cancellation now and then; a listener that was told to stop must not go on for ever
        while task is not None and not task.cancelling():
            client = redis.asyncio.from_url(settings.REDIS_URL, socket_connect_timeout=2)
            try:
                async with client, client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    self.wake_all()  # whatever was missed while nobody listened
                    while not task.cancelling():
                        message = await channel.get_message(ignore_subscribe_messages=True, timeout=LISTEN_SECONDS)
                        if message is not None:
                            self._heard(message["data"])
            except (redis.asyncio.RedisError, OSError):
                if not task.cancelling():
                    why = "live changes of other processes are not heard; trying again in %g s"
                    logger.warning(why, RETRY_SECONDS, exc_info=True)
                    await asyncio.sleep(RETRY_SECONDS)

    def _heard(self, data: bytes) -> None:
        try:
            self.wake(UUID(data.decode()))
        except ValueError:
            logger.warning("a message on %s is not a conversation's id", CHANNEL)


_of_loop: "WeakKeyDictionary[asyncio.AbstractEventLoop, Changes]" = WeakKeyDictionary()
_sending: set[asyncio.Task[None]] = set()


def changes() -> Changes:
    """The watchers on the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = Changes()
    return found


def announce(conversation_id: UUID) -> None:
    """Say that a conversation changed. Call it from anywhere, asynchronous or not, after the change is committed; never raises."""
    for loop, watchers in list(_of_loop.items()):
        with contextlib.suppress(RuntimeError):  # a loop that was closed has no watchers left
            loop.call_soon_threadsafe(watchers.wake, conversation_id)
    if not settings.REDIS_URL:
        return
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _publish(conversation_id)
    else:
        task = loop.create_task(asyncio.to_thread(_publish, conversation_id))
        _sending.add(task)
        task.add_done_callback(_sending.discard)


def _publish(conversation_id: UUID) -> None:
    import redis

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.publish(CHANNEL, str(conversation_id))
    except (redis.RedisError, OSError):  # the other processes will see it when they ask the database
        logger.warning("a change could not be announced to other processes", exc_info=True)


def _fingerprints(conversation_ids: list[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """What changes about a conversation when there is something new to show."""
    found: dict[UUID, tuple[Any, ...]] = {}
    try:
        for start in range(0, len(conversation_ids), ASKED_AT_ONCE):
            rows = (
                Conversation.objects.filter(pk__in=conversation_ids[start : start + ASKED_AT_ONCE])
                .annotate(said=Count("messages"))
                .values_list("pk", "state", "verified_until", "said")
            )
            found.update({pk: tuple(rest) for pk, *rest in rows})
    finally:
        close_old_connections()
    return found
