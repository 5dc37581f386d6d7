"""Messages about requests for the shop's system: a row written with the change itself, and sent by the worker until it is taken.

A process that dies between the change and the message loses nothing, because the row is there; one that dies between sending and
writing down that it was sent sends the same message, with the same id, once more.
"""

import json
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef

from database.lanes import in_database
from orders import requests_signing
from orders.requests_http import NotTaken, post
from orders.requests_models import OrderRequest, RequestEvent, RequestMessage
from orders.requests_values import as_plain

log = logging.getLogger(__name__)

FILED, CHANGED = "request.filed", "request.changed"
LEASE = timedelta(minutes=2)  # after which a message whose sending was begun, and not ended, is sent again
# pauses after each try that failed: quick at first, three days in all, then it waits for staff
PAUSES = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
AT_ONCE = 50  # messages of one round
MOST_FAILURES = 3  # of one round: then the shop's system is down, and the other messages wait for the next
LONGEST_WAIT = timedelta(hours=6)  # that the shop's system may ask us for


def is_configured() -> bool:
    return bool(settings.REQUESTS_WEBHOOK_URL and settings.REQUESTS_WEBHOOK_SECRET)


def write(request: OrderRequest, event: RequestEvent, kind: str) -> RequestMessage | None:
    """Put a message in the outbox, in the transaction of the change; None where no shop's system is to be told."""
    if not is_configured():
        return None
    last = request.messages.aggregate(last=Max("place"))["last"] or 0
    body = json.dumps(body_of(request, event, kind), ensure_ascii=False, separators=(",", ":"))
    return RequestMessage.objects.create(request=request, place=last + 1, body=body, due_at=event.at, created_at=event.at)


def body_of(request: OrderRequest, event: RequestEvent, kind: str) -> dict[str, Any]:
    """What the message says; docs/requests.md describes it field by field."""
    asked = request.asked()
    data = {
        "id": str(request.pk),
        "kind": request.kind,
        "state": str(event.state),
        "note": event.note,
        "order_number": request.order_number,
        "customer": {"email": request.email, "verified_by": request.method},
        "asked": {
            "whole_order": not asked.pieces,
            "items": [as_plain(piece) for piece in asked.pieces],
            "tracking_numbers": list(asked.parcels),
            "reason": asked.reason,
            "instead": asked.instead,
            "address": asked.address,
        },
        "rule": {
            "allowed": request.allowed,
            "reason": request.allowed_reason,
            "last_day": as_plain(request.last_day),
            "quotes": request.quotes,
        },
        "order": request.snapshot,
        "filed_at": request.created_at.isoformat(),
    }
    return {"type": kind, "timestamp": event.at.isoformat(), "data": data}


async def deliver_due(*, at: datetime) -> int:
    """Send what is due, in order; return how many messages were taken. Safe to run twice, late, and in several processes at once."""
    if not is_configured():
        return 0
    taken = failures = 0
    for pk in await in_database(_due, at):
        sent = await deliver(pk, at=at)
        taken, failures = taken + (sent is True), failures + (sent is False)
        if failures >= MOST_FAILURES:
            break
    return taken


async def deliver(pk: UUID, *, at: datetime) -> bool | None:
    """Send one message; whether it was taken. None if it was not ours to send."""
    message = await in_database(_claim, pk, at)
    if message is None:
        return None
    body = message.body.encode()
    headers = requests_signing.headers_for(body, message_id=id_of(message), at=at, secrets=settings.REQUESTS_WEBHOOK_SECRET)
    try:
        await post(settings.REQUESTS_WEBHOOK_URL, body, headers)
    except NotTaken as problem:
        log.warning("message %s about a request was not taken: %s (try %d)", message.pk, problem, message.tries)
        await in_database(_failed, message, problem, at)
        return False
    await in_database(_taken, message.pk, at)
    return True


def id_of(message: RequestMessage) -> str:
    """The id that goes along, the same with every try."""
    return f"msg_{message.pk.hex}"


def send_again(pk: UUID, *, at: datetime) -> bool:
    """Let a message that was given up be tried anew; False if it does not wait for that."""
    given_up = RequestMessage.objects.filter(pk=pk, state=RequestMessage.State.GIVEN_UP)
    return bool(given_up.update(state=RequestMessage.State.DUE, due_at=at, tries=0))


def _waiting(at: datetime) -> Any:
    """Those that are due and not behind an earlier message about the same request."""
    earlier = RequestMessage.objects.filter(
        request=OuterRef("request"), place__lt=OuterRef("place"), state=RequestMessage.State.DUE
    )
    return RequestMessage.objects.filter(~Exists(earlier), state=RequestMessage.State.DUE, due_at__lte=at)


def _due(at: datetime) -> list[UUID]:
    return list(_waiting(at).order_by("due_at", "created_at").values_list("pk", flat=True)[:AT_ONCE])


def _claim(pk: UUID, at: datetime) -> RequestMessage | None:
    """A conditional update, so that one process sends a message."""
    if not _waiting(at).filter(pk=pk).update(due_at=at + LEASE, tries=F("tries") + 1):
        return None
    return RequestMessage.objects.filter(pk=pk).first()


def _taken(pk: UUID, at: datetime) -> None:
    RequestMessage.objects.filter(pk=pk).update(state=RequestMessage.State.SENT, sent_at=at, problem="")


def _failed(message: RequestMessage, problem: NotTaken, at: datetime) -> None:
    mine = RequestMessage.objects.filter(pk=message.pk, state=RequestMessage.State.DUE, tries=message.tries)
    words = str(problem)[:200]
    if message.tries > len(PAUSES):
        mine.update(state=RequestMessage.State.GIVEN_UP, problem=words)
        return
    pause = max(PAUSES[message.tries - 1], min(timedelta(seconds=problem.retry_after), LONGEST_WAIT))
    mine.update(due_at=at + pause, problem=words)
