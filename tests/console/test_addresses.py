"""Web addresses in the console: what staff see of each, what they do with it, and what is written down about it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry
from retrieval.models import DocumentVersion, State, WebOrigin, WebPage, WebSource
from retrieval.web import sources
from tests.console.factories import a_version

pytestmark = pytest.mark.django_db

LIST = "/console/addresses/"
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What was sent to the queue."""
    found = []
    monkeypatch.setattr(sources, "send", lambda task, pk: found.append(pk))
    return found


def a_source(text="https://shop.example/returns", *, outcome="unchanged", result="Nothing has changed.", **fields):
    """A source that was read an hour ago."""
    source = sources.add(text, queue=False)
    now = timezone.now()
    known = {
        "next_read_at": now + timedelta(hours=23),
        "last_read_at": now - timedelta(hours=1),
        "outcome": outcome,
        "result": result,
    }
    WebSource.objects.filter(pk=source.pk).update(**known | fields)
    source.pages.update(outcome=outcome, result=result, next_read_at=known["next_read_at"])
    source.refresh_from_db()
    return source


def text_of(response):
    return response.content.decode()


def said(response):
    return [str(message) for message in response.wsgi_request._messages]


def done():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject"))


def test_an_address_is_added_and_read_at_once(staff_client, staff, sent, django_capture_on_commit_callbacks):
    typed = {
        "address": " Shop.example/returns#top",
        "every_hours": "6",
        "category": "returns",
        "title": "Sending back",
        "release": "by hand",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = staff_client.post(LIST, typed)
    source = WebSource.objects.get()
    assert response.url == f"{LIST}{source.pk}/"
    assert (source.address, source.kind, source.every_hours, source.category) == (
        "https://shop.example/returns",
        "page",
        6,
        "returns",
    )
    assert (source.title, source.release, source.author) == ("Sending back", "by hand", staff)
    assert WebPage.objects.get().address == source.address
    assert sent == [source.pk]
    assert done() == [("added a web address", "https://shop.example/returns")]


def test_a_sitemap_is_told_from_its_name_unless_it_is_said(staff_client):
    staff_client.post(LIST, {"address": "https://shop.example/sitemap.xml", "every_hours": "24"})
    staff_client.post(LIST, {"address": "https://shop.example/pages", "every_hours": "24", "kind": "sitemap"})
    assert set(WebSource.objects.values_list("kind", flat=True)) == {"sitemap"}
    assert not WebPage.objects.exists()  # they are listed when it is read


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"address": ""}, "Please give an address."),
        ({"address": "ftp://shop.example/"}, "http:// or https://"),
        ({"address": "https://a:b@shop.example/"}, "without a user name"),
        ({"address": "http://127.0.0.1/"}, "private or reserved network"),
        ({"address": "http://[::ffff:169.254.169.254]/"}, "private or reserved network"),
        ({"address": "https://shop.example:22/"}, "Port 22"),
        ({"address": "x" * 1001}, "1000 characters"),
        ({"address": "https://shop.example/", "every_hours": "5"}, "how often"),
        ({"address": "https://shop.example/", "kind": "feed"}, "what the address is"),
        ({"address": f"https://shop.example/{MARKUP}\0"}, ""),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_stays_in_the_form(typed, word, staff_client):
    response = staff_client.post(LIST, {"every_hours": "24", **typed})
    assert response.status_code == 400
    assert word in text_of(response)
    assert "<img src=x" not in text_of(response)
    assert not WebSource.objects.exists()
    assert done() == []


def test_the_same_address_twice_is_said(staff_client):
    a_source()
    response = staff_client.post(LIST, {"address": "https://shop.example/returns", "every_hours": "24"})
    assert (response.status_code, WebSource.objects.count()) == (400, 1)
    assert "in the list already" in text_of(response)


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({}, "Up to date"),
        ({"outcome": "failed", "result": "The site has a problem."}, "Failed"),
        ({"outcome": "gone"}, "Gone"),
        ({"outcome": "held"}, "Left to you"),
        ({"is_paused": True, "outcome": "failed"}, "Paused"),
        ({"next_read_at": timezone.now() - timedelta(days=1)}, "Waiting"),
        ({"claimed_until": timezone.now() + timedelta(days=1)}, "Reading"),
    ],
)
def test_each_address_says_how_it_stands(fields, label, staff_client):
    source = a_source(**fields)
    for path in (LIST, f"{LIST}{source.pk}/"):
        page = text_of(staff_client.get(path))
        assert f">{label}</span>" in page
        assert source.result in page
        assert ("every 2s" in page) == (label in ("Waiting", "Reading"))


