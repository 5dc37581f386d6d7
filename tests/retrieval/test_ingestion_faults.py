"""Kills at every step, work done twice or at once, withdrawals in between: the end is the last command."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from retrieval import ingestion
from retrieval.errors import EmbeddingFailed
from retrieval.ingestion import advance, receive, sweep, withdraw
from retrieval.models import Chunk, DocumentVersion, IndexChange, State
from tests.retrieval.stand_ins import PlainReading, WordCounts, parts, plain_read, upload

TEXT = "# Returns\n\n" + "\n\n".join(f"## Part {n}\n\nRule {n} says that item {n} can be returned." for n in range(80))


class Killed(BaseException):
    """The process ends here: nothing after it runs, no handler of ours either."""


class DiesAtBatch(WordCounts):
    def __init__(self, batch: int) -> None:
        super().__init__()
        self.dies_at = batch

    def embed(self, texts):
        rows = super().embed(texts)
        if self.batches == self.dies_at:
            raise Killed
        return rows


def dies_reading(data, filename):
    raise Killed


def dead_long_enough() -> None:
    """Let every lease run out."""
    DocumentVersion.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "deadly",
    [parts(read=dies_reading), parts(embedder=DiesAtBatch(1)), parts(embedder=DiesAtBatch(2)), parts(embedder=DiesAtBatch(3))],
    ids=["reading", "first batch", "second batch", "last batch"],
)
def test_a_version_whose_worker_was_killed_is_published_once_by_the_next(deadly):
    version = receive(TEXT.encode(), "a.md", queue=False)
    with pytest.raises(Killed):
        advance(version, parts=deadly)
    assert advance(version, parts=parts()).state in (State.READING, State.EMBEDDING)  # still held by the dead one
    dead_long_enough()
    assert advance(version, parts=parts()).state == State.PUBLISHED
    assert sorted(Chunk.objects.values_list("position", flat=True)) == list(range(80))
    assert IndexChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["replace_chunks", "_apply", "_log"])
def test_a_kill_inside_the_publication_leaves_nothing_half_done(step, monkeypatch):
    from retrieval import publishing

    old = upload("# Old\n\nOld text.", "a.md")
    version = receive(TEXT.encode(), "a.md", queue=False)
    with monkeypatch.context() as patch:

        def die(*_):
            raise Killed

        patch.setattr(publishing, step, die)
        with pytest.raises(Killed):
            advance(version, parts=parts())
    assert DocumentVersion.objects.in_force(on=timezone.localdate()).get() == old
    assert not version.chunks.exists()
    dead_long_enough()
    assert advance(version, parts=parts()).state == State.PUBLISHED
    assert DocumentVersion.objects.in_force(on=timezone.localdate()).get() == version


@pytest.mark.django_db
def test_a_file_that_kills_its_reader_every_time_is_given_up_with_a_reason():
    version = receive(TEXT.encode(), "a.md", queue=False)
    for _ in range(3):
        with pytest.raises(Killed):
            advance(version, parts=parts(read=dies_reading))
        dead_long_enough()
    failed = advance(version, parts=parts(read=dies_reading))
    assert failed.state == State.FAILED
    assert "stopped the reader 3 times" in failed.reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "words"), [(EmbeddingFailed("NaN"), "could not be prepared"), (KeyError("bug"), "log has the cause")]
)
def test_an_error_is_tried_again_later_and_then_given_up_in_words(error, words):
    class Fails(WordCounts):
        def embed(self, texts):
            raise error

    version = receive(TEXT.encode(), "a.md", queue=False)
    broken = parts(embedder=Fails())
    assert advance(version, parts=broken).state == State.EMBEDDING
    assert advance(version, parts=broken).attempts == 1  # not yet: it waits a moment first
    for _ in range(3):
        dead_long_enough()
        version = advance(version, parts=broken)
    assert version.state == State.FAILED
    assert words in version.reason
    assert str(error) not in version.reason


@pytest.mark.django_db
def test_withdrawing_while_it_is_being_read_wins():
    version = receive(TEXT.encode(), "a.md", queue=False)

    def withdrawn_meanwhile(data, filename):
        withdraw(version)
        return plain_read(data, filename)

    assert advance(version, parts=parts(read=withdrawn_meanwhile)).state == State.WITHDRAWN
    assert not IndexChange.objects.exists()


@pytest.mark.django_db
def test_withdrawing_while_it_is_being_embedded_wins():
    version = receive(TEXT.encode(), "a.md", queue=False)

    class WithdrawnMeanwhile(WordCounts):
        def embed(self, texts):
            withdraw(version)
            return super().embed(texts)

    assert advance(version, parts=parts(embedder=WithdrawnMeanwhile())).state == State.WITHDRAWN
    assert not Chunk.objects.exists()


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_changes_nothing_any_more():
    version = receive(TEXT.encode(), "a.md", queue=False)

    def overtaken(data, filename):
        dead_long_enough()
        assert advance(version, parts=parts()).state == State.PUBLISHED
        return PlainReading("# Other\n\nNot this.")

    finished = advance(version, parts=parts(read=overtaken))
    assert finished.state == State.PUBLISHED
    assert finished.markdown == TEXT
    assert finished.chunks.count() == 80


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_does_the_work():
    version = receive(TEXT.encode(), "a.md", queue=False)
    model, gate, states = WordCounts(), threading.Barrier(5), []

    def work():
        gate.wait()
        try:
            states.append(advance(version.pk, parts=parts(embedder=model)).state)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states) == 5
    assert model.batches == 3  # 80 chunks, 32 at once, once
    assert DocumentVersion.objects.get().state == State.PUBLISHED
    assert IndexChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_uploads_of_one_file_name_at_once_get_numbers_of_their_own_in_one_document():
    gate = threading.Barrier(4)

    def send(n):
        gate.wait()
        try:
            receive(f"text {n}".encode(), "same.md", queue=False)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = DocumentVersion.objects.all()
    assert sorted(version.number for version in versions) == [1, 2, 3, 4]
    assert len({version.document_id for version in versions}) == 1


@pytest.mark.django_db
def test_the_sweep_does_what_was_left_lying_and_only_that(monkeypatch):
    monkeypatch.setattr(ingestion.Parts, "real", classmethod(lambda cls: parts()))
    published = upload(TEXT, "a.md")
    lost = receive(b"# Lost\n\nBy the queue.", "b.md", queue=False)
    held = receive(b"# Held\n\nBy a worker.", "c.md", queue=False)
    DocumentVersion.objects.filter(pk=held.pk).update(claimed_by="a worker", claimed_until=timezone.now() + timedelta(minutes=1))
    assert ingestion.due_versions() == []  # fresh: the queue's turn
    assert [version.pk for version in sweep()] == [lost.pk]
    states = dict(DocumentVersion.objects.values_list("pk", "state"))
    assert states == {published.pk: State.PUBLISHED, lost.pk: State.PUBLISHED, held.pk: State.RECEIVED}


@pytest.mark.django_db
def test_a_queue_that_takes_nothing_does_not_fail_the_upload(settings, django_capture_on_commit_callbacks):
    settings.QUEUE_APP = "no.queue.here"
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        version = receive(TEXT.encode(), "a.md")
    assert len(callbacks) == 1
    assert version.state == State.RECEIVED
