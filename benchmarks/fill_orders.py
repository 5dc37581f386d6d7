"""Orders of the same shop straight into the tables, for look-ups at a size that is not worth an import."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from benchmarks.many_orders import (
    CARRIERS,
    ORDERS_A_CUSTOMER,
    STATES,
    email_of,
    is_sent,
    lines_of,
    name_of,
    number_of,
    placed_at,
    tracking_of,
)
from database import bulk
from orders.models import Customer, Order, OrderLine, Shipment, Transaction

BATCH = 6000  # orders; whole customers
_CUSTOMER = (
    "id",
    "customer_id",
    "email",
    "first_name",
    "last_name",
    "address1",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "payment_methods",
)
_TEXTS = ("ship_name", "ship_address1", "ship_address2", "ship_city", "ship_state", "ship_zip", "ship_country")
_ORDER = ("id", "number", "key", "digits", "customer_id", "status", "placed_at", "currency", "total", "imported_at", *_TEXTS)
_LINE = ("order_id", "position", "item_id", "product_id", "name", "options", "unit_price", "quantity", "tracking_number")
_PARCEL = ("order_id", "tracking_number", "key", "own_row", "carrier", "status", "tracking_url", "shipped_at", "delivered_at")
_PAYMENT = ("order_id", "kind", "amount", "method", "at")
Row = tuple[Any, ...]


def fill(begin: int, end: int) -> dict[str, int]:
    """Write the orders from the begin-th to before the end-th."""
    call_command("migrate", verbosity=0)
    with bulk.much_to_write():
        _fill(begin, end)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return {"filled": end - begin}


def _fill(begin: int, end: int) -> None:
    for start in range(begin, end, BATCH):
        numbers = range(start, min(start + BATCH, end))
        with transaction.atomic():
            first = start // ORDERS_A_CUSTOMER
            customers = range(first, numbers[-1] // ORDERS_A_CUSTOMER + 1)
            keys = dict(zip(customers, bulk.next_keys(Customer, len(customers)), strict=True))
            bulk.insert(Customer, _CUSTOMER, map(_customer, keys.values(), customers))
            orders = dict(zip(numbers, bulk.next_keys(Order, len(numbers)), strict=True))
            bulk.insert(Order, _ORDER, (_order(key, n, keys[n // ORDERS_A_CUSTOMER]) for n, key in orders.items()))
            bulk.insert(OrderLine, _LINE, (line for n, key in orders.items() for line in _lines(key, n)))
            bulk.insert(Shipment, _PARCEL, (_parcel(key, n) for n, key in orders.items() if is_sent(n)))
            bulk.insert(
                Transaction, _PAYMENT, ((key, "payment", "79.90", "credit_card_1000", _placed(n)) for n, key in orders.items())
            )


def _placed(n: int) -> Any:
    return placed_at(n).replace(tzinfo=UTC)


def _customer(key: int, customer: int) -> Row:
    email = email_of(customer * ORDERS_A_CUSTOMER)
    return (key, f"c{customer}", email, *name_of(customer), "1 Elm Street", "", "Denver", "CO", "80203", "US", "")


def _order(key: int, n: int, customer: int) -> Row:
    number, placed = number_of(n), _placed(n)
    ship_to = (" ".join(name_of(n // ORDERS_A_CUSTOMER)), "1 Elm Street", "", "Denver", "CO", "80203", "US")
    return (key, number, number[1:], number[2:], customer, STATES[n % 8], placed, "USD", "79.90", placed, *ship_to)


def _lines(order: int, n: int) -> Iterator[Row]:
    parcel = tracking_of(n) if is_sent(n) else ""
    for position, (thing, colour, large, cents, quantity) in enumerate(lines_of(n), 1):
        item = f"{thing[:4].upper()}-{colour[:2].upper()}-{large}"
        options = f'[["color", "{colour}"], ["size", "{large}"]]'
        yield order, position, item, item[:4], thing.capitalize(), options, f"{cents / 100:.2f}", quantity, parcel


def _parcel(order: int, n: int) -> Row:
    tracking, sent = tracking_of(n), _placed(n) + timedelta(days=1)
    there = sent + timedelta(days=3) if STATES[n % 8] == "delivered" else None
    return order, tracking, tracking, True, CARRIERS[n % 3], "delivered" if there else "in transit", "", sent, there