def test_a_page_shows_its_document_and_what_needs_a_look_first(staff_client):
    version = a_version("Returns")
    source = a_source("https://shop.example/sitemap.xml")
    now = timezone.now()
    for number in range(60):
        WebPage.objects.create(source=source, address=f"https://shop.example/{number}", next_read_at=now, outcome="unchanged")
    WebPage.objects.filter(address__endswith="/59").update(outcome="failed", result="Broken off.", document=version.document)
    page = text_of(staff_client.get(f"{LIST}{source.pk}/"))
    assert page.index("https://shop.example/59") < page.index("https://shop.example/0")
    assert f"/console/documents/{version.document.slug}/" in page
    assert "Page 1 of 2" in page
    assert "60 pages" in text_of(staff_client.get(LIST))
    assert "1 to look at" in text_of(staff_client.get(LIST))


def test_a_sitemap_with_a_bad_page_is_not_taken_for_a_bad_sitemap(staff_client):
    source = a_source("https://shop.example/sitemap.xml", outcome="gone", result="9 pages listed: 8 unchanged, 1 no longer there.")
    assert ">Needs a look</span>" in text_of(staff_client.get(LIST))
    WebSource.objects.update(failures=1, outcome="failed")
    assert ">Failed</span>" in text_of(staff_client.get(f"{LIST}{source.pk}/"))


def test_a_version_that_waits_for_staff_is_said(staff_client):
    source, version = a_source(), a_version("Returns", state=State.READY)
    source.pages.update(document=version.document)
    for path in (LIST, f"{LIST}{source.pk}/"):
        page = text_of(staff_client.get(path))
        assert ">Your decision</span>" in page
        assert "1 new version waits for your decision" in page


def test_htmx_gets_the_state_alone(staff_client):
    source = a_source()
    for path in (LIST, f"{LIST}{source.pk}/"):
        assert text_of(staff_client.get(path, headers={"HX-Request": "true"})).startswith("<div id=")


def test_read_now_pause_resume_and_change(staff_client, sent, django_capture_on_commit_callbacks):
    source = a_source(result="Old.")
    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(reverse("console:address-read", args=[source.pk]))
        source.refresh_from_db()
        assert source.next_read_at <= timezone.now()
        assert source.pages.get().is_forced
        staff_client.post(reverse("console:address-pause", args=[source.pk]))
        source.refresh_from_db()
        assert source.is_paused
        assert "is paused" in said(staff_client.post(reverse("console:address-read", args=[source.pk])))[-1]
        staff_client.post(reverse("console:address-pause", args=[source.pk]), {"resume": "yes"})
        staff_client.post(reverse("console:address-change", args=[source.pk]), {"every_hours": "168"})
    source.refresh_from_db()
    assert (source.is_paused, source.every_hours) == (False, 168)
    for wrong in ("", "5", "-1", "x"):
        assert said(staff_client.post(reverse("console:address-change", args=[source.pk]), {"every_hours": wrong}))
    source.refresh_from_db()
    assert source.every_hours == 168
    assert sent == [source.pk, source.pk]
    actions = ["had a web address read", "paused a web address", "resumed a web address", "changed a web address"]
    assert [action for action, _ in done()] == actions


@pytest.mark.parametrize("withdraw", [True, False])
def test_removing_asks_first_and_says_what_goes_on_answering(withdraw, staff_client, staff):
    source, version = a_source(), a_version("Returns")
    WebOrigin.objects.create(version=version, address=source.address, fetched_at=timezone.now())
    source.pages.update(document=version.document)
    path = reverse("console:address-remove", args=[source.pk])
    assert "1 version taken from it goes on answering" in text_of(staff_client.get(path))
    assert WebSource.objects.exists()
    response = staff_client.post(path, {"withdraw": "yes"} if withdraw else {})
    assert response.url == LIST
    assert not WebSource.objects.exists()
    assert DocumentVersion.objects.get().state == ("withdrawn" if withdraw else "published")
    assert done()[-1] == ("removed a web address", source.address)


def test_markup_in_what_a_site_says_is_inert(staff_client):
    source = a_source("https://shop.example/?a=\"'><img src=x>".replace(" ", ""), outcome="failed", result=MARKUP, category=MARKUP)
    for path in (LIST, f"{LIST}{source.pk}/", reverse("console:address-remove", args=[source.pk])):
        page = text_of(staff_client.get(path))
        assert "<img src=x" not in page and "<imgsrc" not in page
