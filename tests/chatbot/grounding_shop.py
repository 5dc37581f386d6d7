"""A small invented shop for the grounding tests: four passages, two orders, one day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from chatbot.composing import order_wording
from chatbot.grounding import Grounds
from chatbot.prompt import cite_all
from chatbot.turn import Evidence, Question
from orders.lookup import OrdersFound
from orders.records import Address, Event, Kind, Line, OrderRecord, Shipment, Status, Transaction
from orders.viewer import ANONYMOUS
from retrieval.search import Passage, SearchResult

TODAY = date(2026, 11, 21)  # a Saturday


def on(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=UTC)


def passage(n: int, heading: str, text: str) -> Passage:
    document = heading.partition(" > ")[0]
    return Passage(n, n, document, document.lower(), 1, "", document, heading, text, 0, len(text), None, 1 / n)


PASSAGES = (
    passage(
        1,
        "Returns > How long you have",
        "You can return an item within 45 days from delivery. The day of delivery is day 0, and day 45 is the last day on which you can "
        "start a return. If your order came in more than one parcel, the 45 days begin when the last parcel is delivered.\n\n"
        "Starting the return in time is enough. After that you have 14 days to hand the parcel to the carrier.",
    ),
    passage(
        2,
        "Returns > What cannot be returned",
        "- Underwear and swimwear whose hygiene seal is broken.\n- Stove fuel and opened water filters.\n"
        "- Gift cards; they have their own rules in Gift cards.\n- Items sold as Last Chance.\n\n"
        "None of this applies when an item is faulty or not what you ordered.",
    ),
    passage(
        3,
        "Shipping > Delivery times and prices by country",
        "Times are business days from the day a parcel leaves our warehouse.\n\n"
        "| Country | Standard time | Standard price | Standard free from |\n|---|---|---|---|\n"
        "| Germany | 2–3 days | $6.95 | $99 |\n| Norway | 4–7 days | $14.95 | $179 |",
    ),
    passage(
        4,
        "Refunds > Timing",
        "We refund within 5 business days after we checked the parcel. Card refunds take 3–5 business days more. "
        "See [Contact](contact.html) or write to help@fernhill.example.",
    ),
)

ON_ITS_WAY = OrderRecord(
    "#W1001",
    Status.IN_TRANSIT,
    "shipped",
    "USD",
    on(16),
    Decimal("129.95"),
    Address("Ana Diaz", "1 Elm", "", "Denver", "CO", "80202", "US"),
    "Ana Diaz",
    on(18),
    date(2026, 11, 24),
    None,
    (
        Line(1, "Trail Boots", options=(("color", "blue"), ("size", "42")), unit_price=Decimal("119.95")),
        Line(2, "Wool Socks", unit_price=Decimal("5.00"), quantity=2),
    ),
    (
        Shipment(
            "1Z999AA10123456784",
            "UPS",
            Status.IN_TRANSIT,
            "in transit",
            "https://ups.example/t?n=1Z999AA10123456784",
            on(18),
            date(2026, 11, 24),
            None,
            (Event(on(20), "Arrived at hub", "Omaha"),),
        ),
    ),
    (Transaction(Kind.PAYMENT, Decimal("129.95"), "credit_card_4821", on(16)),),
)
DELIVERED = OrderRecord(
    "#W1002",
    Status.DELIVERED,
    "delivered",
    "USD",
    on(2),
    Decimal("40.00"),
    customer_name="Ana Diaz",
    shipped_at=on(3),
    estimated_on=date(2026, 11, 6),
    delivered_at=on(5),
    lines=(Line(1, "Rain Hat", unit_price=Decimal("40.00")),),
    transactions=(
        Transaction(Kind.PAYMENT, Decimal("40.00"), "paypal", on(2)),
        Transaction(Kind.REFUND, Decimal("10.00"), "paypal", on(9)),
    ),
)
ORDERS = (ON_ITS_WAY, DELIVERED)


def grounds(
    orders: Sequence[OrderRecord] = ORDERS, passages: Sequence[Passage] = PASSAGES, *, facts: Sequence[str] = ()
) -> Grounds:
    """The grounds of a turn that found these orders and passages; facts: further lines, before those of the orders."""
    question = Question(UUID(int=1), UUID(int=1), "?", ANONYMOUS, on(21), TODAY)
    evidence = Evidence((SearchResult(tuple(passages), 0.9),), OrdersFound(tuple(orders), len(orders)) if orders else None)
    lines = [*facts, *(line for order in orders for line in order_wording.facts(order, today=TODAY, whole_address=True))]
    return Grounds.of(question, evidence, lines, orders, cited=cite_all(passages), shop="Fernhill Outfitters")
