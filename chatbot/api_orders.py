"""Orders that the shop's own system sends, signed, as they change. docs/orders-import.md is for who sends them."""

from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from chatbot import api_errors, throttling
from chatbot.api_schemas import ErrorObject
from orders import incoming

WRONG_PER_MINUTE = 60  # messages of one network that are not signed
MESSAGES_PER_MINUTE = 1200  # that are; above it, whoever sends them must wait

router = Router()

_text = {"type": ["string", "null"]}
_moment = {"type": ["string", "null"], "format": "date-time"}
_day = {"type": ["string", "null"], "format": "date"}
_amount = {"type": ["string", "number", "null"]}
_number = {"type": ["integer", "null"]}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "maxItems": 500, "items": of}


_EVENT = _object(("at", "description"), at=_moment, description=_text, place=_text)
_SENT = {"shipped_at": _moment, "estimated_delivery": _day, "delivered_at": _moment}
_PARCEL = _object((), tracking_number=_text, carrier=_text, status=_text, tracking_url=_text, **_SENT, events=_list(_EVENT))
_ITEM = _object(
    ("name",),
    **dict.fromkeys(("name", "item_id", "product_id", "tracking_number"), _text),
    line=_number,
    options={"type": ["object", "null"]},
    unit_price=_amount,
    quantity=_number,
)
_PAYMENT = _object(
    ("kind", "amount"), kind={"enum": ["payment", "refund", "refund pending"]}, amount=_amount, method=_text, at=_moment
)
_SHIP_TO = ("ship_name", "ship_address1", "ship_address2", "ship_city", "ship_state", "ship_zip", "ship_country")
_ORDER = _object(
    ("number",),
    number={"type": "string", "maxLength": 64},
    email={"type": "string", "maxLength": 254},
    **dict.fromkeys(("status", "currency", "customer_name"), _text),
    **dict.fromkeys(("placed_at", "updated_at"), _moment),
    total=_amount,
    **dict.fromkeys(_SHIP_TO, _text),
    **_SENT,
    items=_list(_ITEM),
    shipments=_list(_PARCEL),
    payments=_list(_PAYMENT),
    deleted={"type": "boolean"},
)
_BODY = {"oneOf": [_ORDER, {"type": "array", "minItems": 1, "maxItems": incoming.MAX_ORDERS, "items": _ORDER}]}


class OrdersTaken(Schema):
    """How many orders a message concerned. older: something newer was stored. again: the message itself was stored before."""

    created: int
    updated: int
    unchanged: int
    older: int
    deleted: int
    again: bool


@router.post(
    "/orders/webhook",
    response={200: OrdersTaken, **dict.fromkeys((401, 404, 409, 413, 422, 429, 503), ErrorObject)},
    summary="Tell of orders that changed",
    description="For the shop's own system: one order or a list, signed with ORDERS_WEBHOOK_SECRET in the headers `webhook-id`, "
    "`webhook-timestamp` and `webhook-signature` (standardwebhooks.com). All of a message is stored or nothing, and it is stored when "
    "the answer is 200. The same `webhook-id` twice is one message. 404 where no secret is set.",
    auth=None,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}},
        "parameters": [
            {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
        "security": [],
    },
)
async def take(request: HttpRequest) -> Any:
    if not incoming.is_on():
        return api_errors.error_response(404)
    # in a thread of its own: it may wait for an import, and no customer may wait behind it
    work = sync_to_async(_take, thread_sensitive=False)
    try:
        return (await work(request, request.body, throttling.client_address(request))).public()
    except incoming.IncomingOff:
        return api_errors.error_response(404)
    except incoming.MessageNotSigned as error:
        return api_errors.error_response(401, code="not_signed", message=error.user_message, retryable=False)
    except (incoming.NotOurOrders, incoming.SameIdOtherBody) as error:
        return api_errors.error_response(409, code="conflict", message=error.user_message, retryable=False)
    except incoming.MessageRefused as error:
        return api_errors.error_response(422, code="orders_refused", message=error.user_message, retryable=False)


def _take(request: HttpRequest, body: bytes, address: str) -> incoming.Outcome:
    wrong = f"orders-not-signed:{throttling.network_of(address)}"
    throttling.limit(wrong, WRONG_PER_MINUTE, throttling.MINUTE)
    try:
        outcome = incoming.receive(body, request.headers, at=timezone.now(), admit=_count)
    except incoming.MessageNotSigned:
        raise
    except Exception:
        throttling.give_back(wrong, throttling.MINUTE)
        raise
    else:
        throttling.give_back(wrong, throttling.MINUTE)
        return outcome
    finally:
        connection.close()


def _count() -> None:
    """Once it is known who sent a message, so that strangers cannot use up what the shop may send."""
    throttling.limit("orders-signed", MESSAGES_PER_MINUTE, throttling.MINUTE)
