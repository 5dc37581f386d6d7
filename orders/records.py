"""An order as the rest of the house sees it: frozen values, and the facts that follow from them.

Facts that depend on the day take it as `on` (the shop's calendar day); nothing here reads a clock. Money is Decimal in the
order's currency. A missing date, place or amount is None, never an invented value.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Status(StrEnum):
    """What we understand of the shop's own status word."""

    PENDING = "pending"
    PROCESSING = "processing"
    ON_HOLD = "on hold"
    PARTIALLY_SHIPPED = "partially shipped"
    SHIPPED = "shipped"
    IN_TRANSIT = "in transit"
    OUT_FOR_DELIVERY = "out for delivery"
    READY_FOR_PICKUP = "ready for pickup"
    DELAYED = "delayed"
    LOST = "lost"
    DELIVERED = "delivered"
    RETURN_REQUESTED = "return requested"
    EXCHANGE_REQUESTED = "exchange requested"
    RETURNED = "returned"
    PARTIALLY_REFUNDED = "partially refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


NOT_YET_SENT = frozenset({Status.PENDING, Status.PROCESSING, Status.ON_HOLD})
ON_ITS_WAY = frozenset(
    {Status.PARTIALLY_SHIPPED, Status.SHIPPED, Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP, Status.DELAYED}
)
OPEN = NOT_YET_SENT | ON_ITS_WAY | {Status.LOST}


@dataclass(frozen=True, slots=True)
class Address:
    name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any((self.name, self.line1, self.city, self.zip, self.country))

    def masked(self) -> "Address":
        """Enough to recognise it and no more: no street, and of the post code its beginning."""
        first, rest, _ = self.zip.partition(" ")
        shown = first if rest else first[:2]
        return replace(self, line1="", line2="", zip=f"{shown}…" if shown else "")


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order. options: pairs such as ("color", "blue"), in the shop's order."""

    position: int
    name: str
    item_id: str = ""
    product_id: str = ""
    options: tuple[tuple[str, str], ...] = ()
    unit_price: Decimal | None = None
    quantity: int = 1
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something a carrier reported about a shipment."""

    at: datetime
    description: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel. estimated_on is a calendar day; events are oldest first."""

    tracking_number: str
    carrier: str = ""
    status: Status = Status.UNKNOWN
    status_text: str = ""
    tracking_url: str = ""
    shipped_at: datetime | None = None
    estimated_on: date | None = None
    delivered_at: datetime | None = None
    events: tuple[Event, ...] = ()

    @property
    def last_event(self) -> Event | None:
        return self.events[-1] if self.events else None


class Kind(StrEnum):
    """What a payment entry says happened with the money."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_PENDING = "refund pending"


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money that moved. amount is positive whatever the kind; method is the shop's own word ("gift_card_77310")."""

    kind: Kind
    amount: Decimal
    method: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order, whole. status_text is the shop's own word; status is what we make of it."""

    number: str
    status: Status
    status_text: str
    currency: str = ""
    placed_at: datetime | None = None
    total: Decimal | None = None
    ship_to: Address = field(default_factory=Address)
    customer_name: str = ""
    shipped_at: datetime | None = None
    estimated_on: date | None = None
    delivered_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    as_of: datetime | None = None  # when the source read it; None: just now

    def masked(self) -> "OrderRecord":
        """The order as it is kept beside an answer. The whole address is told to its verified owner who asks for it, and kept nowhere."""
        return replace(self, ship_to=self.ship_to.masked())

    # --- money --------------------------------------------------------------------------------------------------------
    def money(self, kind: Kind) -> Decimal:
        """Sum of all entries of that kind; 0 if there are none."""
        return sum((t.amount for t in self.transactions if t.kind is kind), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return self.money(Kind.PAYMENT)

    @property
    def refunded(self) -> Decimal:
        return self.money(Kind.REFUND)

    @property
    def refund_pending(self) -> Decimal:
        return self.money(Kind.REFUND_PENDING)

    # --- time and place -----------------------------------------------------------------------------------------------
    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.status in OPEN

    @property
    def is_split(self) -> bool:
        return len(self.shipments) > 1

    @property
    def may_come(self) -> bool:
        """Whether something is still to come, or the shop's word does not say that nothing is."""
        return self.is_open or (self.status is Status.UNKNOWN and self.delivered_at is None)

    @property
    def expected_on(self) -> date | None:
        """The day the last parcel still under way is expected; None if nothing is under way or no day is known."""
        if not self.may_come:
            return None
        days = [s.estimated_on for s in self.shipments if s.delivered_at is None and s.estimated_on]
        return max(days) if days else self.estimated_on

    @property
    def last_event(self) -> Event | None:
        """The newest carrier event of any parcel."""
        return max((e for s in self.shipments for e in s.events), key=lambda e: e.at, default=None)

    def days_late(self, *, on: date) -> int:
        """Whole days past the expected day; 0 if it is not late, no day is known, or the shop's word may mean that it has come."""
        return max((on - self.expected_on).days, 0) if self.expected_on and self.is_open else 0

    def days_since_order(self, *, on: date) -> int | None:
        return (on - self.placed_at.date()).days if self.placed_at else None

    def days_since_delivery(self, *, on: date) -> int | None:
        """Whole days since the (last) delivery; None while something is still to come or no day is known."""
        return (on - self.delivered_at.date()).days if self.delivered_at else None
