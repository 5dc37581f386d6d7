"""An order's state in sentences a person would say, and as facts a model may use. Pure.

Every sentence follows from the record; what the record does not know is left out, never guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chatbot.composing.item_wording import items, name
from chatbot.composing.wording import (
    address,
    count,
    day,
    day_and_distance,
    full_address,
    item,
    join,
    money,
    plain,
    transaction,
    upper_first,
)
from orders.records import NOT_YET_SENT, Kind, OrderRecord, Shipment, Status, Transaction

_STATE = {
    Status.PENDING: "has been received and is waiting to be prepared",
    Status.PROCESSING: "is being prepared",
    Status.ON_HOLD: "is on hold",
    Status.PARTIALLY_SHIPPED: "has been sent in part",
    Status.SHIPPED: "has been shipped",
    Status.IN_TRANSIT: "is on its way",
    Status.OUT_FOR_DELIVERY: "is out for delivery",
    Status.READY_FOR_PICKUP: "is ready for pickup",
    Status.DELAYED: "is delayed",
    Status.LOST: "is reported as lost on its way",
    Status.DELIVERED: "has been delivered",
    Status.RETURN_REQUESTED: "has a return request that is open",
    Status.EXCHANGE_REQUESTED: "has an exchange request that is open",
    Status.RETURNED: "has been returned",
    Status.PARTIALLY_REFUNDED: "has been refunded in part",
    Status.REFUNDED: "has been refunded",
    Status.CANCELLED: "has been cancelled",
}


_ASKS_PLACED = re.compile(r"\bwhen\b.{0,40}\b(?:order(?:ed)?|buy|bought|purchase\w*|placed?)\b", re.IGNORECASE)
_ASKS_DELIVERED = re.compile(r"\bwhen\b.{0,60}\b(?:deliver\w*|arriv\w*|c[ao]me|received?)\b", re.IGNORECASE)
_ASKS_SENT = re.compile(
    r"\bwhen\b.{0,60}\b(?:sent|send|ship|shipped|dispatch\w*|despatch\w*|leave|left|posted|go out|gone out)\b", re.IGNORECASE
)


def contents(order: OrderRecord, *, limit: int = 3) -> str:
    """ "Linen shirt, boots and 2 more items", without their options; "" if the items are not known."""
    names = [item(replace(line, options=())) for line in order.lines[:limit]]
    more = len(order.lines) - limit
    return join([*names, f"{count(more, 'more item')}"] if more > 0 else names)


def told_as(status: Status) -> str:
    """ "is being prepared": how a state is told; "" for one that says nothing."""
    return _STATE.get(status, "")


def state(order: OrderRecord) -> str:
    """ "has been delivered"; the shop's own word when it means nothing to us."""
    said = _STATE.get(order.status)
    if said:
        return said
    return f"is shown as “{plain(order.status_text)}” in our system" if order.status_text else "is in our system, without a state"


def headline(order: OrderRecord, *, today: date, sentence: bool = False) -> str:
    """The state with its most telling date, without the order's number: for cards, or to follow the number in a sentence."""
    if order.status is Status.DELIVERED and order.delivered_at:
        return f"{'was ' if sentence else ''}delivered on {day_and_distance(order.delivered_at, today=today)}"
    said = state_and_word(order) if sentence else state(order)
    if late := order.days_late(on=today):
        return f"{said}, {count(late, 'day')} late"
    if order.expected_on:
        verb = "expected" if order.expected_on >= today else "was expected"
        return f"{said}, {verb} on {day_and_distance(order.expected_on, today=today)}"
    return said


def status(order: OrderRecord, *, today: date, already: bool = False) -> list[str]:
    """Where the order is and what comes next, as sentences. already: what the customer wishes for has happened."""
    said = [_opening(order, today=today, already=already)]
    if order.is_split:
        said.append(f"It {'travels' if order.is_open else 'came'} in {count(len(order.shipments), 'parcel')}:")
        said.extend(f"- {parcel(s, order, today=today)}" for s in order.shipments)
    else:
        said.extend(_whereabouts(order, today=today))
    said.extend(_without_parcel(order))
    dated = any(s.estimated_on for s in order.shipments if s.delivered_at is None)
    if not (order.is_split and (dated or not order.expected_on)) or order.status in (Status.DELAYED, Status.LOST):
        said.extend(_expectation(order, today=today))
    said.extend(_money_back(order, today=today))
    return said


