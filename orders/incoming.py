"""What the shop's own system tells of orders, message by message: signed, each stored once, the newer news wins.

A message is an order in the form of docs/orders-import.md, or a list of them; `{"number": …, "deleted": true}` takes one out. All of
it is stored or nothing, and it is stored before it is answered for. Signatures are those of standardwebhooks.com.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailed
from django.db import IntegrityError, transaction

from database import bulk
from orders.errors import OrdersError, OrdersUnavailable
from orders.importing.json_files import decoded
from orders.importing.parts import OrderParts
from orders.importing.plain_orders import PlainReader, number_of, order_parts, removal
from orders.importing.report import Problem, Report
from orders.importing.stored import Stored
from orders.importing.writing import write_orders
from orders.incoming_models import IncomingMessage, RemovedOrder
from orders.lookup import forget_shapes
from orders.models import Order
from orders.requests_signing import NotSigned, check

log = logging.getLogger(__name__)

MAX_ORDERS = 100  # in one message
KEPT = timedelta(days=30)  # ids of messages and removals: senders try for days, and news can be late
_MOST_TOLD = 20  # problems named in one reply


class IncomingOff(OrdersError):
    """No secret is set: the address does not exist."""


class MessageNotSigned(OrdersError):
    """One reply for every reason; str(error) is the reason, for the log."""

    user_message = "The signature is missing or not right, or the message is too old."


class NotOurOrders(OrdersError):
    user_message = "Orders are read from the shop's own system here (ORDERS_SOURCE is not local), so nothing was stored."


class SameIdOtherBody(OrdersError):
    user_message = "A message with this webhook-id and another body was stored before. Give each message an id of its own."


class MessageRefused(OrdersError):
    """A message of which nothing was stored, because something in it is not right."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.user_message = message


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message did, in orders. older: something newer was known. again: the message had been stored before."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    older: int = 0
    deleted: int = 0
    again: bool = False

    def public(self) -> dict[str, Any]:
        return {"created": self.created, "updated": self.updated, "unchanged": self.unchanged, "older": self.older,
                "deleted": self.deleted, "again": self.again}  # fmt: skip


def is_on() -> bool:
    return bool(secrets())


def secrets() -> list[str]:
    return [secret.strip() for secret in settings.ORDERS_WEBHOOK_SECRET if secret.strip()]


def _everything() -> None:
    """No limit."""


def receive(body: bytes, headers: Mapping[str, str], *, at: datetime, admit: Callable[[], None] = _everything) -> Outcome:
    """Check a message and store what it says. headers: by lower-case name. admit: called once the message is known to be the shop's.

    Raises IncomingOff, MessageNotSigned, NotOurOrders, SameIdOtherBody, MessageRefused; OrdersUnavailable if the database fails.
    """
    if not is_on():
        raise IncomingOff
    try:
        message_id = check(body, headers, at=at, secrets=secrets())
    except NotSigned as reason:
        log.warning("a message about orders was refused: %s", reason)
        raise MessageNotSigned(str(reason)) from None
    admit()
    if settings.ORDERS_SOURCE != "local":
        raise NotOurOrders
    try:
        with transaction.atomic():
            outcome = _stored_once(message_id, body, at)
    except IntegrityError as error:  # the same message came twice at the same time: the other one was stored
        raise OrdersUnavailable("two messages about orders met") from error
    except DatabaseFailed as error:
        raise OrdersUnavailable("the database failed while orders came in") from error
    if outcome.created:
        forget_shapes()
    return outcome


def forget_old(*, at: datetime) -> None:
    """Drop what is kept of messages and removals longer than anything about them can still come."""
    IncomingMessage.objects.filter(received_at__lt=at - KEPT).delete()
    RemovedOrder.objects.filter(removed_at__lt=at - KEPT).delete()


def _stored_once(message_id: str, body: bytes, at: datetime) -> Outcome:
    bulk.one_writer_at_a_time()
    body_hash = hashlib.sha256(body).hexdigest()
    if known := IncomingMessage.objects.filter(message_id=message_id).first():
        if known.body_hash != body_hash:
            raise SameIdOtherBody
        return Outcome(**{**known.outcome, "again": True})
    outcome = _write(_told(body), at)
    IncomingMessage.objects.create(message_id=message_id, body_hash=body_hash, received_at=at, outcome=outcome.public())
    return outcome


def _told(body: bytes) -> list[Any]:
    """The orders of a message. Raises MessageRefused."""
    try:
        told = decoded(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise MessageRefused("The body is not valid JSON in UTF-8.") from None
    orders = told if isinstance(told, list) else [told]
    if not 1 <= len(orders) <= MAX_ORDERS:
        raise MessageRefused(f"A message has 1 to {MAX_ORDERS} orders; this one has {len(orders)}.")
    return orders


def _write(orders: Sequence[Any], at: datetime) -> Outcome:
    """All that it says, in its order: an order that is told of twice is written twice. Raises MessageRefused."""
    report = Report()
    reader = PlainReader("", report)
    older = kept = deleted = 0
    waiting: dict[str, OrderParts] = {}

    def write() -> int:
        left = write_orders(list(waiting.values()), report) if waiting else None
        waiting.clear()
        return len(left.older) if left else 0

    for place, order in enumerate(orders, 1):
        number = number_of(order) if isinstance(order, dict) else ""
        if number in waiting:
            older += write()
        if isinstance(order, dict) and order.get("deleted") is True:
            older += write()
            gone = _removed(reader, place, order, at)
            deleted, kept = deleted + (gone is True), kept + (gone is None)
        elif parts := order_parts(reader, place, order):
            waiting[parts.number] = parts
        if report.errors_total:
            raise MessageRefused(_in_words(report.errors, of=len(orders)))
    older += write()
    return Outcome(report.orders.created, report.orders.updated, report.orders.unchanged - older, older + kept, deleted)


def _removed(reader: PlainReader, place: int, order: Mapping[str, Any], at: datetime) -> bool | None:
    """Whether there was something to delete; None if what is stored is newer. Something wrong is reported, and False."""
    number, updated_at = removal(reader, place, order)
    if not reader.good:
        return False
    stored = Stored.of([number]).get(number)
    if stored and stored.updated_at and updated_at and updated_at < stored.updated_at:
        return None
    RemovedOrder.objects.update_or_create(number=number, defaults={"updated_at": updated_at, "removed_at": at})
    deleted, _ = Order.objects.filter(number=number).delete()
    return bool(deleted)


def _in_words(problems: Sequence[Problem], *, of: int) -> str:
    """What is wrong with a message, for the people who send it."""
    told = [
        f"{f'Order {problem.line}, ' if of > 1 else ''}{problem.column or 'the whole'}: {problem.reason}" for problem in problems
    ]
    return "Nothing was stored. " + " ".join(told[:_MOST_TOLD])
