"""What travels while a request is put together: what is known of it, what a customer said, and what follows. Frozen values."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from uuid import UUID

from chatbot.turn import Intent
from orders.requests_values import Asked, Basis, Kind

FRESH = timedelta(minutes=30)  # so long a yes counts for what was shown; later it is shown again
KEPT = timedelta(hours=24)  # after which nothing is left of it

KINDS = {
    Intent.CANCEL: Kind.CANCEL,
    Intent.RETURN: Kind.RETURN,
    Intent.EXCHANGE: Kind.EXCHANGE,
    Intent.CHANGE_ADDRESS: Kind.CHANGE_ADDRESS,
    Intent.PARCEL_PROBLEM: Kind.MISSING,
}
INTENTS = {kind: intent for intent, kind in KINDS.items()}


class Step(StrEnum):
    """What the customer was asked last."""

    ORDER = "which order"
    ITEMS = "which items"  # or parcels
    INSTEAD = "what instead"
    ADDRESS = "which address"
    CONFIRM = "whether to ask"
    WITHDRAW = "taking it back"
    FILED = "nothing more"


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is being put together in a conversation. turn_id, at: the turn that asked the customer last.

    shown: what the summary rested on, to see whether it is still so when the customer agrees. request_id: of one that was filed.
    """

    asked: Asked
    step: Step
    turn_id: UUID
    at: datetime
    shown: str = ""
    basis: Basis = field(default_factory=Basis)
    request_id: UUID | None = None

    def is_fresh(self, now: datetime) -> bool:
        return now - self.at <= FRESH


class Reply(Enum):
    YES = auto()
    NO = auto()
    NEITHER = auto()


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the flow reads it. wish: what it asks to be done; verbs: the kinds that its words name, asked for or not.

    of_request: it asks how something stands that was asked for ("what about my cancellation?"). asks: it is a question.
    stops: "never mind" and nothing more.
    """

    text: str
    reply: Reply = Reply.NEITHER
    wish: Kind | None = None
    verbs: frozenset[Kind] = frozenset()
    withdraws: bool = False
    of_request: bool = False
    asks: bool = False
    stops: bool = False


class Do(Enum):
    """What follows from a message."""

    LEAVE = auto()  # it is about something else: forget the request, answer as usual
    DROP = auto()  # the customer does not want it
    ASK = auto()  # ask for what is missing
    ASK_AGAIN = auto()  # what was said does not answer what was asked
    CHECK = auto()  # all is known: hold it against the rules, and show it
    FILE = auto()
    WITHDRAW = auto()


@dataclass(frozen=True, slots=True)
class Move:
    do: Do
    pending: Pending
    expired: bool = False  # it was agreed to, but too late