def _opening(order: OrderRecord, *, today: date, already: bool = False) -> str:
    subject = upper_first(name(order)) if not order.lines else f"Your {name(order)} ({contents(order)})"
    said = f"{subject} {state_and_word(order)}"
    if already:
        return f"{said.replace(' has been ', ' is already ', 1)}."
    if order.status is Status.DELIVERED and order.delivered_at:
        said = f"{subject} was delivered on {day_and_distance(order.delivered_at, today=today)}"
    elif order.status is Status.SHIPPED and order.shipped_at:
        said = f"{subject} was shipped on {day(order.shipped_at, today=today)}{own_word(order)}"
    elif order.status in (Status.IN_TRANSIT, Status.PARTIALLY_SHIPPED) and order.shipped_at:
        first = "the first parcel was sent" if order.status is Status.PARTIALLY_SHIPPED else "it was sent"
        said += f"; {first} on {day(order.shipped_at, today=today)}"
    elif order.status in NOT_YET_SENT:
        said += _not_sent(order, today=today)
    return f"{said}."


def state_and_word(order: OrderRecord) -> str:
    """The state, with the shop's own word for it where ours is another: "is being prepared (status: processed)"."""
    return f"{state(order)}{own_word(order)}"


def own_word(order: OrderRecord) -> str:
    own = " ".join(order.status_text.replace("_", " ").split())
    known = order.status is not Status.UNKNOWN and own
    return f" (status: {plain(own)})" if known and own.casefold() not in state(order).casefold() else ""


def milestones(order: OrderRecord, asked: str, *, today: date) -> list[str]:
    """The day the order was placed, sent or delivered, where the question is about that and the state has not told it."""
    said = []
    if (not order.placed_at and _ASKS_PLACED.search(asked)) or (
        not order.delivered_at and order.status is Status.DELIVERED and _ASKS_DELIVERED.search(asked)
    ):
        said.append("Our records do not say on which day.")
    if order.placed_at and order.status not in NOT_YET_SENT and _ASKS_PLACED.search(asked):
        said.append(f"You placed it on {day_and_distance(order.placed_at, today=today)}.")
    told = (Status.SHIPPED, Status.IN_TRANSIT, Status.PARTIALLY_SHIPPED)
    if order.shipped_at and order.status not in told and _ASKS_SENT.search(asked):
        said.append(f"It was sent on {day_and_distance(order.shipped_at, today=today)}.")
    return said


def _not_sent(order: OrderRecord, *, today: date) -> str:
    if not order.placed_at:
        return "; it has not been sent yet"
    return f"; you placed it on {day(order.placed_at, today=today)} and it has not been sent yet"


def _without_parcel(order: OrderRecord) -> Iterator[str]:
    """The items of an order sent in part that no parcel is known for, where the records say which items are in which parcel."""
    if order.status is not Status.PARTIALLY_SHIPPED:
        return
    numbers = {s.tracking_number for s in order.shipments if s.tracking_number}
    waiting = [item(replace(line, options=())) for line in order.lines if line.tracking_number not in numbers]
    if waiting and len(waiting) < len(order.lines):
        sent = [item(replace(line, options=())) for line in order.lines if line.tracking_number in numbers]
        if not order.is_split:
            yield f"Parcel {plain(min(numbers))} has {join(sent)}."
        yield f"No parcel is known yet for {join(waiting)}."


def _whereabouts(order: OrderRecord, *, today: date) -> Iterator[str]:
    last = order.last_event
    if last and (order.is_open or order.status is Status.DELAYED):
        place = f" in {plain(last.place)}" if last.place else ""
        yield f"Last seen on {day(last.at, today=today)}{place}: {plain(last.description).rstrip('.')}."


def _expectation(order: OrderRecord, *, today: date) -> Iterator[str]:
    expected = order.expected_on
    if expected and order.status is Status.UNKNOWN:
        verb = "is expected" if expected >= today else "was expected"
        yield f"By our records it {verb} on {day_and_distance(expected, today=today)}."
    elif expected is None or order.status is Status.LOST:
        if order.is_open and order.status not in (Status.LOST, Status.READY_FOR_PICKUP):
            yield "We have no delivery date for it yet."
    elif late := order.days_late(on=today):
        yield f"It was expected on {day(expected, today=today)}, so it is {count(late, 'day')} late."
    else:
        yield f"It is expected on {day_and_distance(expected, today=today)}."


def _money_back(order: OrderRecord, *, today: date) -> Iterator[str]:
    if order.refunded or order.refund_pending:
        yield from refund(order, today=today)


def parcel(shipment: Shipment, order: OrderRecord, *, today: date) -> str:
    """One parcel on one line: what is in it, where it is, when it comes."""
    label = " ".join(part for part in (plain(shipment.carrier), plain(shipment.tracking_number)) if part) or "A parcel"
    inside = [item(line) for line in order.lines if line.tracking_number and line.tracking_number == shipment.tracking_number]
    said = f"{label}{f' with {join(inside)}' if inside else ''}: "
    if shipment.delivered_at:
        return f"{said}delivered on {day_and_distance(shipment.delivered_at, today=today)}."
    said += str(shipment.status) if shipment.status is not Status.UNKNOWN else plain(shipment.status_text) or "no news yet"
    if shipment.last_event:
        place = f" in {plain(shipment.last_event.place)}" if shipment.last_event.place else ""
        said += f", last seen on {day(shipment.last_event.at, today=today)}{place}"
    if shipment.estimated_on and shipment.status is not Status.LOST:
        verb = "expected" if shipment.estimated_on >= today else "was expected"
        said += f", {verb} on {day_and_distance(shipment.estimated_on, today=today)}"
    return f"{said}."


