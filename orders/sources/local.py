"""Orders from our own tables: who may see which, found in few indexed queries, given out as frozen records."""

from datetime import date, datetime, time

from asgiref.sync import sync_to_async
from django.db.models import Max, Min, Q
from django.utils import timezone

from orders.matching import best_matches, costs
from orders.models import Order, OrderQuerySet
from orders.records import OPEN
from orders.references import MAX_REFERENCES, Shapes, digits_of, key_of, learn
from orders.sources.local_records import records_of, with_money
from orders.viewer import Viewer
from orders.wanted import OrdersFound, Wanted

SCANNED = 1000  # newest orders of one viewer that are searched by words, amount or state; more would cost a turn its time
_SAMPLE = 300  # order numbers looked at, at each end and in between, to learn the shop's formats


async def find(wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
    """See `orders.lookup.find_orders`. One change of thread for all queries, because each one costs more than a query."""
    return await sync_to_async(_find, thread_sensitive=True)(wanted, viewer, at)


async def shapes() -> Shapes:
    """The formats of the shop's order numbers, from a sample of the oldest, the newest and those between."""
    return await sync_to_async(_shapes, thread_sensitive=True)()


def _find(wanted: Wanted, viewer: Viewer, at: datetime) -> OrdersFound:
    visible = Order.objects.visible_to(viewer, at=at).newest_first()
    if wanted.references or wanted.possible:
        found = _by_reference(visible, wanted)
        if wanted.references or found.records:
            return found
    narrowed = bool(wanted.words or wanted.on_or_after or wanted.before or wanted.amount is not None)
    dated = _placed_between(visible, wanted.on_or_after, wanted.before)
    if wanted.words or wanted.amount is not None or wanted.open_only:
        return _by_content(dated, wanted, narrowed=narrowed)
    limit = 1 if wanted.latest else max(wanted.limit, 1)
    orders = list(dated.select_related("customer")[:limit])
    # a page that is not full has them all; the latest one is one, however many there are
    total = len(orders) if wanted.latest or len(orders) < limit else dated.count()
    return OrdersFound(tuple(records_of(orders)), total, narrowed=narrowed)


def _by_reference(visible: OrderQuerySet, wanted: Wanted) -> OrdersFound:
    """The orders these numbers name: by the whole number, else by its digits if only one order has them, else by a parcel's number."""
    asked = list(dict.fromkeys([*wanted.references, *wanted.possible]))[: 2 * MAX_REFERENCES]
    keys = {text: key_of(text)[:100] for text in asked}
    known = [key for key in keys.values() if key]
    alone = [key for key in known if key == digits_of(key)]
    named = visible.filter(Q(key__in=known) | Q(digits__in=alone) | Q(shipments__key__in=known))
    rows = list(named.values_list("pk", "key", "digits", "shipments__key"))
    ids: dict[str, set[int]] = {text: set() for text in asked}
    for text, key in keys.items():
        if key:
            same_digits = {row[0] for row in rows if row[2] == key}
            by_digits = same_digits if len(same_digits) == 1 else set()
            ids[text] = {row[0] for row in rows if row[1] == key} or by_digits or {row[0] for row in rows if row[3] == key}
    wanted_ids = {pk for pks in ids.values() for pk in pks}
    orders = list(visible.filter(pk__in=wanted_ids).select_related("customer")) if wanted_ids else []
    missing = tuple(text for text in dict.fromkeys(wanted.references) if not ids.get(text))
    return OrdersFound(tuple(records_of(orders[: max(wanted.limit, 1)])), len(orders), missing, narrowed=True)


def _by_content(dated: OrderQuerySet, wanted: Wanted, *, narrowed: bool) -> OrdersFound:
    """The orders with these words, this amount or still open, among the newest SCANNED."""
    orders = list(dated.select_related("customer")[:SCANNED])
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
        pairs.sort(key=lambda pair: orders.index(pair[0]))
        pairs = pairs[:1]
    chosen = pairs[: max(wanted.limit, 1)]
    records = with_money([order for order, _ in chosen], [record for _, record in chosen])
    return OrdersFound(tuple(records), total, narrowed=narrowed)


def _placed_between(orders: OrderQuerySet, first: date | None, end: date | None) -> OrderQuerySet:
    """Orders placed on the shop's calendar days from `first` (included) to `end` (not included)."""
    zone = timezone.get_default_timezone()
    if first:
        orders = orders.filter(placed_at__gte=datetime.combine(first, time.min, zone))
    if end:
        orders = orders.filter(placed_at__lt=datetime.combine(end, time.min, zone))
    return orders


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
