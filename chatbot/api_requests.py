"""Requests over HTTP: a customer's own, and what the shop's system says became of one."""

import asyncio
import logging
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict, Field

from chatbot import api_errors, conversations, throttling
from chatbot.api_schemas import ErrorObject
from chatbot.bearing import bearer
from chatbot.belonging import viewer_of
from chatbot.requesting import telling, wording
from database.lanes import in_database
from orders import requests, requests_signing
from orders.requests_values import LONGEST_NOTE, By, RequestSeen, State

log = logging.getLogger(__name__)
WRONG_PER_MINUTE = 60  # reports of one network that are not signed
router = Router()
REFUSALS = dict.fromkeys((404, 422, 429, 503), ErrorObject)


class RequestObject(Schema):
    """state: open, accepted, declined, done or withdrawn; note: the shop's newest words about it; summary: what was asked, in words."""

    id: UUID
    kind: str
    state: str
    order_number: str
    summary: str
    note: str
    filed_at: datetime
    state_at: datetime


class RequestList(Schema):
    requests: list[RequestObject]


class StateReport(Schema):
    """What the shop's system signs. request: the id in the address again, because the signature covers the body alone."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["request.report"]
    request: str = Field(max_length=64)
    state: Literal["accepted", "declined", "done"]
    note: str = Field("", max_length=LONGEST_NOTE)


class ReportTaken(Schema):
    id: UUID
    state: str
    changed: bool


@router.get(
    "/conversations/{conversation_id}/requests",
    response={200: RequestList, **REFUSALS},
    summary="What the customer has asked to be done",
    description="Their own requests, newest first, whatever conversation they were made in; none unless they are signed in here.",
)
async def own_requests(request: HttpRequest, conversation_id: str) -> dict[str, Any]:
    conversation = await conversations.get_conversation(conversation_id, token=bearer(request))
    mine = await in_database(requests.requests_of, viewer_of(conversation), at=timezone.now(), newest=50)
    return {"requests": [_public(one) for one in mine]}


@router.post(
    "/requests/{request_id}/state",
    response={200: ReportTaken, 401: ErrorObject, 409: ErrorObject, **REFUSALS},
    summary="Say what became of a request",
    description="For the shop's own system: signed with REQUESTS_WEBHOOK_SECRET in the headers `webhook-id`, `webhook-timestamp` and "
    "`webhook-signature` (standardwebhooks.com). The same `webhook-id` twice is one report.",
    auth=None,
    openapi_extra={
        "parameters": [
            {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
        "security": [],
    },
)
async def report_state(request: HttpRequest, request_id: str, report: StateReport) -> Any:
    wrong, now = f"reports-not-signed:{throttling.network_of(throttling.client_address(request))}", timezone.now()
    await throttling.alimit(wrong, WRONG_PER_MINUTE, throttling.MINUTE)
    try:
        message_id = requests_signing.check(request.body, request.headers, at=now, secrets=settings.REQUESTS_WEBHOOK_SECRET)
        if report.request != request_id:
            raise requests_signing.NotSigned("it is about another request")
    except requests_signing.NotSigned as error:
        log.warning("a report about a request was refused: %s", error)
        return api_errors.error_response(
            401, code="not_signed", message="This message is not signed, or not by the shop.", retryable=False
        )
    await asyncio.to_thread(
        throttling.give_back, wrong, throttling.MINUTE
    )  # a stranger's guesses do not use up what the shop may send
    try:
        changed = await in_database(
            telling.decide,
            _as_id(request_id),
            State(report.state),
            by=By.SHOP,
            note=_clean(report.note),
            at=now,
            message_id=message_id,
        )
    except requests.UnknownRequest:
        raise HttpError(404, "unknown") from None
    except requests.RequestRefused as error:
        return api_errors.error_response(409, code="conflict", message=error.user_message, retryable=False)
    return {"id": changed.request.id, "state": str(changed.request.state), "changed": changed.is_new}


def _public(one: RequestSeen) -> dict[str, Any]:
    asked = one.asked
    return {
        "id": one.id,
        "kind": str(asked.kind),
        "state": str(one.state),
        "order_number": asked.number,
        "summary": wording.to_do(asked).replace("**", "").replace("\\", ""),
        "note": one.note,
        "filed_at": one.filed_at,
        "state_at": one.state_at,
    }


def _as_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise requests.UnknownRequest(text) from None


def _clean(note: str) -> str:
    """A note on one line and without control characters: it is shown to the customer."""
    return " ".join("".join(c if c.isprintable() else " " for c in note).split())
