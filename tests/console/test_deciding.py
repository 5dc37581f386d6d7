"""What staff see before a version answers, and what their word does."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry
from retrieval.ingestion import release, withdraw
from retrieval.models import Audience, DocumentVersion, Release, State
from tests.console.factories import a_version
from tests.retrieval.stand_ins import upload

pytestmark = pytest.mark.django_db
MARKUP = '<img src=x onerror="alert(1)">'
RETURNS = "# Returns\n\nYou can return any item within 30 days of delivery.\n\nPlease keep the box."
HELP = "# Help\n\nAny item can be returned within 14 days of delivery."


def page_of(client, name: str, version: DocumentVersion, **query: str) -> str:
    response = client.get(reverse(f"console:version-{name}", args=[version.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def act(client, name: str, version: DocumentVersion, **fields):
    response = client.post(reverse(f"console:version-{name}", args=[version.pk]), fields)
    version.refresh_from_db()
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def contradicted():
    """A version that waits, and the one that it contradicts."""
    other = upload(RETURNS, "returns.md")
    waiting = upload(HELP, "help.md", release=Release.IF_CLEAR)
    assert waiting.state == State.READY
    return waiting, other


def test_both_quotes_stand_side_by_side_with_what_differs_marked(staff_client, contradicted):
    page = page_of(staff_client, "decide", contradicted[0])
    assert "Any item can be returned within <mark>14 days</mark> of delivery." in page
    assert "You can return any item within <mark>30 days</mark> of delivery." in page
    assert "Publish anyway" in page


def test_the_list_and_the_page_of_the_document_lead_to_the_decision(staff_client, contradicted):
    waiting, _ = contradicted
    address = reverse("console:version-decide", args=[waiting.pk])
    for path in ("/console/documents/?show=deciding", f"/console/documents/{waiting.document.slug}/"):
        page = staff_client.get(path).content.decode()
        assert "Please decide" in page and address in page


def test_publishing_anyway_lets_both_answer(staff_client, staff, contradicted):
    waiting, other = contradicted
    assert act(staff_client, "decide", waiting, action="publish") == ["Version 1 is published."]
    other.refresh_from_db()
    assert waiting.state == other.state == State.PUBLISHED
    assert AuditEntry.objects.get(action="published a version").actor == staff.username
    assert waiting.events.last().by == staff.username


def test_publishing_and_withdrawing_the_other_is_one_step(staff_client, contradicted):
    waiting, other = contradicted
    said = act(staff_client, "decide", waiting, action="publish", withdraw=str(other.pk))
    other.refresh_from_db()
    assert said == ["Version 1 is published, and 1 other document is withdrawn."]
    assert (waiting.state, other.state) == (State.PUBLISHED, State.WITHDRAWN)
    assert AuditEntry.objects.get(action="withdrew a version").detail == "replaced by Help v1"


def test_nobody_withdraws_a_document_that_the_page_did_not_name(staff_client, contradicted):
    waiting, _ = contradicted
    stranger = upload("# Parcels\n\nParcels travel by train.", "parcels.md")
    act(staff_client, "decide", waiting, action="publish", withdraw=[str(stranger.pk), "x", "-1"])
    stranger.refresh_from_db()
    assert stranger.state == State.PUBLISHED


def test_a_discarded_version_has_answered_nobody(staff_client, contradicted):
    waiting, _ = contradicted
    assert act(staff_client, "decide", waiting, action="discard", reason="an old draft") == [
        "Version 1 is discarded. It has answered nobody."
    ]
    assert waiting.state == State.WITHDRAWN and "an old draft" in waiting.reason and waiting.published_at is None
    assert AuditEntry.objects.get(action="discarded a version").detail == "an old draft"


@pytest.mark.parametrize("fields", [{}, {"action": "explode"}])
def test_without_a_choice_nothing_happens(staff_client, contradicted, fields):
    assert act(staff_client, "decide", contradicted[0], **fields) == ["Please choose what should happen."]
    assert contradicted[0].state == State.READY


def test_who_comes_late_is_told_so(staff_client, contradicted):
    waiting, _ = contradicted
    withdraw(waiting)
    for method in (staff_client.get, staff_client.post):
        response = method(reverse("console:version-decide", args=[waiting.pk]), {"action": "publish"})
        assert response["Location"] == reverse("console:document", args=[waiting.document.slug])
    waiting.refresh_from_db()
    assert waiting.state == State.WITHDRAWN


def test_who_discards_what_a_colleague_publishes_in_that_moment_takes_nothing_away(staff_client, contradicted, monkeypatch):
    waiting, _ = contradicted

    def published_meanwhile(version):
        release(DocumentVersion.objects.get(pk=version.pk))
        return []

    monkeypatch.setattr("console.deciding.conflicts", published_meanwhile)
    assert act(staff_client, "decide", waiting, action="discard") == ["This version does not wait for a decision any more."]
    assert waiting.state == State.PUBLISHED
    assert not AuditEntry.objects.filter(action="discarded a version").exists()


def test_markup_in_quotes_headings_and_reasons_is_inert(staff_client):
    upload(f"# {MARKUP}\n\nYou can return any item within 30 days of delivery {MARKUP}.", "a.md")
    waiting = upload(
        f"# {MARKUP}\n\nAny item can be returned within 14 days of delivery {MARKUP}.", "b.md", release=Release.IF_CLEAR
    )
    second = upload(f"# {MARKUP}\n\nNew {MARKUP}.", "b.md")
    withdraw(second, reason=MARKUP)
    for page in (
        page_of(staff_client, "decide", waiting),
        page_of(staff_client, "changes", second),
        page_of(staff_client, "history", second),
    ):
        assert "<img src=x" not in page and "&lt;img src=x" in page


def test_changes_are_shown_word_by_word_against_the_last_published_version(staff_client):
    first = upload(RETURNS)
    second = upload(RETURNS.replace("30", "14"))
    third = upload(RETURNS.replace("30", "14") + "\n\nThank you.")
    page = page_of(staff_client, "changes", third)
    assert "<ins>Thank you.</ins>" in page and "Compared with version 2" in page
    page = page_of(staff_client, "changes", third, against="1")
    assert "<del>30 </del>" in page and "<ins>14 </ins>" in page
    assert "Not a word is different." not in page
    assert "There is no earlier version" in page_of(staff_client, "changes", first)
    for odd in ("0", "x", "\0", "99"):
        assert "Compared with version 1" in page_of(staff_client, "changes", second, against=odd)


def test_the_line_of_a_version_says_what_happened_when_why_and_by_whom(staff_client, staff):
    version = upload(RETURNS, effective_from=timezone.localdate() + timedelta(days=3))
    withdraw(version, author=staff, reason="wrong prices")
    page = page_of(staff_client, "history", version)
    for words in ("Received", "Preparing", "Scheduled", "Withdrawn</strong> by " + staff.username, "wrong prices"):
        assert words in page
    assert ">Published<" not in page


def test_staff_change_for_whom_a_version_is(staff_client):
    version = a_version()
    assert act(staff_client, "audience", version, audience="staff") == ["Version 1 is for staff only now."]
    assert version.audience == Audience.STAFF
    assert AuditEntry.objects.get(action="changed who may read a version").detail == "for staff only"
    for wrong in ("", "nobody", "\0"):
        assert act(staff_client, "audience", version, audience=wrong)[-1:] == ["Please choose who may read this version."]
    assert "staff only" in staff_client.get("/console/documents/").content.decode()


def test_the_overview_counts_what_waits_for_a_decision(staff_client, contradicted):
    assert "To be decided" in staff_client.get("/console/").content.decode()
    withdraw(contradicted[0])
    assert "To be decided" not in staff_client.get("/console/").content.decode()


def test_what_is_for_staff_alone_says_so_and_offers_no_customers_page(staff_client):
    version = a_version("Goodwill", audience=Audience.STAFF)
    page = staff_client.get(f"/console/documents/{version.document.slug}/").content.decode()
    assert "no customer is answered from it" in page and "See it as customers do" not in page
