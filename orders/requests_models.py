"""What customers asked to be done, every state it has been in, and the messages about it that go to the shop's system."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models

from orders.requests_values import UNFINISHED, Asked, By, Kind, Piece, RequestSeen, State
from orders.viewer import Viewer


def choices(kind: type[Kind] | type[State] | type[By]) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in kind]


class RequestQuerySet(models.QuerySet["OrderRequest"]):
    def visible_to(self, viewer: Viewer, *, at: datetime) -> Self:
        """The requests this viewer may see at that moment: their own once verified, else none."""
        email = viewer.email_at(at)
        return self.none() if email is None else self.filter(email=email)

    def unfinished(self) -> Self:
        return self.filter(state__in=[str(state) for state in UNFINISHED])


class OrderRequest(models.Model):
    """One request. It outlives the conversation it was made in, of which it keeps the id alone.

    turn_id: the customer's turn that said yes; the same turn answered again files nothing. snapshot: the order as it was then.
    pieces: [[position, quantity, name], …], none for the whole order; quotes: the words of the policies that were shown with the question.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=choices(Kind))
    state = models.CharField(max_length=20, choices=choices(State), default=str(State.OPEN), db_index=True)
    order_number = models.CharField(max_length=200, db_index=True)
    email = models.CharField(max_length=254, db_index=True)
    method = models.CharField(max_length=30)  # a value of viewer.Method: how the customer had shown who they are
    conversation_id = models.UUIDField(null=True, blank=True, db_index=True)
    turn_id = models.UUIDField(unique=True)
    snapshot = models.JSONField(default=dict)
    pieces = models.JSONField(default=list)
    parcels = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    instead = models.TextField(blank=True)
    address = models.TextField(blank=True)
    allowed = models.CharField(max_length=10, blank=True)  # a value of rules.Allowed; "" where there is no rule about it
    allowed_reason = models.CharField(max_length=60, blank=True)
    last_day = models.DateField(null=True, blank=True)
    rules = models.JSONField(default=list)
    quotes = models.JSONField(default=list)
    note = models.TextField(blank=True)  # the shop's words to the customer about its present state
    created_at = models.DateTimeField(db_index=True)
    state_at = models.DateTimeField()

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["email", "order_number", "kind"],
                condition=models.Q(state__in=sorted(str(state) for state in UNFINISHED)),
                name="one_unfinished_request_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_number}"

    def asked(self) -> Asked:
        return Asked(
            kind=Kind(self.kind),
            number=self.order_number,
            pieces=tuple(Piece(*piece) for piece in self.pieces),
            parcels=tuple(self.parcels),
            reason=self.reason,
            instead=self.instead,
            address=self.address,
        )

    def seen(self) -> RequestSeen:
        """The request as its customer may see it."""
        return RequestSeen(self.pk, self.asked(), State(self.state), self.created_at, self.state_at, self.note)


class RequestEvent(models.Model):
    """That a request came into a state, and who brought it there. who: a user's name, kept when the user is gone; "" for a customer.

    message_id: that of the signed message in which the shop's system said so; the same message again changes nothing.
    """

    request = models.ForeignKey(OrderRequest, on_delete=models.CASCADE, related_name="events")
    state = models.CharField(max_length=20, choices=choices(State))
    by = models.CharField(max_length=20, choices=choices(By))
    who = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    message_id = models.CharField(max_length=100, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["request_id", "pk"]


class RequestMessage(models.Model):
    """A message for the shop's system: written in the transaction that makes it true, sent by the worker until it is taken.

    Its id and its body never change, so a message that arrives twice can be told to be one.
    """

    class State(models.TextChoices):
        DUE = "due", "to be sent"
        SENT = "sent", "sent"
        GIVEN_UP = "given up", "given up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(OrderRequest, on_delete=models.CASCADE, related_name="messages")
    place = models.PositiveIntegerField()  # among the messages about its request, which are sent in this order
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE, db_index=True)
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)  # why the last try did not succeed, for staff
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["request_id", "place"]
        constraints = [models.UniqueConstraint(fields=["request", "place"], name="one_message_per_place")]
