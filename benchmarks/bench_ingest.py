"""How much of the model's speed is left of it when documents are ingested, and whether memory stays flat.

    python -m benchmarks.bench_ingest [--documents 600] [--folder DIR] [--write]

Three collections: short texts of one paragraph, one document each (--documents of them; 10,000 show that memory is flat); the demo
shop's documents; the folder given, if any. Each is ingested by `manage.py ingest` into a database of its own, in a process of its
own, then the very texts that were embedded are embedded once more by the model alone, in the same process, with the processor time of
everything counted on both sides. Few texts take so little time that both are done in turns, and the best of each counts.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import load, machine, replace_section, table

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT.parent / "shared" / "data" / "policies" / "github"
DEMO = ROOT / "fixtures" / "policies"
RESULTS = ROOT / "docs" / "benchmarks.md"
MODELS = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve() / "models"
AT_ONCE = 64  # texts given to the bare model in one call, as the pipeline does
MANY = 1000  # files from which on memory is told in tenths
PAIRS = 3  # measurements of a collection of few texts, each of the ingest and of the bare model; the best of each counts
FEW = 500
GOAL = 0.9
SEED = 20_261_121


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=600, help="short documents, default 600")
    parser.add_argument("--folder", type=Path, default=POLICIES, help="a folder of documents of your own")
    parser.add_argument("--write", action="store_true", help="update docs/benchmarks.md")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)  # a child process of this script
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(*options.one)))
        return
    busy = load()
    with tempfile.TemporaryDirectory() as made:
        short = Path(made, "short")
        write_short_documents(short, options.documents)
        collections = {f"{options.documents:,} short texts": short, "the demo shop": DEMO}
        if options.folder.is_dir():
            collections[f"{options.folder.name}, {sum(1 for path in options.folder.rglob('*') if path.is_file())} files"] = (
                options.folder
            )
        found = [in_child(name, folder) for name, folder in collections.items()]
    report = "\n".join([f"`make bench-ingest`: {machine()}; {busy}.", "", as_table(found), "", *verdict(found)])
    print(report)
    if options.write:
        RESULTS.write_text(replace_section(RESULTS.read_text("utf-8"), "ingest", report), "utf-8")


def write_short_documents(folder: Path, count: int) -> None:
    """Made-up rules of one paragraph, each another: words of the demo shop's documents, drawn again and again."""
    words = " ".join(path.read_text("utf-8") for path in sorted(DEMO.glob("*.md"))).replace("#", "").replace("|", "").split()
    draw = random.Random(SEED)
    for number in range(count):
        target = folder / f"{number // 1000:02}" / f"rule-{number:05}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        start = draw.randrange(len(words) - 120)
        target.write_text(f"# Rule {number}\n\n{' '.join(words[start : start + draw.randrange(60, 120)])}\n", "utf-8")


