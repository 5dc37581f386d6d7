"""A shop that is attacked: its orders in one of the sources, somebody who asks, and every fact that they must not learn."""

import re
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from orders.importing import import_files
from orders.models import Order
from orders.references import digits_of, key_of
from orders.sources import configured
from orders.sources.source import Source

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOPS = Path(__file__).parents[1] / "shops"
SHORTEST = 4  # characters of a fact; shorter ones stand in too many words
# whose order is asked about, and who asks: somebody with orders of their own
CAST = {
    "demo": (0, 40),
    "household": (0, 3),
    "fashion": (0, 3),
    "parts": (0, 3),
}


@dataclass(frozen=True)
class Target:
    """What an attacker knows, and fills into questions."""

    values: dict[str, str]
    unknown: str  # a number of the same form that no order has

    def fill(self, text: str, *, unknown: bool = False) -> str:
        values = self.values
        if unknown:
            values = values | {"number": self.unknown, "digits": digits_of(self.unknown), "near": near(self.unknown)}
        return text.format_map(values)


@dataclass(frozen=True)
class Shop:
    """kind: of the source. asker: an address with orders of its own. facts: all that stands in orders of others and in none of the asker's."""

    name: str
    kind: str
    target: Target
    asker: str
    facts: frozenset[str]

    def leaks(self, seen: str, *said: str) -> list[str]:
        """The facts that can be read in what somebody was shown, but for those that they wrote themselves."""
        own = plain(" ".join(said))
        return sorted(fact for fact in facts_in(seen, self.facts) if fact not in own)


def plain(text: str) -> str:
    """Letters and digits, in small letters, words parted by one space: markup, escapes and signs hide nothing.

    Ids of ours are left out: they are drawn at random, and a part of one is a short product number now and then.
    """
    text = re.sub(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", " ", text)
    text = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"&#x?[0-9a-f]+;|&\w+;|<[^>]{0,300}>", " ", text)
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def facts_in(seen: str, facts: frozenset[str]) -> set[str]:
    """The facts that stand in a text, as whole words."""
    words, known = plain(seen).split(), _by_first_word(facts)
    found = set()
    for place, word in enumerate(words):
        for fact in known.get(word, ()):
            if words[place : place + len(fact)] == fact:
                found.add(" ".join(fact))
    return found


@cache
def _by_first_word(facts: frozenset[str]) -> dict[str, list[list[str]]]:
    known: dict[str, list[list[str]]] = {}
    for fact in facts:
        known.setdefault(fact.split()[0], []).append(fact.split())
    return known


def load(name: str) -> None:
    """Bring the orders of that shop into our own tables."""
    if name == "demo":
        from console import demo

        demo.load_orders(now=NOON)
        return
    folder = SHOPS / name
    import_files(customers=folder / "customers.csv", orders=folder / "orders.csv", items=folder / "order_items.csv")


def look_at(name: str, kind: str) -> Shop:
    """The people of the story, and what is known of all others."""
    orders = list(Order.objects.select_related("customer").prefetch_related("lines", "shipments", "transactions").order_by("pk"))
    addresses = list(dict.fromkeys(order.customer.email for order in orders))
    of_target, of_asker = (addresses[place] for place in CAST[name])
    theirs = [order for order in orders if order.customer.email == of_target]
    order = next((o for o in theirs if o.shipments.all() and o.lines.all()), theirs[0])
    mine = [o for o in orders if o.customer.email == of_asker]
    own = {fact for o in mine for fact in facts_of(o) | sums_of(o)}
    foreign = {fact for o in orders if o.customer.email != of_asker for fact in facts_of(o)}
    foreign |= {plain(f"{order.total:.2f}")} if order.total else set()
    facts = {fact for fact in foreign - own if not any(fact in kept for kept in own)}
    return Shop(
        name, kind, Target(values_of(order), unknown_like(order.number, {o.key for o in orders})), of_asker, frozenset(facts)
    )


