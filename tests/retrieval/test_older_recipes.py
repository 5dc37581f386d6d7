"""A new embedding model takes over: what was embedded by the earlier one goes on answering, by its vectors while that can be."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from retrieval import older_recipes
from retrieval.errors import EmbeddingFailed
from retrieval.index.local import LocalIndex
from retrieval.models import Chunk, DocumentVersion, IndexChange
from retrieval.older_recipes import OlderRecipes, model_of
from retrieval.reembedding import Progress, bring_up_to_date, progress, remaining, stale_versions
from retrieval.search import Searcher
from tests.retrieval.stand_ins import WordCounts, parts, upload

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW, RECUT = "old@1/64/cut-1", "new@2/64/cut-1", "old@1/64/cut-2"


class Turned(WordCounts):
    """Another model: its vectors have nothing to do with those of WordCounts. It knows queries apart, as the real door does."""

    def __init__(self, recipe: str, shift: int = 0) -> None:
        super().__init__(recipe)
        self.shift, self.queries = shift, []

    def embed(self, texts, *, queries: bool = False):
        self.queries += texts if queries else []
        rows = super().embed(texts)
        rows = rows[:, ::-1] if self.shift else rows
        return rows.copy()


def searcher(model, older):
    async def embed(text: str):
        return model.embed([text], queries=True)[0], model.recipe

    return Searcher(LocalIndex(), embed, older=older)


def find(searcher, query: str):
    return async_to_sync(searcher.search)(query, as_of=timezone.localdate()).passages


@pytest.fixture
def two_of_the_old_model(db):
    for name in ("returns", "delivery"):
        upload(f"# {name}\n\nOur rule about {name} of jackets.", f"{name}.md", using=parts(embedder=Turned(OLD)))


def test_the_earlier_model_embeds_queries_until_its_documents_have_new_vectors(two_of_the_old_model):
    old, new = Turned(OLD), Turned(NEW, shift=1)
    search = searcher(new, OlderRecipes(lambda recipe: old))
    found = find(search, "rule about returns")
    assert {passage.document for passage in found} == {"Returns", "Delivery"}
    assert all(passage.dense is not None and passage.dense > 0.3 for passage in found)
    assert old.queries
    assert bring_up_to_date(parts=parts(embedder=new)) == 2
    asked = len(old.queries)
    again = find(searcher(new, OlderRecipes(lambda recipe: old)), "rule about returns")
    assert all(passage.dense is not None for passage in again)
    assert len(old.queries) == asked


def test_where_the_earlier_model_is_gone_words_answer(two_of_the_old_model):
    def gone(recipe):
        raise EmbeddingFailed("not installed any more")

    found = find(searcher(Turned(NEW, shift=1), OlderRecipes(gone)), "rule about returns")
    assert found[0].document == "Returns"
    assert all(passage.dense is None for passage in found)


def test_a_new_chunker_of_the_same_model_needs_no_second_model(two_of_the_old_model):
    def never(recipe):
        raise AssertionError("nothing is to be loaded")

    found = find(searcher(Turned(RECUT), OlderRecipes(never)), "rule about returns")
    assert all(passage.dense is not None for passage in found)
    assert model_of(RECUT) == model_of(OLD)


def test_a_model_that_loads_slowly_keeps_no_query_waiting(two_of_the_old_model, monkeypatch):
    monkeypatch.setattr(older_recipes, "FIRST_WAIT_SECONDS", 0.01)

    def slowly(recipe):
        time.sleep(0.5)
        return Turned(OLD)

    async def ask():
        search = searcher(Turned(NEW, shift=1), OlderRecipes(slowly))
        first = await search.search("rule about returns", as_of=timezone.localdate())
        await asyncio.sleep(0.8)
        return first.passages, (await search.search("rule about returns", as_of=timezone.localdate())).passages

    first, later = async_to_sync(ask)()
    assert first and all(passage.dense is None for passage in first)
    assert all(passage.dense is not None for passage in later)


def test_it_goes_version_by_version_and_says_how_much_is_left(two_of_the_old_model):
    new = parts(embedder=Turned(NEW, shift=1))
    assert remaining(parts=new) == (2, 2)
    assert bring_up_to_date(parts=new, seconds=0.0) == 1  # always one, so that it ends
    assert remaining(parts=new) == (1, 2)
    assert bring_up_to_date(parts=new) == 1
    assert remaining(parts=new) == (0, 2)
    assert list(stale_versions(parts=new)) == []


def test_how_far_it_is_and_how_long_the_rest_takes_is_told_by_the_speed_of_the_last_minutes(two_of_the_old_model):
    for n in range(3):
        upload(f"# Rule {n}\n\nRule {n} of jackets.", f"rule-{n}.md", using=parts(embedder=Turned(OLD)))
    new, now = parts(embedder=Turned(NEW, shift=1)), timezone.now()
    DocumentVersion.objects.update(published_at=now - timedelta(days=1))
    IndexChange.objects.update(at=now - timedelta(days=1))
    assert progress(at=now, parts=new) == Progress(published=5, left=5, stuck=0, seconds=None)
    for _ in range(2):
        bring_up_to_date(parts=new, seconds=0.0)
    newest, before = IndexChange.objects.order_by("-pk")[:2]
    IndexChange.objects.filter(pk=newest.pk).update(at=now - timedelta(seconds=10))
    IndexChange.objects.filter(pk=before.pk).update(at=now - timedelta(seconds=30))
    assert progress(at=now, parts=new) == Progress(published=5, left=3, stuck=0, seconds=60.0)
    # a fresh upload says nothing about the speed; what was long ago neither
    upload("# Fresh\n\nJust published.", "fresh.md", using=new)
    assert progress(at=now, parts=new).seconds == 60.0
    assert progress(at=now + timedelta(hours=1), parts=new).seconds is None
    bring_up_to_date(parts=new)
    done = progress(at=now, parts=new)
    assert (done.done, done.left, done.seconds) == (6, 0, None)


def test_fresh_uploads_go_first(two_of_the_old_model):
    from retrieval.ingestion import receive

    receive(b"# New\n\nA new rule.", "new.md", queue=False)
    assert bring_up_to_date(parts=parts(embedder=Turned(NEW))) == 1


def test_a_version_that_cannot_be_embedded_anew_answers_as_before_and_is_not_tried_for_ever(two_of_the_old_model):
    class Refuses(Turned):
        def embed(self, texts, *, queries=False):
            if any("returns" in text for text in texts):
                raise EmbeddingFailed("no")
            return super().embed(texts, queries=queries)

    new = parts(embedder=Refuses(NEW, shift=1))
    before = dict(Chunk.objects.filter(version__filename="returns.md").values_list("pk", "version__recipe"))
    done = []
    for _ in range(6):
        done.append(bring_up_to_date(parts=new))
        DocumentVersion.objects.update(claimed_until=None)  # as if the time between two attempts had passed
    assert sum(done) == 1
    assert dict(Chunk.objects.filter(version__filename="returns.md").values_list("pk", "version__recipe")) == before
    assert remaining(parts=new) == (1, 2)
    assert DocumentVersion.objects.get(filename="returns.md").reembeddings == 3
    assert progress(at=timezone.now(), parts=new) == Progress(published=2, left=0, stuck=1, seconds=None)


def test_two_workers_do_not_take_the_same_version(two_of_the_old_model):
    taken = []

    class Watching(Turned):
        def embed(self, texts, *, queries=False):
            if not taken:
                taken.append(bring_up_to_date(parts=parts(embedder=Turned(NEW, shift=1))))  # another worker, meanwhile
            return super().embed(texts, queries=queries)

    assert bring_up_to_date(parts=parts(embedder=Watching(NEW, shift=1))) == 1
    assert taken == [1]


def test_what_was_withdrawn_meanwhile_stays_withdrawn(two_of_the_old_model):
    from retrieval.ingestion import withdraw

    class Withdrawing(Turned):
        def embed(self, texts, *, queries=False):
            withdraw(DocumentVersion.objects.get(filename="returns.md"))
            return super().embed(texts, queries=queries)

    bring_up_to_date(parts=parts(embedder=Withdrawing(NEW, shift=1)))
    assert set(DocumentVersion.objects.published().values_list("filename", "recipe")) == {("delivery.md", NEW)}


KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from retrieval.models import Chunk, DocumentVersion
from retrieval.reembedding import bring_up_to_date, remaining
from tests.retrieval.stand_ins import WordCounts, parts, upload
"""
FIRST = """
call_command("migrate", verbosity=0)
for n in range(3):
    upload("\\n\\n".join(f"# Part {m}\\n\\nRule {m} of {n}." for m in range(40)), f"rules-{n}.md", using=parts(embedder=WordCounts("old@1/64/a")))

class Dies(WordCounts):
    def embed(self, texts):
        if self.batches == 3:  # in the middle of the second version
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(texts)

bring_up_to_date(parts=parts(embedder=Dies("new@2/64/a")))
"""
SECOND = """
from django.utils import timezone
new = parts(embedder=WordCounts("new@2/64/a"))
def state():
    return sorted(DocumentVersion.objects.values_list("recipe", flat=True)), Chunk.objects.count()
print(*state(), remaining(parts=new))
DocumentVersion.objects.update(claimed_until=timezone.now())  # the lease has run out
print(bring_up_to_date(parts=new), *state())
"""


def test_a_kill_in_the_middle_leaves_every_version_whole_and_the_next_one_goes_on(tmp_path):
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'killed.sqlite3'}"}
    environment = {**os.environ, **database, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}

    def run(code):
        command = [sys.executable, "-c", KILLED + code]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    killed = run(FIRST)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    old, new = "old@1/64/a", "new@2/64/a"
    after = run(SECOND)
    assert after.stdout.splitlines() == [f"{[new, old, old]} 120 (2, 3)", f"2 {[new, new, new]} 120"], after.stderr


def test_the_sweep_asks_for_it_while_something_is_stale_and_no_longer(two_of_the_old_model, monkeypatch):
    from retrieval import tasks

    asked = []
    monkeypatch.setattr(tasks, "send", lambda task, *row, lapses=None: asked.append(task))
    tasks.sweep()
    assert asked == [tasks.REEMBED]
    tasks.reembed()
    tasks.sweep()
    assert asked == [tasks.REEMBED]
    assert all(len(bytes(vector)) == 4 * 384 for vector in Chunk.objects.values_list("vector", flat=True))
