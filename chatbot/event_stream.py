"""Server-sent events over HTTP: how a turn and a conversation's changes are written to the wire, and resumed.

Ids: `<turn>.<place>` for an event of a turn, `m.<message>` for a message of the conversation. A customer who lost the connection
sends the last id back and gets what came after it.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone

from chatbot import live
from chatbot.belonging import is_private, viewer_of
from chatbot.conversations import transcript
from chatbot.errors import TooManyTurns
from chatbot.fanout import changes
from chatbot.models import Conversation
from chatbot.sent_events import Sent
from database.lanes import release_database

KEEP_ALIVE = b": still here\n\n"
OPENING = b"retry: 1500\n\n"  # milliseconds a browser waits before it connects again
MAX_WATCHERS = 8  # open streams of one conversation
MAX_WATCHERS_OF_ALL = 4000
WATCH_SECONDS = 15.0  # between two signs of life on a stream where nothing happens


class TooManyStreams(TooManyTurns):
    user_message = "This conversation is open in too many windows. Please close one of them."


def frame(name: str, data: Any, event_id: str = "") -> bytes:
    """One event. JSON keeps every line break inside the data escaped, so a frame is never torn by what it carries."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def place_after(last_event_id: str, turn_id: UUID) -> int:
    """How many events of that turn the customer has already; 0 if the id is not of this turn, or not an id at all."""
    name, dot, place = last_event_id.strip().rpartition(".")
    if dot and name != str(turn_id):
        return 0
    return int(place) if place.isascii() and place.isdigit() and len(place) < 7 else 0


def turn_named(last_event_id: str) -> UUID | None:
    """The turn that an event id belongs to, if it belongs to one."""
    try:
        return UUID(last_event_id.strip().rpartition(".")[0])
    except ValueError:
        return None


def response(frames: AsyncIterator[bytes]) -> StreamingHttpResponse:
    """An open stream that no proxy may keep, cut or hold back."""
    stream = StreamingHttpResponse(frames, content_type="text/event-stream; charset=utf-8")
    stream["Cache-Control"] = "no-store, no-transform"
    stream["X-Accel-Buffering"] = "no"
    return stream


async def turn_frames(turn_id: UUID, *, after: int = 0) -> AsyncIterator[bytes]:
    """The frames of one turn past place `after`; ends with the turn."""
    await release_database()
    yield OPENING
    async with contextlib.aclosing(live.follow(turn_id, after=after)) as events:
        async for item in events:
            yield KEEP_ALIVE if item is None else _turn_frame(turn_id, *item)


def _turn_frame(turn_id: UUID, place: int, sent: Sent) -> bytes:
    return frame(sent["event"], sent["data"], f"{turn_id}.{place}")


def check_watchers(conversation: Conversation) -> None:
    """Raise TooManyStreams or TooBusy if one more open stream is too many."""
    if len(changes()) >= MAX_WATCHERS_OF_ALL:
        raise live.TooBusy
    if changes().watchers_of(conversation.pk) >= MAX_WATCHERS:
        raise TooManyStreams(retry_after=5)


async def conversation_frames(conversation: Conversation, *, last_event_id: str = "") -> AsyncIterator[bytes]:
    """What happens in a conversation from now on, or since `last_event_id`: `message` and `state` events.

    If that id is of a turn of this conversation, the rest of the turn comes first. Ends when the server stops; the customer's
    browser then connects again.
    """
    closing = live.turns().closing
    with changes().watching(conversation.pk) as changed:
        yield OPENING
        known, state = await _start(conversation, last_event_id)
        turn_id = turn_named(last_event_id)
        if turn_id and await _may_follow(conversation, turn_id):
            async for part in turn_frames(turn_id, after=place_after(last_event_id, turn_id)):
                yield part
        while not closing.is_set():
            changed.clear()
            fresh = await Conversation.objects.filter(pk=conversation.pk).afirst()
            if fresh is None:  # deleted: there is nothing more to tell
                return
            for message in await transcript(fresh):
                if message["id"] not in known:
                    known.add(message["id"])
                    yield frame("message", message, f"m.{message['id']}")
            if fresh.state != state:
                state = fresh.state
                yield frame("state", {"state": state})
            await release_database()
            while not closing.is_set() and not await _set_within(changed, closing, WATCH_SECONDS):
                yield KEEP_ALIVE


async def _may_follow(conversation: Conversation, turn_id: UUID) -> bool:
    """Whether that is a turn of this conversation, and not one of a sign-in that has ended."""
    turn = await conversation.turns.only("viewer", "started_at").filter(pk=turn_id).afirst()
    return turn is not None and (not is_private(turn) or viewer_of(conversation).is_verified(at=timezone.now()))


async def _start(conversation: Conversation, last_event_id: str) -> tuple[set[str], str]:
    """Ids of the messages that the customer has, and the state they know of. "m." with no known id: they have none yet."""
    ids = [str(pk) async for pk in conversation.messages.order_by("seq").values_list("pk", flat=True)]
    kind, _, last = last_event_id.strip().partition(".")
    if kind == "m":
        ids = ids[: ids.index(last) + 1] if last in ids else []
    return set(ids), conversation.state


async def _set_within(changed: asyncio.Event, closing: asyncio.Event, seconds: float) -> bool:
    """Whether one of the two was set before that time."""
    waits = [asyncio.ensure_future(changed.wait()), asyncio.ensure_future(closing.wait())]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)