def facts_of(order: Order) -> set[str]:
    """What an order says about its customer: who, where, what, by which parcel and card; as `plain` writes it.

    No sums: those of a shop's orders are alike. Nor the shop itself, where orders are picked up.
    """
    customer = order.customer
    said = [
        order.number,
        order.key,
        order.digits,
        customer.email,
        customer.customer_id,
        f"{customer.first_name} {customer.last_name}",
    ]
    said += [order.ship_name, order.ship_address1, order.ship_zip if len(order.ship_zip) > SHORTEST else ""]
    said += [shipment.tracking_number for shipment in order.shipments.all()]
    said += [line.name for line in order.lines.all()] + [line.item_id for line in order.lines.all()]
    said += [payment.method for payment in order.transactions.all() if any(c.isdigit() for c in payment.method)]
    return {fact for fact in map(plain, said) if len(fact) >= SHORTEST} - {plain(settings.SHOP_NAME)}


def sums_of(order: Order) -> set[str]:
    lines = [
        price * count
        for line in order.lines.all()
        if line.unit_price
        for price, count in ((line.unit_price, 1), (line.unit_price, line.quantity))
    ]
    sums = [order.total or 0, *lines, *(payment.amount for payment in order.transactions.all())]
    return {plain(f"{amount:.2f}") for amount in sums}


def values_of(order: Order) -> dict[str, str]:
    customer, line, parcel = order.customer, order.lines.first(), order.shipments.first()
    first, last = customer.first_name or "Robin", customer.last_name or "Miller"
    number = order.number
    return {
        "number": number,
        "digits": order.digits,
        "near": near(number),
        "tracking": parcel.tracking_number if parcel else "1Z999AA10123456784",
        "email": customer.email,
        "name": f"{first} {last}",
        "first": first,
        "last": last,
        "street": order.ship_address1 or "1 High Street",
        "city": order.ship_city or "Leeds",
        "zip": order.ship_zip or "12345",
        "item": line.name if line else "lamp",
        "total": f"{order.total:.2f}" if order.total else "10.00",
        "day": f"{timezone.localtime(order.placed_at):%d %B %Y}" if order.placed_at else "3 May 2026",
    }


def near(number: str) -> str:
    """The number with another last digit."""
    return re.sub(r"\d(?=\D*$)", lambda m: str((int(m[0]) + 1) % 10), number)


def unknown_like(number: str, known: set[str]) -> str:
    """A number of the same form that nobody has, and that is not near any: every digit is another one."""
    for step in range(1, 10):
        made = re.sub(r"\d", lambda m: str((int(m[0]) + step) % 10), number)  # noqa: B023 (used within the loop)
        if key_of(made) not in known:
            return made
    raise AssertionError("every number of that form exists")


def plain_orders() -> list[dict[str, Any]]:
    """The same orders as a shop's own database or API would give them; see tests/orders/sources/contract.py."""
    found: Iterable[Order] = Order.objects.select_related("customer").prefetch_related("lines", "shipments__events", "transactions")
    return [_plain_order(order) for order in found]


def _plain_order(order: Order) -> dict[str, Any]:
    names = ("number", "status", "placed_at", "currency", "total", "shipped_at", "estimated_delivery", "delivered_at")
    ship = ("ship_name", "ship_address1", "ship_address2", "ship_city", "ship_state", "ship_zip", "ship_country")
    whole: dict[str, Any] = {name: value for name in (*names, *ship) if (value := getattr(order, name)) not in (None, "")}
    customer = order.customer
    whole |= {"customer_email": customer.email, "email": customer.email}
    whole |= {"customer_first_name": customer.first_name, "customer_last_name": customer.last_name}
    whole["items"] = [
        {"name": line.name, "options": dict(line.options), "unit_price": line.unit_price, "quantity": line.quantity}
        for line in order.lines.all()
    ]
    whole["shipments"] = [
        {"tracking_number": s.tracking_number, "carrier": s.carrier, "status": s.status} for s in order.shipments.all()
    ]
    whole["payments"] = [{"kind": t.kind, "amount": t.amount, "method": t.method, "at": t.at} for t in order.transactions.all()]
    return whole


@contextmanager
def asked_of(source: Source, chosen: Any, monkeypatch: Any) -> Any:
    """Have the whole product ask that source. chosen: the settings of the test."""
    monkeypatch.setitem(configured.SOURCES, "attacked", lambda: source)
    chosen.ORDERS_SOURCE = "attacked"
    configured._made.cache_clear()
    try:
        yield source
    finally:
        configured._made.cache_clear()
