"""Which of a customer's orders an answer speaks of. Pure.

Where the words name one order, it is that one. Where they name none, it depends on what is asked: "where is it?" means what is
still to come, "can I return it?" what has arrived. If several are left and one must be meant, the customer is asked.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from chatbot.composing import traits
from chatbot.turn import Intent, Understanding
from chatbot.understanding.states import LIST_WORD, STATES, THE_ONE
from orders.choosing import Named, asked_keys, named_by
from orders.lookup import OrdersFound
from orders.records import NOT_YET_SENT, ON_ITS_WAY, Kind, OrderRecord, Status
from orders.references import key_of
from orders.statuses import is_finished_word
from orders.wanted import Wanted

MOST_SHOWN = 5
MOST_LISTED = 25  # where a list is asked for

_ARRIVED = frozenset(
    {Status.DELIVERED, Status.EXCHANGE_REQUESTED, Status.RETURN_REQUESTED, Status.PARTIALLY_REFUNDED, Status.READY_FOR_PICKUP}
)
_SENT_BACK = frozenset({Status.RETURN_REQUESTED, Status.RETURNED, Status.REFUNDED, Status.PARTIALLY_REFUNDED, Status.CANCELLED})
_TROUBLED = frozenset({Status.LOST, Status.DELAYED})
_OWN_PROCESS = re.compile(
    r"\b(?:my|our) (?:return|exchange|replacement)s?\b(?! (?:label|window|period))|\bi (?:have )?(?:returned|exchanged|sent (?:it|them|\w+) back)\b",
    re.IGNORECASE,
)
_DAMAGED = re.compile(
    r"\b(?:damaged|broken|torn|crack\w*|smashed|dented|ripped|defect\w*|faulty|hole|tear|work|works|working|apart)\b", re.IGNORECASE
)
_SAID_TO_BE_THERE = re.compile(r"\b(?:says?|shows?|marked|claims?|states?|listed|shown)\b.{0,30}\bdelivered\b", re.IGNORECASE)
_COMING = re.compile(r"\b(?:coming|will|when (?:do|does|is|are)|arriving|still)\b(?!.{0,60}\b(?:return|exchange)\b)", re.IGNORECASE)
_PARCELS = re.compile(r"\b(?:parcels|packages|shipments)\b", re.IGNORECASE)
_IN_STATE = {
    "delivered": _ARRIVED - {Status.READY_FOR_PICKUP},
    "cancelled": frozenset({Status.CANCELLED}),
    "on hold": frozenset({Status.ON_HOLD}),
    "delayed": frozenset({Status.DELAYED}),
    "lost": frozenset({Status.LOST}),
    "returned or refunded": _SENT_BACK - {Status.CANCELLED},
    "on its way": ON_ITS_WAY,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """orders: those the answer is about, newest first. ask: they are candidates, and the customer must say which.

    more: how many further orders the same words would mean; others: those of them that are known. among: they are some of the
    customer's orders, those that fit what was said, so that their number is not that of all. unread: whether the customer has orders
    that were not looked through, so that a count is of those that were.
    """

    orders: tuple[OrderRecord, ...] = ()
    ask: bool = False
    more: int = 0
    among: bool = False
    others: tuple[OrderRecord, ...] = ()
    unread: bool = False

    @property
    def shows_some(self) -> bool:
        """Whether further orders are meant than those that are shown one by one."""
        return len(self.orders) > 1 and bool(self.more or self.unread)

    @property
    def is_all(self) -> bool:
        """Whether all that are meant are known."""
        return not self.unread and self.more == len(self.others)


def choose(meaning: Understanding, found: OrdersFound) -> Choice:
    """Return the orders to speak of; none when the customer has none."""
    choice = _choose(meaning, found)
    return replace(choice, unread=True) if found.is_partial and not choice.unread else choice


def _choose(meaning: Understanding, found: OrdersFound) -> Choice:
    wanted, records, intents = meaning.wanted, found.records, meaning.intents
    if wanted is None or not records:
        return Choice()
    every, said = bool(meaning.signals.get("every")), str(meaning.signals.get("about_order", ""))
    if meaning.signals.get("perhaps") and wanted.words and not found.narrowed:
        return Choice()  # "can I return worn boots?" from somebody who never ordered boots is about the rule
    if wanted.names_numbers and len(records) > 1 and (states := listed_states(meaning)):
        records = tuple(r for r in records if _is_in(r, states[0])) or records  # "the pending one" of those offered
    if how := str(meaning.signals.get("paid_with", "")):
        by_payment = traits.paid_with(records, how) if not wanted.names_numbers or len(records) > 1 else ()
        if by_payment and not meaning.signals.get("by_total"):
            return _paid_so(by_payment, meaning, every=every)
        records = by_payment or records
    if (rank := int(meaning.signals.get("by_total", 0))) and (not wanted.names_numbers or len(records) > 1):
        return Choice() if found.is_partial else _listed(traits.at_rank(records, rank))
    if meaning.signals.get("which"):
        return _listed(records, ask=True)
    if wanted.endings:
        return _listed(records, ask=len(records) > len(wanted.endings) + len(wanted.references), among=True)
    if wanted.references:
        return Choice(records[:MOST_SHOWN], more=max(found.total - MOST_SHOWN, 0), among=True)
    if wanted.possible and _are_named(records, wanted):
        return _listed(records, among=True)  # bare numbers that are theirs are meant as much as those with a word before them
    if wanted.latest:
        return Choice(records[:1])
    if place := meaning.signals.get("place"):
        return Choice() if found.is_partial and (place["at"] or 0) < 0 else _by_place(records, place)
    if (named := THE_ONE.search(said)) and (fitting := tuple(r for r in records if _is_in(r, STATES[named["state"].lower()]))):
        return _listed(fitting[: 1 if named["newest"] else None], ask=_needs_one(intents) and not every, among=True)
    if Intent.ORDER_LIST in intents:
        if states := listed_states(meaning):
            return _listed(tuple(r for r in records if _is_in(r, states[0])), MOST_LISTED, among=states[0] != "open")
        return _all(records, found, MOST_LISTED)
    if found.narrowed:
        fitting = _fitting(records, intents, said) or _still_coming(records, intents, said) or records
        return _listed(fitting, ask=_needs_one(intents) and not every, among=True)
    if Intent.REFUND in intents:
        return _with_refund(records, every=every)
    if begun := _begun(records, intents, said):
        return _listed(begun, among=True)
    if intents & {Intent.RETURN, Intent.EXCHANGE, Intent.CANCEL, Intent.CHANGE_ADDRESS, Intent.PARCEL_PROBLEM}:
        return _listed(_fitting(records, intents, said) or records[:1], ask=not every, among=True)
    if intents & {Intent.STATUS, Intent.TRACKING}:
        still_coming = tuple(r for r in records if may_be_open(r)) or records[:1]
        # what has not been sent is no parcel yet
        sent = tuple(r for r in still_coming if r.shipments) if _PARCELS.search(said) else ()
        return _listed(sent or still_coming, among=0 < len(sent) < len(still_coming))
    if every:
        return _all(records, found, MOST_SHOWN)
    if len(records) > 1 and not any(r.placed_at for r in records):
        return _listed(tuple(r for r in records if may_be_open(r)) or records, ask=True)  # which is the newest is not known
    return Choice(records[:1])


def _listed(candidates: tuple[OrderRecord, ...], most: int = MOST_SHOWN, *, ask: bool = False, among: bool = False) -> Choice:
    others = candidates[most:]
    return Choice(candidates[:most], ask=ask and len(candidates) > 1, more=len(others), among=among, others=others)


def _all(records: tuple[OrderRecord, ...], found: OrdersFound, most: int) -> Choice:
    """The newest of all, with all others counted."""
    choice = _listed(records, most)
    return replace(choice, more=choice.more + max(found.total - len(records), 0))


def _are_named(records: tuple[OrderRecord, ...], wanted: Wanted) -> bool:
    """Whether each of these orders is named by one of the numbers."""
    named = named_by(asked_keys(wanted), map(Named.of, records))
    return {record.number for record in records} <= set().union(*named.values())


def _paid_so(records: tuple[OrderRecord, ...], meaning: Understanding, *, every: bool) -> Choice:
    """Of the orders that were paid in the way that was said, those that are meant."""
    intents, said = meaning.intents, str(meaning.signals.get("about_order", ""))
    if meaning.signals.get("newest"):
        return Choice(records[:1])
    if Intent.ORDER_LIST in intents:
        return _listed(records, MOST_LISTED, among=True)
    fitting = _fitting(records, intents, said) or _still_coming(records, intents, said) or records
    return _listed(fitting, ask=_needs_one(intents) and not every, among=True)


def _still_coming(records: tuple[OrderRecord, ...], intents: frozenset[Intent], said: str) -> tuple[OrderRecord, ...]:
    """Of several that fit, those that "is it coming?" can be about."""
    asks = Intent.STATUS in intents and _COMING.search(said)
    return tuple(r for r in records if may_be_open(r)) if asks else ()


def may_be_open(order: OrderRecord) -> bool:
    """Whether something is still to come, or the shop's word does not tell that it has come."""
    return order.is_open or (order.may_come and not order.refunded and not is_finished_word(order.status_text))


