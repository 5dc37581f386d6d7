"""A process that ingests is really killed, at every step; the next one finishes its work from the database.

One program makes all the victims, by fork: each takes up an upload, and is gone without a word at its point of death. What it left
is looked at before and after another worker takes over.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# point of death → how the row stands then, and how it ends
POINTS = {
    "received": ("received", "published"),
    "reading": ("reading", "published"),
    "text stored": ("embedding", "published"),
    "second batch": ("embedding", "published"),
    "last batch": ("embedding", "published"),
    "compared": ("embedding", "published"),
    "before the rows": ("embedding", "published"),
    "after the rows": ("embedding", "published"),
    "before the history": ("embedding", "published"),
    "after the publication": ("published", "published"),
    "before it waits": ("embedding", "ready"),
    "after it waits": ("ready", "ready"),
    "while it is released": ("ready", "ready"),
}

PROGRAM = """
import json, os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from retrieval import ingestion, publishing, releasing, reviewing
from retrieval.models import Chunk, DocumentVersion, IndexChange, Release
from tests.retrieval.stand_ins import WordCounts, parts, plain_read

call_command("migrate", verbosity=0)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

class Dies(WordCounts):
    def __init__(self, batch):
        super().__init__()
        self.last = batch
    def embed(self, texts):
        rows = super().embed(texts)
        if self.batches == self.last:
            die()
        return rows

def then_die(module, name):
    real = getattr(module, name)
    def both(*args, **kwargs):
        real(*args, **kwargs)
        die()
    setattr(module, name, both)

def victim(point, pk):
    how = {"reading": parts(read=die), "text stored": parts(embedder=Dies(1)), "second batch": parts(embedder=Dies(2)), "last batch": parts(embedder=Dies(3))}
    places = {"compared": (reviewing, "review"), "before the rows": (publishing, "replace_chunks"), "after the rows": (publishing, "_log"),
              "before the history": (publishing, "write_down_each"), "before it waits": (publishing, "keep_findings"), "while it is released": (publishing, "_log")}
    if point == "received":
        die()
    if point in places:
        setattr(*places[point], die)
    elif point.startswith("after"):
        then_die(releasing, "settle")
    version = ingestion.advance(pk, parts=how.get(point) or parts())
    if point == "while it is released":
        ingestion.release(version)
    os._exit(3)  # it should not have lived so long

def upload(point):
    waits = "wait" in point or "released" in point
    own = "".join(word[0] for word in point.split()) + str(len(point))  # words of its own, so that no upload repeats another
    text = "\\n\\n".join(f"# Part {n}\\n\\n{own}rule {n} {own}item {own}thing." for n in range(70))
    release = Release.BY_HAND if waits else Release.IF_CLEAR
    return ingestion.receive(text.encode(), f"{point}.md", queue=False, release=release)

for point in json.loads(sys.argv[1]):
    version = upload(point)
    connections.close_all()
    child = os.fork()
    if child == 0:
        victim(point, version.pk)
    _, status = os.waitpid(child, 0)
    version.refresh_from_db()
    left = version.state
    DocumentVersion.objects.filter(pk=version.pk).update(claimed_until=timezone.now())  # the lease has run out
    ended = ingestion.advance(version, parts=parts())
    again = ingestion.advance(version, parts=parts())
    events = list(ended.events.values_list("state", flat=True))
    print(json.dumps({
        "point": point, "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "left": left,
        "ended": ended.state, "again": again.state,
        "positions": sorted(ended.chunks.values_list("position", flat=True)) == list(range(70)),
        "log": IndexChange.objects.filter(version=version).count(),
        "told": events.count(ended.state),
    }))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, dict]:
    import json

    data = tmp_path_factory.mktemp("killed")
    settings = {"DATABASE_URL": f"sqlite:///{data / 'killed.sqlite3'}", "DATA_DIR": str(data)}
    environment = {**os.environ, **settings, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(list(POINTS))],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return {outcome["point"]: outcome for outcome in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_leaves_nothing_half_done_and_the_next_worker_finishes_it_once(outcomes, point):
    left, ended = POINTS[point]
    assert outcomes[point] == {
        "point": point,
        "killed": True,
        "left": left,
        "ended": ended,
        "again": ended,
        "positions": True,
        "log": 1 if ended == "published" else 0,
        "told": 1,
    }
