"""Which of a customer's orders an answer speaks of. Pure.

Where the words name one order, it is that one. Where they name none, it depends on what is asked: "where is it?" means what is
still to come, "can I return it?" what has arrived. If several are left and one must be meant, the customer is asked.
"""

from dataclasses import dataclass

from chatbot.turn import Intent, Understanding
from orders.lookup import OrdersFound
from orders.records import NOT_YET_SENT, Kind, OrderRecord, Status

MOST_SHOWN = 5

_ARRIVED = frozenset(
    {Status.DELIVERED, Status.EXCHANGE_REQUESTED, Status.RETURN_REQUESTED, Status.PARTIALLY_REFUNDED, Status.READY_FOR_PICKUP}
)
_SENT_BACK = frozenset({Status.RETURN_REQUESTED, Status.RETURNED, Status.REFUNDED, Status.PARTIALLY_REFUNDED, Status.CANCELLED})
_TROUBLED = frozenset({Status.LOST, Status.DELAYED})


@dataclass(frozen=True, slots=True)
class Choice:
    """orders: those the answer is about, newest first. ask: they are candidates, and the customer must say which.

    more: how many further orders the same words would mean.
    """

    orders: tuple[OrderRecord, ...] = ()
    ask: bool = False
    more: int = 0


def choose(meaning: Understanding, found: OrdersFound) -> Choice:
    """Return the orders to speak of; none when the customer has none."""
    wanted, records, intents = meaning.wanted, found.records, meaning.intents
    if wanted is None or not records:
        return Choice()
    if meaning.signals.get("perhaps") and wanted.words and not found.narrowed:
        return Choice()  # "can I return worn boots?" from somebody who never ordered boots is about the rule
    if wanted.references:
        return Choice(records[:MOST_SHOWN], more=max(found.total - MOST_SHOWN, 0))
    if wanted.latest:
        return Choice(records[:1])
    if Intent.ORDER_LIST in intents:
        return Choice(records, more=max(found.total - len(records), 0))
    every = bool(meaning.signals.get("every"))
    if found.narrowed:
        fitting = _fitting(records, intents) or records
        return _one_or_ask(fitting, ask=_needs_one(intents) and not every)
    if Intent.REFUND in intents:
        return _with_refund(records, every=every)
    if intents & {Intent.RETURN, Intent.EXCHANGE, Intent.CANCEL, Intent.CHANGE_ADDRESS, Intent.PARCEL_PROBLEM}:
        return _one_or_ask(_fitting(records, intents) or records[:1], ask=not every)
    if intents & {Intent.STATUS, Intent.TRACKING}:
        still_coming = tuple(r for r in records if r.is_open) or records[:1]
        return Choice(still_coming[:MOST_SHOWN], more=max(len(still_coming) - MOST_SHOWN, 0))
    if every:
        return Choice(records[:MOST_SHOWN], more=max(found.total - MOST_SHOWN, 0))
    return Choice(records[:1])


def _needs_one(intents: frozenset[Intent]) -> bool:
    """Whether it would be wrong to answer for several orders at once."""
    return bool(
        intents
        & {
            Intent.RETURN,
            Intent.EXCHANGE,
            Intent.CANCEL,
            Intent.CHANGE_ADDRESS,
            Intent.PARCEL_PROBLEM,
            Intent.ITEMS,
            Intent.PAYMENT,
        }
    )


def _one_or_ask(candidates: tuple[OrderRecord, ...], *, ask: bool) -> Choice:
    shown = candidates[:MOST_SHOWN]
    return Choice(shown, ask=ask and len(candidates) > 1, more=len(candidates) - len(shown))


def _fitting(records: tuple[OrderRecord, ...], intents: frozenset[Intent]) -> tuple[OrderRecord, ...]:
    """The orders for which the wish makes sense."""
    if intents & {Intent.RETURN, Intent.EXCHANGE}:
        return tuple(r for r in records if r.status in _ARRIVED or (r.delivered_at is not None and r.status not in _SENT_BACK))
    if Intent.CANCEL in intents:
        return tuple(r for r in records if r.status in NOT_YET_SENT) or tuple(r for r in records if r.is_open)
    if Intent.CHANGE_ADDRESS in intents:
        return tuple(r for r in records if r.status in NOT_YET_SENT) or tuple(r for r in records if r.is_open)
    if Intent.PARCEL_PROBLEM in intents:
        return tuple(r for r in records if r.status in _TROUBLED or r.is_open) or tuple(r for r in records if r.status in _ARRIVED)
    return ()


def _with_refund(records: tuple[OrderRecord, ...], *, every: bool) -> Choice:
    """Orders whose money moved back, or should: what "where is my refund?" is about."""
    moved = tuple(r for r in records if any(t.kind is not Kind.PAYMENT for t in r.transactions))
    due = tuple(r for r in records if r.status in _SENT_BACK and r not in moved)
    pending = tuple(r for r in moved if r.refund_pending)
    if every:
        return Choice((moved + due or records[:1])[:MOST_SHOWN])
    return Choice((pending or moved or due or records[:1])[:MOST_SHOWN])
