"""The steps of `bench_search_scale`, each in a process of its own with DATA_DIR in the benchmark's folder. Values in, plain values out."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from benchmarks import many_chunks
from benchmarks.measuring import percentile
from retrieval.index.local import LocalIndex
from retrieval.index.vectors import nearest
from retrieval.ingestion import withdraw
from retrieval.models import Chunk, Document, DocumentVersion, IndexChange, State
from retrieval.search import Searcher
from retrieval.words import telling_terms

RECIPE = "synthetic"
_ROWS_AT_ONCE = 5000
_LIMIT = 60  # candidates of each engine
_K = 6


def fill(size: int, data: Path, folder: Path, chunks_a_version: int) -> dict[str, Any]:
    """Make the database, unless it is there."""
    call_command("migrate", verbosity=0)
    if Chunk.objects.count() >= size:
        return {}
    seeds = _seeds(data, folder)
    now = timezone.now()
    numbers = range(1, size // chunks_a_version + 1)
    with transaction.atomic():
        for some in _batches(numbers):
            Document.objects.bulk_create([Document(pk=n, slug=f"rule-{n}", title=f"Rule {n}") for n in some])
            DocumentVersion.objects.bulk_create([_version(n, now) for n in some])
        texts = many_chunks.texts(seeds.texts, size)
        number = 0
        for rows in many_chunks.vectors(seeds.vectors, size):
            said = list(islice(texts, len(rows)))
            made = [
                _chunk(number + n, chunks_a_version, text, row.tobytes())
                for n, (text, row) in enumerate(zip(said, rows, strict=True))
            ]
            Chunk.objects.bulk_create(made, batch_size=_ROWS_AT_ONCE)
            number += len(rows)
        for some in _batches(numbers):
            IndexChange.objects.bulk_create([IndexChange(version_id=n, action=IndexChange.Action.ADDED) for n in some])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {}


def first_start(folder: Path) -> dict[str, Any]:
    """From the database, nothing saved; then let the upkeep do its work, as a process would in its first minutes."""
    index = LocalIndex(folder / "index")
    seconds = _seconds(index.rebuild)
    index.wait()
    return {"first": seconds}


def search(size: int, data: Path, folder: Path, *, asked: int, changes: int) -> dict[str, Any]:
    seeds = _seeds(data, folder)
    before = _memory()
    index = LocalIndex(folder / "index")
    start = _seconds(index.catch_up)
    gc.collect()
    memory = _memory() - before
    questions = list(zip(seeds.questions, seeds.asked, strict=True))[:asked]
    all_ms = asyncio.run(_searches(index, questions, seeds))
    view, day = index._on(timezone.localdate(), None)
    pairs = list(day.wanted.items())
    terms = [dict.fromkeys(telling_terms(question)[:48], 1.0) for question, _ in questions]
    vectors_ms = [1000 * _seconds(lambda v=vector: nearest(pairs, v, _LIMIT)) for _, vector in questions]
    terms_ms = [1000 * _seconds(lambda t=some: view.terms.best(t, day.silent, _LIMIT)) for some in terms]
    p50, vectors, by_terms = (percentile(values, 0.5) for values in (all_ms, vectors_ms, terms_ms))
    found = [list(nearest(pairs, vector, _LIMIT))[:10] for _, vector in questions]
    files = [path for path in (folder / "index").glob("snapshot-*/**/*") if path.is_file()]
    return {
        "start": start,
        "bytes": memory / size,
        "disk": sum(path.stat().st_size for path in files) / size,
        "p50": p50,
        "p95": percentile(all_ms, 0.95),
        "vectors": vectors,
        "terms": by_terms,
        "rest": max(p50 - vectors - by_terms, 0.0),
        "recall": _recall(seeds, size, np.array([vector for _, vector in questions]), found),
        "clustered": any(block.scan.is_clustered for block in index.blocks),
        **_changes(index, changes, seeds),
    }


def ghosts(tries: int, folder: Path) -> dict[str, Any]:
    from tests.retrieval.ghosts import chase, searching

    call_command("migrate", verbosity=0)
    with searching(4, str(connection.settings_dict["NAME"]), folder, "local") as searchers:
        seen = chase(searchers, tries)
    return {"answers": seen.answers, "ghosts": seen.ghosts, "missing": seen.missing}


async def _searches(index: LocalIndex, questions: list[tuple[str, np.ndarray]], seeds: many_chunks.Seeds) -> list[float]:
    """Milliseconds of each search without its embedding, after each question was asked once to warm up."""
    from retrieval.embedding import embed_query

    kept: dict[str, np.ndarray] = dict(questions)

    async def embed(text: str) -> tuple[Any, str]:
        if text not in kept:  # a part of a long question, or its words spelled out
            kept[text] = await embed_query(text)
        return kept[text], RECIPE

    searcher, today, times = Searcher(index, embed), timezone.localdate(), []
    for is_warm in (False, True):
        for question, _ in questions:
            timings = (await searcher.search(question, as_of=today, k=_K)).timings_ms
            if is_warm:
                times.append(timings["all"] - timings["embed"])
    return times


def _recall(seeds: many_chunks.Seeds, size: int, asked: np.ndarray, found: list[list[int]]) -> float:
    """The share of the ten truly nearest that were found; the chunks' ids count from 1 in the order of their vectors."""
    scores, ids = np.zeros((len(asked), 0), dtype=np.float32), np.zeros((len(asked), 0), dtype=np.int64)
    first = 1
    for rows in many_chunks.vectors(seeds.vectors, size):
        scores = np.hstack([scores, asked @ rows.T])
        ids = np.hstack([ids, np.broadcast_to(np.arange(first, first + len(rows)), (len(asked), len(rows)))])
        best = np.argpartition(-scores, 9, axis=1)[:, :10]
        scores, ids = np.take_along_axis(scores, best, axis=1), np.take_along_axis(ids, best, axis=1)
        first += len(rows)
    return float(np.mean([len(set(some) & set(true)) / 10 for some, true in zip(found, ids.tolist(), strict=True)]))


