"""The console's page of API keys: made and shown once, listed, revoked; by administrators alone, and written down."""

import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from chatbot.as_model.keys import find_key
from chatbot.models import ApiCall, ApiKey, AuditEntry
from tests.chatbot.as_model.calling import Program
from tests.console.factories import a_conversation

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "console:api-keys"


def make(client, name="Help centre", ends="", per_minute="60"):
    return client.post(reverse(PAGE), {"name": name, "ends": ends, "per_minute": per_minute})


def key_on(response) -> str:
    return re.search(r'value="(wab_[^"]+)"', response.content.decode())[1]


def test_a_key_is_shown_once_and_opens_from_then_on(admin_client):
    shown = make(admin_client, ends="90", per_minute="5")
    key = key_on(shown)
    assert "no-store" in shown["Cache-Control"] and "http://testserver/v1" in shown.content.decode()
    row = ApiKey.objects.get()
    assert (row.name, row.per_minute) == ("Help centre", 5)
    assert abs(row.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    assert find_key(key, at=timezone.now()).pk == row.pk
    listed = admin_client.get(reverse(PAGE)).content.decode()
    assert "Help centre" in listed and row.prefix in listed and row.made_by in listed
    assert key not in listed and key.split("_", 2)[2] not in listed
    entry = AuditEntry.objects.get(action="made an API key")
    assert entry.subject == f"Help centre ({row.prefix})" and "5 questions a minute" in entry.detail
    assert key.split("_", 2)[2] not in str(list(AuditEntry.objects.values()))


def test_a_page_that_is_loaded_again_makes_no_second_key(admin_client):
    make(admin_client)
    again = make(admin_client)
    assert again.status_code == 400 and "There is a key with that name" in again.content.decode()
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": " "}, "Please give the key a name"),
        ({"name": "x" * 81}, "under 80 characters"),
        ({"per_minute": "0"}, "from 1 to 10,000"),
        ({"per_minute": "many"}, "from 1 to 10,000"),
        ({"ends": "7000"}, "choose when the key ends"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(admin_client, values, said):
    refused = make(admin_client, **values)
    assert refused.status_code == 400 and said in refused.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_at_once_and_once(admin_client):
    key, row = key_on(make(admin_client)), ApiKey.objects.get()
    listed = async_to_sync(Program(AsyncClient(), key).get)
    assert listed("models").status_code == 200
    for _ in range(2):
        done = admin_client.post(reverse("console:api-key-revoke", args=[row.pk]), follow=True)
        assert "opens nothing any more" in done.content.decode() and "Revoked" in done.content.decode()
    assert listed("models").status_code == 401
    assert AuditEntry.objects.filter(action="revoked an API key", subject=f"Help centre ({row.prefix})").count() == 1


def test_support_staff_find_no_such_page(staff_client, admin_client):
    make(admin_client)
    row = ApiKey.objects.get()
    assert staff_client.get(reverse(PAGE)).status_code == 404
    assert make(staff_client, name="Mine").status_code == 404
    assert staff_client.post(reverse("console:api-key-revoke", args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert ApiKey.objects.count() == 1 and row.revoked_at is None
    assert reverse(PAGE) not in staff_client.get(reverse("console:home")).content.decode()


def test_a_conversation_names_the_key_it_came_with_and_what_the_program_sent(admin_client):
    make(admin_client, name="<b>Help</b> centre")
    conversation = a_conversation()
    history = [{"role": "user", "text": "<i>How</i> long?"}, {"role": "assistant", "text": "365 days, I promise."}]
    ApiCall.objects.create(turn=conversation.turns.get(), key=ApiKey.objects.get(), history=history)
    page = admin_client.get(reverse("console:conversation", args=[conversation.pk])).content.decode()
    assert "&lt;b&gt;Help&lt;/b&gt; centre" in page and "&lt;i&gt;How&lt;/i&gt; long?" in page
    assert "365 days, I promise." in page and "proves nothing" in page