def tracking(order: OrderRecord) -> list[str]:
    """Each parcel's number with its link, or that there is none yet."""
    if not any(shipment.tracking_number or is_web_link(shipment.tracking_url) for shipment in order.shipments):
        return [f"There is no tracking number for {name(order)} yet."]
    said = [f"Tracking for {name(order)}:"]
    for shipment in order.shipments:
        carrier = f"{plain(shipment.carrier)} " if shipment.carrier else ""
        link = f" — [follow this parcel]({shipment.tracking_url})" if is_web_link(shipment.tracking_url) else ""
        said.append(f"- {carrier}{plain(shipment.tracking_number) or '(no tracking number yet)'}{link}")
    return said


def is_web_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and not any(c in url for c in " ()<>\"'\\\n`")


def refund(order: OrderRecord, *, today: date) -> list[str]:
    """What went back, what is on its way back, or that nothing was."""
    done = [t for t in order.transactions if t.kind is Kind.REFUND]
    coming = [t for t in order.transactions if t.kind is Kind.REFUND_PENDING]
    said = []
    if done:
        said.append(f"Refunded for {name(order)}: {join([transaction(t, order.currency, today=today) for t in done])}.")
    if coming:
        said.append(f"A refund is on its way for {name(order)}: {join([_on_its_way(t, order.currency, today) for t in coming])}.")
    return said or [f"I see no refund for {name(order)} in our records."]


def _on_its_way(entry: Transaction, currency: str, today: date) -> str:
    """The amount and the way it takes; its day is that on which it was begun, not the one on which it arrives."""
    begun = f", begun on {day(entry.at, today=today)}" if entry.at else ""
    return f"{transaction(replace(entry, at=None), currency, today=today)}{begun}"


def payment(order: OrderRecord, *, today: date) -> list[str]:
    paid = [t for t in order.transactions if t.kind is Kind.PAYMENT]
    if not paid:
        return [f"I see no payment for {name(order)} in our records."]
    return [f"{upper_first(name(order))} was paid with {join([transaction(t, order.currency, today=today) for t in paid])}."]


def cost(order: OrderRecord) -> list[str]:
    if order.total is None:
        return [f"I see no total for {name(order)} in our records."]
    return [f"The total of {name(order)} is {money(order.total, order.currency)}."]


def destination(order: OrderRecord) -> list[str]:
    if not order.ship_to:
        return [f"I see no delivery address for {name(order)} in our records."]
    return [f"{upper_first(name(order))} goes to {full_address(order.ship_to)}."]


def facts(order: OrderRecord, *, today: date, whole_address: bool = False) -> list[str]:
    """Everything known of an order as short lines, derived values included, so that a model need not calculate.

    whole_address: with the street, for a question that is about the address; otherwise only what it is recognised by.
    """
    lines = [f"Order {order.number}: status {order.status if order.status is not Status.UNKNOWN else order.status_text}"]
    for label, value in (
        ("placed on", order.placed_at),
        ("sent on", order.shipped_at),
        ("expected on", order.expected_on or (None if order.delivered_at else order.estimated_on)),
        ("delivered on", order.delivered_at),
    ):
        if value:
            lines.append(f"{label} {day_and_distance(value, today=today)}")
    if late := order.days_late(on=today):
        lines.append(f"late by {count(late, 'day')}")
    lines.extend(f"item: {line}" for line in items(order)[1:])
    if order.total is not None:
        lines.append(f"total {money(order.total, order.currency)}")
    lines.extend(
        f"{t.kind}: {transaction(t, order.currency, today=today)}" for t in order.transactions if t.kind is not Kind.REFUND_PENDING
    )
    lines.extend(f"{t.kind}: {_on_its_way(t, order.currency, today)}" for t in order.transactions if t.kind is Kind.REFUND_PENDING)
    lines.extend(f"parcel: {parcel(s, order, today=today)}" for s in order.shipments)
    if last := order.last_event:
        lines.append(f"last seen on {day(last.at, today=today)}{f' in {last.place}' if last.place else ''}: {last.description}")
    if order.ship_to:
        lines.append(f"goes to {full_address(order.ship_to) if whole_address else address(order.ship_to)}")
    return [line.replace("**", "") for line in lines]
