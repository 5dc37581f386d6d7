"""What belongs to one customer and to the shop, and how it looks to those who may see it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import AsyncClient

from chatbot.as_model.keys import make_key
from chatbot.chat_cookie import NAME
from chatbot.models import (
    ApiCall,
    ApiKey,
    Citation,
    Conversation,
    Feedback,
    InstructionsVersion,
    Message,
    PendingRequest,
    QuestionGroup,
    Turn,
    UnansweredQuestion,
)
from console.roles import Role, ensure_roles
from llm.models import ModelEndpoint
from orders.models import OrderRequest, RequestEvent, RequestMessage, StatusWord
from orders.records import Status
from orders.rules import Topic
from orders.rules_models import OrderRule, RuleEvent
from orders.rules_stating import Stated, Words, confirm
from orders.status_models import Of
from orders.status_words import decide
from retrieval.models import Chunk, Document, DocumentVersion, State, WebPage, WebSource
from retrieval.web import sources
from tests.chatbot.scripted import Customer
from tests.console.factories import a_version

QUESTION = "Can I return my violet umbrella?"
# rows that a stranger could change or add to; who reads or signs in is written down elsewhere
KEPT: tuple[type[Model], ...] = (
    *(Conversation, Message, Turn, Citation, Feedback, QuestionGroup, UnansweredQuestion),
    *(ApiKey, ApiCall, InstructionsVersion, PendingRequest, OrderRequest, RequestEvent, RequestMessage),
    *(Document, DocumentVersion, Chunk, WebSource, WebPage, OrderRule, RuleEvent, StatusWord, ModelEndpoint),
)
# made anew for each page, and saying nothing about what is on it
FRESH = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<=name="client_id" value=")[^"]+')


@dataclass(frozen=True)
class Belongings:
    """One customer's conversation with an answer and a thumb, and one document: published with its only chunk, and once more unread.

    gap: the id of the group of unanswered questions that the customer's question stands in. source: the id of a web address. endpoint: of a model. rule: of a rule in the words of the published version. request: of what a customer asked to be done. key: of an API key.
    """

    customer: Customer
    turn_id: str
    slug: str
    published: DocumentVersion
    unread: DocumentVersion
    gap: int
    source: int
    rule: int
    endpoint: int
    request: UUID
    key: int

    async def seen(self, staff: User) -> dict[str, Any]:
        """What the owner and the shop's staff see on their pages, and every row there is."""
        browser, console = AsyncClient(), AsyncClient()
        browser.cookies[NAME] = f"{self.customer.id}.{self.customer.token}"
        await console.aforce_login(staff)
        transcript = await browser.get(f"/api/v1/conversations/{self.customer.id}", headers=self.customer.headers)
        pages = {"/": await browser.get("/"), f"/policies/{self.slug}/1/": await browser.get(f"/policies/{self.slug}/1/")}
        for path in (f"conversations/{self.customer.id}/", f"documents/{self.slug}/", f"versions/{self.unread.pk}/text/"):
            pages[path] = await console.get(f"/console/{path}")
        assert {response.status_code for response in (transcript, *pages.values())} == {200}
        return {
            "transcript": transcript.json(),
            "pages": {path: FRESH.sub("", response.content.decode()) for path, response in pages.items()},
            "rows": {kind.__name__: await sync_to_async(_rows)(kind) for kind in KEPT},
        }


def _rows(kind: type[Model]) -> list[dict[str, Any]]:
    return list(kind._default_manager.order_by("pk").values())


async def belongings() -> Belongings:
    """Make them: the conversation through the API, the document as ingestion leaves it."""
    customer = await Customer.start(AsyncClient())
    turn_id = (await customer.ask(QUESTION, "first")).json()["id"]
    path = f"/api/v1/messages/{turn_id}/feedback"
    given = await customer.client.post(path, {"helpful": True}, content_type="application/json", headers=customer.headers)
    assert given.status_code == 200
    published = await sync_to_async(a_version)()
    unread = await sync_to_async(a_version)(document=published.document, state=State.FAILED, reason="No text was found.")
    gap = await sync_to_async(_chunk_and_gap)(published, turn_id)
    source = await sync_to_async(sources.add)("https://shop.example/returns", queue=False)
    rule = await sync_to_async(_rule)(published)
    await sync_to_async(decide)(Of.ORDER, "at the kiln", Status.PROCESSING, by="mia")
    endpoint = await ModelEndpoint.objects.acreate(
        name="Near", base_url="http://localhost:1/v1", model="tiny", tier="small", key_variable="LLM_KEY_NOWHERE"
    )
    asked = await sync_to_async(_request)(customer.id, turn_id, published.created_at)
    key, _ = await sync_to_async(make_key)("Help centre", per_minute=60, expires_at=None, by="mia", at=published.created_at)
    await InstructionsVersion.objects.acreate(
        number=1, text="Speak softly.", note="softer", author="mia", made_at=published.created_at
    )
    return Belongings(
        customer, turn_id, published.document.slug, published, unread, gap, source.pk, rule, endpoint.pk, asked, key.pk
    )


def _request(conversation_id: str, turn_id: str, at: datetime) -> UUID:
    """What a customer asked for, with a message to the shop's system that was never taken."""
    values = {"kind": "cancel", "order_number": "#K100", "email": "ana@example.com", "method": "one-time code", "state_at": at}
    request = OrderRequest.objects.create(conversation_id=conversation_id, turn_id=turn_id, created_at=at, **values)
    RequestEvent.objects.create(request=request, state="open", by="customer", at=at)
    RequestMessage.objects.create(request=request, place=1, body="{}", state="given up", due_at=at, created_at=at)
    return request.pk


def _rule(version: DocumentVersion) -> int:
    words = Words(version.document.slug, version.pk, version.number, "", "You may return an item within **30 days** of delivery.")
    return confirm(Stated(Topic.RETURN, amount=30), words, by="mia", at=version.created_at).pk


def _chunk_and_gap(version: DocumentVersion, turn_id: str) -> int:
    nowhere = bytes(4 * 8)
    end = len(version.markdown)
    Chunk.objects.create(version=version, position=0, text=version.markdown, start=0, end=end, vector=nowhere)
    group = QuestionGroup.objects.create(total=nowhere, size=1, recipe="test")
    UnansweredQuestion.objects.create(
        turn_id=turn_id, position=0, group=group, text=QUESTION, asked_at=version.created_at, vector=nowhere, recipe="test"
    )
    return group.pk


async def a_user(*roles: Role, **fields: Any) -> User:
    """A user of the console with these roles."""
    return await sync_to_async(_user)(roles, fields)


def _user(roles: tuple[Role, ...], fields: dict[str, Any]) -> User:
    ensure_roles()
    user = User.objects.create_user(**{"username": f"user-{User.objects.count()}", "password": "correct horse battery"} | fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


async def signed_in(user: User) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(user)
    return client


def is_uuid(text: object) -> bool:
    try:
        return bool(UUID(str(text)))
    except ValueError:
        return False
