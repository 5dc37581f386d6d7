"""Which of a viewer's own orders are meant: the rules that every source shares. Pure.

A source hands over what the viewer may see, and nothing else; so nothing here can leak, and nothing here decides who may see what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from orders.matching import best_matches, costs
from orders.near import BEGINS, ends_or_begins, is_near, parts_of
from orders.records import OPEN, OrderRecord
from orders.references import MAX_REFERENCES, digits_of, key_of
from orders.wanted import OrdersFound, Suggestion, Wanted

MOST_SUGGESTED = 3  # for one number; more is no question
LOOKED_THROUGH = 1000  # newest orders whose numbers are held against one that names none of them
_LONGEST = 100  # key of an order or of a parcel


@dataclass(frozen=True, slots=True)
class Named:
    """One of the viewer's orders by its names. id: whatever its source knows it by; tracking: the keys of its parcels.

    number: as the shop writes it, with its signs; "" where only exact names are asked for. placed_on: for what is told of it.
    """

    id: int | str
    key: str
    digits: str
    tracking: frozenset[str] = frozenset()
    number: str = ""
    placed_on: date | None = None

    @classmethod
    def of(cls, record: OrderRecord) -> "Named":
        tracking = frozenset(key_of(shipment.tracking_number) for shipment in record.shipments)
        placed_on = record.placed_at.date() if record.placed_at else None
        return cls(record.number, key_of(record.number), digits_of(record.number), tracking - {""}, record.number, placed_on)


@dataclass(frozen=True, slots=True)
class Meant:
    """What the numbers of a question name among a viewer's own orders: see `OrdersFound` for `missing` and `suggested`."""

    ids: frozenset[int | str] = frozenset()
    missing: tuple[str, ...] = ()
    suggested: tuple[Suggestion, ...] = ()


def asked_keys(wanted: Wanted) -> dict[str, str]:
    """The numbers that are asked for, as written, with their keys; "" for one that has neither letter nor digit."""
    asked = list(dict.fromkeys([*wanted.references, *wanted.possible]))[: 2 * MAX_REFERENCES]
    return {text: key_of(text)[:_LONGEST] for text in asked}


def named_by(keys: Mapping[str, str], orders: Iterable[Named]) -> dict[str, set[int | str]]:
    """For each number, the ids it names: by the whole number, else by its digits if only one order has them, else by a parcel's."""
    orders = list(orders)
    found: dict[str, set[int | str]] = {text: set() for text in keys}
    for text, key in keys.items():
        if key:
            same_digits = {order.id for order in orders if order.digits == key}
            found[text] = (
                {order.id for order in orders if order.key == key}
                or (same_digits if len(same_digits) == 1 else set())
                or {order.id for order in orders if key in order.tracking}
            )
    return found


def meant(wanted: Wanted, orders: Sequence[Named]) -> Meant:
    """What the numbers of a question name: exactly, or by whole parts of a number ("398" for "SO/2026/00398") that one order has.

    orders: all of the viewer's own that may be meant, newest first, with their numbers.
    """
    keys = asked_keys(wanted)
    named = named_by(keys, orders)
    newest = orders[:LOOKED_THROUGH]
    for text, key in keys.items():
        named[text] = named[text] or _of_part(key, newest)
    ids = set().union(*named.values())
    missing = [text for text in dict.fromkeys(wanted.references) if not named.get(text)]
    # a number that only may be one is worth a question back where it is all that was said
    open_questions = missing if wanted.references else [t for t in wanted.possible if not named.get(t) and not is_narrowed(wanted)]
    suggested = tuple(found for text in open_questions for found in _suggested(text, newest)) if not wanted.latest else ()
    for ending in dict.fromkeys(wanted.endings):
        fitting_ones = {o.id for o in orders if any(ends_or_begins(ending, key) for key in (o.key, o.digits, *o.tracking))}
        ids |= fitting_ones
        missing += [] if fitting_ones else [_written(ending)]
    return Meant(frozenset(ids), tuple(missing), suggested)


def _of_part(key: str, orders: Sequence[Named]) -> set[int | str]:
    found = {order.id for order in orders if order.number and key in parts_of(order.number)}
    return found if len(found) == 1 else set()


def _suggested(text: str, orders: Sequence[Named]) -> list[Suggestion]:
    """The orders that a number may mean: those it names in part or by their digits alone, else those it is one slip away from."""
    key = key_of(text)[:_LONGEST]
    fitting_ones = [order for order in orders if order.number and (order.digits == key or key in parts_of(order.number))]
    near = fitting_ones or [order for order in orders if order.number and is_near(key, order.number)]
    return [Suggestion(text, order.number, order.placed_on) for order in near[:MOST_SUGGESTED]]


def is_narrowed(wanted: Wanted) -> bool:
    """Whether words, days or an amount narrow what is wanted."""
    return bool(wanted.words or wanted.on_or_after or wanted.before or wanted.amount is not None)


def fitting(records: Sequence[OrderRecord], wanted: Wanted) -> tuple[list[int], int]:
    """Places of the records (newest first) with the words, the amount or still open, best first; and how many there are in all.

    The places are no more than `wanted.limit`, one for `latest`; then the number is one too.
    """
    places = list(range(len(records)))
    if wanted.open_only:
        places = [place for place in places if records[place].status in OPEN]
    if wanted.amount is not None:
        totals = [place for place in places if records[place].total == wanted.amount]  # the whole order before an item in another
        places = totals or [place for place in places if costs(records[place], wanted.amount)]
    if wanted.words:
        places = [places[n] for n in best_matches([records[place] for place in places], wanted.words)]
    if wanted.latest:  # of the best matches the newest, not the best of all
        places = sorted(places)[:1]
    return places[: max(wanted.limit, 1)], len(places)


def choose(wanted: Wanted, records: Sequence[OrderRecord]) -> OrdersFound:
    """What `Source.find` gives, of all that the viewer may see: for sources that hand over whole orders, newest first."""
    narrowed = is_narrowed(wanted)
    if wanted.names_numbers or wanted.possible:
        named = meant(wanted, [Named.of(record) for record in records])
        if wanted.names_numbers or named.ids or named.suggested:
            found = tuple(record for record in records if record.number in named.ids)
            return OrdersFound(found[: max(wanted.limit, 1)], len(found), named.missing, narrowed=True, suggested=named.suggested)
    dated = [record for record in records if _placed_when(record, wanted.on_or_after, wanted.before)]
    places, total = fitting(dated, wanted)
    return OrdersFound(tuple(dated[place] for place in places), total, narrowed=narrowed)


def nothing(wanted: Wanted) -> OrdersFound:
    """What somebody finds who may see nothing: the same as who asks for what does not exist."""
    missing = (*dict.fromkeys(wanted.references), *map(_written, dict.fromkeys(wanted.endings)))
    return OrdersFound(missing=missing, narrowed=is_narrowed(wanted) or bool(missing))


def _written(ending: str) -> str:
    """How the end or the beginning of a number is told."""
    return ending if ending.endswith(BEGINS) else f"…{ending}"


def _placed_when(record: OrderRecord, on_or_after: date | None, before: date | None) -> bool:
    """An order without a day is of no day."""
    if on_or_after is None and before is None:
        return True
    if record.placed_at is None:
        return False
    day = record.placed_at.date()
    return (on_or_after is None or day >= on_or_after) and (before is None or day < before)
