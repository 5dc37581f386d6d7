"""The sentences of the flow. Pure. None says that something was done: a request is asked, and what the shop says of it is quoted as said.

A test reads every sentence here for words that claim more than that.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from chatbot.composing import phrases
from chatbot.composing.item_wording import name
from chatbot.composing.order_wording import state
from chatbot.composing.wording import day, item, plain
from orders.records import Line, OrderRecord, Shipment
from orders.requests_values import Asked, Kind, RequestSeen, State

YES, NO = "Yes, ask the shop to", "No, leave it as it is"
ALL, NEVER_MIND = "All of them", "Never mind"
DROPPED = "All right. I ask nobody, and nothing about your order changes."
NOTHING_YET = "Nobody has been asked yet. Shall I ask?"
SHOP_DECIDES = "Our rules alone do not tell me whether this is possible, so a person would decide."
EXPIRED = "Some time has passed since I asked you, so here it is again."
NOT_THE_SAME = "Something about your order is not as it was when I asked you, so please look again."
UNCLEAR = "I ask only on a clear yes."
WHICH_UNCLEAR = "I could not tell which of them you mean."
NOT_AN_ADDRESS = "That does not look like a whole address to me."
WHICH_ADDRESS = "Which address should it go to? Please write it in full: name, street and number, postcode, city and country."
WHAT_INSTEAD = "What would you like to have instead? For example another size or another colour."
NOTHING_ASKED = "Nobody has been asked so far."
WITHDRAWN_LATE = "Somebody works on it already, so I cannot take it back myself."
_TO_DO = {
    Kind.CANCEL: "cancel {order}",
    Kind.RETURN: "take back items of {order}",
    Kind.EXCHANGE: "exchange items of {order}",
    Kind.CHANGE_ADDRESS: "send {order} to another address",
    Kind.MISSING: "look for a parcel of {order}",
}
_IN_SHORT = {
    Kind.CANCEL: "cancel {number}",
    Kind.RETURN: "take a return from {number}",
    Kind.EXCHANGE: "exchange items of {number}",
    Kind.CHANGE_ADDRESS: "change the address of {number}",
    Kind.MISSING: "look for the missing parcel of {number}",
}
WISHES = {  # offered as a button beside an answer about the rule; each is understood as a wish
    Kind.CANCEL: "Please cancel it",
    Kind.RETURN: "I want to return it",
    Kind.EXCHANGE: "I want to exchange it",
    Kind.CHANGE_ADDRESS: "Please change its address",
    Kind.MISSING: "Please report it missing",
}


def to_do(asked: Asked) -> str:
    """ "cancel order **#W1**": what the shop is asked to do."""
    if asked.kind is Kind.CANCEL and asked.pieces:
        return f"cancel items of order **{plain(asked.number)}**"
    return _TO_DO[asked.kind].format(order=f"order **{plain(asked.number)}**")


def summary(asked: Asked, order: OrderRecord, *, shop: str) -> str:
    """All that will be asked, to be read before it is agreed to."""
    lines = [f"I can ask {plain(shop)} to {to_do(asked)}:", *(f"- {part}" for part in _parts(asked, order))]
    return "\n".join(lines) if len(lines) > 1 else f"I can ask {plain(shop)} to {to_do(asked)}."


def agree(asked: Asked) -> str:
    """The words of the button that agrees: they name what is agreed to, so that a button of an earlier answer agrees to nothing else."""
    return f"{YES} {_IN_SHORT[asked.kind].format(number=asked.number)}"


def agree_to_withdraw() -> str:
    return "Yes, take it back"


def which_items(asked: Asked, order: OrderRecord, parcels: Sequence[Shipment]) -> str:
    """The items, or the parcels, with numbers that can be said."""
    if asked.kind is Kind.MISSING:
        choices = [f"{n}. {_parcel(parcel)}" for n, parcel in enumerate(parcels, start=1)]
        return "\n".join([f"Which parcel of {name(order)} is missing?", *choices])
    choices = [f"{n}. {item(line)}" for n, line in enumerate(order.lines, start=1)]
    return "\n".join([f"Which items of {name(order)} shall it be? Their names or numbers are enough.", *choices])


def filed(request: RequestSeen, *, shop: str) -> str:
    return (
        f"I have asked {plain(shop)} to {to_do(request.asked)}. A person decides, and until then nothing about your order changes. "
        "The decision will stand here, and you can ask me at any time how it stands."
    )


def standing(request: RequestSeen, *, shop: str, today: date, already: bool = False) -> str:
    """How a request stands. The shop's own words are quoted as such. already: the customer has just asked for the same again."""
    when = day(_day(request.filed_at), today=today)
    what = f"request of {when} to {to_do(request.asked)}"
    begin = "I have not asked again: your" if already else "Your"
    shop = plain(shop)
    match request.state:
        case State.OPEN:
            said = f"{begin} {what} waits for {shop}. Nobody has decided yet."
        case State.ACCEPTED:
            said = f"{begin} {what} was accepted by {shop}. I have not heard that they are through with it."
        case State.DECLINED:
            said = f"{begin} {what} was declined by {shop}."
        case State.DONE:
            said = f"{shop} says that they have dealt with your {what}."
        case _:
            said = f"You took back your {what}."
    return said + _note(request)


def news(request: RequestSeen, *, shop: str) -> str:
    """What stands in the conversation when the shop has decided; the words of a person there, so the shop speaks."""
    what = f"your request to {to_do(request.asked)}"
    match request.state:
        case State.ACCEPTED:
            said = f"{plain(shop)} has accepted {what}."
        case State.DECLINED:
            said = f"{plain(shop)} has declined {what}."
        case State.DONE:
            said = f"{plain(shop)} says that they have dealt with {what}."
        case _:
            said = f"There is news about {what}."
    return said + _note(request)


def cannot_be_asked(order: OrderRecord) -> str:
    """What the record says now stands in the way."""
    return f"I have not asked for it, because {name(order)} {state(order)}. {phrases.OFFER}"


def may_withdraw(request: RequestSeen) -> str:
    return f"I can take back your request to {to_do(request.asked)}, so that nobody deals with it. Shall I?"


def withdrawn(request: RequestSeen) -> str:
    return f"I have taken back your request to {to_do(request.asked)}. Nothing about your order changes by it."


def _parts(asked: Asked, order: OrderRecord) -> list[str]:
    by_position = {line.position: line for line in order.lines}
    parts = [_piece(by_position[p.position], p.quantity) for p in asked.pieces if p.position in by_position]
    if not parts and asked.kind in (Kind.CANCEL, Kind.RETURN, Kind.EXCHANGE):
        parts = [item(line) for line in order.lines]
    parts += [_parcel(parcel) for parcel in order.shipments if parcel.tracking_number in asked.parcels]
    if asked.instead:
        parts.append(f"instead: “{plain(asked.instead)}”")
    if asked.address:
        parts.append(f"new address: {plain(', '.join(asked.address.splitlines()))}")
    if asked.reason:
        parts.append(f"your reason: “{plain(asked.reason)}”")
    return parts


def _piece(line: Line, quantity: int) -> str:
    of = f" (of {line.quantity})" if quantity < line.quantity else ""
    counted = f"{quantity} × " if quantity != 1 or of else ""
    return f"{counted}{item(line, counted=False)}{of}"


def _parcel(parcel: Shipment) -> str:
    return " ".join(part for part in (plain(parcel.carrier), plain(parcel.tracking_number)) if part)


def _note(request: RequestSeen) -> str:
    return f" They write: “{plain(request.note)}”" if request.note else ""


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()
