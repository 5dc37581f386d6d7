"""Many versions at once: each ends as it would alone, and short ones share a batch."""

import threading
import time
from datetime import timedelta

import numpy as np
import pytest
from django.db import DatabaseError
from django.utils import timezone

from retrieval import pipeline, publishing
from retrieval.errors import EmbeddingFailed, Unreadable
from retrieval.ingestion import receive, withdraw
from retrieval.models import Chunk, DocumentVersion, State
from retrieval.pipeline import advance_all, with_those_waiting
from retrieval.preparing import Parts
from tests.retrieval.stand_ins import WordCounts, parts, plain_read

pytestmark = pytest.mark.django_db


class Counting(WordCounts):
    """Keeps how many texts it was given each time; a text with "poison" in it fails the batch it is in."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        super().__init__()
        self.sizes, self.seconds = [], seconds

    def embed(self, texts):
        time.sleep(self.seconds)
        self.sizes.append(len(texts))
        if any("poison" in text for text in texts):
            raise EmbeddingFailed("a vector that is zero or not finite")
        return super().embed(texts)


def received(count: int, text: str = "# Rule {n}\n\nText of rule {n}."):
    for n in range(count):
        yield receive(text.format(n=n).encode(), f"rule-{n}.md", queue=False).pk


def test_short_files_share_batches_and_each_is_published_with_its_own_text_and_vectors():
    model = Counting(seconds=0.05)
    versions = list(advance_all(received(40), parts=parts(embedder=model)))
    assert [version.state for version in versions] == [State.PUBLISHED] * 40
    assert sum(model.sizes) == 40
    assert len(model.sizes) < 40
    for chunk in Chunk.objects.select_related("version__document"):
        assert chunk.text == f"Text of rule {chunk.version.document.title.split()[-1]}."
        expected = WordCounts().embed([f"{chunk.version.document.title}\n{chunk.text}"])[0]
        assert np.allclose(np.frombuffer(bytes(chunk.vector), "<f4"), expected)


def test_one_bad_text_does_not_fail_those_that_share_its_batch():
    def ids():
        yield from received(5)
        yield receive(b"# Bad\n\nThis is poison.", "bad.md", queue=False).pk
        yield from (receive(f"# Late {n}\n\nText.".encode(), f"late-{n}.md", queue=False).pk for n in range(5))

    versions = {version.filename: version for version in advance_all(ids(), parts=parts(embedder=Counting(seconds=0.02)))}
    bad = versions.pop("bad.md")
    assert (bad.state, bad.attempts) == (State.EMBEDDING, 1)  # it waits for another try
    assert {version.state for version in versions.values()} == {State.PUBLISHED}


def test_a_file_that_cannot_be_read_fails_alone():
    def read(data, filename):
        if filename == "rule-3.md":
            raise Unreadable("This file is damaged.")
        return plain_read(data, filename)

    versions = {version.filename: version for version in advance_all(received(6), parts=parts(read=read))}
    assert versions["rule-3.md"].reason == "This file is damaged."
    assert [version.state for version in versions.values()].count(State.PUBLISHED) == 5


def test_a_long_text_goes_on_beside_short_ones_and_says_how_far_it_is():
    long = "\n\n".join(f"# Part {n}\n\nRule {n}." for n in range(100))
    seen = []

    def ids():
        yield receive(long.encode(), "long.md", queue=False).pk
        for pk in received(30):
            version = DocumentVersion.objects.get(filename="long.md")
            seen.append((version.chunks_done, version.chunks_total, version.progress(timezone.now())))
            yield pk

    ended = [version.filename for version in advance_all(ids(), parts=parts(embedder=Counting(seconds=0.02)))]
    assert len(ended) == 31
    assert ended[0] != "long.md"
    known = [entry for entry in seen if entry[0]]
    assert all(total == 100 for _, total, _ in known)
    assert all(0 < percent < 100 and left >= 0 for _, _, (percent, left) in known)


def test_the_remaining_time_follows_from_the_time_passed():
    now = timezone.now()
    version = DocumentVersion(state=State.EMBEDDING, state_at=now - timedelta(seconds=30), chunks_done=25, chunks_total=100)
    assert version.progress(now) == (25, 90.0)
    version.state = State.PUBLISHED
    assert version.progress(now) is None


def test_what_is_withdrawn_meanwhile_stays_withdrawn():
    taken = []

    class Withdrawing(Counting):
        def embed(self, texts):
            taken.append(len(texts))
            return super().embed(texts)

    def ids():
        for number, pk in enumerate(received(10)):
            yield pk
            if number == 2:
                withdraw(DocumentVersion.objects.get(pk=pk))

    states = [version.state for version in advance_all(ids(), parts=parts(embedder=Withdrawing(seconds=0.05)))]
    assert states.count(State.WITHDRAWN) == 1
    assert states.count(State.PUBLISHED) == 9


def test_files_are_taken_as_there_is_room_for_them(monkeypatch):
    monkeypatch.setattr(pipeline, "TEXTS_AT_ONCE", 2)
    monkeypatch.setattr(pipeline, "TEXTS_AHEAD", 4)
    monkeypatch.setattr(pipeline, "FILES_AHEAD", 2 * pipeline.READERS)
    begun = []

    def ids():
        for pk in received(40):
            begun.append(pk)
            yield pk

    ended = 0
    for _ in advance_all(ids(), parts=parts(embedder=Counting(seconds=0.05))):
        ended += 1
        assert len(begun) - ended <= 4 + 2 + 2 * pipeline.READERS
    assert ended == 40


def test_nothing_to_do_ends_at_once():
    assert list(advance_all([], parts=parts())) == []
    assert list(advance_all([4711], parts=parts())) == []


def test_a_worker_takes_fresh_uploads_along_and_one_that_was_tried_before_alone():
    first, *others = received(20)
    assert sorted(advanced.pk for advanced in advance_all(with_those_waiting(first), parts=parts())) == sorted([first, *others])
    tried, fresh = received(2, "# Again {n}\n\nText.")
    DocumentVersion.objects.filter(pk=tried).update(attempts=1)
    assert [version.pk for version in advance_all(with_those_waiting(tried), parts=parts())] == [tried]
    assert DocumentVersion.objects.get(pk=fresh).state == State.RECEIVED


def test_small_texts_share_a_reader_and_one_that_breaks_it_fails_alone():
    asked = []

    def read_all(files):
        asked.append(len(files))
        if len(files) > 1 and any(name == "rule-3.md" for _, name in files):
            raise OSError("the process that reads has died")
        return [plain_read(data, name) for data, name in files]

    def read(data, filename):
        if filename == "rule-3.md":
            raise Unreadable("This file is damaged.")
        return plain_read(data, filename)

    using = Parts(read, WordCounts, read_all)
    versions = {version.filename: version for version in advance_all(received(40), parts=using)}
    assert max(asked) > 1
    assert versions.pop("rule-3.md").state == State.FAILED
    assert {version.state for version in versions.values()} == {State.PUBLISHED}


def test_what_belongs_together_is_written_in_few_transactions(django_assert_max_num_queries):
    ids = list(received(30))
    with django_assert_max_num_queries(90):  # three a file; one by one they would be thirty
        list(advance_all(ids, parts=parts()))
    assert Chunk.objects.count() == 30


def test_a_version_given_twice_is_taken_once():
    (pk,) = received(1)
    twice = list(advance_all([pk, pk], parts=parts()))
    assert [version.pk for version in twice] == [pk, pk]
    assert DocumentVersion.objects.get().state == State.PUBLISHED
    assert [event.state for event in DocumentVersion.objects.get().events.all()] == [
        "received",
        "reading",
        "embedding",
        "published",
    ]


def test_versions_of_one_document_are_published_one_after_the_other():
    ids = [receive(f"# Returns\n\n{days} days.".encode(), "returns.md", queue=False).pk for days in (14, 30, 60)]
    list(advance_all(ids, parts=parts()))
    states = DocumentVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == [State.SUPERSEDED, State.SUPERSEDED, State.PUBLISHED]


def test_when_many_cannot_be_written_together_each_has_its_own_try(monkeypatch):
    real = publishing.publish_all

    def fragile(prepared):
        if any(one.version.filename == "rule-2.md" for one in prepared):
            raise DatabaseError("the disk is full")
        return real(prepared)

    monkeypatch.setattr(publishing, "publish_all", fragile)
    versions = {version.filename: version for version in advance_all(received(5), parts=parts())}
    assert versions.pop("rule-2.md").state == State.EMBEDDING
    assert {version.state for version in versions.values()} == {State.PUBLISHED}


def test_small_texts_are_read_together_before_large_files_that_came_among_them():
    asked, small_have_begun = [], threading.Event()

    def read(data, filename):
        if not small_have_begun.wait(20):  # the other reader has them, however slow it is
            raise Unreadable("The small ones were not begun.")
        asked.append(filename)
        return plain_read(data, filename)

    def read_all(files):
        small_have_begun.set()
        asked.append([name for _, name in files])
        return [plain_read(data, name) for data, name in files]

    large = b"# Large\n\n" + b"Many words. " * (pipeline.SMALL_FILE // 8)
    files = [(f"rule-{n // 2}.md", b"# Rule\n\nText.") if n % 2 else (f"large-{n // 2}.html", large) for n in range(12)]
    ids = [receive(data + name.encode(), name, queue=False).pk for name, data in files]
    versions = list(advance_all(ids, parts=Parts(read, WordCounts, read_all)))
    assert {version.state for version in versions} == {State.PUBLISHED}
    assert [f"rule-{n}.md" for n in range(6)] in asked
    assert len(asked) == 7  # and each large one by itself


def test_the_model_is_loaded_while_the_first_files_are_read_and_not_if_there_are_none():
    model, asked = WordCounts(), threading.Event()

    def embedder():
        asked.set()
        return model

    def read(data, filename):
        if not asked.wait(20):
            raise Unreadable("Nobody has asked for the model.")
        return plain_read(data, filename)

    (pk,) = received(1)
    assert [version.state for version in advance_all([pk], parts=Parts(read, embedder))] == [State.PUBLISHED]
    asked.clear()
    assert [version.state for version in advance_all([pk], parts=Parts(read, embedder))] == [State.PUBLISHED]
    assert not asked.is_set()
