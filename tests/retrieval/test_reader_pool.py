"""The process that stands ready to read: one process a file, limits for each, and no harm in its death or ours."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrieval.errors import Unreadable
from retrieval.reader_pool import ReaderPool, pool
from retrieval.reading import read, read_all

ROOT = Path(__file__).resolve().parents[2]


def start(readers: ReaderPool, data: bytes, said, *, seconds: float = 20.0):
    given = tempfile.TemporaryFile()  # noqa: SIM115 (the reader has it open)
    given.write(json.dumps({"files": [["rules.md", len(data)]], "ocr": None}).encode() + b"\n" + data)
    given.seek(0)
    return readers.start(given.fileno(), said.fileno(), said.fileno(), memory_mb=1024, seconds=seconds)


@pytest.fixture
def readers():
    made = ReaderPool()
    yield made
    made.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_many_files_at_once_each_get_their_own_answer():
    with ThreadPoolExecutor(4) as threads:
        texts = list(threads.map(lambda n: read(f"# Rule {n}\n\nText {n}.".encode(), "rule.md").markdown, range(20)))
    assert [text.strip() for text in texts] == [f"# Rule {n}\n\nText {n}." for n in range(20)]


def test_each_file_has_a_process_of_its_own_and_the_answer_is_where_it_was_asked_for(readers):
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as other:
        first, second = start(readers, b"One.", said), start(readers, b"Two.", other)
        assert first.pid != second.pid
        assert (first.wait(30), second.wait(30)) == (0, 0)
        for file, text in ((said, "One."), (other, "Two.")):
            file.seek(0)
            assert json.loads(file.read())[0]["markdown"].strip() == text


def test_a_reader_that_is_killed_fails_its_own_file_and_no_other(monkeypatch):
    real = pool.start

    def killed(*arguments, **options):
        reading = real(*arguments, **options)
        os.kill(reading.pid, signal.SIGKILL)
        return reading

    monkeypatch.setattr(pool, "start", killed)
    with pytest.raises(Unreadable, match="damaged"):
        read(b"# Rules\n\n" + b"word " * 200_000, "rules.md")
    monkeypatch.undo()
    assert read(b"Two.", "two.md").markdown.strip() == "Two."


def test_what_takes_too_long_is_ended(readers):
    with tempfile.TemporaryFile() as said:
        reading = start(readers, b"word " * 2_000_000, said)
        pid = reading.pid
        with pytest.raises(TimeoutError):
            reading.wait(0.0)
        reading.end()
        deadline = time.monotonic() + 10
        while is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_alive(pid)


def test_the_process_that_starts_readers_is_replaced_when_it_has_died(readers):
    with tempfile.TemporaryFile() as said:
        assert start(readers, b"One.", said).wait(30) == 0
        readers._process.kill()
        readers._process.wait()
        assert start(readers, b"Two.", said).wait(30) == 0


def test_it_ends_with_the_process_that_it_serves():
    script = (
        "import os, signal; from tests.retrieval.test_reader_pool import ReaderPool, start, tempfile\n"
        "readers, said = ReaderPool(), tempfile.TemporaryFile()\n"
        "start(readers, b'One.', said).wait(30)\n"
        "print(readers._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)


def test_several_small_texts_are_read_together_each_with_its_own_outcome():
    answers = read_all(
        [(b"# One\n\nFirst.", "one.md"), (b"%PDF-1.7 no text", "two.md"), (b"---", "three.txt"), (b"Fourth.", "four.txt")]
    )
    assert [answer.markdown.strip() for answer in (answers[0], answers[3])] == ["# One\n\nFirst.", "Fourth."]
    assert all(isinstance(answer, Unreadable) for answer in answers[1:3])
    assert "PDF" in answers[1].user_message


def test_a_process_that_dies_over_several_texts_costs_only_the_one_to_blame(monkeypatch):
    real = pool.start
    sizes = []

    def fragile(given, *arguments, **options):
        started = real(given, *arguments, **options)
        sizes.append(len(json.loads(os.pread(given, 4096, 0).split(b"\n")[0])["files"]))
        if sizes[-1] > 1 or b"poison" in os.pread(given, 4096, 0):
            os.kill(started.pid, signal.SIGKILL)
        return started

    monkeypatch.setattr(pool, "start", fragile)
    big = b" word" * 50_000  # so that it is still at work when it is ended
    answers = read_all([(b"Good." + big, "one.md"), (b"poison" + big, "two.md"), (b"Fine." + big, "three.md")])
    assert sizes == [3, 1, 1, 1]
    assert [isinstance(answer, Unreadable) for answer in answers] == [False, True, False]
