"""The orders that a shop of the contract tests holds, and the people who ask; in the names of `orders/sources/making.py`."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from orders.viewer import Method, Viewer

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


def at(day: int, hour: int = 15) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def signed_in(email: str) -> Viewer:
    return Viewer(email, Method.CODE, NOW + timedelta(hours=1))


ANA, BO, CY = (signed_in(f"{name}@example.com") for name in ("ana", "bo", "cy"))


def orders() -> list[dict[str, Any]]:
    """Ana has three orders, Bo one, Cy two of which hardly anything is known."""
    return [
        {
            "number": "#W1000001",
            "customer_email": "Ana@Example.com",
            "status": "delivered",
            "placed_at": at(1),
            "delivered_at": at(4),
            "currency": "EUR",
            "total": Decimal("50.00"),
            "customer_first_name": "Ana",
            "customer_last_name": "Silva",
            "ship_name": "Ana Silva",
            "ship_address1": "1 Elm Street",
            "ship_city": "Denver",
            "ship_country": "US",
            "items": [
                {"name": "T-Shirt", "options": {"color": "blue", "size": "M"}, "unit_price": Decimal("25.00"), "quantity": 2}
            ],
            "payments": [
                {"kind": "payment", "amount": Decimal("50.00"), "method": "credit_card_4821", "at": at(1)},
                {"kind": "refund", "amount": Decimal("25.00"), "method": "credit_card_4821", "at": at(9)},
            ],
        },
        {
            "number": "#W1000002",
            "customer_email": "ana@example.com",
            "status": "processing",
            "placed_at": at(5),
            "currency": "EUR",
            "total": Decimal("80.00"),
            "ship_name": "Maria Silva",
            "ship_city": "Austin",
            "items": [{"name": "Hat", "options": {"color": "blue"}}, {"name": "Running Shoes"}],
        },
        {
            "number": "#W1000003",
            "customer_email": "ANA@EXAMPLE.COM",
            "status": "shipped",
            "placed_at": at(9),
            "currency": "EUR",
            "items": [{"name": "Coffee Maker"}],
            "shipments": [
                {
                    "tracking_number": "1Z999AA10123456784",
                    "carrier": "UPS",
                    "status": "in transit",
                    "tracking_url": "https://ups.example/1Z999AA10123456784",
                    "shipped_at": at(10),
                    "estimated_delivery": date(2026, 3, 22),
                    "events": [
                        {"at": at(11), "description": "Departed facility", "place": "Memphis"},
                        {"at": at(10), "description": "Picked up", "place": "Austin"},
                    ],
                }
            ],
        },
        {
            "number": "#W7345128",
            "customer_email": "bo@example.com",
            "status": "shipped",
            "placed_at": at(9),
            "items": [{"name": "Secret Gift"}],
            "shipments": [{"tracking_number": "443521489581"}],
        },
        {"number": "#W3000001", "customer_email": "cy@example.com", "status": "Waiting for the moon"},
        {"number": "#W3000002", "customer_email": "cy@example.com", "status": "processing"},
    ]
