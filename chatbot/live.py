"""Turns while they run: each is a task of its own, apart from the request that asked for it.

The task appends what the customer sees to a log; any number of readers follow the log from any place in it. So a dropped stream
goes on where it stopped, a double click reads the same turn, and a slow reader holds up nobody.

A turn nobody reads any more goes on for GRACE_SECONDS. A composed answer takes milliseconds, so it is always finished and stored;
one that waits for a model is cancelled then and recorded as abandoned, so that nobody pays for words that nobody reads.
"""

import asyncio
import contextlib
import contextvars
import logging
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from chatbot import liveness
from chatbot.errors import ChatError
from chatbot.fanout import announce
from chatbot.sent_events import Sent, as_sent, interrupted, is_last, unexpected
from chatbot.turn import Question, Role, TextShown, TurnEvent
from database import lanes
from database.lanes import release_database

logger = logging.getLogger(__name__)

GRACE_SECONDS = 20.0
DRAIN_SECONDS = 8.0  # how long running turns may go on after the server was told to stop; less than the server's own patience
KEEP_ALIVE_SECONDS = 10.0
KEPT_SECONDS = 20.0  # a log stays this long after its turn, so that who comes late need not ask the database
MAX_RUNNING = 600  # more turns at once than this are refused, so that those running stay quick

AnswerTurn = Callable[[Question], AsyncIterator[TurnEvent]]


class TooBusy(ChatError):
    code = "busy"
    user_message = "Many people are asking right now. Please try again in a moment."
    retry_after = 3


class ShuttingDown(TooBusy):
    user_message = "We are just restarting. Please try again in a few seconds."


class TurnLog:
    """What a running turn has sent so far. Lives on one event loop; readers come and go."""

    def __init__(self) -> None:
        self.events: list[Sent] = []
        self.done = False
        self.readers = 0
        self.grace: asyncio.TimerHandle | None = None  # runs while nobody reads
        self._waiting: set[asyncio.Future[bool]] = set()

    def append(self, sent: Sent) -> None:
        self.events.append(sent)
        self._wake()

    def finish(self) -> None:
        self.done = True
        self._wake()

    def _wake(self) -> None:
        for waiter in self._waiting:
            _answer(waiter, True)

    async def follow(self, after: int = 0) -> AsyncGenerator[tuple[int, Sent] | None]:
        """Yield (place from 1, event) past place `after`, until the turn is stored; None when nothing came for a while."""
        place = max(after, 0)
        while True:
            while place < len(self.events):
                place += 1
                yield place, self.events[place - 1]
            if self.done:
                return
            if not await self._has_grown(KEEP_ALIVE_SECONDS):
                yield None

    async def _has_grown(self, seconds: float) -> bool:
        """Wait for the next event, or the end; False when neither came in that time.

        A future and a timer, because `wait_for` makes a task of every wait, and the first words would reach the reader later.
        """
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_later(seconds, _answer, waiter, False)
        self._waiting.add(waiter)
        try:
            return await waiter
        finally:
            timer.cancel()
            self._waiting.discard(waiter)


def _answer(waiter: "asyncio.Future[bool]", grown: bool) -> None:
    if not waiter.done():
        waiter.set_result(grown)


