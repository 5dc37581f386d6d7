"""Uploads: one file or many, each with its own result in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chatbot.models import AuditEntry
from console import uploads
from retrieval.models import Audience, Document, DocumentVersion, Release, State
from tests.console.factories import a_version

pytestmark = pytest.mark.django_db
UPLOAD = "/console/uploads/"
TEXT = b"# Returns\n\nThirty days.\n"


def a_file(name: str = "returns.md", data: bytes = TEXT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def send(client, *files, **fields) -> list[dict]:
    """Upload as the script of the page does; return the results."""
    response = client.post(UPLOAD, {"files": files, **fields}, headers={"Accept": "application/json"})
    assert response.status_code == 200
    return response.json()["results"]


def test_a_file_is_stored_with_all_that_was_said_about_it(staff_client, staff):
    (result,) = send(
        staff_client, a_file(), category="returns", note="new window", effective_from="2026-01-01", effective_until="2027-01-01"
    )
    version = DocumentVersion.objects.get()
    assert result["ok"] and result["url"] == reverse("console:document", args=[version.document.slug])
    assert (version.state, version.author, version.note, version.document.category) == (
        State.RECEIVED,
        staff,
        "new window",
        "returns",
    )
    assert (str(version.effective_from), str(version.effective_until)) == ("2026-01-01", "2027-01-01")
    assert version.file.read() == TEXT
    assert AuditEntry.objects.get(action="uploaded a document").actor == staff.username


def test_without_a_script_the_form_leads_back_to_the_list_with_its_results(staff_client):
    response = staff_client.post(UPLOAD, {"files": [a_file("good.md"), a_file("empty.md", b"")]}, follow=True)
    page = response.content.decode()
    assert response.redirect_chain == [("/console/documents/", 302)]
    assert "Stored as version 1" in page and "This file is empty." in page
    assert "Stored as version 1" not in staff_client.get("/console/documents/").content.decode(), "results are shown once"


def test_one_bad_file_fails_in_words_and_the_others_go_on(staff_client):
    results = send(staff_client, a_file("a.md", b"# A\n\na"), a_file("empty.md", b""), a_file("b.md", b"# B\n\nb"))
    assert [(r["name"], r["ok"]) for r in results] == [("a.md", True), ("empty.md", False), ("b.md", True)]
    assert results[1]["message"] == "This file is empty."
    assert DocumentVersion.objects.count() == 2


def test_a_file_that_breaks_us_is_an_apology_for_that_file_alone(staff_client, monkeypatch):
    receive = uploads.ingestion.receive

    def fragile(data, name, **about):
        if name == "bad.md":
            raise RuntimeError("boom")
        return receive(data, name, **about)

    monkeypatch.setattr(uploads.ingestion, "receive", fragile)
    results = send(staff_client, a_file("bad.md"), a_file("good.md"))
    assert [r["ok"] for r in results] == [False, True]
    assert results[0]["message"] == uploads.UNEXPECTED


@pytest.mark.parametrize("size_mb", [1, 4], ids=["kept in memory", "kept on disk"])
def test_a_file_over_the_limit_is_refused_in_a_sentence(staff_client, settings, size_mb):
    settings.MAX_UPLOAD_MB = 0 if size_mb == 1 else 3
    (result,) = send(staff_client, a_file("huge.md", b"x" * size_mb * 1024 * 1024))
    assert not result["ok"] and "is larger than" in result["message"]
    assert not DocumentVersion.objects.exists()


def test_a_large_file_is_stored_whole(staff_client):
    data = b"# Big\n\n" + b"word " * 800_000
    (result,) = send(staff_client, a_file("big.md", data))
    assert result["ok"] and DocumentVersion.objects.get().file.size == len(data)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.md",
        "..\\..\\windows\\system.md",
        "/etc/cron.d/x.md",
        "<img src=x onerror=alert(1)>.md",
        "x" * 300 + ".md",
        "📦 Rückgabe.md",
        "a\nb.md",
        ".md",
        "no-ending",
        "'; DROP TABLE retrieval_document;--.md",
    ],
)
def test_odd_file_names_are_shown_and_never_used_as_paths(staff_client, settings, name):
    (result,) = send(staff_client, a_file(name))
    assert result["ok"]
    version = DocumentVersion.objects.get()
    assert version.file.path.startswith(str(settings.MEDIA_ROOT))
    assert ".." not in version.filename and len(version.filename) <= 255
    assert staff_client.get("/console/documents/").status_code == 200
    assert "<img src=x" not in staff_client.get("/console/documents/").content.decode()


def test_the_same_name_again_is_the_next_version(staff_client):
    send(staff_client, a_file())
    (result,) = send(staff_client, a_file(data=TEXT + b"More."))
    assert "version 2" in result["message"] and Document.objects.count() == 1


def test_a_document_can_be_replaced_by_a_file_of_another_name(staff_client):
    version = a_version()
    response = staff_client.post(UPLOAD, {"files": [a_file("other.md")], "document": version.document.slug})
    assert response["Location"] == reverse("console:document", args=[version.document.slug])
    assert version.document.versions.count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"effective_from": "2026-02-01", "effective_until": "2026-01-01"}, "after the first day"),
        ({"effective_from": "yesterday"}, "is not a date"),
        ({"effective_until": "2026-13-01"}, "is not a date"),
        ({"document": "no-such-document"}, "was not found"),
        ({"category": "x" * 101}, "under 100 characters"),
        ({"note": "x" * 501}, "under 500 characters"),
        ({"note": "a\0b"}, "Null characters"),
        ({"audience": "the moon"}, "choose who may be answered"),
    ],
)
def test_what_is_said_about_the_files_must_make_sense(staff_client, fields, words):
    (result,) = send(staff_client, a_file(), **fields)
    assert not result["ok"] and words in result["message"] and result["name"] == "returns.md"
    assert not DocumentVersion.objects.exists()


def test_what_contradicts_waits_for_a_decision_and_what_staff_hold_back_too(staff_client):
    send(staff_client, a_file("a.md"))
    send(staff_client, a_file("b.md"), hold="on", audience="staff")
    assert list(DocumentVersion.objects.order_by("pk").values_list("release", "audience")) == [
        (Release.IF_CLEAR, Audience.EVERYONE),
        (Release.BY_HAND, Audience.STAFF),
    ]


def test_several_files_cannot_all_be_the_new_version_of_one_document(staff_client):
    version = a_version()
    results = send(staff_client, a_file("a.md"), a_file("b.md"), document=version.document.slug)
    assert [r["message"] for r in results] == [uploads.ONE_FILE] * 2


@pytest.mark.parametrize("fields", [{}, {"files": "text, not a file"}])
def test_no_file_is_said_in_a_sentence(staff_client, fields):
    response = staff_client.post(UPLOAD, fields, follow=True)
    assert uploads.NO_FILE in response.content.decode()


def test_nobody_writes_fields_that_the_form_does_not_have(staff_client):
    send(
        staff_client, a_file(), state="published", slug="mine", author="1", number="99", markdown="evil", published_at="2020-01-01"
    )
    version = DocumentVersion.objects.get()
    assert (version.state, version.number, version.markdown, version.published_at) == (State.RECEIVED, 1, "", None)
