"""Who did what, for administrators; and that nothing of a customer stays in it when they are forgotten."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from chatbot import sifting
from chatbot.models import AuditEntry, Conversation, QuestionGroup
from tests.chatbot.test_sifting import Meanings, unanswered
from tests.console.factories import a_conversation

pytestmark = pytest.mark.django_db
ACTIVITY = "/console/activity/"
QUESTION, EMAIL = "Do you wrap <b>presents</b>?", "ana.diaz@example.com"


def shown(client) -> str:
    response = client.get(ACTIVITY)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def handled(staff_client):
    """A conversation that was read and resolved, and the group of its question, about which was decided."""
    turn = unanswered(QUESTION, email=EMAIL, state="open")
    sifting.sift(Meanings())
    group = QuestionGroup.objects.get()
    staff_client.get(f"/console/conversations/{turn.conversation_id}/")
    staff_client.post(f"/console/conversations/{turn.conversation_id}/resolve/")
    staff_client.post(f"/console/unanswered/{group.pk}/decide/", {"state": "ignored"})
    return turn.conversation, group


def test_administrators_see_who_did_what_and_with_whom(handled, staff, admin_client):
    conversation, group = handled
    page = shown(admin_client)
    assert f'<a href="/console/conversations/{conversation.pk}/">{conversation.pk}</a>' in page and EMAIL in page
    assert f'<a href="/console/unanswered/{group.pk}/">questions {group.pk}</a>' in page and "Set aside" in page
    assert page.count(staff.username) == 3


def test_of_a_deleted_conversation_only_its_id_stays(handled, admin_client):
    conversation, group = handled
    Conversation.objects.all().delete()
    sifting.forget_empty()
    kept = " ".join(str(value) for row in AuditEntry.objects.values() for value in row.values())
    assert str(conversation.pk) in kept and f"questions {group.pk}" in kept
    for gone in (EMAIL, QUESTION, "presents"):
        assert gone not in kept and gone not in shown(admin_client)
    assert f"/console/conversations/{conversation.pk}/" not in shown(admin_client)


def test_what_earlier_versions_wrote_down_is_scrubbed():
    now, talk = timezone.now(), a_conversation(email=EMAIL)
    about = {"at": now, "actor": "bo"}
    AuditEntry.objects.create(action="read a conversation", subject=str(talk.pk), detail=EMAIL, **about)
    AuditEntry.objects.create(
        action="decided about unanswered questions", subject="questions 7", detail=f"Done: {QUESTION}", **about
    )
    AuditEntry.objects.create(action="withdrew a version", subject="Returns v1", detail="Done: replaced", **about)
    import_module("chatbot.migrations.0004_audit_without_customers_words").forget(apps, None)
    assert list(AuditEntry.objects.order_by("pk").values_list("detail", flat=True)) == ["", "Done", "Done: replaced"]
