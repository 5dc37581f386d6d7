"""What this shop's status words mean: said once in the console, known to all processes within seconds, whatever the source of orders.

Also which words mean nothing yet: counted in our own tables, or noted from answers where the orders are somewhere else.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from django.conf import settings
from django.db import Error as DatabaseFailed
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils import timezone

from database.lanes import in_database
from orders.models import Order, Shipment
from orders.records import OrderRecord, Status
from orders.status_models import LONGEST, Of, SeenStatusWord, StatusWord
from orders.statuses import ShopWords, order_status, own_words, parcel_status, use, word_key

log = logging.getLogger(__name__)

AGE = 3.0  # seconds after which the words are read again
COUNTED = 20_000  # newest orders, and parcels, whose words are counted
MOST_WORDS = 200  # that are shown, or kept from answers


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word without a meaning. seen: in how many orders or parcels (of those counted), or how often in answers."""

    of: Of
    key: str
    written: str
    seen: int
    last_seen_at: datetime | None = None


async def refresh() -> None:
    """Know what staff have said since, and keep what was noted. Asks the database every few seconds at most; never raises."""
    now = time.monotonic()
    if now < _memory.until:
        return
    _memory.until = now + AGE  # before the answer: one question at a time asks
    noted, _memory.noted = _memory.noted, Counter()
    try:
        await in_database(_exchange, noted)
    except DatabaseFailed:
        log.exception("the meanings of status words could not be read")


def forget() -> None:
    """Read the words again at the next question of this process."""
    _memory.until = 0.0


def note(records: Iterable[OrderRecord]) -> None:
    """Remember the words without a meaning in what was found, until `refresh` keeps them."""
    for record in records:
        said = [(Of.ORDER, record.status_text)] if record.status is Status.UNKNOWN else []
        said += [(Of.PARCEL, parcel.status_text) for parcel in record.shipments if parcel.status is Status.UNKNOWN]
        for of, word in said:
            if word_key(word) and ((of, word[:LONGEST]) in _memory.noted or len(_memory.noted) < MOST_WORDS):
                _memory.noted[of, word[:LONGEST]] += 1


def is_counted() -> bool:
    """Whether words are counted in our own tables; otherwise they are noted from answers."""
    return str(settings.ORDERS_SOURCE) == "local"


def unknown_words() -> list[UnknownWord]:
    """The words that mean nothing yet, the most frequent first, at most MOST_WORDS of orders and of parcels."""
    read()
    if is_counted():
        counted = [*_counted(Of.ORDER), *_counted(Of.PARCEL)]
    else:
        rows = SeenStatusWord.objects.all()[: 2 * MOST_WORDS]
        counted = [UnknownWord(Of(row.of), row.key, row.written, row.seen, row.last_seen_at) for row in rows]
    return sorted((word for word in counted if _meaning(word) is Status.UNKNOWN), key=lambda word: (word.of, -word.seen, word.key))


@transaction.atomic
def decide(of: Of, word: str, status: Status, *, by: str) -> Status | None:
    """Say what a word means, for every order from now on; return what it meant to staff before.

    Raises ValueError for a word without a letter or digit, and for a state that says nothing.
    """
    key = word_key(word)[:LONGEST]
    if not key or status is Status.UNKNOWN:
        raise ValueError("a word and its state are needed")
    before = StatusWord.objects.select_for_update().filter(of=of, key=key).first()
    said = {"written": " ".join(word.split())[:LONGEST], "status": status, "decided_by": by[:150], "decided_at": timezone.now()}
    StatusWord.objects.update_or_create(of=of, key=key, defaults=said)
    transaction.on_commit(forget)
    return Status(before.status) if before else None


@transaction.atomic
def withdraw(of: str, word: str) -> StatusWord | None:
    """Take back what staff said of a word; return what it was, None if nothing was said (any more)."""
    row = StatusWord.objects.select_for_update().filter(of=of, key=word_key(word)[:LONGEST]).first()
    if row is not None:
        StatusWord.objects.filter(pk=row.pk).delete()
        transaction.on_commit(forget)
    return row


def read() -> None:
    """Use what stands in the database now."""
    meanings: dict[str, dict[str, Status]] = {of.value: {} for of in Of}
    for of, key, status in StatusWord.objects.values_list("of", "key", "status"):
        meanings[of][key] = Status(status)
    known = own_words()
    if (meanings[Of.ORDER], meanings[Of.PARCEL]) != (dict(known.of_order), dict(known.of_parcel)):
        use(ShopWords(MappingProxyType(meanings[Of.ORDER]), MappingProxyType(meanings[Of.PARCEL])))


def _exchange(noted: "Counter[tuple[Of, str]]") -> None:
    read()
    if noted:
        _keep(noted)


@transaction.atomic
def _keep(noted: "Counter[tuple[Of, str]]") -> None:
    """Add what was noted to what was seen before; beyond MOST_WORDS of them, no new ones."""
    now = timezone.now()
    free = max(2 * MOST_WORDS - SeenStatusWord.objects.count(), 0)
    for (of, written), times in sorted(noted.items()):
        key = word_key(written)[:LONGEST]
        if SeenStatusWord.objects.filter(of=of, key=key).update(seen=F("seen") + times, last_seen_at=now) or not free:
            continue
        free -= 1
        row = {"written": written, "seen": times, "last_seen_at": now}
        SeenStatusWord.objects.bulk_create([SeenStatusWord(of=of, key=key, **row)], ignore_conflicts=True)


def _counted(of: Of) -> list[UnknownWord]:
    """The words of the newest orders or parcels, each with how many have it; those written otherwise but meaning the same are one."""
    model = Order if of is Of.ORDER else Shipment
    newest = model._default_manager.aggregate(last=Max("pk"))["last"]
    if newest is None:
        return []
    rows = model._default_manager.filter(pk__gt=newest - COUNTED).exclude(status="").values_list("status")
    found: dict[str, UnknownWord] = {}
    for written, seen in rows.annotate(seen=Count("pk")).order_by("-seen", "status")[: 5 * MOST_WORDS]:
        key = word_key(written)[:LONGEST]
        if key and len(found) < MOST_WORDS:
            known = found.get(key, UnknownWord(of, key, written, 0))
            found[key] = UnknownWord(of, key, known.written, known.seen + seen)
    return list(found.values())


def _meaning(word: UnknownWord) -> Status:
    return order_status(word.written) if word.of is Of.ORDER else parcel_status(word.written)


@dataclass(slots=True)
class _Memory:
    until: float = 0.0
    noted: "Counter[tuple[Of, str]]" = field(default_factory=Counter)


_memory = _Memory()