def in_child(name: str, folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as data:
        MODELS.mkdir(parents=True, exist_ok=True)
        Path(data, "models").symlink_to(MODELS)  # made once, and not part of what is measured
        command = [sys.executable, "-m", "benchmarks.bench_ingest", "--one", name, str(folder)]
        environment = {**os.environ, "DATA_DIR": data, "DEMO": "false", "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def measured(name: str, folder: str) -> dict[str, Any]:
    """Ingest a folder, then embed the same texts by the model alone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from retrieval.embedding import embedder
    from retrieval.folders import files_in
    from retrieval.management.commands.ingest import publish
    from retrieval.models import Document

    call_command("migrate", verbosity=0)
    embedder().embed(["one to begin with"])
    warm_reader()
    files = files_in([folder])
    memory = Memory()
    ingested, bare = [], []
    texts: list[str] = []
    while not texts or (len(texts) < FEW and len(ingested) < PAIRS):  # in turns, so that both meet the same machine
        Document.objects.all().delete()
        began, used = time.perf_counter(), processor_seconds()
        outcomes = [outcome["status"] for outcome in memory.watching(publish(files), len(files))]
        ingested.append((time.perf_counter() - began, processor_seconds() - used))
        texts = list(embedded_texts())
        bare.append(bare_seconds(texts))
    return {
        "name": name,
        "files": len(files),
        "failed": outcomes.count("failed"),
        "chunks": len(texts),
        "seconds": min(wall for wall, _ in ingested),
        "cpu": min(used for _, used in ingested),
        "bare_seconds": min(wall for wall, _ in bare),
        "bare_cpu": min(used for _, used in bare),
        "memory": memory.parts(4),
        "tenths": memory.parts(10),
    }


def warm_reader() -> None:
    from retrieval.reading import read

    read(b"A word.", "word.txt")


def embedded_texts() -> Iterator[str]:
    from retrieval.chunking import text_for_embedding
    from retrieval.models import Chunk

    for chunk in Chunk.objects.select_related("version__document").order_by("pk").iterator(chunk_size=500):
        yield text_for_embedding(chunk.version.document.title, chunk.heading, chunk.text, context=chunk.context)


def bare_seconds(texts: list[str]) -> tuple[float, float]:
    """Seconds on the clock and of the processor for embedding the texts and nothing else."""
    from retrieval.embedding import embedder

    model = embedder()
    began, used = time.perf_counter(), time.process_time()
    for first in range(0, len(texts), AT_ONCE):
        model.embed(texts[first : first + AT_ONCE])
    return time.perf_counter() - began, time.process_time() - used


def processor_seconds() -> float:
    """Of this process and of those it has started and theirs, the readers among them, whether they have ended or not."""
    times = os.times()
    used = times.user + times.system + times.children_user + times.children_system
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread, or what it has started, that ends meanwhile
            for child in (thread / "children").read_text().split():
                # after the name, which may hold anything: user, system, children's user and system time are fields 14 to 17
                fields = Path("/proc", child, "stat").read_text().rpartition(")")[2].split()
                used += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return used


class Memory:
    """What this process occupies, looked at beside the work."""

    def __init__(self) -> None:
        self.looked: list[tuple[int, float]] = []  # files done by then, megabytes

    def watching(self, items: Iterator[Any], total: int) -> Iterator[Any]:
        stop, done = threading.Event(), 0

        def look() -> None:
            while not stop.wait(0.2):
                self.looked.append((done, self.now()))

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        for item in items:
            done += 1
            if done % 1000 == 0:  # a long run is worth reading before its end
                print(f"{done:,} of {total:,} files: {self.now():.0f} MB", file=sys.stderr, flush=True)
            yield item
        stop.set()
        watcher.join()
        self.looked.append((done, self.now()))

    @staticmethod
    def now() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def parts(self, count: int) -> list[float]:
        """The most in each of so many equal parts of the files, in megabytes; of a part without a look, the most before it."""
        total, most = max(self.looked[-1][0], 1), [0.0] * count
        for done, megabytes in self.looked:
            part = min(done * count // total, count - 1)
            most[part] = max(most[part], megabytes)
        return [most[number] or max(most[: number + 1]) for number in range(count)]


def as_table(found: list[dict[str, Any]]) -> str:
    head = [
        "collection",
        "files",
        "chunks",
        "chunks/s",
        "the model alone",
        "share",
        "share of processor time",
        "memory MB by quarter",
    ]
    rows = []
    for one in found:
        rows.append(
            [
                one["name"],
                f"{one['files']}" + (f" ({one['failed']} failed)" if one["failed"] else ""),
                str(one["chunks"]),
                f"{one['chunks'] / one['seconds']:.1f}",
                f"{one['chunks'] / one['bare_seconds']:.1f}",
                f"{one['bare_seconds'] / one['seconds']:.0%}",
                f"{one['bare_cpu'] / one['cpu']:.0%}",
                " → ".join(f"{megabytes:.0f}" for megabytes in one["memory"]),
            ]
        )
    return table(head, rows)


def verdict(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for one in found:
        share = one["bare_seconds"] / one["seconds"]
        met = "met" if share >= GOAL else "**not met**"
        by_work = one["bare_cpu"] / one["cpu"]
        lines.append(
            f"- {one['name']}: {share:.0%} of the model's own speed (goal {GOAL:.0%}), {met}; {by_work:.0%} of the processor time"
        )
        if one["files"] >= MANY:
            each = " → ".join(f"{megabytes:.0f}" for megabytes in one["tenths"])
            lines.append(f"- {one['name']}: memory in each tenth of the files, MB: {each}")
    return lines


if __name__ == "__main__":
    main()
