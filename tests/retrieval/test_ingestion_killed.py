"""A process that ingests is really killed; the next one finishes its work from the database."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

START = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from retrieval.ingestion import advance, receive
from retrieval.models import Chunk, DocumentVersion
from tests.retrieval.stand_ins import WordCounts, parts
"""

KILLED = (
    START
    + """
call_command("migrate", verbosity=0)

class Dies(WordCounts):
    def embed(self, texts):
        if self.batches == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(texts)

text = "\\n\\n".join(f"# Part {n}\\n\\nRule {n} about item {n}." for n in range(50))
advance(receive(text.encode(), "rules.md", queue=False), parts=parts(embedder=Dies()))
"""
)

AFTER = (
    START
    + """
version = DocumentVersion.objects.get()
print(version.state, bool(version.claimed_by), Chunk.objects.count())
print(advance(version, parts=parts()).state)
DocumentVersion.objects.update(claimed_until=timezone.now())  # the lease has run out
print(advance(version, parts=parts()).state, Chunk.objects.count())
"""
)


def run(code: str, data: Path) -> subprocess.CompletedProcess[str]:
    database = {"DATABASE_URL": f"sqlite:///{data / 'killed.sqlite3'}"}
    environment = {**os.environ, **database, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_work_of_a_killed_process_is_taken_over_when_its_lease_has_run_out(tmp_path):
    killed = run(KILLED, tmp_path)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    after = run(AFTER, tmp_path)
    assert after.stdout.splitlines() == ["embedding True 0", "embedding", "published 50"], after.stderr
