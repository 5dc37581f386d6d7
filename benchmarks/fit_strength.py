"""Fit the strength model of `retrieval/strength.py` again, and say how well it tells answerable questions from others.

    python -m benchmarks.fit_strength --passages DIR --policies DIR

--passages: a folder with corpus.jsonl, queries.jsonl and qrels.tsv, as in the shared retrieval_dev data; --policies: a folder with
one folder of documents per company. The demo shop's policies are always taken. For every answerable question the search is asked
once more with everything that answers it left out, which gives negatives that sound right: these are what a shop's customers ask
that its documents do not say. Prints the areas under the ROC curve, each measured on a collection that was left out of the fit, and
the weights to copy.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = Path(__file__).with_name("strength_questions.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=Path)
    parser.add_argument("--policies", type=Path)
    parser.add_argument("--keep", type=Path, help="a file for the measured features, read again when it exists")
    parser.add_argument("--collect", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)  # a child process of this script
    options = parser.parse_args()
    if options.collect:
        name, folder = options.collect
        for row in collect(name, Path(folder)):
            print(json.dumps(row))
        return
    sources = {"fixtures": ROOT / "fixtures" / "policies"}
    if options.passages:
        sources["passages"] = options.passages
    if options.policies:
        sources |= {folder.name: folder for folder in sorted(options.policies.iterdir()) if folder.is_dir()}
    if options.keep and options.keep.exists():
        rows = json.loads(options.keep.read_text("utf-8"))
    else:
        rows = [row for name, folder in sources.items() for row in in_child(name, folder)]
        if options.keep:
            options.keep.write_text(json.dumps(rows), "utf-8")
    report(rows)


def in_child(name: str, folder: Path) -> list[dict[str, Any]]:
    """Measure one collection with a database of its own."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "benchmarks.fit_strength", "--collect", name, str(folder)]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "DATA_DIR": data}, stdout=subprocess.PIPE, text=True, check=True
        )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def collect(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield features and label of every question about one collection."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if name == "passages":
        load_passages(folder)
        asked = list(passage_questions(folder))
    else:
        load_folder(folder)
        asked = list(policy_questions(name))
    for text, context, answered_in, label in asked:
        yield {
            "from": name,
            "text": text,
            "kind": "answerable" if label else "other",
            "label": int(label),
            **features(text, context, ()),
        }
        if label:
            yield {"from": name, "text": text, "kind": "left out", "label": 0, **features(text, context, answered_in)}


def features(text: str, context: str, left_out: Iterable[str]) -> dict[str, Any]:
    """What search measures for a question when the files in `left_out` did not exist."""
    from asgiref.sync import async_to_sync
    from django.utils import timezone

    from retrieval import index
    from retrieval.models import Chunk
    from retrieval.search import Searcher

    hidden = set(Chunk.objects.filter(version__filename__in=list(left_out)).values_list("pk", flat=True))
    searcher = Searcher(Without(index.current(), hidden))
    async_to_sync(searcher.search)(text, as_of=timezone.localdate() + timedelta(days=1), context=context)
    return asdict(searcher.features) if searcher.features else {}


class Without:
    """An index in which some chunks cannot be found."""

    def __init__(self, index: Any, hidden: set[int]) -> None:
        self.index, self.hidden = index, hidden

    def candidates(self, *args: Any, limit: int, **options: Any) -> Any:
        from dataclasses import replace

        found = self.index.candidates(*args, limit=limit + len(self.hidden), **options)
        return replace(
            found,
            dense={pk: score for pk, score in found.dense.items() if pk not in self.hidden},
            lexical={pk: score for pk, score in found.lexical.items() if pk not in self.hidden},
        )


def load_folder(folder: Path) -> None:
    from django.core.management import call_command

    try:
        call_command("ingest", str(folder), stdout=sys.stderr)
    except SystemExit:
        print("some files could not be read; going on without them", file=sys.stderr)


def load_passages(folder: Path) -> None:
    """One document per passage: the passage's id is its file name."""
    from retrieval import ingestion

    for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines():
        passage = json.loads(line)
        version = ingestion.receive(
            passage["text"].encode(), f"{passage['doc_id']}.txt", title=passage["title"] or "Passage", queue=False
        )
        ingestion.advance(version)


def policy_questions(name: str) -> Iterator[tuple[str, str, list[str], bool]]:
    """Text, context, files that answer, whether anything does."""
    from retrieval.models import DocumentVersion

    files = set(DocumentVersion.objects.values_list("filename", flat=True))
    for line in QUESTIONS.read_text("utf-8").splitlines():
        question = json.loads(line)
        if question["documents"] == name:
            answered_in = question["answered_in"]
            theirs = [file for file in files if answered_in and Path(file).stem.startswith(answered_in.split("-v")[0])]
            yield question["text"], "", theirs, bool(answered_in)


def passage_questions(folder: Path) -> Iterator[tuple[str, str, list[str], bool]]:
    from retrieval.management.commands.search import context_of

    judged: dict[str, list[str]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines():
        query, passage, _ = line.split("\t")
        judged.setdefault(query, []).append(f"{passage}.txt")
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        if (question["answerable"] and question["id"] in judged) or question["answerable"] is False:
            yield question["text"], context_of(question["history"]), judged.get(question["id"], []), bool(question["answerable"])


def report(rows: list[dict[str, Any]]) -> None:
    from retrieval.strength import TERMS_ONLY, WITH_VECTORS

    for title, model in (("WITH_VECTORS", WITH_VECTORS), ("TERMS_ONLY", TERMS_ONLY)):
        names = [name for name in model if name != "bias"]
        print(f"\n{title}")
        for collection in sorted({row["from"] for row in rows}):
            bias, weights = fit([row for row in rows if row["from"] != collection], names)
            theirs = [(row, bias + sum(weights[n] * row[n] for n in names)) for row in rows if row["from"] == collection]
            good = [score for row, score in theirs if row["label"]]
            for kind in ("other", "left out"):
                bad = [score for row, score in theirs if row["kind"] == kind]
                print(f"  {collection:12} {kind:10} {len(good):4} against {len(bad):4}: area {area(good, bad):.3f}")
        bias, weights = fit(rows, names)
        print(f'  {{"bias": {bias:.2f}, ' + ", ".join(f'"{name}": {weights[name]:.2f}' for name in names) + "}")


def fit(rows: list[dict[str, Any]], names: Iterable[str]) -> tuple[float, dict[str, float]]:
    """Logistic regression in which every collection, and both labels in it, count the same."""
    from sklearn.linear_model import LogisticRegression

    names = list(names)
    # a policy that is left out is often answered by another one, so only the judged passages give sure negatives of that kind
    rows = [row for row in rows if row["kind"] != "left out" or row["from"] == "passages"]
    counts: dict[tuple[str, int], int] = {}
    for row in rows:
        counts[row["from"], row["label"]] = counts.get((row["from"], row["label"]), 0) + 1
    weights = [100 / counts[row["from"], row["label"]] for row in rows]
    model = LogisticRegression(C=10.0, max_iter=2000)
    model.fit([[row[name] for name in names] for row in rows], [row["label"] for row in rows], sample_weight=weights)
    return float(model.intercept_[0]), dict(zip(names, map(float, model.coef_[0]), strict=True))


def area(good: list[float], bad: list[float]) -> float:
    """Probability that a good one scores above a bad one."""
    return sum((g > b) + 0.5 * (g == b) for g in good for b in bad) / max(len(good) * len(bad), 1)


if __name__ == "__main__":
    main()
