"""A shop with any number of orders, as the CSV files that it would export: the same size gives the same files."""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FIRST_DAY = datetime(2024, 1, 1, 8)
DAYS = 690
ORDERS_A_CUSTOMER = 3
FIRST_NAMES = ("Ana", "Bo", "Chen", "Dara", "Eva", "Farid", "Grace", "Hugo", "Iris", "Jonas", "Kaya", "Lena", "Mateo", "Noor")
LAST_NAMES = ("Silva", "Berg", "Wong", "Okafor", "Klein", "Haddad", "Moore", "Rossi", "Novak", "Lund", "Demir", "Sato")
CITIES = (("Denver", "CO", "80203"), ("Austin", "TX", "78701"), ("Boston", "MA", "02108"), ("Seattle", "WA", "98101"))
THINGS = (
    "walking boots",
    "rain jacket",
    "desk lamp",
    "water bottle",
    "wool scarf",
    "travel mug",
    "garden hose",
    "phone case",
    "backpack",
)
COLOURS = ("blue", "red", "green", "black", "white", "brown", "grey")
SIZES = ("S", "M", "L", "XL")
STATES = ("processing", "shipped", "in transit", "delivered", "delivered", "delivered", "delivered", "cancelled")
CARRIERS = ("UPS", "FedEx", "DHL")
COLUMNS = {
    "customers": "customer_id email first_name last_name address1 city state zip country",
    "orders": "order_number customer_email status placed_at currency total ship_name ship_address1 ship_city ship_state ship_zip "
    "ship_country tracking_numbers payment_history",
    "items": "order_number line item_id product_id name options unit_price quantity tracking_number",
    "shipments": "order_number tracking_number carrier status shipped_at estimated_delivery delivered_at",
}


def number_of(n: int) -> str:
    """The number of the n-th order; no two of the first eight million are alike."""
    return f"#W{2_000_000 + n * 6_700_417 % 8_000_000}"


def email_of(n: int) -> str:
    """The address of the n-th order's customer."""
    customer = n // ORDERS_A_CUSTOMER
    return f"{FIRST_NAMES[customer % 14].lower()}.{LAST_NAMES[customer % 12].lower()}{customer}@example.com"


def tracking_of(n: int) -> str:
    """The number of the n-th order's parcel, if it has one."""
    return f"1Z{n * 15_485_863 % 10**9:09}{n:07}"


def is_sent(n: int) -> bool:
    return STATES[n % 8] not in ("processing", "cancelled")


def write_files(folder: Path, size: int) -> dict[str, Path]:
    """The files of a shop with so many orders, each of one to three items, three in four of them with a parcel."""
    paths = {kind: folder / f"{kind}.csv" for kind in COLUMNS}
    rows = {"customers": _customers(size), "orders": _orders(size), "items": _items(size), "shipments": _shipments(size)}
    for kind, path in paths.items():
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[kind].split())
            writer.writerows(rows[kind])
    return paths


def name_of(customer: int) -> tuple[str, str]:
    return FIRST_NAMES[customer % 14], LAST_NAMES[customer % 12]


def _customers(size: int) -> Iterator[Sequence[Any]]:
    for n in range(0, size, ORDERS_A_CUSTOMER):
        customer = n // ORDERS_A_CUSTOMER
        yield f"c{customer}", email_of(n), *name_of(customer), f"{customer % 900 + 1} Elm Street", *CITIES[customer % 4], "US"


def placed_at(n: int) -> datetime:
    return FIRST_DAY + timedelta(days=n * 31 % DAYS, seconds=n * 7919 % 40_000)


def lines_of(n: int) -> list[tuple[str, str, str, int, int]]:
    """(thing, colour, size, cents, quantity) of each item."""
    chance = random.Random(n)
    return [
        (
            chance.choice(THINGS),
            chance.choice(COLOURS),
            chance.choice(SIZES),
            chance.randrange(500, 20_000),
            chance.choice((1, 1, 1, 2)),
        )
        for _ in range(1 + n % 3)
    ]


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _orders(size: int) -> Iterator[Sequence[Any]]:
    for n in range(size):
        customer, placed = n // ORDERS_A_CUSTOMER, placed_at(n)
        total = sum(cents * quantity for *_, cents, quantity in lines_of(n))
        paid = f"payment credit_card_{customer % 9000 + 1000} {_money(total)} {placed:%Y-%m-%d}"
        city, state, code = CITIES[customer % 4]
        yield (
            *(number_of(n), email_of(n), STATES[n % 8], f"{placed:%Y-%m-%dT%H:%M:%SZ}", "USD", _money(total)),
            *(" ".join(name_of(customer)), f"{customer % 900 + 1} Elm Street", city, state, code, "US"),
            *(tracking_of(n) if is_sent(n) else "", paid),
        )


def _items(size: int) -> Iterator[Sequence[Any]]:
    for n in range(size):
        parcel = tracking_of(n) if is_sent(n) else ""
        for line, (thing, colour, large, cents, quantity) in enumerate(lines_of(n), 1):
            item = f"{thing[:4].upper()}-{colour[:2].upper()}-{large}"
            options = f"color={colour}; size={large}"
            yield number_of(n), line, item, item[:4], thing.capitalize(), options, _money(cents), quantity, parcel


def _shipments(size: int) -> Iterator[Sequence[Any]]:
    for n in range(size):
        if is_sent(n):
            sent = placed_at(n) + timedelta(days=1)
            there = f"{sent + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}" if STATES[n % 8] == "delivered" else ""
            state = "delivered" if there else "in transit"
            expected = f"{sent + timedelta(days=4):%Y-%m-%d}"
            yield number_of(n), tracking_of(n), CARRIERS[n % 3], state, f"{sent:%Y-%m-%dT%H:%M:%SZ}", expected, there
