"""What customers ask to be done about their orders: filed once, seen by them and by the shop alone, brought from state to state.

Filing does nothing to an order. Every change is one transaction with its line in the history and its message to the shop's system.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from database.waiting import one_at_a_time
from orders import requests_outbox
from orders.errors import OrdersError
from orders.records import OrderRecord
from orders.requests_models import OrderRequest, RequestEvent
from orders.requests_values import (
    BY_THE_SHOP,
    LONGEST_ADDRESS,
    LONGEST_INSTEAD,
    LONGEST_NOTE,
    LONGEST_REASON,
    Asked,
    Basis,
    By,
    Changed,
    Filed,
    RequestSeen,
    State,
    as_plain,
    may_follow,
    snapshot,
)
from orders.viewer import Viewer

MOST_A_DAY = 20  # of one customer
_DAY = timedelta(days=1)


class RequestRefused(OrdersError):
    """What cannot be asked, or not be done with a request (any more)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.user_message = reason


class TooManyRequests(RequestRefused):
    """A customer asks for more in a day than people can look at."""


class UnknownRequest(OrdersError):
    """There is no such request, or not for whoever asks: one and the same."""

    user_message = "There is no such request."


def file(
    asked: Asked, record: OrderRecord, *, viewer: Viewer, at: datetime, basis: Basis, conversation_id: UUID, turn_id: UUID
) -> Filed:
    """Put a request before the shop, or find the one that is there. record: the order as `lookup.find_orders` gave it to this viewer.

    Call it in the transaction that notes what the customer was told. Raises RequestRefused for a viewer who is nobody, for the
    order of another number, and TooManyRequests.
    """
    email = viewer.email_at(at)
    if email is None:
        raise RequestRefused("Please sign in first.")
    if asked.number != record.number:
        raise RequestRefused("That is another order than the one that was shown.")
    one_at_a_time(f"requests of {email}")  # or several windows could ask for more in a day than one
    if known := _known(email, asked, turn_id):
        return Filed(known.seen(), is_new=False)
    if OrderRequest.objects.filter(email=email, created_at__gt=at - _DAY).count() >= MOST_A_DAY:
        raise TooManyRequests("You have asked for a lot today. Please ask for a person, who can look at all of it.")
    try:
        with transaction.atomic():
            request = OrderRequest.objects.create(
                kind=str(asked.kind),
                order_number=asked.number,
                email=email,
                method=str(viewer.method),
                conversation_id=conversation_id,
                turn_id=turn_id,
                snapshot=snapshot(record),
                pieces=[[piece.position, piece.quantity, piece.name] for piece in asked.pieces],
                parcels=list(asked.parcels),
                reason=asked.reason[:LONGEST_REASON],
                instead=asked.instead[:LONGEST_INSTEAD],
                address=asked.address[:LONGEST_ADDRESS],
                allowed=basis.allowed,
                allowed_reason=basis.reason,
                last_day=basis.last_day,
                rules=list(basis.rules),
                quotes=as_plain(basis.quotes),
                created_at=at,
                state_at=at,
            )
            event = _write_down(request, State.OPEN, By.CUSTOMER, at=at)
            requests_outbox.write(request, event, requests_outbox.FILED)
    except IntegrityError:  # the same was said twice at once, and the other was first
        if known := _known(email, asked, turn_id):
            return Filed(known.seen(), is_new=False)
        raise
    return Filed(request.seen(), is_new=True)


def requests_of(viewer: Viewer, *, at: datetime, numbers: Sequence[str] | None = None, newest: int = 10) -> tuple[RequestSeen, ...]:
    """The viewer's own requests, newest first: about these orders, or all. Nothing for a viewer who is nobody."""
    found = OrderRequest.objects.visible_to(viewer, at=at)
    if numbers is not None:
        found = found.filter(order_number__in=list(numbers))
    return tuple(request.seen() for request in found[:newest])


