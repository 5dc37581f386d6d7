"""Files received together end as they would one after the other."""

from datetime import date

import pytest
from django.conf import settings

from retrieval import receiving
from retrieval.errors import NotPossibleNow, Unchanged, Unreadable
from retrieval.models import Document, DocumentVersion, State
from retrieval.receiving import receive, receive_all
from tests.retrieval.stand_ins import upload

pytestmark = pytest.mark.django_db


def stored_files() -> int:
    return sum(1 for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def test_new_files_each_begin_a_document_with_its_own_address():
    first, second = receive_all(
        [(b"One.", "a/returns.md"), (b"Two.", "b/returns.md")], category="returns", audience="staff", note="by hand"
    )
    assert (first.document.title, second.document.title) == ("Returns", "Returns")
    assert first.document.slug == "returns"
    assert second.document.slug.startswith("returns-")
    for version, text in ((first, b"One."), (second, b"Two.")):
        version.refresh_from_db()
        assert (version.number, version.state, version.audience, version.note) == (1, State.RECEIVED, "staff", "by hand")
        assert version.document.category == "returns"
        assert [(event.state, event.at.date()) for event in version.events.all()] == [("received", version.state_at.date())]
        with version.file.open("rb") as file:
            assert file.read() == text


def test_a_bad_file_is_told_in_its_place_and_leaves_nothing():
    before = stored_files()
    good, empty, again, missing, newer = receive_all(
        [(b"Good.", "good.md"), (b"", "empty.md"), (b"Good.", "good.md"), ("/not/there.md", "there.md"), (b"Better.", "good.md")]
    )
    assert isinstance(empty, Unreadable)
    assert isinstance(missing, Unreadable)
    assert isinstance(again, Unchanged)
    assert again.version == good
    assert (newer.number, newer.document) == (2, good.document)
    assert (DocumentVersion.objects.count(), Document.objects.count(), stored_files() - before) == (2, 1, 2)


def test_what_is_there_already_gets_its_next_version():
    known = upload("# Returns\n\n14 days.", "returns.md", audience="customers")
    same, new = receive_all([(b"# Returns\n\n14 days.", "returns.md"), (b"Other.", "other.md")], audience="customers")
    assert isinstance(same, Unchanged)
    assert new.number == 1
    (later,) = receive_all([(b"# Returns\n\n30 days.", "returns.md")])
    assert (later.number, later.document, later.audience) == (2, known.document, "customers")


def test_only_the_newest_version_of_a_document_gives_it_its_file_name():
    old = receive(b"One.", "old.md", queue=False)
    receive(b"Two.", "new.md", document=old.document, queue=False)
    (begun,) = receive_all([(b"Three.", "old.md")])
    assert begun.document != old.document
    assert receive(b"Four.", "new.md", queue=False).document == old.document


def test_dates_the_wrong_way_round_refuse_every_file():
    outcomes = receive_all([(b"One.", "one.md")], effective_from=date(2026, 5, 1), effective_until=date(2026, 4, 1))
    assert isinstance(outcomes[0], NotPossibleNow)


def test_when_the_database_fails_no_file_is_left_behind(monkeypatch):
    def broken(*_args, **_named):
        raise RuntimeError("no database")

    before = stored_files()
    monkeypatch.setattr(receiving, "write_down_each", broken)
    with pytest.raises(RuntimeError):
        receive_all([(b"One.", "one.md"), (b"Two.", "two.md")])
    assert (stored_files(), DocumentVersion.objects.count(), Document.objects.count()) == (before, 0, 0)