def _changes(index: LocalIndex, count: int, seeds: many_chunks.Seeds) -> dict[str, float]:
    """What the first search after a change costs, and the first about a day: medians in milliseconds."""
    today = timezone.localdate()

    def look(day: int = 0) -> None:
        index.candidates({}, None, recipe=RECIPE, as_of=today + timedelta(days=day), limit=1)

    look()
    withdrawn, published = [], []
    newest = DocumentVersion.objects.order_by("-pk").values_list("pk", flat=True)[0]
    words = list(many_chunks.texts(seeds.texts, 10))
    row = seeds.vectors[0].astype("<f4").tobytes()
    for n in range(1, count + 1):
        pk = newest + n
        with transaction.atomic():
            Document.objects.create(pk=pk, slug=f"rule-{pk}", title=f"Rule {pk}")
            version = DocumentVersion.objects.bulk_create([_version(pk, timezone.now())])[0]
            Chunk.objects.bulk_create([_chunk((pk - 1) * 10 + k, 10, text, row) for k, text in enumerate(words)])
            IndexChange.objects.create(version=version, action=IndexChange.Action.ADDED)
        published.append(1000 * _seconds(look))
        withdraw(version)
        withdrawn.append(1000 * _seconds(look))
    days = [1000 * _seconds(lambda n=n: look(n)) for n in range(1, count + 1)]
    index.wait()
    return {name: percentile(values, 0.5) for name, values in (("withdrawn", withdrawn), ("published", published), ("day", days))}


def _seeds(data: Path, folder: Path) -> many_chunks.Seeds:
    return many_chunks.seeds(data, folder / "seeds.npz")


def _version(number: int, now: Any) -> DocumentVersion:
    return DocumentVersion(
        pk=number, document_id=number, number=1, filename=f"{number}.md", sha256=f"{number:064x}", state=State.PUBLISHED,
        state_at=now, published_at=now, recipe=RECIPE,
    )  # fmt: skip


def _chunk(number: int, chunks_a_version: int, text: str, vector: bytes) -> Chunk:
    place = number % chunks_a_version
    return Chunk(
        pk=number + 1, version_id=number // chunks_a_version + 1, position=place, heading=f"Part {place}", text=text, start=0,
        end=len(text), vector=vector,
    )  # fmt: skip


def _batches(numbers: range) -> Iterator[range]:
    return (numbers[first : first + _ROWS_AT_ONCE] for first in range(0, len(numbers), _ROWS_AT_ONCE))


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _memory() -> int:
    """Bytes of this process that it does not share, and its part of what it does."""
    return int(psutil.Process().memory_full_info().pss)
