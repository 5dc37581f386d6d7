"""From upload to published: versions, duplicates, bad files, dates, withdrawing."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from retrieval.errors import NotPossibleNow, NotStored, Unchanged, Unreadable
from retrieval.ingestion import advance, receive, retry, withdraw
from retrieval.models import Chunk, Document, DocumentVersion, IndexChange, State
from tests.retrieval.stand_ins import PlainReading, parts, upload

pytestmark = pytest.mark.django_db

TEXT = "# Returns\n\nYou can return a jacket within 30 days.\n\n## Sale\n\nSale items cannot be returned."


def answering(on: date | None = None) -> list[int]:
    return sorted(DocumentVersion.objects.in_force(on=on or timezone.localdate()).values_list("number", flat=True))


def test_an_upload_is_stored_under_a_name_of_ours_and_becomes_published_chunks_that_are_exact_slices():
    version = upload(TEXT, "../../etc/returns & more.md", category="returns")
    assert (version.state, version.number, version.filename) == (State.PUBLISHED, 1, "etc/returns & more.md")
    assert "returns" not in version.file.name
    assert version.document.slug == "returns-more"
    assert version.document.category == "returns"
    assert version.published_at is not None
    chunks = list(version.chunks.all())
    assert chunks
    assert all(chunk.text == version.markdown[chunk.start : chunk.end] for chunk in chunks)
    assert all(len(bytes(chunk.vector)) == 4 * 64 for chunk in chunks)
    assert [change.action for change in IndexChange.objects.all()] == ["added"]


def test_the_same_file_name_is_a_new_version_of_the_same_document_and_replaces_the_old_one():
    first = upload(TEXT)
    second = upload(TEXT + "\nMore.")
    first.refresh_from_db()
    assert (second.document_id, second.number) == (first.document_id, 2)
    assert (first.state, second.state) == (State.SUPERSEDED, State.PUBLISHED)
    assert answering() == [2]


def test_two_documents_with_one_title_get_two_addresses():
    slugs = {upload(TEXT, f"{n}.md", title="Returns").document.slug for n in range(3)}
    assert len(slugs) == 3
    assert "returns" in slugs


def test_the_same_bytes_again_are_refused_with_a_sentence_and_leave_nothing_behind():
    version = upload(TEXT)
    with pytest.raises(Unchanged, match="already there as version 1") as refused:
        upload(TEXT)
    assert refused.value.version == version
    assert DocumentVersion.objects.count() == 1


def test_the_same_bytes_with_other_dates_are_a_new_version():
    upload(TEXT)
    assert upload(TEXT, effective_from=date(2026, 1, 1)).number == 2


def test_the_same_bytes_are_taken_again_after_a_withdrawal():
    withdraw(upload(TEXT))
    assert upload(TEXT).state == State.PUBLISHED


def test_empty_and_too_large_files_and_dates_the_wrong_way_round_are_refused(settings, tmp_path):
    settings.MAX_UPLOAD_MB = 1
    big = tmp_path / "big.md"
    big.write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(Unreadable, match="empty"):
        receive(b"", "a.md")
    with pytest.raises(Unreadable, match="larger than 1 MB"):
        receive(big, "a.md")
    with pytest.raises(Unreadable, match="could not be opened"):
        receive(tmp_path / "missing.md", "a.md")
    with pytest.raises(NotPossibleNow, match="last day"):
        receive(b"x", "a.md", effective_from=date(2026, 2, 1), effective_until=date(2026, 2, 1))
    assert not Document.objects.exists()


def test_a_disk_that_cannot_be_written_refuses_the_upload_in_words(settings, tmp_path):
    blocked = tmp_path / "uploads"
    blocked.write_text("not a folder")
    settings.MEDIA_ROOT = blocked
    with pytest.raises(NotStored) as refused:
        receive(b"text", "a.md")
    assert "could not be stored" in refused.value.user_message
    assert not DocumentVersion.objects.exists()


def test_a_file_that_cannot_be_read_fails_at_once_with_its_reason_and_the_old_version_goes_on_answering():
    upload(TEXT)

    def broken(data, filename):
        raise Unreadable("This PDF is encrypted.")

    version = upload(TEXT + "!", using=parts(read=broken))
    assert (version.state, version.reason) == (State.FAILED, "This PDF is encrypted.")
    assert answering() == [1]


def test_a_file_without_text_fails_with_a_reason():
    version = upload("x", using=parts(read=lambda data, name: PlainReading("")))
    assert version.state == State.FAILED
    assert "No text was found" in version.reason


def test_a_lost_file_fails_with_a_reason():
    version = receive(TEXT.encode(), "a.md", queue=False)
    version.file.storage.delete(version.file.name)
    assert "no longer on the server" in advance(version, parts=parts()).reason


def test_the_title_found_in_the_text_is_used_unless_staff_gave_one():
    titled = parts(read=lambda data, name: PlainReading("# Hello\n\nText.", title="Our returns"))
    assert upload("a", "a.md", using=titled).document.title == "Our returns"
    assert upload("b", "b.md", using=titled, title="Mine").document.title == "Mine"


def test_a_failed_version_can_be_tried_again_and_only_a_failed_one():
    def broken(data, filename):
        raise Unreadable("Broken.")

    version = retry(upload(TEXT, using=parts(read=broken)))
    assert (version.state, version.attempts, version.reason) == (State.RECEIVED, 0, "")
    assert advance(version, parts=parts()).state == State.PUBLISHED
    with pytest.raises(NotPossibleNow):
        retry(version)


def test_a_change_with_a_first_day_leaves_the_days_before_it_to_the_old_text():
    upload(TEXT)
    start = timezone.localdate() + timedelta(days=10)
    upload(TEXT + "!", effective_from=start)
    assert answering() == answering(start - timedelta(days=1)) == [1]
    assert answering(start) == [2]
    assert DocumentVersion.objects.get(number=1).effective_until == start
    assert IndexChange.objects.filter(action="redated").count() == 1


def test_an_older_upload_that_is_read_late_does_not_replace_the_newer_one():
    slow = receive(TEXT.encode(), "returns.md", queue=False)
    upload(TEXT + "!")
    late = advance(slow, parts=parts())
    assert (late.state, late.published_at) == (State.SUPERSEDED, None)
    assert answering() == [2]


def test_an_older_upload_that_is_read_after_the_newer_one_was_withdrawn_stays_out_too():
    slow = receive(TEXT.encode(), "returns.md", queue=False)
    withdraw(upload(TEXT + "!"))
    assert advance(slow, parts=parts()).state == State.SUPERSEDED
    assert answering() == []


def test_withdrawing_is_at_once_keeps_its_reason_and_may_be_repeated():
    version = upload(TEXT)
    withdrawn = withdraw(version, author="ana", reason="wrong prices")
    assert (withdrawn.state, withdrawn.reason) == (State.WITHDRAWN, "Withdrawn by ana: wrong prices")
    assert withdraw(version).state == State.WITHDRAWN
    assert answering() == []
    assert [change.action for change in IndexChange.objects.order_by("id")] == ["added", "removed"]


def test_withdrawing_a_change_that_is_still_to_come_lets_the_old_text_go_on():
    upload(TEXT)
    start = timezone.localdate() + timedelta(days=10)
    withdraw(upload(TEXT + "!", effective_from=start))
    assert answering(start) == [1]


def test_a_version_that_failed_cannot_be_withdrawn():
    failed = upload("x", using=parts(read=lambda data, name: PlainReading("")))
    with pytest.raises(NotPossibleNow, match="never published"):
        withdraw(failed)


def test_publishing_again_does_nothing():
    version = upload(TEXT)
    before = list(Chunk.objects.values_list("pk", flat=True))
    assert advance(version, parts=parts()).state == State.PUBLISHED
    assert list(Chunk.objects.values_list("pk", flat=True)) == before
    assert IndexChange.objects.count() == 1
