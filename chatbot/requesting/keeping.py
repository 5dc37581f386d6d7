"""The request that is being put together, in the database: read for its customer alone, written in the transaction that files it."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import UUIDField

from chatbot.requesting.models import PendingRequest
from chatbot.requesting.values import KEPT, Pending, Step
from database.prepared import Prepared, given
from orders import requests
from orders.records import OrderRecord
from orders.requests_values import Asked, Basis, Changed, Filed, Kind, Piece, Quote, RequestSeen, as_plain
from orders.viewer import Viewer

_COLUMNS = ("email", "step", "turn_id", "at", "asked", "basis", "shown", "request_id")
_of_conversation = Prepared(
    lambda: PendingRequest.objects.filter(conversation_id=given("conversation", UUIDField())).values_list(*_COLUMNS)
)


def load(conversation_id: UUID, email: str, now: datetime) -> Pending | None:
    """What is being put together here by the customer with this address; None if that was too long ago."""
    rows = _of_conversation.rows(conversation=conversation_id)
    if not rows:
        return None
    owner, step, turn_id, at, asked, basis, shown, request_id = rows[0]
    if owner != email or now - at > KEPT:
        return None
    return Pending(_asked(asked), Step(step), turn_id, at, shown, _basis(basis), request_id)


def save(conversation_id: UUID, email: str, pending: Pending) -> None:
    values = {
        "email": email,
        "step": str(pending.step),
        "turn_id": pending.turn_id,
        "at": pending.at,
        "asked": as_plain(pending.asked),
        "basis": as_plain(pending.basis),
        "shown": pending.shown,
        "request_id": pending.request_id,
    }
    PendingRequest.objects.update_or_create(conversation_id=conversation_id, defaults=values)


def forget(conversation_id: UUID) -> None:
    PendingRequest.objects.filter(conversation_id=conversation_id).delete()


def file(pending: Pending, record: OrderRecord, *, viewer: Viewer, at: datetime, conversation_id: UUID, turn_id: UUID) -> Filed:
    """File the request, and note in the same transaction that it was, so that the same turn again says the same again."""
    email = viewer.email_at(at) or ""
    with transaction.atomic():
        done = requests.file(
            pending.asked,
            record,
            viewer=viewer,
            at=at,
            basis=pending.basis,
            conversation_id=conversation_id,
            turn_id=turn_id,
        )
        save(conversation_id, email, replace(pending, step=Step.FILED, turn_id=turn_id, at=at, request_id=done.request.id))
    return done


def withdraw(pending: Pending, *, viewer: Viewer, at: datetime, conversation_id: UUID) -> Changed | None:
    """Take the request back; None if there is none any more that could be. Raises RequestRefused once somebody works on it."""
    with transaction.atomic():
        forget(conversation_id)
        try:
            return requests.withdraw(pending.request_id, viewer, at=at) if pending.request_id else None
        except requests.UnknownRequest:
            return None


def filed_request(pending: Pending, viewer: Viewer, at: datetime) -> RequestSeen | None:
    """The request that the pending one became."""
    mine = requests.requests_of(viewer, at=at, numbers=[pending.asked.number])
    return next((one for one in mine if one.id == pending.request_id), None)


def _asked(value: dict[str, Any]) -> Asked:
    pieces = tuple(Piece(**piece) for piece in value["pieces"])
    return Asked(**(value | {"kind": Kind(value["kind"]), "pieces": pieces, "parcels": tuple(value["parcels"])}))


def _basis(value: dict[str, Any]) -> Basis:
    if not value:
        return Basis()
    last_day = date.fromisoformat(value["last_day"]) if value["last_day"] else None
    quotes = tuple(Quote(**quote) for quote in value["quotes"])
    return Basis(**(value | {"last_day": last_day, "rules": tuple(value["rules"]), "quotes": quotes}))
