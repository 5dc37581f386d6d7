"""Orders and passages made for tests: every value can be said, none must be."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from orders.records import Address, Event, Kind, Line, OrderRecord, Shipment, Status, Transaction
from retrieval.search import Passage, SearchResult

TODAY = date(2026, 11, 21)  # a Saturday


def moment(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def make_order(number: str = "#K100", status: Status = Status.IN_TRANSIT, **values: Any) -> OrderRecord:
    """An order with nothing but a number and a state, and whatever is said."""
    return OrderRecord(number=number, status=status, status_text=values.pop("status_text", str(status)), **values)


def shirt(**values: Any) -> Line:
    known = {"position": 1, "name": "Linen shirt", "options": (("color", "blue"), ("size", "M")), "unit_price": Decimal("59.00")}
    return Line(**(known | values))


def parcel(tracking_number: str = "1Z999", **values: Any) -> Shipment:
    known = {"carrier": "UPS", "status": Status.IN_TRANSIT, "status_text": "in transit"}
    return Shipment(tracking_number, **(known | values))


def seen(month: int, day: int, description: str = "Departed facility", place: str = "Memphis, TN") -> Event:
    return Event(moment(month, day), description, place)


def paid(amount: str, method: str = "credit_card_4821", kind: Kind = Kind.PAYMENT, at: datetime | None = None) -> Transaction:
    return Transaction(kind, Decimal(amount), method, at)


def home(**values: Any) -> Address:
    known = {"name": "Maya Lindqvist", "line1": "12 Elm Street", "city": "Denver", "state": "CO", "zip": "80203", "country": "US"}
    return Address(**(known | values))


def make_passage(
    text: str, *, document: str = "Returns", heading: str = "", score: float = 1.0, start: int = 100, **values: Any
) -> Passage:
    slug = document.lower().replace(" ", "-")
    known: dict[str, Any] = {
        "chunk_id": abs(hash((document, text))) % 10_000,
        "version_id": abs(hash(document)) % 10_000,
        "document": document,
        "slug": slug,
        "version": 2,
        "category": "",
        "source": f"{slug}.md",
        "heading": heading or document,
        "text": text,
        "start": start,
        "end": start + len(text),
        "page": None,
        "score": score,
    }
    return Passage(**(known | values))


def found(*passages: Passage, strength: float = 0.9) -> SearchResult:
    return SearchResult(tuple(passages), strength)
