"""What staff state about orders: until when something may be returned, in which states it may be cancelled, how long a refund takes.

Frozen values. A rule is the shop's own sentence in numbers; `rules.verdict` holds it against an order. Nothing here reads a clock.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from orders.records import OrderRecord, Status


class Topic(StrEnum):
    """What a rule decides."""

    RETURN = "return"
    EXCHANGE = "exchange"
    CANCEL = "cancel"
    CHANGE_ADDRESS = "change address"
    REFUND = "refund"


class Start(StrEnum):
    """The day from which a period counts."""

    DELIVERY = "delivery"  # of the parcel that the item came in
    LAST_DELIVERY = "delivery of the last parcel"
    ORDER = "order"
    RETURN_RECEIVED = "receipt of the return"  # no record knows that day, so it is quoted and never counted
    REFUND = "refund"  # the day on which the shop sent the money


class Unit(StrEnum):
    DAY = "day"
    WORKING_DAY = "working day"  # Monday to Friday; holidays are not known
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as a person confirmed it, with the words it was taken from.

    permits: False for an exception ("swimwear cannot be returned"): what it is about is not possible.
    amount: the length of the period in `unit`; None for no limit in time. least: the shortest time, where a range was stated.
    items: words that name what it is about ("swimwear", "gift card"); none for everything. methods: payment methods, for refunds.
    states: those of an order in which it is possible, or not if it does not permit; none for any.
    in effect from `since` (included) until `until` (not included) on the day that governs: the order's, or today.
    chain: the first of the rules that followed each other when the words changed; 0 for a rule that stands alone.
    stands: whether its words stood in the version in force on that day. One that does not stand decides nothing, but it makes an answer
    uncertain that it would have decided.
    """

    id: int
    topic: Topic
    quote: str = ""
    permits: bool = True
    amount: int | None = None
    least: int | None = None
    unit: Unit = Unit.DAY
    start: Start = Start.DELIVERY
    items: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    states: frozenset[Status] = frozenset()
    since: date | None = None
    until: date | None = None
    by_order_date: bool = False
    chain: int = 0
    stands: bool = True

    def governing_day(self, record: OrderRecord, *, on: date) -> date:
        """The day whose rules hold for an order: that of the order where the document says so, and it is known; else `on`."""
        return record.placed_at.date() if self.by_order_date and record.placed_at else on

    def is_in_effect(self, record: OrderRecord, *, on: date) -> bool:
        day = self.governing_day(record, on=on)
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class Allowed(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # nothing may be concluded: the words are quoted


class Reason(StrEnum):
    """Why a verdict is what it is; the sentence for it is written where it is told."""

    IN_TIME = "in time"
    PASSED = "the time has passed"
    ANY_TIME = "no limit in time"
    IN_STATE = "possible in this state"
    NOT_IN_STATE = "not possible in this state"
    EXCLUDED = "excluded"
    DONE = "done already"
    CANCELLED = "the order is cancelled"
    UNDER_WAY = "asked for already"
    PARTLY_REFUNDED = "refunded in part"
    NOT_DELIVERED = "not delivered yet"
    NO_DAY = "the day it counts from is not known"
    WHICH_PARCEL = "in which parcel it came is not known"
    STATE_NOT_KNOWN = "the state is not known"
    ITEMS_NOT_KNOWN = "the items are not known"
    METHOD_NOT_KNOWN = "the payment method is not known"
    NO_REFUND = "no refund is known"
    CONFLICT = "rules disagree"
    WORDS_CHANGED = "the words have changed since they were confirmed"
    DIFFERS = "differs by item"
    NO_RULE = "no rule applies"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of the record that a verdict rests on: ("delivered", 3 November), ("state", "shipped"), ("method", "paypal")."""

    name: str
    value: date | str


@dataclass(frozen=True, slots=True)
class Part:
    """The verdict on some lines of an order (by position), or on one refund (lines is empty)."""

    allowed: Allowed
    reason: Reason
    lines: tuple[int, ...] = ()
    last_day: date | None = None
    first_day: date | None = None  # of a refund: the earliest day
    rules: tuple[int, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from the rules for one order on one day, computed once; answers say these values and no others.

    last_day: the last day on which it is possible (on which the money should be there, for a refund); of several, the first that ends
    if it is still possible, the last that ended if it is not. rules: the ids of those that decided, or could not.
    exceptions: the ids of rules about certain items that none here was known to be, prohibitions first: a record may not show that an
    item was sold in a sale or made to measure, so they are told beside a yes or a no.
    parts: one for each outcome among the lines; a single one is the verdict itself.
    """

    topic: Topic
    allowed: Allowed
    reason: Reason
    last_day: date | None = None
    first_day: date | None = None
    rules: tuple[int, ...] = ()
    facts: tuple[Fact, ...] = ()
    exceptions: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def is_decided(self) -> bool:
        return self.allowed is not Allowed.UNKNOWN
