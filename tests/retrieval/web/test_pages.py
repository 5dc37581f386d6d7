"""One page over time: what is new becomes a version, what is not costs nothing, and nothing that goes wrong takes text away."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from retrieval import ingestion
from retrieval.errors import NotPossibleNow
from retrieval.models import Chunk, Document, DocumentVersion, Release, WebOrigin, WebSource
from retrieval.policies import get_policy
from retrieval.web import sources
from retrieval.web.errors import BadAddress, Forbidden
from tests.retrieval.stand_ins import WordCounts, parts, upload
from tests.retrieval.web.reading import page_of, plain_page, versions_of
from tests.retrieval.web.site import html, in_turn, moved, page, sends, status, tagged

pytestmark = pytest.mark.django_db

LONG = " ".join(f"Rule {n} about item {n}." for n in range(30))


def test_a_page_becomes_a_document_that_says_where_it_is_from(site, reader):
    site.pages["/help/returns"] = page("Thirty days.")
    source = reader.read(reader.add("/help/returns", category="returns", title="Sending back", governed_by="order date"))
    document = Document.objects.get()
    assert (document.title, document.category, document.governed_by) == ("Sending back", "returns", "order date")
    assert versions_of(source) == [(1, "published")]
    assert DocumentVersion.objects.get().filename == f"127.0.0.1:{site.port}/help/returns"
    assert WebOrigin.objects.get().address == site.url("/help/returns")
    assert (source.outcome, source.result) == ("new", "Read for the first time: version 1 of “Sending back”.")
    assert source.claimed_until is None
    assert timedelta(hours=23.9) < source.next_read_at - timezone.now() < timedelta(hours=24.1)


def test_nothing_is_read_before_it_is_due(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add(every_hours=48))
    reader.read_later(source, hours=47)
    assert len(site.asked) == 1
    reader.read_later(source, hours=1.1)
    assert len(site.asked) == 2


@pytest.mark.parametrize("kind", ["304", "same bytes", "another token"])
def test_unchanged_is_free(kind, site, reader):
    tokens = iter("abcdef")
    site.pages["/returns"] = {
        "304": tagged("Thirty days.", '"v1"'),
        "same bytes": page("Thirty days."),
        "another token": lambda handler: sends(html("Thirty days.", extra=f"<meta name=token content={next(tokens)}>"))(handler),
    }[kind]
    source = reader.read(reader.add())
    counted = WordCounts()
    for _ in range(2):
        reader.later += timedelta(hours=25)
        is_more, made = sources.refresh(source.pk, tools=reader.tools())
        assert (is_more, made) == (False, [])
    source.refresh_from_db()
    assert (source.outcome, source.result) == ("unchanged", "Nothing has changed.")
    assert versions_of(source) == [(1, "published")]
    assert len(site.asked) == 3
    assert counted.batches == 0


def test_a_change_becomes_the_next_version_and_replaces_the_one_before(site, reader):
    site.pages["/returns"] = tagged("Thirty days.", '"v1"')
    source = reader.read(reader.add(title="Returns"))
    site.pages["/returns"] = tagged("Sixty days.", '"v2"')
    reader.read_later(source)
    assert versions_of(source) == [(1, "superseded"), (2, "published")]
    assert source.result == "The page has changed: version 2 of “Returns”."
    assert Chunk.objects.filter(version__state="published", text__contains="Sixty").exists()
    reader.read_later(source)
    assert site.asked[-1].headers["if-none-match"] == '"v2"'
    assert source.outcome == "unchanged"


@pytest.mark.parametrize(
    "reply",
    [status(500), status(403), sends("x", "image/png"), moved("http://169.254.169.254/"), sends("unreadable"), sends("<main> </main>"), sends("x", length=9)],
)  # fmt: skip
def test_a_failure_leaves_what_was_published_and_is_tried_again_ever_later(reply, site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add())
    site.pages["/returns"] = reply
    pauses = []
    for hours in (25, 1, 1):
        reader.read_later(source, hours=hours)
        pauses.append(round((source.next_read_at - reader.tools().now()).total_seconds() / 60))
    assert pauses == [5, 10, 20]
    assert (source.outcome, page_of(source).failures) == ("failed", 3)
    assert versions_of(source) == [(1, "published")]
    site.pages["/returns"] = page("Sixty days.")
    reader.read_later(source)
    assert (source.outcome, page_of(source).failures) == ("changed", 0)


def test_a_first_reading_that_fails_leaves_no_document(site, reader):
    site.pages["/returns"] = in_turn(status(500), page("Thirty days."))
    source = reader.read(reader.add())
    assert (source.outcome, Document.objects.count()) == ("failed", 0)
    reader.read_later(source, hours=1)
    assert (source.outcome, Document.objects.count()) == ("new", 1)


def test_a_busy_site_is_left_alone_for_as_long_as_it_asks(site, reader):
    site.pages["/returns"] = status(429, Retry_After="7200")
    source = reader.read(reader.add())
    assert timedelta(minutes=119) < source.next_read_at - timezone.now() < timedelta(minutes=121)


def test_a_page_that_is_gone_is_reported_and_never_withdrawn_by_itself(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add())
    site.pages["/returns"] = status(404)
    reader.read_later(source)
    assert "will be tried again" in source.result
    reader.read_later(source)
    reader.read_later(source)
    assert source.outcome == "gone"
    assert "3 times in a row" in source.result
    assert "withdraw the document if the policy is gone" in source.result
    assert versions_of(source) == [(1, "published")]


def test_a_page_that_suddenly_says_little_waits_for_staff(site, reader):
    site.pages["/returns"] = page(LONG)
    source = reader.read(reader.add())
    site.pages["/returns"] = page("We are back soon.")
    reader.later += timedelta(hours=25)
    _, made = sources.refresh(source.pk, tools=reader.tools())
    source.refresh_from_db()
    assert (source.outcome, made[0].release) == ("held", Release.BY_HAND)
    assert "lost most of its text" in source.result
    DocumentVersion.objects.filter(pk=made[0].pk).update(state="ready")
    reader.read_later(source)
    assert "still waits for your decision" in source.result
    site.pages["/returns"] = page(LONG + " And one more.")
    reader.read_later(source)
    assert versions_of(source)[-1] == (3, "published")


def test_what_staff_have_withdrawn_stays_silent_until_they_ask_for_the_page(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add())
    ingestion.withdraw(DocumentVersion.objects.get(), reason="wrong")
    site.pages["/returns"] = page("Sixty days.")
    reader.read_later(source)
    assert (source.outcome, versions_of(source), len(site.asked)) == ("held", [(1, "withdrawn")], 1)
    sources.read_now(source, queue=False)
    reader.read(source)
    assert versions_of(source) == [(1, "withdrawn"), (2, "published")]


def test_a_page_does_not_replace_a_file_that_staff_have_uploaded_since(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add())
    upload("# Returns\n\nNinety days.", "returns.md", document=Document.objects.get())
    site.pages["/returns"] = page("Sixty days.")
    reader.read_later(source)
    assert source.outcome == "held"
    assert "uploaded as a file" in source.result
    assert versions_of(source) == [(1, "superseded"), (2, "published")]
    sources.read_now(source, queue=False)
    reader.read(source)
    assert versions_of(source)[-1] == (3, "published")


def test_read_now_takes_an_unchanged_page_again_only_where_nothing_stands_for_it(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add())
    sources.read_now(source, queue=False)
    reader.read(source)
    assert (source.outcome, versions_of(source)) == ("unchanged", [(1, "published")])
    Document.objects.all().delete()
    sources.read_now(source, queue=False)
    reader.read(source)
    assert (source.outcome, versions_of(source)) == ("new", [(1, "published")])


def test_a_version_that_could_not_be_published_is_not_made_again_until_the_page_changes(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.add()
    sources.refresh(source.pk, tools=reader.tools())
    DocumentVersion.objects.update(state="failed", reason="No room.")
    reader.read_later(source)
    assert (source.outcome, versions_of(source)) == ("held", [(1, "failed")])
    sources.read_now(source, queue=False)
    reader.read(source)
    assert versions_of(source) == [(1, "failed"), (2, "published")]


def test_paused_is_not_read_and_resumed_is(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.add()
    sources.pause(source)
    reader.read(source)
    assert (site.asked, sources.due_sources()) == ([], [])
    with pytest.raises(NotPossibleNow):
        sources.read_now(source, queue=False)
    sources.resume(source)
    reader.read(source)
    assert len(site.asked) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [sources.pause, sources.remove], ids=["paused", "removed"])
def test_what_is_paused_or_removed_while_it_is_read_leaves_no_trace(act, site, reader):
    source = reader.add()

    def reply(handler):
        act(source)
        page("Thirty days.")(handler)

    site.pages["/returns"] = reply
    assert sources.refresh(source.pk, tools=reader.tools()) == (False, [])
    assert Document.objects.count() == 0
    assert not WebSource.objects.filter(is_paused=False).exists()


def test_removing_keeps_the_text_or_withdraws_it(site, reader, admin_user):
    site.pages |= {"/a": page("Thirty days."), "/b": page("Sixty days.")}
    kept, dropped = reader.read(reader.add("/a")), reader.read(reader.add("/b"))
    assert sources.remove(kept) == 0
    assert sources.remove(dropped, withdraw_documents=True, author=admin_user) == 1
    states = dict(DocumentVersion.objects.values_list("filename", "state"))
    assert states == {f"127.0.0.1:{site.port}/a": "published", f"127.0.0.1:{site.port}/b": "withdrawn"}
    assert WebOrigin.objects.count() == 2
    again = reader.read(reader.add("/a"))  # the same document goes on
    assert (again.outcome, Document.objects.count()) == ("unchanged", 2)


def test_another_interval_counts_from_the_last_reading(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.read(reader.add(every_hours=24))
    sources.change(source, every_hours=2)
    reader.read_later(source, hours=2.1)
    assert len(site.asked) == 2
    for hours in (0, -1, 100_000):
        with pytest.raises(NotPossibleNow):
            sources.change(source, every_hours=hours)


@pytest.mark.parametrize(
    "text", ["ftp://shop.example/", "http://127.0.0.2/", "http://[::1]/", "http://10.0.0.1/", "https://a:b@shop.example/"]
)
def test_an_address_that_is_never_read_is_not_kept(text, reader):
    with pytest.raises((BadAddress, Forbidden)):
        sources.add(text)
    assert not WebSource.objects.exists()


def test_an_address_is_kept_once(reader):
    reader.add("/returns#top")
    with pytest.raises(NotPossibleNow):
        reader.add("/returns")


@pytest.mark.django_db(transaction=True)
async def test_the_origin_stands_on_the_policy_page_if_everybody_can_go_there(site, reader, async_client):
    site.pages["/returns"] = page("Thirty days.")
    await sync_to_async(lambda: reader.read(reader.add()))()
    document = await Document.objects.aget()
    assert (await get_policy(document.slug, 1)).origin == ""  # it is in a network of ours
    await WebOrigin.objects.aupdate(is_public=True, address='https://shop.example/?a="><script>')
    assert (await get_policy(document.slug, 1)).origin == 'https://shop.example/?a="><script>'
    shown = (await async_client.get(f"/policies/{document.slug}/1/")).content.decode()
    assert 'href="https://shop.example/?a=&quot;&gt;&lt;script&gt;"' in shown


def test_the_real_reader_takes_the_text_and_leaves_the_menu(site, reader):
    site.pages["/returns"] = sends(
        "<!doctype html><html><body><nav>Menu</nav><main><h1>Sending it back</h1><p>Thirty days.</p></main></body></html>"
    )
    source = reader.add()
    _, made = sources.refresh(source.pk, tools=reader.tools(read=None))
    version = ingestion.advance(made[0], parts=parts(read=plain_page))
    assert version.state == "published"
    assert page_of(source).text_sha256
    assert page_of(source).result == "Read for the first time: version 1 of “Sending it back”."
