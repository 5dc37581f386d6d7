"""Which orders are meant, and which were found. Pure values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.records import OrderRecord


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are meant. references: order or tracking numbers as written by the customer; they decide alone.

    possible: numbers that may be one; they count where they hit and are never reported as missing.
    endings: what a number ends in, "156", or begins with, "10…"; they too decide alone.
    The rest narrows the viewer's own orders. words: words of an item, its options, a recipient or a place ("blue shirt",
    "my sister in Denver"); may be empty. latest: of what is left only the newest.
    """

    references: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    latest: bool = False
    open_only: bool = False
    on_or_after: date | None = None
    before: date | None = None
    amount: Decimal | None = None
    limit: int = 10
    possible: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()

    @property
    def names_numbers(self) -> bool:
        """Whether numbers, or the ends of some, decide alone which orders are meant."""
        return bool(self.references or self.endings)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One of the viewer's own orders whose number is nearly what was asked for: to be offered as a question, never taken.

    asked: as written by the customer. placed_on: the shop's calendar day, where it is known.
    """

    asked: str
    number: str
    placed_on: date | None = None


@dataclass(frozen=True, slots=True)
class OrdersFound:
    """What the door gave: records, newest first (with `words` the best match first), and how many match in all (1 for `latest`).

    missing: references that gave no visible order, as written by the customer; unknown and foreign look alike.
    An ending that fits none stands there as "…156", a beginning as "10…".
    narrowed: whether `wanted` named anything that narrows (reference, words, dates, amount); False means "all of mine".
    suggested: for what is missing, the viewer's own orders with nearly such a number, newest first.
    unread: whether they have further orders that the source did not give, so that `total` is at least so many.
    """

    records: tuple[OrderRecord, ...] = ()
    total: int = 0
    missing: tuple[str, ...] = ()
    narrowed: bool = False
    suggested: tuple[Suggestion, ...] = ()
    unread: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether more orders match than are among the records."""
        return self.unread or self.total > len(self.records)