def unfinished(asked: Asked, viewer: Viewer, *, at: datetime) -> RequestSeen | None:
    """The viewer's request of that kind for that order which still waits or is worked on."""
    found = OrderRequest.objects.visible_to(viewer, at=at).unfinished()
    request = found.filter(order_number=asked.number, kind=str(asked.kind)).first()
    return request.seen() if request else None


def filed_by(turn_id: UUID, viewer: Viewer, *, at: datetime) -> RequestSeen | None:
    """The viewer's request that this turn has filed."""
    request = OrderRequest.objects.visible_to(viewer, at=at).filter(turn_id=turn_id).first()
    return request.seen() if request else None


def withdraw(request_id: UUID, viewer: Viewer, *, at: datetime) -> Changed:
    """Take the viewer's own request back. Raises UnknownRequest, or RequestRefused once somebody works on it."""
    with transaction.atomic():
        request = OrderRequest.objects.visible_to(viewer, at=at).select_for_update().filter(pk=request_id).first()
        if request is None:
            raise UnknownRequest(str(request_id))
        return _bring(request, State.WITHDRAWN, By.CUSTOMER, at=at)


def decide(request_id: UUID, state: State, *, by: By, who: str, note: str, at: datetime, message_id: str | None = None) -> Changed:
    """Bring a request into a state, for staff and the shop's own system, who may see every request.

    message_id: of the signed message that said so; the same once more changes nothing. Raises UnknownRequest, RequestRefused.
    """
    if state not in BY_THE_SHOP:
        raise RequestRefused(f"A request cannot be set to “{state}”.")
    if len(note) > LONGEST_NOTE:
        raise RequestRefused(f"Please keep the note under {LONGEST_NOTE:,} characters.")
    with transaction.atomic():
        request = OrderRequest.objects.select_for_update().filter(pk=request_id).first()
        if request is None:
            raise UnknownRequest(str(request_id))
        if message_id and RequestEvent.objects.filter(message_id=message_id).exists():
            return Changed(request.seen(), False, request.conversation_id)
        return _bring(request, state, by, who=who, note=note, at=at, message_id=message_id)


def _bring(
    request: OrderRequest, state: State, by: By, *, at: datetime, who: str = "", note: str = "", message_id: str | None = None
) -> Changed:
    """Call it in a transaction that has locked the row. The same state with the same words, as by a double click, changes nothing."""
    if State(request.state) is state and note in ("", request.note):
        return Changed(request.seen(), False, request.conversation_id)
    if State(request.state) is not state and not may_follow(State(request.state), state):
        raise RequestRefused(f"This request is {request.state} already, so it cannot become {state}.")
    # words belong to the state they were written with: "it was packed already" does not explain an acceptance
    request.state, request.state_at, request.note = str(state), at, note
    try:
        with transaction.atomic():
            request.save(update_fields=["state", "state_at", "note"])
    except IntegrityError:  # it had ended, and there is another by now
        raise RequestRefused(
            "The customer has asked for the same again in the meantime. Please decide about that request."
        ) from None
    event = _write_down(request, state, by, who=who, note=note, at=at, message_id=message_id)
    if by is not By.SHOP:  # it knows what it has told us
        requests_outbox.write(request, event, requests_outbox.CHANGED)
    return Changed(request.seen(), True, request.conversation_id)


def _known(email: str, asked: Asked, turn_id: UUID) -> OrderRequest | None:
    mine = OrderRequest.objects.filter(email=email)
    same = mine.filter(order_number=asked.number, kind=str(asked.kind))
    return mine.filter(turn_id=turn_id).first() or same.unfinished().first()


def _write_down(
    request: OrderRequest, state: State, by: By, *, at: datetime, who: str = "", note: str = "", message_id: str | None = None
) -> RequestEvent:
    return RequestEvent.objects.create(
        request=request, state=str(state), by=str(by), who=who[:150], note=note, at=at, message_id=message_id
    )
