"""An order as the card that a customer sees. Pure: plain values, every date also in words."""

import re
from datetime import date, datetime
from typing import Any

from chatbot.composing import order_wording
from chatbot.composing.wording import address, ago, day, day_and_distance, money
from orders.records import NOT_YET_SENT, OrderRecord, Shipment, Status

# the line of progress: what has been reached at each state
_STEPS = ("Ordered", "Prepared", "On its way", "Delivered")
_REACHED = {
    Status.PENDING: 0,
    Status.ON_HOLD: 0,
    Status.PROCESSING: 1,
    Status.PARTIALLY_SHIPPED: 2,
    Status.SHIPPED: 2,
    Status.IN_TRANSIT: 2,
    Status.OUT_FOR_DELIVERY: 2,
    Status.READY_FOR_PICKUP: 2,
    Status.DELAYED: 2,
    Status.LOST: 2,
}
_PROBLEM = frozenset({Status.ON_HOLD, Status.DELAYED, Status.LOST})
_CLOSED = {
    Status.CANCELLED: "Cancelled",
    Status.RETURNED: "Returned",
    Status.REFUNDED: "Refunded",
    Status.RETURN_REQUESTED: "Return open",
    Status.EXCHANGE_REQUESTED: "Exchange open",
}


def card(order: OrderRecord, *, today: date, now: datetime) -> dict[str, Any]:
    """Return the order as JSON-ready values; dates are ISO days, `…_words` the same for reading, unknown ones None or "".

    `as_of`: a moment, when the order was read some time before `now`.
    """
    return {
        "number": order.number,
        "status": str(order.status) if order.status is not Status.UNKNOWN else order.status_text,
        "status_text": order.status_text,
        "headline": _first_upper(order_wording.headline(order, today=today)),
        "progress": progress(order, today=today),
        "placed_on": iso(order.placed_at),
        "expected_on": iso(order.expected_on),
        "delivered_on": iso(order.delivered_at),
        "placed_words": day(order.placed_at, today=today) if order.placed_at else "",
        "when_words": _when(order, today),
        "currency": order.currency,
        "total": money(order.total, order.currency) if order.total is not None else "",
        "paid": money(order.paid, order.currency) if order.paid else "",
        "refunded": money(order.refunded, order.currency) if order.refunded else "",
        "refund_pending": money(order.refund_pending, order.currency) if order.refund_pending else "",
        "items": [
            {
                "name": line.name,
                "options": ", ".join(f"{name} {value}" for name, value in line.options if value),
                "quantity": line.quantity,
                "price": money(line.unit_price, order.currency) if line.unit_price is not None else "",
            }
            for line in order.lines
        ],
        "shipments": [shown for s in order.shipments if _says_something(shown := _shipment(s, today))],
        "destination": address(order.ship_to).replace("\\", ""),
        "as_of": order.as_of.isoformat(timespec="seconds") if order.as_of else None,
        "as_of_words": f"As of {ago(order.as_of, now=now)}" if order.as_of else "",
    }


def progress(order: OrderRecord, *, today: date) -> list[dict[str, str]]:
    """The steps with their state: done, current, todo or problem."""
    days = (order.placed_at, None, order.shipped_at, order.delivered_at)
    if order.status in _CLOSED:
        past = [_step(label, "done", at, today) for label, at in zip(_STEPS, days, strict=True) if at]
        return [*(past or [_step(_STEPS[0], "done", None, today)]), _step(_CLOSED[order.status], "current", None, today)]
    reached = _REACHED.get(
        order.status, 3 if order.delivered_at or order.status in (Status.DELIVERED, Status.PARTIALLY_REFUNDED) else 0
    )
    bad = order.status in _PROBLEM or (order.status not in NOT_YET_SENT and order.days_late(on=today) > 0)
    steps = []
    for place, (label, at) in enumerate(zip(_STEPS, days, strict=True)):
        state = "done" if place < reached or reached == 3 else "todo"
        if place == reached and reached != 3:
            state = "problem" if bad else "current"
        expected = order.expected_on if label == "Delivered" and not at else at
        steps.append(_step(label, state, expected, today))
    return steps


def _step(label: str, state: str, at: date | datetime | None, today: date) -> dict[str, str]:
    return {"label": label, "state": state, "at": day(at, today=today) if at else ""}


def _when(order: OrderRecord, today: date) -> str:
    if order.delivered_at:
        return f"Delivered on {day_and_distance(order.delivered_at, today=today)}"
    if order.expected_on and order.status is not Status.LOST:
        verb = "Expected" if order.expected_on >= today else "Was expected"
        return f"{verb} on {day_and_distance(order.expected_on, today=today)}"
    return ""


def _shipment(shipment: Shipment, today: date) -> dict[str, str]:
    last = shipment.last_event
    when = ""
    if shipment.delivered_at:
        when = f"Delivered on {day_and_distance(shipment.delivered_at, today=today)}"
    elif shipment.estimated_on and shipment.status is not Status.LOST:
        verb = "Expected" if shipment.estimated_on >= today else "Was expected"
        when = f"{verb} on {day_and_distance(shipment.estimated_on, today=today)}"
    return {
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "tracking_url": shipment.tracking_url if order_wording.is_web_link(shipment.tracking_url) else "",
        "status": str(shipment.status) if shipment.status is not Status.UNKNOWN else shipment.status_text,
        "place": last.place if last else "",
        "last_event": last.description if last else "",
        "last_event_words": day(last.at, today=today) if last else "",
        "when_words": when,
    }


def _says_something(shown: dict[str, str]) -> bool:
    """Whether there is more to show of a parcel than that it exists: sources may know no number and no news of one."""
    return any(shown[part] for part in ("carrier", "tracking_number", "when_words", "last_event"))


def iso(value: date | datetime | None) -> str | None:
    if value is None:
        return None
    return (value.date() if isinstance(value, datetime) else value).isoformat()


def _first_upper(text: str) -> str:
    """A card has no subject, so "is on its way" becomes "On its way"."""
    bare = re.sub(r"^(?:is|has been|was) ", "", text).replace("**", "").replace("\\", "")
    return bare[:1].upper() + bare[1:]
