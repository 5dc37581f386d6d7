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
    """An e-mail address alone asks for a code; with the code it proves the address."""

    email: Trimmed = Field(min_length=3, max_length=254)
    code: Trimmed | None = Field(default=None, max_length=40)


class NewFeedback(Taken):
    helpful: bool
    comment: str = Field(default="", max_length=2000)


class ConversationStarted(Schema):
    """token goes into `Authorization: Bearer …` of every later call; it is shown this once."""

    id: str
    token: str
    greeting: str


class SignedIn(Schema):
    email: str
    until: datetime | None


class Transcript(Schema):
    """state: pending (the bot answers), open (a person was asked), resolved. running: the turn that is being answered now."""

    id: str
    state: str
    signed_in: SignedIn | None
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
