"""Rows for the console's tests: documents, versions and conversations with a whole trace, as the other rooms write them."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from chatbot.models import Citation, Conversation, Feedback, Message, Turn
from orders.models import OrderRequest, RequestEvent
from retrieval.models import Document, DocumentVersion, State

RETURNS = "# Returns\n\nYou may return an item within **30 days** of delivery.\n\n- Keep the box.\n- Sale items stay sold.\n"


def a_version(
    title: str = "Returns",
    *,
    document: Document | None = None,
    state: str = State.PUBLISHED,
    markdown: str = RETURNS,
    **fields: Any,
) -> DocumentVersion:
    """A version of a new document, or of the one given, as it stands in that state."""
    now = timezone.now()
    if document is None:
        document = Document.objects.create(slug=f"doc-{uuid4().hex[:12]}", title=title, category=fields.pop("category", ""))
    published = state in (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)
    version = DocumentVersion(
        document=document,
        number=document.versions.count() + 1,
        filename=fields.pop("filename", "returns.md"),
        size=len(markdown.encode()),
        sha256=hashlib.sha256(markdown.encode()).hexdigest(),
        state=state,
        state_at=now,
        markdown=markdown if published else "",
        published_at=now if published else None,
        **fields,
    )
    version.file.save(f"{uuid4().hex}.md", ContentFile(markdown.encode()), save=False)
    version.save()
    return version


def a_conversation(
    question: str = "Can I still return it?",
    answer: str = "Yes, within **30 days** [1].",
    *,
    email: str = "",
    version: DocumentVersion | None = None,
    order: str = "#W1001",
    outcome: str = "answered",
    state: str = Conversation.State.BOT,
    turn_state: str = Turn.State.FINISHED,
    helpful: bool | None = None,
    comment: str = "",
    minutes_ago: float = 1,
    **turn_fields: Any,
) -> Conversation:
    """One question and its answer, traced. version: what the answer cites."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    conversation = Conversation.objects.create(
        token_hash=uuid4().hex, email=email, verified_by="one-time code" if email else "", state=state, created_at=at, updated_at=at
    )
    add_turn(
        conversation, question, answer, version=version, order=order, outcome=outcome, turn_state=turn_state,
        helpful=helpful, comment=comment, at=at, **turn_fields,
    )  # fmt: skip
    return conversation


def add_turn(
    conversation: Conversation, question: str, answer: str, *, version: DocumentVersion | None, order: str, outcome: str,
    turn_state: str, helpful: bool | None, comment: str, at: Any, **fields: Any,
) -> Turn:  # fmt: skip
    seq = conversation.messages.count()
    Message.objects.create(conversation=conversation, seq=seq + 1, role="user", text=question, created_at=at)
    quote = "within **30 days** of delivery"
    passage: dict[str, Any] = {}
    if version is not None:
        start = version.markdown.index(quote)
        passage = {
            "chunk_id": 1, "version_id": version.pk, "document": version.document.title, "slug": version.document.slug,
            "version": version.number, "heading": "Returns", "text": version.markdown[11:65], "start": 11, "end": 65,
            "score": 0.812, "dense": 0.71, "lexical": 0.9,
        }  # fmt: skip
    defaults: dict[str, Any] = {
        "understanding": {
            "intents": ["return", "status"],
            "query": "return window",
            "wanted": {"references": [order]},
            "signals": {},
        },
        "evidence": {"strength": 0.87, "passages": [passage] if passage else [], "orders_error": "", "missing": []},
        "orders": [{"number": order, "status": "delivered", "total": "42.50"}] if order else [],
        "route": {"tier": "none", "reason": "the records answer it"},
        "prompt": [{"role": "system", "content": "Answer from the evidence."}, {"role": "user", "content": question}],
        "sentences": [
            {"text": answer, "citations": [1] if passage else [], "support": "quoted", "shown": True, "by": "composed"},
            {"text": "You have 90 days.", "citations": [], "support": "90 is in no source", "shown": False, "by": "model"},
        ],
        "timings_ms": {"understand": 1.2, "orders": 3.4, "search": 7.9, "first_text": 11.0, "total": 14.5},
        "cost_usd": Decimal("0.001200"),
    }
    turn = Turn.objects.create(
        id=uuid4(), conversation=conversation, client_id=uuid4().hex, question=question, state=turn_state, outcome=outcome,
        answer=answer, started_at=at, finished_at=at, **(defaults | fields),
    )  # fmt: skip
    if answer:
        Message.objects.create(
            id=turn.pk, conversation=conversation, seq=seq + 2, role="assistant", text=answer, created_at=at + timedelta(seconds=1)
        )
    if version is not None:
        Citation.objects.create(
            turn=turn, n=1, document=version.document.title, slug=version.document.slug, version=version.number,
            heading="Returns", quote=quote, start=start, end=start + len(quote),
        )  # fmt: skip
    if helpful is not None:
        Feedback.objects.create(turn=turn, helpful=helpful, comment=comment, created_at=at)
    return turn


def a_request(
    kind: str = "cancel",
    *,
    state: str = "open",
    number: str = "#W2378156",
    conversation: Conversation | None = None,
    minutes_ago: int = 5,
    **values: Any,
) -> OrderRequest:
    """What a customer asked to be done, with the order as it was then and the rule behind it."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    line = {"position": 1, "name": "Linen shirt", "options": [["color", "blue"]], "unit_price": "59.00", "quantity": 2}
    order = {"number": number, "status": "processing", "status_text": "Picking", "currency": "USD", "lines": [line]}
    quote = {
        "document": "Orders",
        "version": 3,
        "heading": "Cancelling",
        "text": "Until they are packed.",
        "url": "/policies/orders/3/",
    }
    known = {"email": "maya@example.com", "method": "one-time code", "snapshot": order, "pieces": [[1, 1, "Linen shirt"]]}
    known |= {
        "allowed": "yes",
        "allowed_reason": "possible in this state",
        "rules": [7],
        "quotes": [quote],
        "reason": "ordered twice",
    }
    made = OrderRequest.objects.create(
        kind=kind,
        state=state,
        order_number=number,
        turn_id=uuid4(),
        conversation_id=conversation.pk if conversation else None,
        created_at=at,
        state_at=at,
        **(known | values),
    )
    RequestEvent.objects.create(request=made, state="open", by="customer", at=at)
    return made
