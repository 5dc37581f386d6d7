"""Orders from read-only views in the shop's own database (`ORDERS_SOURCE=sql`). docs/orders-sql.md tells the shop what to define.

A turn asks for the names of the viewer's own orders, picks among them here, and reads the parts of those that were picked.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from sqlalchemy import Connection

from orders.choosing import LOOKED_THROUGH, Named, choose, is_narrowed, meant, named_by, nothing
from orders.errors import OrdersUnavailable
from orders.health import SourceHealth
from orders.importing.values import Unclear
from orders.records import OrderRecord
from orders.references import MAX_KEY, NO_SHAPES, Shapes, digits_of, key_of, learn
from orders.sources import cells
from orders.sources.breaker import Breaker
from orders.sources.making import records_of
from orders.sources.sql_connection import ShopDatabase
from orders.sources.sql_dialects import Limits
from orders.sources.sql_faults import TooSlow
from orders.sources.sql_questions import Questions
from orders.sources.sql_reading import Row, Views, look_at_views
from orders.sources.sql_views import ITEMS, PARTS, SHIPMENTS, Unusable, View
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted

T = TypeVar("T")

SCANNED = 1000  # newest orders of one viewer that are searched by words, day, amount or state
SHAPES_AGE = 600.0  # seconds the formats of numbers are kept
LAYOUT_AGE = 60.0  # seconds after which a look at the health looks at the columns again


class SqlSource:
    """See `Source`. zone: of times that name none. shown: the shop's zone."""

    def __init__(self, database: ShopDatabase, *, zone: ZoneInfo, shown: ZoneInfo, currency: str, breaker: Breaker | None = None):
        self._database = database
        self._zone, self._shown, self._currency = zone, shown, currency
        self._breaker = breaker or Breaker()
        self._questions: Questions | None = None  # until the views were looked at
        self._laid_out_at = self._shapes_until = float("-inf")
        self._shapes = NO_SHAPES

    async def find(self, wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
        email = viewer.email_at(at)
        if email is None:
            return nothing(wanted)
        return await self._ask(lambda views: self._find(views, wanted, email))

    async def shapes(self) -> Shapes:
        """A sample that takes too long says nothing about looking up a customer's own: what was known before is kept for a while."""
        if time.monotonic() >= self._shapes_until:
            try:
                self._shapes = learn(filter(None, map(_number, await self._ask(Views.sample))))
            except TooSlow:
                if self._breaker.is_open:
                    raise
            self._shapes_until = time.monotonic() + SHAPES_AGE
        return self._shapes

    async def knows(self, email: str) -> bool:
        return await self._ask(lambda views: views.has_any(email))

    async def placed(self, number: str, *, email: str) -> bool:
        return await self._ask(lambda views: self._placed(views, number, email))

    async def check(self) -> SourceHealth:
        if time.monotonic() >= self._laid_out_at + LAYOUT_AGE:
            self._questions = None
        try:
            await self._ask(Views.answer)
        except OrdersUnavailable as error:
            health = self._breaker.health()
            return replace(health, answers=False, reason=health.reason or str(error))
        return self._breaker.health(*(self._questions.layout.notes if self._questions else ()))

    async def _ask(self, question: Callable[[Views], T]) -> T:
        try:
            return await self._breaker.call(lambda: self._database.run(lambda connection: question(self._views(connection))))
        except OrdersUnavailable:
            self._questions = None  # perhaps the views were changed
            raise

    def _views(self, connection: Connection) -> Views:
        questions = self._questions
        if questions is None:
            try:
                layout = look_at_views(connection, self._database.dialect)
            except Unusable as error:
                raise OrdersUnavailable(str(error)) from error
            questions = self._questions = Questions(layout, self._database.dialect)
            self._laid_out_at = time.monotonic()
        return Views(connection, questions)

    def _find(self, views: Views, wanted: Wanted, email: str) -> OrdersFound:
        if wanted.names_numbers or wanted.possible:
            found = self._by_reference(views, wanted, email)
            if wanted.names_numbers or found.records or found.suggested:
                return found
        narrowed = is_narrowed(wanted)
        if narrowed or wanted.open_only:
            rows = views.newest(email, SCANNED)
            chosen = choose(replace(wanted, references=(), possible=(), endings=()), self._records(views, rows, ITEMS, SHIPMENTS))
            by_number = {_number(row["number"]): row for row in reversed(rows)}
            whole = self._records(views, [by_number[record.number] for record in chosen.records], *PARTS)
            return replace(chosen, records=tuple(whole), unread=len(rows) >= SCANNED)
        limit = 1 if wanted.latest else max(wanted.limit, 1)
        records = tuple(self._records(views, views.newest(email, limit), *PARTS))
        total = len(records) if wanted.latest or len(records) < limit else views.count(email)
        return OrdersFound(records, total, narrowed=narrowed)

    def _by_reference(self, views: Views, wanted: Wanted, email: str) -> OrdersFound:
        orders, order_ids = self._names(views, email)
        named = meant(wanted, orders)
        rows = views.these(email, [order_ids[int(place)] for place in named.ids]) if named.ids else []
        records = tuple(self._records(views, rows[: max(wanted.limit, 1)], *PARTS))
        return OrdersFound(records, len(rows), named.missing, narrowed=True, suggested=named.suggested)

    def _placed(self, views: Views, number: str, email: str) -> bool:
        orders, _ = self._names(views, email)
        return bool(named_by({number: key_of(number)[:MAX_KEY]}, orders)[number])

    def _names(self, views: Views, email: str) -> tuple[list[Named], list[object]]:
        """That address's orders by their names, newest first, each known by its place; and their ids by place.

        The same questions whether a number names one of them or not.
        """
        names = views.names(email)
        parcels: dict[str, set[str]] = defaultdict(set)
        for row in views.parcels(email):
            parcels[str(row["order_id"])] |= {key_of(number) for number in _several(row["tracking_number"])}
        orders = []
        for place, row in enumerate(names):
            number = _number(row["number"])
            tracking = frozenset(parcels[str(row["order_id"])] - {""})
            placed_on = self._day(row.get("placed_at")) if place < LOOKED_THROUGH else None
            orders.append(Named(place, key_of(number), digits_of(number), tracking, number, placed_on))
        return orders, [row["order_id"] for row in names]

    def _day(self, value: object) -> date | None:
        """None for one that is not understood, which is told where records are made."""
        try:
            return cells.day(value, self._zone, self._shown)
        except Unclear:
            return None

    def _records(self, views: Views, rows: list[Row], *parts: View) -> list[OrderRecord]:
        """The orders with these parts, in order."""
        whole = views.with_parts(rows, *parts)
        return records_of(whole, zone=self._zone, shown=self._shown, currency=self._currency)


def _number(value: object) -> str:
    """An order's number as its record has it; "" for one that is none, which is told where records are made."""
    try:
        return cells.text(value, MAX_KEY)
    except Unclear:
        return ""


def _several(value: object) -> tuple[str, ...]:
    try:
        return cells.several(value)
    except Unclear:
        return ()


def configured() -> SqlSource:
    """The source of `ORDERS_DATABASE_URL`. Raises UnknownAddress, of which the start-up checks have told before."""
    shown = ZoneInfo(settings.TIME_ZONE)
    limits = Limits(settings.ORDERS_DATABASE_TIMEOUT_SECONDS, ZoneInfo(settings.ORDERS_DATABASE_TIME_ZONE or settings.TIME_ZONE))
    database = ShopDatabase(settings.ORDERS_DATABASE_URL, limits, connections=settings.ORDERS_DATABASE_CONNECTIONS)
    return SqlSource(database, zone=limits.zone, shown=shown, currency=settings.SHOP_CURRENCY)
