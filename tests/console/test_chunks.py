"""The chunks of a version as staff see them, and the questions whose answers cited them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chatbot.models import Citation
from console import chunks
from retrieval.inspecting import chunk_at, view_chunks
from retrieval.models import Chunk, DocumentVersion, State
from tests.console.factories import a_conversation, a_version
from tests.retrieval.stand_ins import upload

pytestmark = pytest.mark.django_db
TEXT = "# Returns\n\n## How long\n\nYou may return an item within **30 days** of delivery.\n\n## Sale items\n\nSale items <b>stay</b> sold.\n"
PRICES = "# Prices\n\n| Country | Price |\n|---|---|\n" + "".join(
    f"| Country number {n} of them all | {n} euro for a parcel |\n" for n in range(60)
)


@pytest.fixture
def version() -> DocumentVersion:
    return upload(TEXT)


def page_of(client, version: DocumentVersion, **query) -> str:
    response = client.get(reverse("console:version-chunks", args=[version.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_every_chunk_stands_in_the_text_with_its_number_and_heading(staff_client, version):
    page = page_of(staff_client, version)
    assert 'id="chunk-1"' in page and 'id="chunk-2"' in page and 'id="chunk-3"' not in page
    assert "Returns &gt; Sale items" in page and "<strong>30 days</strong>" in page
    assert ">How long</h2>" in page  # headings stand between the chunks
    assert "<b>stay" not in page


def test_a_passage_is_found_by_where_it_stands(staff_client, version):
    at = TEXT.index("Sale items <b>")
    response = staff_client.get(reverse("console:version-chunks", args=[version.pk]), {"at": at})
    assert response.status_code == 302 and response.url.endswith("#chunk-2")
    assert chunk_at(version, 0) == 0 and chunk_at(version, 10**8) == 1
    for broken in ("x", "-1", "9" * 40, ""):
        assert 'id="chunk-1"' in page_of(staff_client, version, at=broken)


def test_a_long_text_comes_in_pages_that_go_on_where_the_last_one_ended(staff_client, version, monkeypatch):
    monkeypatch.setattr(chunks, "PER_PAGE", 1)
    assert 'id="chunk-2"' not in page_of(staff_client, version)
    second = page_of(staff_client, version, page=2)
    assert 'id="chunk-2"' in second and ">Sale items</h2>" in second and ">How long</h2>" not in second


def test_rows_cut_off_from_their_table_are_read_with_its_head(version):
    long = upload(PRICES, "prices.md")
    views = view_chunks(long)
    assert len(views) > 1 and views[1].context == "Country Price"
    assert all("<th>Country</th>" in view.html for view in views)
    assert view_chunks(long, first=1, count=1) == [views[1]]


def test_the_words_between_two_chunks_are_shown_once(version):
    views = view_chunks(version)
    assert [view.before.count("<h") for view in views] == [2, 1]
    assert views[0].embedded.startswith("Returns. How long\n") and views[0].tokens > 10
    assert "".join(TEXT[view.start : view.end] for view in views).startswith("You may return")


def test_a_chunk_names_the_questions_that_cited_it(staff_client, version):
    conversation = a_conversation("May I <i>send</i> it back?", version=version)
    first, second = (staff_client.get(reverse("console:version-chunk", args=[version.pk, n])).content.decode() for n in (1, 2))
    assert "May I &lt;i&gt;send&lt;/i&gt; it back?" in first and str(conversation.pk) in first
    assert "No answer has quoted these words yet." in second
    assert "Cited by 1 answer<" in page_of(staff_client, version)


def test_a_turn_that_cited_two_sentences_is_one_question(staff_client, version):
    turn = a_conversation(version=version).turns.get()
    citation = turn.citations.get()
    Citation.objects.create(
        turn=turn,
        n=2,
        document="Returns",
        slug=citation.slug,
        version=1,
        quote="You may",
        start=citation.start - 20,
        end=citation.start,
    )
    page = staff_client.get(reverse("console:version-chunk", args=[version.pk, 1])).content.decode()
    assert page.count(f"/console/conversations/{turn.conversation_id}/") == 1


def test_many_citations_are_counted_where_they_are_and_the_newest_questions_shown(staff_client, version, monkeypatch):
    monkeypatch.setattr(chunks, "MOST_CITED", 2)

    def looked_up() -> tuple[str, int, int]:
        with CaptureQueriesContext(connection) as seen:
            page = page_of(staff_client, version)
        about = [query["sql"] for query in seen if "chatbot_citation" in query["sql"]]
        return page, len(about), len(seen)

    for minutes in range(3):
        turn = a_conversation(f"Question {minutes}", version=version, minutes_ago=minutes).turns.get()
        sale = TEXT.index("Sale items <b>")
        about = {"document": "Returns", "slug": version.document.slug, "version": 1, "quote": "Sale"}
        for n in range(2, 2 + minutes):
            Citation.objects.create(turn=turn, n=n, start=sale + n, end=sale + n + 4, **about)
    page, about, all_of_it = looked_up()
    assert "Cited by 3 answers<" in page and "Cited by 2 answers<" in page
    for _ in range(20):
        a_conversation(version=version, minutes_ago=9)
    again, *count = looked_up()
    assert "Cited by 23 answers<" in again and count == [about, all_of_it]
    first = staff_client.get(reverse("console:version-chunk", args=[version.pk, 1])).content.decode()
    assert "Question 0" in first and "Question 1" in first and "Question 2" not in first
    assert "The newest 2 of 23 are shown." in first


def test_what_was_cited_in_another_version_does_not_count(staff_client, version):
    a_conversation("Asked of the first", version=version)
    newer = upload(TEXT.replace("30 days", "14 days"))
    assert newer.number == 2
    page = staff_client.get(reverse("console:version-chunk", args=[newer.pk, 1])).content.decode()
    assert "Asked of the first" not in page


def test_a_version_without_chunks_says_so(staff_client):
    assert "There is nothing that search could find." in page_of(staff_client, a_version(state=State.FAILED, reason="No text."))


def test_a_chunk_that_does_not_exist_is_not_found(staff_client, version):
    for number in (0, 3, 10**9):
        assert staff_client.get(reverse("console:version-chunk", args=[version.pk, number])).status_code == 404


def test_document_pages_and_traces_lead_to_the_chunks(staff_client, version):
    document = staff_client.get(reverse("console:document", args=[version.document.slug])).content.decode()
    assert f"/console/versions/{version.pk}/chunks/" in document
    conversation = a_conversation(version=version)
    trace = staff_client.get(reverse("console:conversation", args=[conversation.pk])).content.decode()
    assert f"/console/versions/{version.pk}/chunks/?at=11" in trace
    assert "/console/search/?q=return%20window" in trace


def test_what_is_for_staff_only_has_no_public_page(staff_client, version):
    address = reverse("console:version-chunk", args=[version.pk, 1])
    assert "As customers see it" in staff_client.get(address).content.decode()
    DocumentVersion.objects.update(audience="staff")
    assert "As customers see it" not in staff_client.get(address).content.decode()


def test_a_chunk_knows_its_page(staff_client, version):
    Chunk.objects.filter(version=version, position=1).update(page=7)
    assert "Page 7" in page_of(staff_client, version)
