"""Orders from our own tables: who may see which, found in few indexed queries, given out as frozen records."""

from datetime import datetime, time
from functools import cache

from django.db.models import BigIntegerField, CharField, Max, Min, Q
from django.utils import timezone

from database.lanes import in_database
from database.prepared import Prepared, PreparedAmong, given
from orders.matching import best_matches, costs
from orders.models import Order, OrderQuerySet, email_seen
from orders.records import OPEN
from orders.references import MAX_REFERENCES, Shapes, digits_of, key_of, learn
from orders.sources.local_records import OrderRow, records_of, with_money
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted

SCANNED = 1000  # newest orders of one viewer that are searched by words, amount or state; more would cost a turn its time
_SAMPLE = 300  # order numbers looked at, at each end and in between, to learn the shop's formats


async def find(wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
    """See `orders.lookup.find_orders`. One change of thread for all queries, because each one costs more than a query."""
    return await in_database(_find, wanted, viewer, at)


async def shapes() -> Shapes:
    """The formats of the shop's order numbers, from a sample of the oldest, the newest and those between."""
    return await in_database(_shapes)


def _find(wanted: Wanted, viewer: Viewer, at: datetime) -> OrdersFound:
    narrowed = bool(wanted.words or wanted.on_or_after or wanted.before or wanted.amount is not None)
    email = email_seen(viewer, at=at)
    if email is None:
        missing = tuple(dict.fromkeys(wanted.references))
        return OrdersFound(missing=missing, narrowed=narrowed or bool(missing))
    if wanted.references or wanted.possible:
        found = _by_reference(email, wanted)
        if wanted.references or found.records:
            return found
    if wanted.words or wanted.amount is not None or wanted.open_only:
        return _by_content(_newest(email, wanted, SCANNED), wanted, narrowed=narrowed)
    limit = 1 if wanted.latest else max(wanted.limit, 1)
    orders = _newest(email, wanted, limit)
    # a page that is not full has them all; the latest one is one, however many there are
    total = len(orders) if wanted.latest or len(orders) < limit else _placed_when(wanted, Order.objects.of_customer(email)).count()
    return OrdersFound(tuple(records_of(orders)), total, narrowed=narrowed)


def _by_reference(email: str, wanted: Wanted) -> OrdersFound:
    """The orders these numbers name: by the whole number, else by its digits if only one order has them, else by a parcel's number."""
    asked = list(dict.fromkeys([*wanted.references, *wanted.possible]))[: 2 * MAX_REFERENCES]
    keys = {text: key_of(text)[:100] for text in asked}
    known = [key for key in keys.values() if key]
    alone = [key for key in known if key == digits_of(key)]
    rows = _named.rows(known, alone, email=email)
    ids: dict[str, set[int]] = {text: set() for text in asked}
    for text, key in keys.items():
        if key:
            same_digits = {row[0] for row in rows if row[2] == key}
            by_digits = same_digits if len(same_digits) == 1 else set()
            ids[text] = {row[0] for row in rows if row[1] == key} or by_digits or {row[0] for row in rows if row[3] == key}
    wanted_ids = {pk for pks in ids.values() for pk in pks}
    orders = [OrderRow(*row) for row in _by_key.rows(list(wanted_ids), email=email)] if wanted_ids else []
    missing = tuple(text for text in dict.fromkeys(wanted.references) if not ids.get(text))
    return OrdersFound(tuple(records_of(orders[: max(wanted.limit, 1)])), len(orders), missing, narrowed=True)


def _by_content(orders: list[OrderRow], wanted: Wanted, *, narrowed: bool) -> OrdersFound:
    """Of these orders, newest first, those with the words, the amount or still open."""
    places = {order.pk: place for place, order in enumerate(orders)}
    pairs = list(zip(orders, records_of(orders, money=False), strict=True))
    if wanted.open_only:
        pairs = [(order, record) for order, record in pairs if record.status in OPEN]
    if wanted.amount is not None:
        pairs = [(order, record) for order, record in pairs if costs(record, wanted.amount)]
    if wanted.words:
        kept = best_matches([record for _, record in pairs], wanted.words)
        pairs = [pairs[place] for place in kept]
    total = min(len(pairs), 1) if wanted.latest else len(pairs)
    if wanted.latest:  # of the best matches the newest, not the best of all
        pairs.sort(key=lambda pair: places[pair[0].pk])
        pairs = pairs[:1]
    chosen = pairs[: max(wanted.limit, 1)]
    records = with_money([order for order, _ in chosen], [record for _, record in chosen])
    return OrdersFound(tuple(records), total, narrowed=narrowed)


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
