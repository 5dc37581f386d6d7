"""Orders from our own tables: who may see which, found in few indexed queries, given out as frozen records."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time
from functools import cache
from typing import Any, ParamSpec, TypeVar

from django.db import Error as DatabaseFailed
from django.db.models import BigIntegerField, CharField, Max, Min, Q
from django.utils import timezone

from database.lanes import in_database
from database.prepared import Prepared, PreparedAmong, given
from orders.choosing import Meant, Named, asked_keys, fitting, is_narrowed, meant, named_by, nothing
from orders.errors import OrdersUnavailable
from orders.health import SourceHealth
from orders.models import Customer, Order, OrderQuerySet
from orders.references import MAX_KEY, Shapes, digits_of, key_of, learn
from orders.sources.local_records import OrderRow, records_of, with_money
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted

P = ParamSpec("P")
R = TypeVar("R")

SCANNED = 1000  # newest orders of one viewer that are searched by words, amount or state; more would cost a turn its time
_SAMPLE = 300  # order numbers looked at, at each end and in between, to learn the shop's formats


class LocalSource:
    """See `Source`. Each method is one change of thread for all its queries, because a change costs more than a query."""

    async def find(self, wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
        return await _ask(_find, wanted, viewer, at)

    async def shapes(self) -> Shapes:
        """From a sample of the oldest, the newest and those between."""
        return await _ask(_shapes)

    async def knows(self, email: str) -> bool:
        return await _ask(_knows, email)

    async def placed(self, number: str, *, email: str) -> bool:
        return await _ask(_placed, number, email)

    async def check(self) -> SourceHealth:
        try:
            await _ask(_answers)
        except OrdersUnavailable as error:
            return SourceHealth(False, timezone.now(), str(error))
        return SourceHealth()


async def _ask(work: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    try:
        return await in_database(work, *args, **options)
    except DatabaseFailed as error:
        raise OrdersUnavailable("Our own database does not answer.") from error


def _answers() -> None:
    Order.objects.exists()


def _storable(email: str) -> str:
    """No database keeps a NUL, and PostgreSQL complains about being asked for one: another sign that nobody has in an address."""
    return email.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _knows(email: str) -> bool:
    return Customer.objects.filter(email=_storable(email)).exists()


def _placed(number: str, email: str) -> bool:
    return bool(_ids_named({number: key_of(number)[:MAX_KEY]}, _storable(email))[number])


def _find(wanted: Wanted, viewer: Viewer, at: datetime) -> OrdersFound:
    email = viewer.email_at(at)
    if email is None:
        return nothing(wanted)
    email = _storable(email)
    if wanted.names_numbers or wanted.possible:
        found = _by_reference(email, wanted)
        if wanted.names_numbers or found.records or found.suggested:
            return found
    if wanted.words or wanted.amount is not None or wanted.open_only:
        orders = _newest(email, wanted, SCANNED)
        return replace(_by_content(orders, wanted), unread=len(orders) >= SCANNED)
    limit = 1 if wanted.latest else max(wanted.limit, 1)
    orders = _newest(email, wanted, limit)
    # a page that is not full has them all; the latest one is one, however many there are
    total = len(orders) if wanted.latest or len(orders) < limit else _placed_when(wanted, Order.objects.of_customer(email)).count()
    return OrdersFound(tuple(records_of(orders)), total, narrowed=is_narrowed(wanted))


def _by_reference(email: str, wanted: Wanted) -> OrdersFound:
    """The orders that these numbers name."""
    named = _meant(email, wanted)
    orders = [OrderRow(*row) for row in _by_key.rows(list(named.ids), email=email)] if named.ids else []
    records = tuple(records_of(orders[: max(wanted.limit, 1)]))
    return OrdersFound(records, len(orders), named.missing, narrowed=True, suggested=named.suggested)


def _meant(email: str, wanted: Wanted) -> Meant:
    """What the numbers name: by an index where they are exact; otherwise held against all numbers of that address.

    An unknown number and a stranger's are both held against them, so both take the same queries.
    """
    exact = _ids_named(asked_keys(wanted), email)
    if not wanted.endings and all(exact[text] for text in exact):
        return Meant(frozenset(set().union(*exact.values())))
    rows = list(_newest_names.rows(email=email))
    known = {row[0] for row in rows}
    older = [pk for ids in exact.values() for pk in ids if pk not in known]  # beyond those that are looked through
    if older:
        rows += _names_of.rows(older, email=email)
    return meant(wanted, _with_names(rows))


def _with_names(rows: Iterable[tuple[Any, ...]]) -> list[Named]:
    """Rows of orders with one parcel each to orders with all of theirs."""
    parcels: dict[int, set[str]] = defaultdict(set)
    orders: dict[int, tuple[Any, ...]] = {}
    for pk, number, key, digits, placed_at, tracking in rows:
        orders[pk] = (number, key, digits, timezone.localdate(placed_at) if placed_at else None)
        parcels[pk] |= {tracking} if tracking else set()
    return [
        Named(pk, key, digits, frozenset(parcels[pk]), number, placed_on) for pk, (number, key, digits, placed_on) in orders.items()
    ]


def _ids_named(keys: Mapping[str, str], email: str) -> dict[str, set[int | str]]:
    """For each number, the ids of that address's orders that it names."""
    known = [key for key in keys.values() if key]
    alone = [key for key in known if key == digits_of(key)]
    rows = _named.rows(known, alone, email=email) if known else []
    return named_by(keys, [Named(pk, key, digits, frozenset([tracking] if tracking else [])) for pk, key, digits, tracking in rows])


