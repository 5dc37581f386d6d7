"""What the API takes and gives, as it stands in the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

Trimmed = Annotated[str, StringConstraints(strip_whitespace=True)]


class Taken(Schema):
    """A body: unknown fields are left unread, so that no caller can set what is not offered."""

    model_config = ConfigDict(extra="ignore")


class NewMessage(Taken):
    """text: the question. client_id: made by the caller; the same one twice is one question."""

    text: str
    client_id: str = Field(default_factory=lambda: str(uuid4()))


class Identification(Taken):
    """One of four ways: `email` (and `order_number`, if a code is to be sent only for that order's address) asks for a code;
    `email` and `code` prove the address; `token` is a signed JWT of the shop's site; `email` and `identifier_hash` are an address
    that the shop's site has signed.
    """

    email: Trimmed = Field(default="", max_length=254)
    code: Trimmed | None = Field(default=None, max_length=40)
    order_number: Trimmed = Field(default="", max_length=100)
    token: Trimmed | None = Field(default=None, max_length=8192)
    identifier_hash: Trimmed | None = Field(default=None, max_length=128)


class NewFeedback(Taken):
    helpful: bool
    comment: str = Field(default="", max_length=2000)


class ConversationStarted(Schema):
    """token goes into `Authorization: Bearer …` of every later call; it is shown this once."""

    id: str
    token: str
    greeting: str


class SignedIn(Schema):
    """until: when this ends by itself. method: how the address was proved."""

    email: str
    until: datetime | None
    method: str


class Transcript(Schema):
    """state: pending (the bot answers), open (a person was asked), resolved. running: the turn that is being answered now.

    locked: something was said here while its customer was signed in; it is shown again when they sign in again.
    """

    id: str
    state: str
    signed_in: SignedIn | None
    locked: bool
    running: str | None
    messages: list[dict[str, Any]]


class IdentifyResult(Schema):
    """demo_code is only ever filled in a demo on one machine, where no mail is sent."""

    status: Literal["code_sent", "verified"]
    message: str
    signed_in: SignedIn | None = None
    demo_code: str | None = None


class Said(Schema):
    message: str


class HandoffResult(Schema):
    message: str
    state: str


class FeedbackResult(Schema):
    id: str
    helpful: bool


class AnswerObject(Schema):
    id: str
    answer: str
    html: str
    outcome: Literal["answered", "asked_back", "not_found", "no_answer", "handed_off", "failed"]
    citations: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    order_lookup: bool
    tier: Literal["none", "small", "large"]
    model: str | None
    usage: dict[str, int]
    cost_usd: str
    timings_ms: dict[str, float]
    suggestions: list[str] = []
    needs_sign_in: bool = False


class ErrorDetail(Schema):
    code: str
    message: str
    retryable: bool


class ErrorObject(Schema):
    error: ErrorDetail
