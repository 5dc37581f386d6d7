"""Measure the index at 10,000, 100,000 and a million chunks: `python -m benchmarks.bench_search_scale [--sizes …] [--ghosts]`.

One process, one thread asks; everything but the embedding of the question counts: both engines, the check against the versions in
force, the texts from the database, ranking. Each size gets a database of its own in a temporary folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measuring import load, machine, replace_section, table

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
DATA = ROOT.parent / "shared" / "data" / "retrieval_dev"
SIZES = (10_000, 100_000, 1_000_000)
GOALS_MS = {10_000: 2.0, 100_000: 5.0, 1_000_000: 15.0}
CHUNKS_A_VERSION = 10
ASKED = 200  # questions, each once
CHANGES = 20
GHOST_TRIES = 1000


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--data", type=Path, default=DATA, help="folder with corpus.jsonl and queries.jsonl to draw from")
    parser.add_argument(
        "--ghosts", action="store_true", help=f"also withdraw {GHOST_TRIES:,} documents under four searching processes"
    )
    parser.add_argument("--keep", type=Path, help="keep the databases in this folder and use what is there")
    parser.add_argument("--no-report", action="store_true", help="print only")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # a step of one size, in a process of its own
    options = parser.parse_args(argv)
    if options.one:
        return _step(options)
    body = scale_section(options.sizes, options.data, keep=options.keep)
    if options.ghosts:
        body += "\n\n" + ghost_line(GHOST_TRIES)
    print(body)
    if not options.no_report:
        REPORT.write_text(replace_section(REPORT.read_text("utf-8"), "search scale", body), "utf-8")
    return 0


def scale_section(sizes: Sequence[int], data: Path = DATA, *, keep: Path | None = None) -> str:
    """The section of docs/benchmarks.md: what search, start and changes cost at each size."""
    busy = load()
    with tempfile.TemporaryDirectory(prefix="whereabouts-scale-") as temporary:
        results = [_measured(size, data, (keep or Path(temporary)) / str(size)) for size in sizes]
    head = ["", *(f"{size:,} chunks" for size in sizes)]
    lines = [[name, *(result[name] for result in results)] for name in results[0]]
    return "\n".join([
        "## Search at size", "",
        f"{machine()} · {busy} · `python -m benchmarks.bench_search_scale`", "",
        "Synthetic shops drawn from real passages (`benchmarks/many_chunks.py`), ten chunks a document, SQLite. One thread asks "
        f"{ASKED} real questions once each; the embedding of the question is not in it, everything else is: vectors, terms, the "
        "check against the versions in force, texts from the database, ranking. Recall is that of the vectors, against full-precision "
        "comparison with all of them. Memory is what the index adds to the process.", "",
        table(head, lines),
    ])  # fmt: skip


def _measured(size: int, data: Path, folder: Path) -> dict[str, str]:
    """Make the database, then measure a first start, and in a second process a start from the snapshot and the searches."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for step in ("fill", "first", "search"):
        command = [sys.executable, "-m", "benchmarks.bench_search_scale", "--one", step, "--sizes", str(size), "--data", str(data)]
        environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "benchmarks.scale_settings",
        }
        done = subprocess.run(
            [*command, "--keep", str(folder)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        found |= json.loads(done.stdout.splitlines()[-1])
    goal = f" (goal {GOALS_MS[size]:.0f})" if size in GOALS_MS else ""
    return {
        "search, median ms": f"{found['p50']:.1f}{goal}",
        "search, 95th percentile ms": f"{found['p95']:.1f}",
        "of it vectors, terms, the rest": " / ".join(f"{found[part]:.1f}" for part in ("vectors", "terms", "rest")),
        "recall@10 of the vectors": f"{found['recall']:.4f}" + (" (clusters)" if found["clustered"] else " (all compared)"),
        "memory a chunk, bytes": f"{found['bytes']:.0f}",
        "on disk a chunk, bytes": f"{found['disk']:.0f}",
        "start from the snapshot, s": f"{found['start']:.2f}",
        "start from the database, s": f"{found['first']:.1f}",
        "after a withdrawal, ms": f"{found['withdrawn']:.1f}",
        "after a publication of ten chunks, ms": f"{found['published']:.1f}",
        "another day, ms": f"{found['day']:.1f}",
    }


def ghost_line(tries: int) -> str:
    """Withdraw so many documents while four processes search, on a fresh SQLite database; what was seen, in words."""
    with tempfile.TemporaryDirectory(prefix="whereabouts-ghosts-") as folder:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "benchmarks.scale_settings"}
        command = [
            sys.executable,
            "-m",
            "benchmarks.bench_search_scale",
            "--one",
            "ghosts",
            "--sizes",
            str(tries),
            "--keep",
            folder,
        ]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        seen = json.loads(done.stdout.splitlines()[-1])
    return (
        f"{tries:,} documents were published and withdrawn while four processes searched (`--ghosts`); each process was asked the moment "
        f"the withdrawal was done. Of {seen['answers']:,} answers {seen['ghosts']} named what was gone; {seen['missing']} did not name "
        "what had been published."
    )


# --- in a process of its own ------------------------------------------------------------------------------------------


def _step(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from benchmarks import scale_steps

    size, folder = options.sizes[0], options.keep
    steps = {
        "fill": lambda: scale_steps.fill(size, options.data, folder, CHUNKS_A_VERSION),
        "first": lambda: scale_steps.first_start(folder),
        "search": lambda: scale_steps.search(size, options.data, folder, asked=ASKED, changes=CHANGES),
        "ghosts": lambda: scale_steps.ghosts(size, folder),
    }
    print(json.dumps(steps[options.one]()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