class LiveTurns:
    """The turns that run on one event loop."""

    def __init__(self, answer: AnswerTurn, meanwhile: Callable[[Question], None] = lambda question: None) -> None:
        """meanwhile: called once the first words of an answer are out, where no other turn runs; must return at once."""
        self._answer, self._meanwhile = answer, meanwhile
        self._loop = asyncio.get_running_loop()
        self._logs: dict[UUID, TurnLog] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self.closing = asyncio.Event()

    def check_room(self) -> None:
        """Raise TooBusy if no further turn can be taken now."""
        if self.closing.is_set():
            raise ShuttingDown
        if len(self._tasks) >= MAX_RUNNING:
            raise TooBusy

    def get(self, turn_id: UUID) -> TurnLog | None:
        """The log of a turn that runs here, or ended here a moment ago."""
        return self._logs.get(turn_id)

    def is_running(self, turn_id: UUID) -> bool:
        return turn_id in self._tasks

    def start(self, question: Question) -> TurnLog:
        """Begin to answer, or return the log of the turn that already runs for this question."""
        if question.turn_id in self._tasks:
            return self._logs[question.turn_id]
        log = self._logs[question.turn_id] = TurnLog()
        # a context of its own: that of a page's request is torn down with the request, together with its database thread
        context = contextvars.Context()
        context.run(lanes.enter, lanes.next_lane())
        task = asyncio.get_running_loop().create_task(self._run(question, log), context=context)
        self._tasks[question.turn_id] = task
        task.add_done_callback(lambda _: self._forget(question.turn_id, log))
        self._watch(question.turn_id, log)
        return log

    @contextlib.contextmanager
    def reading(self, turn_id: UUID, log: TurnLog) -> Iterator[TurnLog]:
        """Count a reader; when the last one leaves, the turn's grace begins."""
        log.readers += 1
        if log.grace is not None:
            log.grace.cancel()
        try:
            yield log
        finally:
            log.readers -= 1
            self._watch(turn_id, log)

    async def close(self, grace: float = DRAIN_SECONDS) -> None:
        """Let running turns finish for `grace` seconds, then cancel them; each is stored and its readers are told."""
        self.closing.set()
        tasks = set(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                if not task.cancelling():  # a second cancel would cut the turn's own ending short
                    task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, question: Question, log: TurnLog) -> None:
        try:
            async with liveness.beating(question.turn_id), _closing(self._answer(question)) as events:
                silent = True
                async for event in events:
                    log.append(as_sent(event))
                    if silent and isinstance(event, TextShown):
                        silent = False
                        await asyncio.sleep(0)  # the first words leave before the rest is made ready
                        if len(self._tasks) == 1:
                            self._meanwhile(question)
        except asyncio.CancelledError:
            self._end(log, interrupted())
            raise
        except Exception:  # the last net under a turn: the customer gets a sentence, the log the cause
            logger.exception("turn %s failed", question.turn_id)
            self._end(log, unexpected())
            await liveness.mark_failed(question.turn_id, log.events)
        else:
            self._end(log, unexpected())
        finally:
            announce(question.conversation_id)
            await release_database()

    @staticmethod
    def _end(log: TurnLog, sent: Sent) -> None:
        """Make sure that the log ends with an event that says so."""
        if not log.events or not is_last(log.events[-1]):
            log.append(sent)

    def _forget(self, turn_id: UUID, log: TurnLog) -> None:
        self._tasks.pop(turn_id, None)
        self._end(log, interrupted())
        log.finish()
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._drop, turn_id, log)

    def _drop(self, turn_id: UUID, log: TurnLog) -> None:
        if self._logs.get(turn_id) is log:
            del self._logs[turn_id]

    def _watch(self, turn_id: UUID, log: TurnLog) -> None:
        # a reader may also be collected as garbage, when nothing runs any more
        if not log.readers and not log.done and not self._loop.is_closed():
            log.grace = self._loop.call_later(GRACE_SECONDS, self._cancel_if_alone, turn_id, log)

    def _cancel_if_alone(self, turn_id: UUID, log: TurnLog) -> None:
        task = self._tasks.get(turn_id)
        if task is not None and not log.readers and self._logs.get(turn_id) is log and not task.cancelling():
            logger.info("turn %s is cancelled: nobody reads it any more", turn_id)
            task.cancel()


@contextlib.asynccontextmanager
async def _closing(events: AsyncIterator[TurnEvent]) -> AsyncIterator[AsyncIterator[TurnEvent]]:
    """Let a generator that is left half way run its own ending now, not when it is collected."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


_of_loop: "WeakKeyDictionary[asyncio.AbstractEventLoop, LiveTurns]" = WeakKeyDictionary()


def turns() -> LiveTurns:
    """The live turns of the running event loop: one set per process in service."""
    loop = asyncio.get_running_loop()
    found = _of_loop.get(loop)
    if found is None:
        found = _of_loop[loop] = LiveTurns(_answer_with_defaults, _make_ready_for_the_next)
    return found


def answer_with(answer: AnswerTurn, *meanwhile: Callable[[Question], None]) -> LiveTurns:
    """Have turns on the running loop answered by `answer`, in place of the product's own."""
    _of_loop[asyncio.get_running_loop()] = LiveTurns(answer, *meanwhile)
    return turns()


def close_on_signals() -> None:
    """Begin to close the moment the server is told to stop, beside what the server itself does then.

    A server waits for open responses before it ends the application; streams that never end by themselves must hear of it earlier.
    Call it on the main thread, from the running loop.
    """
    live, loop = turns(), asyncio.get_running_loop()
    closing: set[asyncio.Task[None]] = set()

    def begin() -> None:
        closing.add(loop.create_task(live.close()))

    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def stop(received: int, where: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(begin)
            if callable(before):
                before(received, where)

        signal.signal(number, stop)


def _answer_with_defaults(question: Question) -> AsyncIterator[TurnEvent]:
    from chatbot.answering import answer_turn
    from chatbot.services import services

    return answer_turn(question, services(stands_alone=question.stands_alone))


def _make_ready_for_the_next(question: Question) -> None:
    from retrieval.foreseeing import foresee

    foresee([*(said.text for said in question.history if said.role is Role.CUSTOMER), question.text])


async def follow(turn_id: UUID, *, after: int = 0) -> AsyncGenerator[tuple[int, Sent] | None]:
    """Yield (place, event) of a turn past place `after`, wherever it runs or ran; None is a sign of life.

    The last event is always `final` or `error`, unless `after` lies beyond it.
    """
    live = turns()
    log = live.get(turn_id)
    if log is None:
        async for stored in liveness.stored_events(turn_id, after=after):
            yield stored
        return
    with live.reading(turn_id, log):
        async for item in log.follow(after):
            yield item
