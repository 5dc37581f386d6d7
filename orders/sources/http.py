"""Orders from the shop's API: all of one address at a time, checked, kept for seconds, and chosen from as everywhere else.

The address is what is asked for, never a number: so a question about a stranger's order is the same request, and takes the same time,
as one about an order that does not exist. docs/orders-http.md says what the API must do.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.utils import timezone

from orders.choosing import Named, asked_keys, choose, is_narrowed, named_by, nothing
from orders.errors import OrdersUnavailable
from orders.records import OrderRecord
from orders.references import NO_SHAPES, Shapes, learn
from orders.sources.breaker import Breaker
from orders.sources.http_client import Limits, ShopClient
from orders.sources.http_keys import key_for
from orders.sources.http_memory import Memory, Remembered
from orders.sources.http_pages import AskForLess, BadAnswer, Later, Page, Shop, placed_with
from orders.sources.http_questions import Question, ShopFailed
from orders.sources.http_shops import KINDS, base_address
from orders.sources.making import records_of
from orders.sources.source import SourceHealth
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_ORDERS = 200  # of one address, the newest
MOST_PAGES = 40
STALE = 300.0  # seconds up to which orders are told, with their age, when the shop does not answer
TOLD_FROM = 5.0  # seconds from which orders are so old that their age is said
SHAPES_KEPT = 900.0  # seconds; a shop's formats hardly ever change, and learning them costs it an answer
SHAPES_REST = 30.0  # seconds until they are asked for again after a failure
SHAPES_WAIT = 1.0  # seconds that a question waits for them
NOBODY = "health-check@whereabouts.invalid"
_ENOUGH_LEFT = 0.5  # seconds a further page must have for itself


_BUGS = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)


class _NotCounted(Exception):
    """Carries a failure past the breaker that says nothing about how the shop is."""

    def __init__(self, failure: ShopFailed) -> None:
        super().__init__(str(failure))
        self.failure = failure


@dataclass(slots=True)
class HttpSource:
    """See `Source`. seconds: of a customer's time that one look-up may take. fresh: seconds orders are kept without asking again."""

    shop: Shop
    client: ShopClient
    seconds: float = 5.0
    fresh: float = 15.0
    breaker: Breaker = field(default_factory=Breaker)
    now: Callable[[], datetime] = timezone.now
    _memory: Memory = field(init=False)
    _page: int = field(init=False)
    _shapes: Shapes = field(default=NO_SHAPES, init=False)
    _shapes_until: float = field(default=float("-inf"), init=False)
    _learning: "asyncio.Task[OrdersUnavailable | None] | None" = field(default=None, init=False, repr=False)
    _strangers: int = field(default=0, init=False)
    _left_out: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._memory = Memory(keep=max(STALE, self.fresh))
        self._page = self.shop.page

    @classmethod
    def of_settings(cls) -> "HttpSource":
        """As ORDERS_API_… say; the start-up checks have refused what cannot work."""
        kind = settings.ORDERS_API_KIND
        key = key_for(kind, token=settings.ORDERS_API_TOKEN, user=settings.ORDERS_API_USER, password=settings.ORDERS_API_PASSWORD)
        client = ShopClient(base_address(settings.ORDERS_API_URL, kind), key, Limits())
        return cls(KINDS[kind](), client, seconds=settings.ORDERS_API_TIMEOUT_SECONDS, fresh=settings.ORDERS_API_CACHE_SECONDS)

    async def find(self, wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
        email = viewer.email_at(at)
        if email is None:
            return nothing(wanted)
        known = await self._orders_of(email)
        found = choose(wanted, self._with_age(known))
        if found.missing and not known.is_whole:
            # "you have no such order" would be a guess
            raise ShopFailed(f"a customer has more orders than the {len(known.records)} that could be read", of_one=True)
        by_number = found.narrowed and not is_narrowed(wanted)
        return found if known.is_whole or by_number else replace(found, unread=True)

    async def shapes(self) -> Shapes:
        """From the numbers of the newest orders, and nothing else of them. Nobody waits for them long: every question needs them,
        also one about the policies, while the shop is slow. They are learned on beside it.
        """
        if self.client.clock() >= self._shapes_until:
            learning = self._learning_now()
            if self._shapes.is_empty:
                await asyncio.wait({learning}, timeout=SHAPES_WAIT)
                if not learning.done():
                    raise ShopFailed("it did not tell its newest order numbers in time")
                if failure := learning.result():
                    raise failure
        return self._shapes

    def _learning_now(self) -> "asyncio.Task[OrdersUnavailable | None]":
        task = self._learning
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._learning = asyncio.create_task(self._learn())
        return task

    async def _learn(self) -> OrdersUnavailable | None:
        try:
            self._shapes = learn(await self._guarded(partial(self._numbers, self.shop.sample)))
        except OrdersUnavailable as failure:
            self._shapes_until = self.client.clock() + SHAPES_REST
            return failure
        self._shapes_until = self.client.clock() + SHAPES_KEPT
        return None

    async def knows(self, email: str) -> bool:
        return bool((await self._orders_of(email)).records)

    async def placed(self, number: str, *, email: str) -> bool:
        known = await self._orders_of(email)
        keys = asked_keys(Wanted(references=(number,)))
        return bool(named_by(keys, map(Named.of, known.records)).get(number))

    async def check(self) -> SourceHealth:
        try:
            await self._guarded(self._ask_for_nobody)
        except ShopFailed as failure:
            if failure.of_one:
                return SourceHealth(False, self.now(), str(failure), self._notes())
        except OrdersUnavailable:
            pass  # the breaker knows since when
        return self.breaker.health(*self._notes())

    async def _ask_for_nobody(self) -> None:
        """What a customer's question needs, for an address that nobody has: it also shows an API that overlooks the filter."""
        page = await self._ask_page(NOBODY, "", self.client.clock() + self.seconds)
        self._note_strangers(len(page.orders) - len(placed_with(NOBODY, page.orders)))

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self._strangers:
            notes.append(
                f"The shop's order API gave {self._strangers} orders of other e-mail addresses than the one it was asked for. They were "
                "left out, and nobody saw them; please have its filter checked."
            )
        if self._left_out:
            notes.append(
                f"The shop's order API leaves out some of what is asked for ({self._left_out}); its key may need more rights."
            )
        return tuple(notes)

    async def _orders_of(self, email: str) -> Remembered:
        """All orders of that address: as they were some seconds ago, or now; if the shop fails, as they were some minutes ago."""
        started = self.client.clock()
        if known := self._memory.get(email, now=started, younger_than=self.fresh):
            return known
        try:
            entry = await self._guarded(partial(self._read, email, until=started + self.seconds))
        except OrdersUnavailable as failure:
            if known := self._memory.get(email, now=self.client.clock(), younger_than=STALE):
                log.warning("orders that were read before are told with their age: %s", failure)
                return known
            raise
        self._memory.put(email, entry)
        return entry

    def _with_age(self, known: Remembered) -> list[OrderRecord]:
        """The records, which say how old they are unless they are fresh."""
        if self.client.clock() - known.read_at < TOLD_FROM:
            return list(known.records)
        as_of = timezone.localtime(known.as_of, timezone.get_default_timezone())
        return [replace(record, as_of=as_of) for record in known.records]

    async def _read(self, email: str, *, until: float) -> Remembered:
        """Ask for all pages. Those that fit into the time count; without the first there is nothing to tell."""
        asked_at, as_of = self.client.clock(), self.now()
        orders: list[Any] = []
        cursor, seen, strangers = "", {""}, 0
        for number in range(MOST_PAGES):
            if number and self.client.clock() + _ENOUGH_LEFT > until:
                break
            page = await self._ask_page(email, cursor, until)
            if page.orders:
                self._left_out = page.left_out
            own = placed_with(email, page.orders)
            orders += own
            strangers += len(page.orders) - len(own)
            cursor = page.next
            if cursor in seen or len(orders) >= MOST_ORDERS:
                break
            seen.add(cursor)
        self._note_strangers(strangers)
        is_whole = not cursor
        if strangers and not is_whole and not orders:
            raise ShopFailed("it gives orders of other e-mail addresses than the one that it was asked for", of_one=True)
        zone = timezone.get_default_timezone()
        records = records_of(orders[:MOST_ORDERS], zone=zone, currency=settings.SHOP_CURRENCY)
        records.sort(key=lambda record: record.placed_at.timestamp() if record.placed_at else float("-inf"), reverse=True)
        return Remembered(tuple(records), is_whole, as_of, asked_at)

    async def _ask_page(self, email: str, cursor: str, until: float) -> Page:
        while True:
            limit = self._page
            try:
                question = self.shop.orders(email, limit=limit, cursor=cursor)
                return await self._answer(question, partial(self.shop.read_orders, limit=limit, cursor=cursor), until)
            except AskForLess:
                if limit == 1:
                    raise ShopFailed("it does not even give one order at a time") from None
                self._page = min(self._page, limit // 2)
                log.info("the shop's order API gives no pages of %d orders; asking for %d from now on", limit, self._page)

    async def _numbers(self, limit: int) -> list[str]:
        return await self._answer(self.shop.numbers(limit=limit), self.shop.read_numbers, self.client.clock() + self.seconds)

    async def _answer(self, question: Question, read: Callable[[Any], T], until: float) -> T:
        """What is read of an answer; a shop that says when to come back is asked once more, if that is in time."""
        for is_last in (False, True):
            try:
                return read(await self.client.ask(question, until=until))
            except BadAnswer as bad:
                raise ShopFailed(str(bad)) from None
            except Later as later:
                if is_last or self.client.clock() + later.seconds + _ENOUGH_LEFT > until:
                    raise ShopFailed("it has had enough questions for now") from None
                await asyncio.sleep(later.seconds)
        raise AssertionError("the second answer is the last")  # for the type checker: the loop returns or raises

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        """Through the breaker; a failure that is due to one question must not keep the others from being asked."""

        async def counted() -> T:
            try:
                return await work()
            except ShopFailed as failure:
                if failure.of_one:
                    raise _NotCounted(failure) from failure.__cause__
                raise
            except _BUGS as bug:
                raise _NotCounted(_unread(bug)) from None

        try:
            return await self.breaker.call(counted)
        except _NotCounted as past:
            raise past.failure from past.failure.__cause__

    def _note_strangers(self, count: int) -> None:
        if count and not self.shop.finds_similar:
            self._strangers += count
            log.error(
                "the shop's order API gave %d orders of other e-mail addresses than the one asked for; they were left out", count
            )


def _unread(bug: Exception) -> ShopFailed:
    """A form of answer that nobody thought of: told by where it was met, for its own words may repeat the answer."""
    where = traceback.extract_tb(bug.__traceback__)[-1]
    log.error("an answer of the shop's order API was not expected: %s in %s, line %s", type(bug).__name__, where.name, where.lineno)
    return ShopFailed(f"its answer has a form that was not expected ({type(bug).__name__})", of_one=True)
