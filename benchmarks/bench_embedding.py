"""Every way to run the embedding model side by side: speed, memory, and what becomes of the ranking.

    python -m benchmarks.bench_embedding [--passages DIR] [--rounds 8] [--write]

Each way is a process of its own; they are asked in turn, round by round, so that whatever else the machine does meets all of them.
The ranking is judged on passages with graded questions (a folder with corpus.jsonl, queries.jsonl and qrels.tsv) by vectors alone,
against that of torch. A way whose packages are not installed is left out by name.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.judged import Judged, judged_passages
from benchmarks.measuring import load, machine, percentile, replace_section, table
from benchmarks.quality import mean, ndcg

ROOT = Path(__file__).resolve().parent.parent
PASSAGES = ROOT.parent / "shared" / "data" / "retrieval_dev"
RESULTS = ROOT / "docs" / "benchmarks.md"
OTHERS = ROOT / ".venv-bench" / "bin" / "python"
REFERENCE, OURS = "sentence-transformers (torch)", "Whereabouts"
WAYS = (REFERENCE, "ONNX Runtime", "ONNX Runtime, int8", "OpenVINO, f32", "OpenVINO, f16", "OpenVINO, bf16", "OpenVINO, int8", OURS)
IN_BENCH_ENVIRONMENT = ("ONNX Runtime", "ONNX Runtime, int8", "OpenVINO, int8")  # their packages are not needed to run the product
QUERIES = ("can I return sale items", "where is my parcel", "how long does shipping to Norway take", "do gift cards expire")
AT_ONCE = 48  # texts in one measurement
WORDS = 90  # of a text at most, about 120 word pieces: a way that reads on where others cut off would seem slow with longer ones


class Way:
    """A running process that embeds in one way."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        interpreter = str(OTHERS) if name in IN_BENCH_ENVIRONMENT and OTHERS.exists() else sys.executable
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "2"}
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self.process = subprocess.Popen(
            [interpreter, "-m", "benchmarks.embedding_runners", name, str(folder)],
            cwd=ROOT,
            env={**environment, "DATA_DIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
        )
        self.chunks: list[float] = []  # seconds a chunk, by round
        self.cpu: list[float] = []  # the same of processor time
        self.queries: list[float] = []  # seconds a query
        self.megabytes = 0.0
        self.works = bool(self._line())

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {}

    def ask(self, texts: list[str], *, times: int = 1, keep: Path | None = None) -> dict[str, Any]:
        assert self.process.stdin is not None
        print(
            json.dumps({"texts": texts, "times": times, "keep": str(keep) if keep else None}), file=self.process.stdin, flush=True
        )
        return self._line()

    def why_not(self) -> str:
        self.complaints.seek(0)
        lines = self.complaints.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it ended without a word"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=Path, default=PASSAGES)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), help="only these")
    parser.add_argument("--keep", type=Path, help="a folder for converted models, so that another run need not make them again")
    parser.add_argument("--write", action="store_true", help="update docs/benchmarks.md")
    options = parser.parse_args()
    report = measure(options.ways, options.passages if options.passages.is_dir() else None, options.rounds, options.keep)
    print(report)
    if options.write:
        RESULTS.write_text(replace_section(RESULTS.read_text("utf-8"), "embedding", report), "utf-8")


def measure(names: list[str], passages: Path | None, rounds: int, keep: Path | None = None) -> str:
    """The report as Markdown."""
    busy = load()
    judged = judged_passages(passages) if passages else None
    with tempfile.TemporaryDirectory() as made:
        ways = [Way(name, keep or Path(made)) for name in names]
        try:
            working = [way for way in ways if way.works]
            texts = [text.text for text in judged.texts][:: max(len(judged.texts) // AT_ONCE, 1)] if judged else _demo_texts()
            texts = [" ".join(text.split()[:WORDS]) for text in texts]
            for number in range(rounds):
                for way in working:
                    _round(way, texts[:AT_ONCE], warm=number == 0)
            vectors = {way.name: _vectors(way, judged, Path(made)) for way in working} if judged else {}
        finally:
            for way in ways:
                way.end()
        left_out = [f"- {way.name} was left out: {way.why_not()}" for way in ways if not way.works]
    return "\n".join(
        [_head(busy, rounds, texts), "", _table(working, judged, vectors), *_verdict(working, judged, vectors), *left_out]
    )


def _round(way: Way, texts: list[str], *, warm: bool) -> None:
    answer = way.ask(texts)
    asked = way.ask([QUERIES[len(way.queries) % len(QUERIES)]], times=20)
    if not warm:  # the first round is for getting warm
        way.chunks += [seconds / len(texts) for seconds in answer["seconds"]]
        way.cpu += [seconds / len(texts) for seconds in answer["cpu_seconds"]]
        way.queries += asked["seconds"]
    way.megabytes = asked["megabytes"]


def _vectors(way: Way, judged: Judged, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Of all passages and of all questions that have an answer among them."""
    asked = [question.text for question in judged.questions if question.relevant]
    found = []
    for number, texts in enumerate(([text.text for text in judged.texts], asked)):
        keep = folder / f"{number}.f32"
        way.ask(texts, keep=keep)
        found.append(np.fromfile(keep, "<f4").reshape(len(texts), -1))
    return found[0], found[1]


def _first_ten(vectors: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    passages, questions = vectors
    return np.argsort(-(questions @ passages.T), axis=1, kind="stable")[:, :10]


def _quality(judged: Judged, vectors: tuple[np.ndarray, np.ndarray]) -> float:
    answered = [question.relevant for question in judged.questions if question.relevant]
    sources = [text.source for text in judged.texts]
    return mean(
        [ndcg([sources[row] for row in rows], theirs, 10) for rows, theirs in zip(_first_ten(vectors), answered, strict=True)]
    )


def _table(ways: list[Way], judged: Judged | None, vectors: dict[str, tuple[np.ndarray, np.ndarray]]) -> str:
    reference = next((way for way in ways if way.name == REFERENCE), ways[0])
    head = ["runs on", "chunks/s", "× torch", "CPU ms a chunk", "short query ms (p50 / p95)", "of torch's", "memory MB"]
    head += ["nDCG@10", "same top 10", "least cosine"] if judged else []
    rows = []
    for way in ways:
        chunk, query = percentile(way.chunks, 0.5), percentile(way.queries, 0.5)
        row = [
            way.name,
            f"{1 / chunk:.1f}",
            f"{percentile(reference.chunks, 0.5) / chunk:.2f}",
            f"{1000 * percentile(way.cpu, 0.5):.1f}",
        ]
        row += [
            f"{1000 * query:.2f} / {1000 * percentile(way.queries, 0.95):.2f}",
            f"{query / percentile(reference.queries, 0.5):.0%}",
        ]
        row.append(f"{way.megabytes:.0f}")
        if judged:
            theirs, exact = vectors[way.name], vectors[reference.name]
            same = [len(set(a) & set(b)) / 10 for a, b in zip(_first_ten(theirs), _first_ten(exact), strict=True)]
            cosines = (theirs[0] * exact[0]).sum(axis=1) / np.linalg.norm(theirs[0], axis=1)
            row += [f"{_quality(judged, theirs):.4f}", f"{mean(same):.1%}", f"{cosines.min():.5f}"]
        rows.append(row)
    return table(head, rows)


def _verdict(ways: list[Way], judged: Judged | None, vectors: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[str]:
    """The goals for the default, each with what was measured."""
    found = {way.name: way for way in ways}
    if REFERENCE not in found or OURS not in found:
        return []
    torch, ours = found[REFERENCE], found[OURS]
    faster = percentile(torch.chunks, 0.5) / percentile(ours.chunks, 0.5)
    share = percentile(ours.queries, 0.5) / percentile(torch.queries, 0.5)
    goals = [("at least 2 × torch's chunks/s", f"{faster:.2f} ×", faster >= 2)]
    goals.append(("at most 30 % of torch's time for a short query", f"{share:.0%}", share <= 0.3))
    if judged:
        lost = 1 - _quality(judged, vectors[OURS]) / _quality(judged, vectors[REFERENCE])
        goals.append(("ranking within 0.5 % nDCG of full precision", f"{lost:+.2%} lost", lost <= 0.005))
    return ["", *(f"- {goal}: {value}, {'met' if met else '**not met**'}" for goal, value, met in goals)]


def _head(busy: str, rounds: int, texts: list[str]) -> str:
    words = mean([len(text.split()) for text in texts])
    return (
        f"`make bench-embedding`: {machine()}; {busy}. {rounds - 1} rounds in turn of {min(len(texts), AT_ONCE)} texts ({words:.0f} words "
        "each on average) and 20 short queries; two threads each; medians."
    )


def _demo_texts() -> list[str]:
    from benchmarks.embedding_runners import calibration

    return calibration()


if __name__ == "__main__":
    main()
