"""Chasing ghosts: processes that search without a pause, asked right after a document came and right after it went.

`python -m tests.retrieval.ghosts DATABASE_NAME FOLDER BACKEND` is one such process. It answers each line it reads, a question, with
a line of the documents that its search found, joined by "|"; between two questions it goes on searching by itself. It has an index
of its own, as every web process does.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAUSE_SECONDS = 0.01  # between the searches that a process makes by itself: four processes share few processors


@dataclass
class Chase:
    """What was seen: answers asked for, those that still named what was gone, those that did not name what was there."""

    answers: int = 0
    ghosts: int = 0
    missing: int = 0


class Searchers:
    """Several searching processes."""

    def __init__(self, processes: list["subprocess.Popen[str]"]) -> None:
        self._processes = processes
        self.listen()  # each says that it is ready

    def ask(self, question: str) -> list[set[str]]:
        """What each of them finds, asked all at once."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(question + "\n")
            process.stdin.flush()
        return [set(line.split("|")) for line in self.listen()]

    def listen(self) -> list[str]:
        lines = []
        for process in self._processes:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.endswith("\n"):
                raise RuntimeError(f"a searching process ended with {process.wait()}")
            lines.append(line.strip())
        return lines


@contextlib.contextmanager
def searching(count: int, database: str, folder: Path, backend: str) -> Iterator[Searchers]:
    command = [sys.executable, "-m", "tests.retrieval.ghosts", database, str(folder), backend]
    pipe = subprocess.PIPE
    with contextlib.ExitStack() as stack:
        processes = []
        for _ in range(count):
            process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, bufsize=1)
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append(process)
        yield Searchers(processes)


def chase(searchers: Searchers, tries: int) -> Chase:
    """Publish and withdraw a document so many times; ask every process the moment each has been said to be done."""
    from retrieval.ingestion import withdraw
    from tests.retrieval.stand_ins import upload

    seen = Chase()
    upload("# Jackets\n\nA jacket may be returned in 30 days.", "jackets.md")
    for number in range(tries):
        name = f"Ghost {number}"
        version = upload(f"# Ghost {number}\n\nA jacket of kind {number} may be returned in {number} weeks.", f"ghost {number}.md")
        seen.missing += sum(name not in found for found in searchers.ask("return a jacket"))
        withdraw(version)
        answers = searchers.ask("return a jacket")
        seen.answers += len(answers)
        seen.ghosts += sum(name in found for found in answers)
        seen.missing += sum("Jackets" not in found for found in answers)
    return seen


def main(database: str, folder: str, backend: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["DATA_DIR"] = folder
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()

    from asgiref.sync import async_to_sync
    from django.utils import timezone

    from retrieval.index.backend import Index
    from retrieval.search import Searcher
    from tests.retrieval.stand_ins import WordCounts

    model = WordCounts()

    async def embed(text: str) -> tuple[object, str]:
        return model.embed([text])[0], model.recipe

    index: Index
    if backend == "postgres":
        from retrieval.index.postgres import PostgresIndex

        index = PostgresIndex()
    else:
        from retrieval.index.local import LocalIndex

        index = LocalIndex(Path(folder) / "index")

    def search(text: str) -> set[str]:
        # a Searcher a thread: it may keep something of its last search
        result = async_to_sync(Searcher(index, embed).search)(text, as_of=timezone.localdate(), k=20)
        return {passage.document for passage in result.passages}

    def go_on() -> None:
        while True:
            search("return a jacket of kind 7")
            time.sleep(PAUSE_SECONDS)

    search("ready")
    threading.Thread(target=go_on, daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        print("|".join(sorted(search(line.strip()))), flush=True)
    os._exit(0)  # the other thread may be anywhere


if __name__ == "__main__":
    main(*sys.argv[1:])
