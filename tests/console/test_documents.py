"""What staff see of documents and do with their versions."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry
from console.standing import covered_by, file_size, standing
from retrieval.models import DocumentVersion, State
from tests.console.factories import a_version

pytestmark = pytest.mark.django_db
LIST = "/console/documents/"
HTMX = {"HX-Request": "true"}
MARKUP = '<img src=x onerror="alert(1)">'


def text_of(response) -> str:
    return response.content.decode()


def page_of(client, version: DocumentVersion) -> str:
    return text_of(client.get(reverse("console:document", args=[version.document.slug])))


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (State.RECEIVED, "Waiting"),
        (State.READING, "Reading"),
        (State.EMBEDDING, "Preparing"),
        (State.READY, "Please decide"),
        (State.PUBLISHED, "Published"),
        (State.SUPERSEDED, "Replaced"),
        (State.WITHDRAWN, "Withdrawn"),
        (State.FAILED, "Failed"),
    ],
)
def test_every_state_has_a_word(staff_client, state, label):
    version = a_version(state=state)
    assert f">{label}</span>" in text_of(staff_client.get(LIST))
    assert f">{label}</span>" in page_of(staff_client, version)


def test_dates_decide_what_published_means():
    today = timezone.localdate()
    day = timedelta(days=1)
    published = DocumentVersion(state=State.PUBLISHED)
    assert standing(published, today=today).answers
    published.effective_from, published.effective_until = today, today + day
    assert standing(published, today=today).label == "Published"
    assert standing(published, today=today - day).label == "Scheduled"
    assert standing(published, today=today + day).label == "Ended"


def test_of_two_versions_that_apply_today_only_the_later_one_answers(staff_client):
    first = a_version()
    second = a_version(document=first.document, effective_from=timezone.localdate())
    page = page_of(staff_client, second)
    assert "Version 2 answers." in page
    assert covered_by(2).explanation in page


def test_a_failed_version_says_why_and_what_still_answers(staff_client):
    first = a_version()
    a_version(document=first.document, state=State.FAILED, reason="This PDF is protected by a password.")
    page = text_of(staff_client.get(LIST))
    assert "This PDF is protected by a password." in page and "Version 1 answers." in page


@pytest.mark.parametrize(("state", "asks"), [(State.READING, True), (State.PUBLISHED, False), (State.FAILED, False)])
def test_the_page_asks_again_only_while_something_is_unfinished(staff_client, state, asks):
    version = a_version(state=state)
    for path in (LIST, reverse("console:document", args=[version.document.slug])):
        for page in (staff_client.get(path), staff_client.get(path, headers=HTMX)):
            assert ("every 1s" in text_of(page)) is asks


def test_live_updates_get_the_table_alone(staff_client):
    a_version()
    part = text_of(staff_client.get(LIST, headers=HTMX))
    assert part.lstrip().startswith('<div id="documents"') and "<form" not in part


def test_documents_are_found_by_title_category_and_file_name(staff_client):
    a_version("Gift cards", category="payments", filename="vouchers-2026.pdf")
    a_version("Shipping")
    for words in ("gift", "PAYMENTS", "vouchers-2026"):
        page = text_of(staff_client.get(LIST, {"q": words}, headers=HTMX))
        assert "Gift cards" in page and "Shipping" not in page
    assert "No document matches" in text_of(staff_client.get(LIST, {"q": "helicopter"}))


def test_failed_documents_can_be_listed_alone(staff_client):
    a_version("Good one")
    a_version("Bad one", state=State.FAILED)
    page = text_of(staff_client.get(LIST, {"show": "failed"}, headers=HTMX))
    assert "Bad one" in page and "Good one" not in page


@pytest.mark.parametrize("query", [{"page": "999"}, {"page": "x"}, {"show": "<b>"}, {"q": "\0%_\\"}])
def test_odd_addresses_show_a_list(staff_client, query):
    a_version()
    assert staff_client.get(LIST, query).status_code == 200


def test_withdrawing_asks_first_then_takes_effect_and_is_written_down(staff_client, staff):
    version = a_version("Returns")
    address = reverse("console:version-withdraw", args=[version.pk])
    assert "Withdraw version 1 of “Returns”?" in text_of(staff_client.get(address))
    version.refresh_from_db()
    assert version.state == State.PUBLISHED, "opening the question changes nothing"

    response = staff_client.post(address, {"reason": "The window changed"})
    version.refresh_from_db()
    assert version.state == State.WITHDRAWN and "The window changed" in version.reason
    assert said(response) == ["Version 1 is withdrawn. No answer uses it any more."]
    entry = AuditEntry.objects.get(action="withdrew a version")
    assert (entry.actor, entry.subject, entry.detail) == (staff.username, "Returns v1", "The window changed")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_withdrawing_needs_a_reason(staff_client, reason):
    version = a_version()
    response = staff_client.post(reverse("console:version-withdraw", args=[version.pk]), {"reason": reason})
    version.refresh_from_db()
    assert response.status_code == 400 and version.state == State.PUBLISHED


def test_a_reason_keeps_its_words_and_loses_what_no_database_stores(staff_client):
    version = a_version()
    staff_client.post(reverse("console:version-withdraw", args=[version.pk]), {"reason": "\0 wrong\0 dates"})
    version.refresh_from_db()
    assert version.state == State.WITHDRAWN and version.reason.endswith("wrong dates")


def test_what_cannot_be_withdrawn_says_so(staff_client):
    version = a_version(state=State.FAILED)
    response = staff_client.post(reverse("console:version-withdraw", args=[version.pk]), {"reason": "x"})
    assert said(response) == ["This version was never published, so there is nothing to withdraw."]


def test_a_failed_version_can_be_tried_again_and_no_other(staff_client):
    failed, published = a_version(state=State.FAILED, reason="broken"), a_version()
    staff_client.post(reverse("console:version-retry", args=[failed.pk]))
    failed.refresh_from_db()
    assert failed.state == State.RECEIVED and failed.reason == ""
    response = staff_client.post(reverse("console:version-retry", args=[published.pk]))
    assert said(response)[-1:] == ["Only a version that failed can be tried again."]


@pytest.mark.parametrize("name", ["returns.html", "Rückgabe 📦.html", 'a"b;c.html', "folder/sub.html", "x" * 250 + ".html"])
def test_the_original_comes_as_a_download_that_no_browser_shows(staff_client, name):
    version = a_version(markdown="<script>alert(1)</script>", filename=name)
    response = staff_client.get(reverse("console:version-original", args=[version.pk]))
    assert response.content == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "/" not in response["Content-Disposition"].split("''")[0]
    assert response["Content-Type"] == "application/octet-stream" and response["X-Content-Type-Options"] == "nosniff"
    assert AuditEntry.objects.filter(action="downloaded a file").exists()


def test_a_file_that_is_gone_is_said_in_a_sentence(staff_client):
    version = a_version()
    version.file.storage.delete(version.file.name)
    response = staff_client.get(reverse("console:version-original", args=[version.pk]))
    assert response.status_code == 302 and said(response) == ["The uploaded file is no longer on the server."]


def test_the_text_of_a_version_is_shown_rendered_and_inert(staff_client):
    version = a_version(markdown=f"# Title\n\n{MARKUP} [x](javascript:alert(1)) **bold**")
    page = text_of(staff_client.get(reverse("console:version-text", args=[version.pk])))
    assert "<strong>bold</strong>" in page
    assert "<img src=x" not in page and "javascript:" not in page


def test_markup_in_names_titles_reasons_and_notes_is_inert(staff_client):
    version = a_version(MARKUP, category=MARKUP, filename=f"{MARKUP}.md", note=MARKUP, state=State.FAILED, reason=MARKUP)
    slug = version.document.slug
    for path in (LIST, f"{LIST}{slug}/", reverse("console:version-withdraw", args=[version.pk]), "/console/"):
        page = text_of(staff_client.get(path))
        assert "<img src=x" not in page and "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (12_345, "12 kB"), (999_499, "999 kB"), (999_600, "1.0 MB"), (3_400_000, "3.4 MB")],
)
def test_sizes_read_like_sizes(size, words):
    assert file_size(size) == words


def test_a_long_text_says_how_far_it_is_and_how_long_it_will_take(staff_client):
    version = a_version(state=State.EMBEDDING)
    begun = timezone.now() - timedelta(minutes=1)
    DocumentVersion.objects.filter(pk=version.pk).update(state_at=begun, chunks_done=25, chunks_total=100)
    for shown in (page_of(staff_client, version), text_of(staff_client.get(LIST))):
        assert "25% done, about 3 minutes left" in shown
    DocumentVersion.objects.filter(pk=version.pk).update(chunks_done=90)
    assert "90% done, about 7 s left" in page_of(staff_client, version)
    DocumentVersion.objects.filter(pk=version.pk).update(chunks_done=0)
    assert "% done" not in page_of(staff_client, version)
