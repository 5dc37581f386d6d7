"""A sitemap over time: its pages become documents, politely, and a reading that breaks off goes on where it was."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from retrieval import tasks
from retrieval.models import Document, DocumentVersion, WebPage, WebSource
from retrieval.web import sources
from retrieval.web.holding import MAX_ATTEMPTS, lease
from tests.retrieval.web.site import Site, page, sends, shop, sitemap, status

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]


def titles():
    return sorted(Document.objects.values_list("title", flat=True))


def test_each_page_becomes_a_document(site, reader):
    shop(site, "returns", "shipping", "warranty")
    source = reader.read(reader.add("/sitemap.xml", category="rules"))
    assert (source.kind, titles()) == ("sitemap", ["Returns", "Shipping", "Warranty"])
    assert set(Document.objects.values_list("category", flat=True)) == {"rules"}
    assert source.result == "3 pages listed: 3 read for the first time."
    assert site.paths() == ["/robots.txt", "/sitemap.xml", "/returns", "/shipping", "/warranty"]
    reader.read_later(source)
    assert source.result == "3 pages listed: 3 unchanged."


def test_pages_come_and_go_with_the_sitemap(site, reader):
    shop(site, "returns", "shipping")
    source = reader.read(reader.add("/sitemap.xml"))
    shop(site, "returns", "warranty")
    reader.read_later(source)
    assert titles() == ["Returns", "Shipping", "Warranty"]
    assert source.outcome == "gone"
    assert source.result == "2 pages listed: 1 read for the first time, 1 unchanged, 1 no longer there."
    gone = WebPage.objects.get(is_listed=False)
    assert "no longer names this page" in gone.result
    assert gone.document.versions.get().state == "published"
    shop(site, "returns", "shipping", "warranty")
    reader.read_later(source)
    assert source.result == "3 pages listed: 3 unchanged."


def test_one_bad_page_does_not_hold_up_the_rest_and_is_tried_again_alone(site, reader):
    shop(site, "returns", "shipping", "warranty")
    site.pages["/shipping"] = status(500)
    source = reader.read(reader.add("/sitemap.xml"))
    assert (source.outcome, titles()) == ("failed", ["Returns", "Warranty"])
    assert source.result == "3 pages listed: 2 read for the first time, 1 could not be read."
    site.pages["/shipping"] = page("Three days.", "Shipping")
    del site.asked[:]
    reader.read_later(source, hours=0.2)
    assert site.paths() == ["/shipping"]
    assert titles() == ["Returns", "Shipping", "Warranty"]


def test_a_list_that_cannot_be_read_leaves_the_pages_as_they_are(site, reader):
    shop(site, "returns")
    source = reader.read(reader.add("/sitemap.xml"))
    site.pages["/sitemap.xml"] = sends("<html></html>", "application/xml")
    site.pages["/returns"] = page("Sixty days.")
    reader.read_later(source)
    assert (source.outcome, source.failures) == ("failed", 1)
    assert "is not a sitemap" in source.result
    assert DocumentVersion.objects.get(number=2).state == "published"  # the pages that are known go on being read
    site.pages["/sitemap.xml"] = sitemap("https://elsewhere.example/")
    reader.read_later(source)
    assert "names no page of its own site" in source.result
    assert WebPage.objects.get().is_listed


def test_only_pages_of_the_site_are_taken_and_no_more_than_the_limit(site, reader, settings):
    settings.WEB_SITEMAP_MAX_PAGES = 3
    shop(
        site, *"abcde", extra=("https://elsewhere.example/x", "ftp://127.0.0.1/", "http://169.254.169.254/", "javascript:alert(1)")
    )
    source = reader.read(reader.add("/sitemap.xml"))
    assert titles() == ["A", "B", "C"]
    assert "The sitemap lists more than is read: the first 3 pages are." in source.result
    settings.WEB_SITEMAP_MAX_PAGES = 100
    reader.read_later(source)
    assert titles() == ["A", "B", "C", "D", "E"]
    assert "4 entries that lead to another site or nowhere are passed over." in source.result


def test_an_index_is_followed_one_step(site, reader):
    shop(site, "returns", "shipping")
    site.pages["/one.xml"], site.pages["/two.xml"] = sitemap(site.url("/returns")), sitemap(site.url("/shipping"))
    parts = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in ("/one.xml", "/two.xml"))
    parts += "<sitemap><loc>http://169.254.169.254/s.xml</loc></sitemap>"
    site.pages["/sitemap.xml"] = sends(f"<sitemapindex>{parts}</sitemapindex>", "application/xml", ETag='"i"')
    source = reader.read(reader.add("/sitemap.xml"))
    assert titles() == ["Returns", "Shipping"]
    assert source.etag == ""  # an unchanged index says nothing about the sitemaps that it names


def test_an_unchanged_list_is_not_read_again(site, reader):
    shop(site, "returns")
    body = f"<urlset><url><loc>{site.url('/returns')}</loc></url></urlset>"
    site.pages["/sitemap.xml"] = lambda handler: (
        sends("", code=304) if handler.headers.get("If-None-Match") == '"s1"' else sends(body, "text/xml", ETag='"s1"')
    )(handler)
    source = reader.read(reader.add("/sitemap.xml"))
    reader.read_later(source)
    assert source.result == "1 page listed: 1 unchanged."
    assert site.asked[-2].headers["if-none-match"] == '"s1"'


def test_what_the_site_asks_of_programs_is_kept(site, reader):
    shop(site, "returns", "shipping", robots="User-agent: *\nDisallow: /shipping\nCrawl-delay: 7")
    source = reader.read(reader.add("/sitemap.xml"))
    assert titles() == ["Returns"]
    assert source.result == "2 pages listed: 1 read for the first time, 1 not wanted by the site."
    assert set(reader.waited) == {0.0, 7.0}
    alone = reader.read(reader.add("/shipping"))  # a person asked for this very page
    assert (alone.outcome, titles()) == ("new", ["Returns", "Shipping"])


def test_a_worker_does_not_sleep_for_a_site_that_wants_long_pauses(site, reader):
    shop(site, "returns", "shipping", robots="User-agent: *\nCrawl-delay: 25")
    source = reader.add("/sitemap.xml")
    made, counts = [], []
    for seconds in (0, 10, 20, 10, 20):
        reader.later += timedelta(seconds=seconds)
        is_more, versions = sources.refresh(source.pk, tools=reader.tools(), longest_wait=2.0)
        assert not is_more
        made += versions
        counts.append(len(made))
    assert (counts, max(reader.waited)) == ([0, 0, 1, 1, 2], 0.0)
    source.refresh_from_db()
    assert source.outcome == "changed"


def test_a_site_whose_robots_cannot_be_read_is_not_walked_through(site, reader):
    shop(site, "returns")
    site.pages["/robots.txt"] = status(503)
    source = reader.read(reader.add("/sitemap.xml"))
    assert (source.outcome, site.paths()) == ("failed", ["/robots.txt"])
    site.pages["/robots.txt"] = status(403)  # none for us, says the RFC
    reader.read_later(source)
    assert titles() == ["Returns"]


def test_a_reading_makes_room_for_others_and_goes_on(site, reader):
    shop(site, "returns", "shipping", "warranty")
    source = reader.add("/sitemap.xml")
    rounds = []
    is_more = True
    while is_more:
        is_more, made = sources.refresh(source.pk, tools=reader.tools(), slice_seconds=0)
        rounds.append(len(made))
    assert rounds == [1, 1, 1]
    assert site.paths().count("/sitemap.xml") == 1


def test_one_site_is_asked_by_one_reader_at_a_time(site, reader):
    shop(site, "returns")
    first, second = reader.add("/returns"), reader.add("/sitemap.xml")
    now = timezone.now()
    held = WebSource.objects.due(now).claim(first.pk, at=now, lease=lease())
    assert held is not None
    assert WebSource.objects.due(now).claim(first.pk, at=now, lease=lease()) is None
    assert WebSource.objects.due(now).claim(second.pk, at=now, lease=lease()) is None
    assert sources.due_sources() == [second.pk]
    late = now + lease() + timedelta(seconds=1)
    assert WebSource.objects.due(late).claim(second.pk, at=late, lease=lease()) is not None


@pytest.mark.django_db(transaction=True)
def test_of_many_readers_at_once_one_reads(site, reader):
    site.pages["/returns"] = page("Thirty days.")
    source = reader.add()
    start = threading.Barrier(4)

    def read():
        start.wait()
        try:
            sources.refresh(source.pk, tools=reader.tools())
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.asked) == 1
    assert DocumentVersion.objects.count() == 1


def test_a_page_that_stops_the_worker_is_given_up(site, reader):
    shop(site, "returns", "shipping")
    source = reader.add("/sitemap.xml")
    sources.refresh(source.pk, tools=reader.tools(), slice_seconds=0)
    WebPage.objects.filter(address__endswith="/shipping").update(attempts=MAX_ATTEMPTS)  # as after so many kills
    reader.read(source)
    assert "/shipping" not in site.paths()
    assert "stopped the worker" in WebPage.objects.get(address__endswith="/shipping").result
    sources.read_now(source, queue=False)
    reader.read(source)
    assert titles() == ["Returns", "Shipping"]


def test_a_fault_of_ours_is_put_off_and_not_met_with_every_sweep(site, reader):
    shop(site, "returns")

    def fails(*_, **__):
        raise RuntimeError("a fault")

    source = reader.read(reader.add("/sitemap.xml"), fetch=fails)
    assert source.outcome == "failed"
    assert "unexpected" in source.result
    assert source.claimed_until is None
    assert timedelta(minutes=4) < source.next_read_at - timezone.now() < timedelta(minutes=6)
    reader.read_later(source, hours=0.2)
    assert titles() == ["Returns"]


def test_the_sweep_queues_what_is_due_and_the_task_asks_for_more(site, reader, monkeypatch):
    shop(site, "returns")
    source, sent = reader.add("/sitemap.xml"), []
    monkeypatch.setattr(tasks, "send", lambda task, pk: sent.append((task, pk)))
    tasks.sweep()
    assert sent == [("retrieval.tasks.read_source", source.pk)]
    monkeypatch.setattr(sources, "refresh", lambda pk, **how: (True, []))
    tasks.read_source(source.pk)
    assert sent[1:] == [("retrieval.tasks.read_source", source.pk)]
    sources.pause(source)
    tasks.sweep()
    assert len(sent) == 2


KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from retrieval.models import DocumentVersion, WebPage, WebSource
from retrieval.web import fetching, sources
from retrieval.web.holding import Tools
from tests.retrieval.web.reading import plain_page
settings.WEB_SOURCES_ALLOW_PRIVATE, settings.WEB_DELAY_SECONDS = ["127.0.0.1"], 0.0
settings.WEB_SOURCES_PORTS = [80, 443, int(sys.argv[1])]
"""
FIRST = (
    KILLED
    + """
call_command("migrate", verbosity=0)
source = sources.add(f"http://127.0.0.1:{sys.argv[1]}/sitemap.xml", queue=False)
def dies(body, name):
    if name.endswith("shipping"):
        os.kill(os.getpid(), signal.SIGKILL)
    return plain_page(body, name)
sources.refresh(source.pk, tools=Tools(read=dies, queue=False), slice_seconds=60)
"""
)
NEXT = (
    KILLED
    + """
source = WebSource.objects.get()
tools = Tools(read=plain_page, queue=False)
print(sources.refresh(source.pk, tools=tools), WebPage.objects.get(address__endswith="shipping").attempts)
WebSource.objects.update(claimed_until=timezone.now())  # the lease has run out
print(sources.due_sources() == [source.pk], sources.refresh(source.pk, tools=tools, slice_seconds=60)[0])
print(DocumentVersion.objects.count(), WebSource.objects.get().result)
"""
)


def test_a_reading_that_is_killed_goes_on_with_the_page_it_was_at(tmp_path):
    def run(code: str, port: int) -> subprocess.CompletedProcess[str]:
        database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'killed.sqlite3'}"}
        environment = {**os.environ, **database, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        return subprocess.run([sys.executable, "-c", code, str(port)], cwd=ROOT, env=environment, capture_output=True, text=True)

    with Site() as site:
        shop(site, "returns", "shipping", "warranty")
        killed = run(FIRST, site.port)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        after = run(NEXT, site.port)
        assert after.stdout.splitlines() == ["(False, []) 1", "True False", "3 3 pages listed: 3 read for the first time."], (
            after.stderr
        )
        assert [site.paths().count(f"/{name}") for name in ("sitemap.xml", "returns", "shipping", "warranty")] == [1, 1, 2, 1]
