"""Who is answered from what: texts for signed-in customers need a proof that still holds, internal ones reach no customer at all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatbot.chat_cookie import NAME
from chatbot.conversations import hash_of
from chatbot.models import Conversation
from retrieval.audiences import Audience
from tests.chatbot.test_policy_pages import own_uploads, path_of  # noqa: F401
from tests.console.factories import a_version
from tests.factories import make_passage
from tests.fakes import FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-token-of-this-test"


def browser(*, email: str = "maya@example.com", hours: int = 1) -> Client:
    """A browser whose conversation is signed in until then; no e-mail: not signed in."""
    now = timezone.now()
    conversation = Conversation.objects.create(
        token_hash=hash_of(TOKEN), email=email, verified_by="one-time code" if email else "",
        verified_until=now + timedelta(hours=hours), created_at=now, updated_at=now,
    )  # fmt: skip
    client = Client()
    client.cookies[NAME] = f"{conversation.pk}.{TOKEN}"
    return client


def test_the_pages_for_customers_open_to_those_who_are_signed_in_and_to_nobody_else():
    version = a_version("Members' returns", audience=Audience.CUSTOMERS)
    reply = browser().get(path_of(version))
    assert reply.status_code == 200 and "private" in reply["Cache-Control"] and "no-store" in reply["Cache-Control"]
    assert "Members&#x27; returns" in browser().get("/policies/").content.decode()
    for stranger in (Client(), browser(email=""), browser(hours=-1)):
        nowhere = stranger.get("/policies/no-such-policy/1/")
        refused = stranger.get(path_of(version))
        assert (refused.status_code, refused.content) == (nowhere.status_code, nowhere.content) == (404, nowhere.content)
        page = stranger.get("/policies/")
        assert "Members" not in page.content.decode() and "Cookie" in page["Vary"]


def test_an_internal_text_opens_to_no_customer_and_not_even_to_staff_outside_the_console(admin_user):
    version = a_version("Goodwill", audience=Audience.STAFF)
    staff = Client()
    staff.force_login(admin_user)
    for client in (Client(), browser(), staff):
        assert client.get(path_of(version)).status_code == 404
        assert "Goodwill" not in client.get("/policies/").content.decode()


class Noting(FakePolicies):
    def __init__(self) -> None:
        super().__init__(make_passage("You can return an item within 45 days from delivery."))
        self.readers: list[Audience] = []

    async def search(self, query, *, reader, **how):
        self.readers.append(reader)
        return await super().search(query, **how)


@pytest.mark.parametrize(("email", "reader"), [(None, Audience.EVERYONE), ("maya@example.com", Audience.CUSTOMERS)])
async def test_a_turn_searches_as_the_one_who_asks(run_turn, email, reader):
    policies = Noting()
    await run_turn("What is your return policy?", fake_services(policies=policies), email=email)
    assert policies.readers and set(policies.readers) == {reader}
