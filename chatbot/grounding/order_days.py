"""Which day of an order a sentence speaks of: a right date with the wrong verb is a wrong fact. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.support import days_meant
from chatbot.turn import Ruling
from orders.records import Kind as Money
from orders.records import OrderRecord
from orders.rules import Topic


class Role(StrEnum):
    """What happens on a day."""

    PLACED = "placed"
    SENT = "sent"
    EXPECTED = "expected"
    DELIVERED = "delivered"
    SEEN = "last seen"
    REFUNDED = "refunded"
    DUE = "refund due"


Days = Mapping[Role, frozenset[date]]


def days_of(order: OrderRecord, rulings: Iterable[Ruling] = ()) -> Days:
    """The days the record knows, by what happened on them, and those that follow for its refund from the rules."""
    parcels = order.shipments
    refunds = [t.at for t in order.transactions if t.at and t.kind is not Money.PAYMENT]
    found: dict[Role, Iterable[date | None]] = {
        Role.PLACED: [order.placed_at, *(t.at for t in order.transactions if t.kind is Money.PAYMENT)],
        Role.SENT: [order.shipped_at, *(p.shipped_at for p in parcels)],
        Role.EXPECTED: [order.estimated_on, *(p.estimated_on for p in parcels)],
        Role.DELIVERED: [order.delivered_at, *(p.delivered_at for p in parcels)],
        Role.SEEN: [e.at for p in parcels for e in p.events],
        Role.REFUNDED: refunds,
        Role.DUE: [*refunds, *_due(order, rulings)],
    }
    return {role: frozenset(_day(value) for value in values if value is not None) for role, values in found.items()}


def _due(order: OrderRecord, rulings: Iterable[Ruling]) -> Iterator[date | None]:
    for ruling in rulings:
        if ruling.order == order.number and ruling.verdict.topic is Topic.REFUND:
            yield from (day for part in ruling.verdict.parts for day in (part.first_day, part.last_day))


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)  # a datetime is a date with more


# in this order: "expected to be delivered" is about what is expected
_ROLES = (
    (Role.DUE, re.compile(
        r"\b(?:refund|money)\b[^.;]{0,60}\b(?:should|will|expect\w*|due|arriv\w*|be (?:there|with you)|reach|latest|by)\b", re.IGNORECASE
    )),
    (Role.REFUNDED, re.compile(r"\b(?:refunded|reimbursed|credited|refund)\b", re.IGNORECASE)),
    (Role.EXPECTED, re.compile(
        r"\b(?:expected|estimated|due|scheduled|will (?:arrive|be delivered|reach|come)|should (?:arrive|be delivered|reach|be with you)|arrives|arriving|eta)\b",
        re.IGNORECASE,
    )),
    (Role.SEEN, re.compile(r"\b(?:last seen|last (?:scan\w*|update\w*)|scanned)\b", re.IGNORECASE)),
    (Role.DELIVERED, re.compile(r"\b(?:delivered|arrived(?! (?:at|in) (?!your|the (?:door|address)))|received)\b", re.IGNORECASE)),
    (Role.SENT, re.compile(r"\b(?:shipped|sent|dispatched|left (?:our|the) warehouse)\b", re.IGNORECASE)),
    (Role.PLACED, re.compile(r"\b(?:placed|ordered|bought|purchased)\b", re.IGNORECASE)),
)  # fmt: skip
_CLAUSES = re.compile(r"[;:]|,(?!\s*\d{4})|\b(?:and|but|so|because|while|until|by then)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(?:if|once|when|unless|after|before|until|from|since|within|can|may|must)\b", re.IGNORECASE)
_DAY_KINDS = frozenset({Kind.DATE, Kind.RELATIVE, Kind.WEEKDAY})


def misplaced_day(
    sentence: str,
    orders: Iterable[Days],
    *,
    today: date,
    role_of: Callable[[str], Role | None] | None = None,
    clauses: re.Pattern[str] | None = None,
) -> str:
    """The first day said with a verb that it does not belong to in any of the orders; "" if there is none.

    role_of, clauses: what a clause says happened, and where one ends, for other languages than English.
    """
    known = list(orders)
    for role, claim in _days_with_verbs(sentence, role_of or _role_of, clauses or _CLAUSES):
        days = frozenset[date]().union(*(order[role] for order in known))
        if not _is_one_of(claim, days, today):
            return f"{role} {claim.text.strip()}"
    return ""


def _days_with_verbs(
    sentence: str, role_of: Callable[[str], Role | None], clauses: re.Pattern[str]
) -> Iterator[tuple[Role, Claim]]:
    """Each day of a clause that says what happened on it."""
    for clause in clauses.split(sentence):
        if (role := role_of(clause)) is None:
            continue
        yield from ((role, claim) for claim in claims_in(clause) if claim.kind in _DAY_KINDS)


def _role_of(clause: str) -> Role | None:
    return None if _SUPPOSED.search(clause) else next((role for role, verbs in _ROLES if verbs.search(clause)), None)


def _is_one_of(claim: Claim, days: frozenset[date], today: date) -> bool:
    if claim.kind is Kind.WEEKDAY:
        return claim.value in {d.weekday() for d in days if abs((d - today).days) <= 8}
    if claim.kind is Kind.DATE:
        return any(days_meant(reading, today) & days for reading in claim.value.readings)
    unit, distance = claim.value
    return unit not in ("day", "ahead") or today + timedelta(days=distance) in days