def listed_states(meaning: Understanding) -> tuple[str, ...]:
    """The states by which a list of orders is asked for ("my cancelled orders"), in the customer's order."""
    said = str(meaning.signals.get("about_order", "")).lower()
    return tuple(dict.fromkeys(STATES[word] for word in LIST_WORD.findall(said)))


def _is_in(order: OrderRecord, state: str) -> bool:
    return may_be_open(order) if state == "open" else order.status in _IN_STATE[state]


def _by_place(records: tuple[OrderRecord, ...], place: dict[str, Any]) -> Choice:
    """The order at a place among the customer's own, or those beside the ones spoken of."""
    spoken_of = {key_of(number) for number in (*place["after"], *place["without"])}
    places = [n for n, record in enumerate(records) if key_of(record.number) in spoken_of]
    if place["after"]:
        next_one = max(places) + 1 if places else 0
        return Choice(records[next_one : next_one + 1])
    if place["without"]:
        left = tuple(r for r in records if key_of(r.number) not in spoken_of)
        return _listed(left, among=True)
    if place["newest"]:
        return Choice(records[: place["newest"]], among=True)
    at = place["at"]
    return Choice(records[at:][:1])


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


def _fitting(records: tuple[OrderRecord, ...], intents: frozenset[Intent], said: str) -> tuple[OrderRecord, ...]:
    """The orders for which the wish makes sense."""
    if intents & {Intent.RETURN, Intent.EXCHANGE}:
        return tuple(r for r in records if r.status in _ARRIVED or (r.delivered_at is not None and r.status not in _SENT_BACK))
    if Intent.CANCEL in intents:
        return tuple(r for r in records if r.status in NOT_YET_SENT) or tuple(r for r in records if r.is_open)
    if Intent.CHANGE_ADDRESS in intents:
        return tuple(r for r in records if r.status in NOT_YET_SENT) or tuple(r for r in records if r.is_open)
    if Intent.PARCEL_PROBLEM in intents and (_DAMAGED.search(said) or _SAID_TO_BE_THERE.search(said)):
        return tuple(r for r in records if r.status in _ARRIVED)
    if Intent.PARCEL_PROBLEM in intents:
        return tuple(r for r in records if r.status in _TROUBLED or r.is_open) or tuple(r for r in records if r.status in _ARRIVED)
    return ()


def _begun(records: tuple[OrderRecord, ...], intents: frozenset[Intent], said: str) -> tuple[OrderRecord, ...]:
    """The orders whose return or exchange has begun, where "my return" speaks of one."""
    if not _OWN_PROCESS.search(said):
        return ()
    if Intent.EXCHANGE in intents:
        return tuple(r for r in records if r.status is Status.EXCHANGE_REQUESTED)
    return tuple(r for r in records if r.status in _SENT_BACK - {Status.CANCELLED}) if Intent.RETURN in intents else ()


def _with_refund(records: tuple[OrderRecord, ...], *, every: bool) -> Choice:
    """Orders whose money moved back, or should: what "where is my refund?" is about."""
    moved = tuple(r for r in records if any(t.kind is not Kind.PAYMENT for t in r.transactions))
    due = tuple(r for r in records if r.status in _SENT_BACK and r not in moved)
    pending = tuple(r for r in moved if r.refund_pending)
    if every:
        return Choice((moved + due or records[:1])[:MOST_SHOWN])
    return Choice((pending or moved or due or records[:1])[:MOST_SHOWN])
