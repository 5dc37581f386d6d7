"""What follows from a message while a request is put together: one step of the conversation. Pure; tested as a table.

    advance(pending, heard, order, now=now)  ->  Move(do, pending)

Nothing is filed but by a clear yes to what was shown; whatever is about something else leaves the request behind.
"""

from dataclasses import replace
from datetime import date, datetime

from chatbot.requesting.hearing import other_intents
from chatbot.requesting.slots import (
    instead_in,
    is_an_address,
    open_parcels,
    picked_lines,
    picked_parcels,
    reason_in,
    tidy_address,
)
from chatbot.requesting.values import INTENTS, Do, Heard, Move, Pending, Reply, Step
from orders.records import OrderRecord, Status
from orders.references import key_of
from orders.requests_values import LONGEST_INSTEAD, Asked, Kind

LONGEST_ANSWER = 40  # words: who writes more than that is telling something else


def next_step(asked: Asked, order: OrderRecord) -> Step:
    """What is still to be asked before the request can be shown as a whole."""
    match asked.kind:
        case Kind.RETURN | Kind.EXCHANGE if not asked.pieces and (len(order.lines) > 1 or any(x.quantity > 1 for x in order.lines)):
            return Step.ITEMS
        case Kind.EXCHANGE if not asked.instead:
            return Step.INSTEAD
        case Kind.CHANGE_ADDRESS if not asked.address:
            return Step.ADDRESS
        case Kind.MISSING if not asked.parcels and len(open_parcels(order)) > 1:
            return Step.ITEMS
    return Step.CONFIRM


def advance(pending: Pending, heard: Heard, order: OrderRecord, *, now: datetime) -> Move:
    """What follows from what the customer said to the last question of the flow."""
    if pending.step in (Step.CONFIRM, Step.WITHDRAW):
        return _answered(pending, heard, now)
    is_given = pending.step is Step.ADDRESS and is_an_address(heard.text)  # "no, to 12 Elm Street, Denver"
    if heard.stops or (heard.reply is Reply.NO and not is_given):
        return Move(Do.DROP, pending)
    if _is_elsewhere(pending, heard):
        return Move(Do.LEAVE, pending)
    asked = _with_answer(pending, heard, order)
    if asked is None:
        # words that answer nothing: what they ask about counts, and nothing else tells what they mean
        leaves = bool(other_intents(heard.text, INTENTS[pending.asked.kind]))
        return Move(Do.LEAVE if leaves else Do.ASK_AGAIN, pending)
    step = next_step(asked, order)
    return Move(Do.CHECK if step is Step.CONFIRM else Do.ASK, replace(pending, asked=asked, step=step))


def seems_missing(order: OrderRecord, *, today: date) -> bool:
    """Whether a parcel that is told to have not come should have come by what the record knows."""
    late = order.days_late(on=today) > 0
    return late or order.status in (Status.LOST, Status.DELIVERED, Status.DELAYED) or order.delivered_at is not None


def _answered(pending: Pending, heard: Heard, now: datetime) -> Move:
    """To the question whether to ask: only a yes that is about this very request, and fresh, files it."""
    kind = pending.asked.kind
    own_words_stop = heard.stops and kind is not Kind.CANCEL and pending.step is Step.CONFIRM
    if heard.wish is not None and heard.wish is not kind and not own_words_stop:
        return Move(Do.LEAVE, pending)  # "no, return it instead"
    if heard.reply is Reply.NO or own_words_stop:
        return Move(Do.DROP, pending)
    if heard.reply is Reply.YES:
        if not _is_about(pending, heard):
            return Move(Do.ASK_AGAIN, pending)
        agreed = Do.FILE if pending.step is Step.CONFIRM else Do.WITHDRAW
        return Move(agreed if pending.is_fresh(now) else Do.CHECK, pending, expired=not pending.is_fresh(now))
    if pending.step is Step.WITHDRAW:
        return Move(Do.LEAVE if _is_elsewhere(pending, heard) or heard.wish else Do.ASK_AGAIN, pending)
    if kind is Kind.CHANGE_ADDRESS and not heard.asks and not heard.wish and is_an_address(heard.text):
        return Move(Do.CHECK, replace(pending, asked=replace(pending.asked, address=tidy_address(heard.text))))
    if _is_elsewhere(pending, heard):
        return Move(Do.LEAVE, pending)
    if reason := reason_in(heard.text):
        return Move(Do.CHECK, replace(pending, asked=replace(pending.asked, reason=reason)))
    if other_intents(heard.text, INTENTS[kind]):
        return Move(Do.LEAVE, pending)
    return Move(Do.ASK_AGAIN, pending)


def _is_about(pending: Pending, heard: Heard) -> bool:
    """Whether a yes that names an order or a wish names this one: a button of an earlier answer may say it too."""
    if any(letter.isdigit() for letter in heard.text) and key_of(pending.asked.number) not in key_of(heard.text):
        return False
    return not heard.verbs or pending.asked.kind in heard.verbs


def _is_elsewhere(pending: Pending, heard: Heard) -> bool:
    """Whether the message begins something else."""
    if heard.asks or heard.withdraws or len(heard.text.split()) > LONGEST_ANSWER:
        return True
    return heard.wish is not None and heard.wish is not pending.asked.kind


def _with_answer(pending: Pending, heard: Heard, order: OrderRecord) -> Asked | None:
    """The request with what was asked for; None where the message does not say it."""
    asked, text = pending.asked, heard.text
    match pending.step:
        case Step.ITEMS if asked.kind is Kind.MISSING:
            parcels = picked_parcels(text, open_parcels(order), listed=True)
            return replace(asked, parcels=parcels) if parcels else None
        case Step.ITEMS:
            pieces = picked_lines(text, order, listed=True)
            return replace(asked, pieces=pieces, reason=asked.reason or reason_in(text)) if pieces else None
        case Step.INSTEAD:
            said = " ".join(text.split())[:LONGEST_INSTEAD]
            return replace(asked, instead=instead_in(text) or said) if any(letter.isalnum() for letter in said) else None
        case Step.ADDRESS:
            return replace(asked, address=tidy_address(text)) if is_an_address(text) else None
    return None