def _by_content(orders: list[OrderRow], wanted: Wanted) -> OrdersFound:
    """Of these orders, newest first, those with the words, the amount or still open."""
    records = records_of(orders, money=False)
    places, total = fitting(records, wanted)
    chosen = with_money([orders[place] for place in places], [records[place] for place in places])
    return OrdersFound(tuple(chosen), total, narrowed=is_narrowed(wanted))


def _newest(email: str, wanted: Wanted, limit: int) -> list[OrderRow]:
    """The newest orders of that address, of the days that are wanted."""
    if wanted.on_or_after or wanted.before:
        dated = _placed_when(wanted, Order.objects.of_customer(email).newest_first())
        rows = list(dated.values_list(*OrderRow._fields)[:limit])
    else:
        rows = _newest_of_all(limit).rows(email=email)
    return [OrderRow(*row) for row in rows]


def _placed_when(wanted: Wanted, orders: OrderQuerySet) -> OrderQuerySet:
    """Orders placed on the shop's calendar days from `on_or_after` (included) to `before` (not included)."""
    zone = timezone.get_default_timezone()
    if wanted.on_or_after:
        orders = orders.filter(placed_at__gte=datetime.combine(wanted.on_or_after, time.min, zone))
    if wanted.before:
        orders = orders.filter(placed_at__lt=datetime.combine(wanted.before, time.min, zone))
    return orders


# what every turn about an order asks; visibility stands in each of the queries
_EMAIL = given("email", CharField())


@cache
def _newest_of_all(limit: int) -> Prepared:
    return Prepared(lambda: Order.objects.of_customer(_EMAIL).newest_first().values_list(*OrderRow._fields)[:limit])


_by_key = PreparedAmong(
    lambda keys: Order.objects.of_customer(_EMAIL).newest_first().filter(pk__in=keys).values_list(*OrderRow._fields),
    BigIntegerField(),
)
_NAMES = ("pk", "number", "key", "digits", "placed_at", "shipments__key")
_newest_names = Prepared(lambda: Order.objects.of_customer(_EMAIL).newest_first().values_list(*_NAMES)[:SCANNED])
_names_of = PreparedAmong(
    lambda keys: Order.objects.of_customer(_EMAIL).filter(pk__in=keys).values_list(*_NAMES),
    BigIntegerField(),
)
_named = PreparedAmong(
    lambda keys, digits: (
        Order.objects.of_customer(_EMAIL)
        .filter(Q(key__in=keys) | Q(digits__in=digits) | Q(shipments__key__in=keys))
        .values_list("pk", "key", "digits", "shipments__key")
    ),
    CharField(),
)


def _shapes() -> Shapes:
    ends = Order.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return Shapes()
    step = max((ends["last"] - ends["first"]) // _SAMPLE, 1)
    between = range(ends["first"], ends["last"] + 1, step)
    numbers = set(Order.objects.filter(pk__in=list(between)).values_list("number", flat=True))
    numbers.update(Order.objects.order_by("pk").values_list("number", flat=True)[:_SAMPLE])
    numbers.update(Order.objects.order_by("-pk").values_list("number", flat=True)[:_SAMPLE])
    return learn(numbers)
