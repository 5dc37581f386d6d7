"""The command takes an address the whole way, here and now, and says what became of it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from retrieval import ingestion
from retrieval.models import Document, DocumentVersion, WebSource
from tests.retrieval.stand_ins import parts
from tests.retrieval.web.reading import plain_page
from tests.retrieval.web.site import page, sitemap, status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_parts(monkeypatch, reader):
    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: parts(read=plain_page)))
    monkeypatch.setattr("retrieval.reading.read", plain_page)


def run(*args):
    """Exit code, the JSON that was said, and standard error."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("add_address", *args, "--json", stdout=out, stderr=err)
        code = 0
    except SystemExit as stop:
        code = stop.code
    return code, json.loads(out.getvalue())["addresses"], err.getvalue()


def test_an_address_is_kept_read_and_published(site):
    site.pages["/returns"] = page("Thirty days.")
    code, said, _ = run(site.url("/returns"), "--every-hours", "6", "--category", "returns", "--governed-by", "order-date")
    assert (code, said[0]["status"]) == (0, "read")
    assert said[0]["documents"] == [{"document": "Returns", "slug": "returns", "version": 1, "state": "published"}]
    document = Document.objects.get()
    assert (document.category, document.governed_by, WebSource.objects.get().every_hours) == ("returns", "order date", 6)


def test_an_address_that_is_kept_already_is_read_again(site):
    site.pages["/returns"] = page("Thirty days.")
    run(site.url("/returns"))
    site.pages["/returns"] = page("Sixty days.")
    code, said, _ = run(site.url("/returns"))
    assert (code, said[0]["documents"][0]["version"]) == (0, 2)
    assert run(site.url("/returns"))[1][0]["reason"] == "Nothing has changed."
    assert WebSource.objects.count() == 1


def test_each_address_has_its_own_outcome_and_one_failure_is_told_to_the_shell(site):
    site.pages |= {"/a": page("Thirty days.", "A"), "/list": sitemap(site.url("/a"))}
    site.pages["/gone"] = status(404)
    code, said, err = run(site.url("/gone"), "ftp://x/", "http://10.0.0.1/", site.url("/a"))
    assert (code, [one["status"] for one in said]) == (1, ["failed", "failed", "failed", "read"])
    assert err.count("\n") == 3
    code, said, _ = run(site.url("/list"), "--sitemap")
    assert (code, said[0]["reason"]) == (0, "1 page listed: 1 unchanged.")
    assert DocumentVersion.objects.count() == 1


def test_a_title_is_for_one_page(site):
    with pytest.raises(CommandError):
        call_command("add_address", site.url("/a"), site.url("/b"), "--title", "Returns")


def test_the_sweep_by_hand_reads_what_is_due(site, reader):
    site.pages |= {"/returns": page("Thirty days."), "/broken": status(500)}
    reader.add("/returns")
    out = io.StringIO()
    call_command("sweep", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert [(one["outcome"], one["address"]) for one in said["addresses"]] == [("new", site.url("/returns"))]
    assert [version["state"] for version in said["versions"]] == ["published"]
    reader.add("/broken")
    with pytest.raises(SystemExit):
        call_command("sweep", stdout=out)
