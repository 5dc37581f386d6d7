"""What a customer may ask to be done about an order, how far such a request is, and what may follow what. Pure values.

A request is a wish that was put before the shop. Nothing in it is done by filing it: people of the shop, or its own system, decide.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

from orders.records import NOT_YET_SENT, OrderRecord, Status
from orders.rules_values import Topic

LONGEST_REASON = 500  # characters
LONGEST_INSTEAD = 200
LONGEST_ADDRESS = 400
LONGEST_NOTE = 1000


class Kind(StrEnum):
    """What is asked for."""

    CANCEL = "cancel"
    RETURN = "return"
    EXCHANGE = "exchange"
    CHANGE_ADDRESS = "change address"
    MISSING = "missing parcel"


class State(StrEnum):
    OPEN = "open"  # filed; nobody of the shop has decided
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    WITHDRAWN = "withdrawn"  # by the customer


class By(StrEnum):
    """Who brought a request into a state."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SHOP = "the shop's system"


UNFINISHED = frozenset({State.OPEN, State.ACCEPTED})
NEXT: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.ACCEPTED, State.DECLINED, State.DONE, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.DECLINED, State.DONE}),  # whoever works on it must not be surprised by a withdrawal
    State.DECLINED: frozenset({State.ACCEPTED}),  # a colleague may decide otherwise after all
    State.DONE: frozenset(),
    State.WITHDRAWN: frozenset(),
}
BY_THE_SHOP = frozenset({State.ACCEPTED, State.DECLINED, State.DONE})  # the states that staff and the shop's system may set

TOPICS: dict[Kind, Topic] = {
    Kind.CANCEL: Topic.CANCEL,
    Kind.RETURN: Topic.RETURN,
    Kind.EXCHANGE: Topic.EXCHANGE,
    Kind.CHANGE_ADDRESS: Topic.CHANGE_ADDRESS,
}
_GONE_BACK = frozenset({Status.RETURNED, Status.REFUNDED, Status.RETURN_REQUESTED})
_ARRIVED = frozenset({Status.DELIVERED, Status.EXCHANGE_REQUESTED, Status.PARTIALLY_REFUNDED}) | _GONE_BACK


@dataclass(frozen=True, slots=True)
class Piece:
    """So many of one item of an order, by the position of its line."""

    position: int
    quantity: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked. pieces: none for the whole order. parcels: tracking numbers of those that are missing, if they are known.

    instead: what the customer wishes to have in exchange, in their words, as reason and address are.
    """

    kind: Kind
    number: str
    pieces: tuple[Piece, ...] = ()
    parcels: tuple[str, ...] = ()
    reason: str = ""
    instead: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the policies that were shown beside the question whether to ask; url: the page that marks them."""

    document: str
    version: int
    heading: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the rules said when the customer agreed. allowed: "yes", "no", "unknown"; rules: their ids; quotes: words with version."""

    allowed: str = ""
    reason: str = ""
    last_day: date | None = None
    rules: tuple[int, ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """A request as its customer sees it. note: the words of the shop about its present state."""

    id: UUID
    asked: Asked
    state: State
    filed_at: datetime
    state_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """is_new: False where it was there already, filed by the same turn or still unfinished from before."""

    request: RequestSeen
    is_new: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A request after a change. is_new: False where it was in that state already. conversation_id: where its customer asked."""

    request: RequestSeen
    is_new: bool
    conversation_id: UUID | None = None


def may_follow(before: State, after: State) -> bool:
    return after in NEXT[before]


def can_be_asked(kind: Kind, record: OrderRecord) -> bool:
    """Whether asking makes sense in the state the order is in; a state that we do not know excludes nothing."""
    if record.status is Status.CANCELLED:
        return False
    match kind:
        case Kind.CANCEL:
            return record.status not in _ARRIVED and record.delivered_at is None
        case Kind.CHANGE_ADDRESS:
            return (
                record.status not in _ARRIVED | {Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP} and record.delivered_at is None
            )
        case Kind.RETURN | Kind.EXCHANGE:
            return record.status not in NOT_YET_SENT | _GONE_BACK
        case Kind.MISSING:
            return record.status not in NOT_YET_SENT | _GONE_BACK


def snapshot(record: OrderRecord) -> dict[str, Any]:
    """The record as it was, as JSON can hold it."""
    plain: dict[str, Any] = as_plain(record)
    return plain


def as_plain(value: Any) -> Any:
    """Frozen values as dicts, days and moments in ISO form, money as text, tuples as lists."""
    if isinstance(value, Enum):
        return str(value)
    if is_dataclass(value):
        return {part.name: as_plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple | list | frozenset | set):
        return [as_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, str):
        return value.replace("\0", "")  # PostgreSQL takes everything in JSON but this
    return value
