"""The public policy pages: any published version, whole, with the cited words marked."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chatbot import policy_rendering
from chatbot.citations import policy_url
from chatbot.policy_pages import cited_span
from retrieval.models import State
from tests.console.factories import RETURNS, a_version

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def path_of(version) -> str:
    return f"/policies/{version.document.slug}/{version.number}/"


def page_of(client, version, **query) -> str:
    response = client.get(path_of(version), query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_citation_opens_the_text_at_its_words(client):
    version = a_version()
    start = RETURNS.index("within **30 days**")
    url = policy_url(version.document.slug, version.number, start, start + len("within **30 days**"))
    assert url.endswith("#cited")
    page = client.get(url).content.decode()
    assert '<mark id="cited">within </mark><strong><mark>30 days</mark></strong>' in page
    assert "Sale items stay sold." in page, "the whole text is there"
    assert "This version" not in page and 'role="note"' not in page


@pytest.mark.parametrize(
    "query", [{}, {"from": "a", "to": "b"}, {"from": "-1", "to": "5"}, {"from": "9", "to": "3"}, {"from": "5"}, {"from": "0", "to": "9" * 30},
              {"from": "٣", "to": "٩"}, {"from": "1", "to": "\0"}, {"from": "<script>", "to": "1"}]
)  # fmt: skip
def test_a_span_that_cannot_be_is_left_out(client, query):
    page = page_of(client, a_version(), **query)
    assert "<mark" not in page and "You may return" in page


def test_only_spans_within_the_text_count():
    assert cited_span("2", "5", 5) == (2, 5)
    assert cited_span("2", "6", 5) is None and cited_span("2", "2", 5) is None


def test_versions_that_were_never_published_look_like_unknown_ones(client):
    hidden = [a_version(state=state) for state in (State.RECEIVED, State.READING, State.EMBEDDING, State.FAILED)]
    replies = [client.get(path_of(version)) for version in hidden]
    replies += [client.get(f"/policies/{hidden[0].document.slug}/7/"), client.get("/policies/no-such/1/")]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.content for reply in replies}) == 1


def test_a_replaced_version_says_so_and_leads_to_the_current_one(client):
    old = a_version(state=State.SUPERSEDED)
    new = a_version(document=old.document)
    page = page_of(client, old)
    assert "This version no longer applies since" in page and f'href="{path_of(new)}"' in page
    assert 'role="note"' not in page_of(client, new)


def test_a_withdrawn_version_says_so(client):
    page = page_of(client, a_version(state=State.WITHDRAWN))
    assert "This text was withdrawn and no longer applies." in page and 'href="/policies/"' in page


def test_dates_that_have_not_come_or_have_passed_are_said(client):
    today = timezone.localdate()
    assert "is not in force yet. It applies from" in page_of(client, a_version(effective_from=today + DAY))
    assert "no longer applies since" in page_of(client, a_version(effective_until=today))
    assert 'role="note"' not in page_of(client, a_version(effective_from=today, effective_until=today + DAY))


def test_the_list_shows_what_is_in_force_today_and_nothing_else(client):
    today = timezone.localdate()
    a_version("In force", category="returns")
    for state in (State.WITHDRAWN, State.SUPERSEDED, State.FAILED, State.EMBEDDING):
        a_version(f"Not {state}", state=state)
    a_version("Not yet", effective_from=today + DAY)
    a_version("Not any more", effective_until=today)
    page = client.get("/policies/").content.decode()
    assert re.findall(r'class="name">([^<]*)<', page) == ["In force"]


def test_of_two_versions_that_apply_today_the_list_shows_the_later_one(client):
    first = a_version("Returns")
    second = a_version(document=first.document, effective_from=timezone.localdate())
    page = client.get("/policies/").content.decode()
    assert path_of(second) in page and path_of(first) not in page


def test_an_empty_shop_says_so(client):
    assert "There are no published policies yet." in client.get("/policies/").content.decode()


def test_markup_in_titles_and_texts_is_inert(client):
    markup = "<img src=x onerror=alert(1)>"
    version = a_version(markup, category=markup, markdown=f"# {markup}\n\n[x](javascript:alert(1)) <script>alert(1)</script>")
    for page in (page_of(client, version), client.get("/policies/").content.decode()):
        assert "<img src=x" not in page and "<script>" not in page and "javascript:" not in page


def test_a_page_that_is_asked_for_again_is_not_made_again(client, monkeypatch):
    monkeypatch.setattr(policy_rendering, "_pages", policy_rendering.Pages())
    monkeypatch.setattr(policy_rendering, "MADE_PER_MINUTE", 2)
    visitor = {"REMOTE_ADDR": "198.51.100.77"}
    path = path_of(a_version())
    for query in ({}, {}, {"from": "1", "to": "9"}, {}, {"from": "1", "to": "9"}):
        assert client.get(path, query, **visitor).status_code == 200
    refused = client.get(path, {"from": "2", "to": "9"}, **visitor)
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0 and b"Please wait a little" in refused.content
    assert client.get(path, {"from": "2", "to": "9"}, REMOTE_ADDR="198.51.100.78").status_code == 200


def test_pages_are_kept_while_there_is_room():
    pages = policy_rendering.Pages(room=10)
    one, two, three = ((name, None) for name in (b"1", b"2", b"3"))
    pages.put(one, "aaaa")
    pages.put(two, "bbbb")
    assert pages.get(one) == "aaaa"
    pages.put(three, "cccc")
    assert (pages.get(one), pages.get(two), pages.get(three)) == ("aaaa", None, "cccc")
    pages.put(two, "b" * 11)
    assert (pages.get(one), pages.get(two), pages.get(three)) == ("aaaa", None, "cccc")


def test_the_pages_are_for_reading_only(client):
    version = a_version()
    for path in ("/policies/", path_of(version)):
        assert client.post(path).status_code == 405


def test_a_document_without_a_heading_of_its_own_gets_its_title(client):
    assert page_of(client, a_version("Shipping times", markdown="Two days.")).count("<h1") == 1
    assert page_of(client, a_version("Returns")).count("<h1") == 1
