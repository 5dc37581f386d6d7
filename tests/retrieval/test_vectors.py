"""Blocks of vectors against plain arithmetic: a plain one finds just the same, a clustered one nearly all of it."""

import threading

import numpy as np
import pytest

from retrieval.index import vectors
from retrieval.index.scans import Scan
from retrieval.index.vectors import Block, merged, nearest, unclustered

DIMENSION = 128
NOBODY = np.zeros(0, dtype=np.int64)


def directions(count, *, seed=1, fading=0.97):
    """Unit vectors that differ less and less from axis to axis, as those of a language model do."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((DIMENSION, DIMENSION)))
    rows = (rng.standard_normal((count, DIMENSION)) * fading ** np.arange(DIMENSION)) @ turn
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def block(count, *, seed=1, first=0, rows_a_version=5):
    ids = np.arange(first, first + count)
    return Block.of("r", directions(count, seed=seed), ids, ids // rows_a_version)


@pytest.fixture
def small_blocks_settle(monkeypatch):
    monkeypatch.setattr(vectors, "SETTLED", 64)


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "with a second thread"])
@pytest.mark.parametrize("silent", [0, 50, 180], ids="{} silent".format)
def test_several_blocks_find_what_a_plain_comparison_finds(monkeypatch, shared, silent):
    monkeypatch.setattr(vectors, "_WORTH_SHARING", 1 if shared else 10**9)
    blocks = [block(n, seed=n, first=first) for n, first in ((500, 0), (300, 500), (100, 800), (20, 900))]
    for query in directions(5, seed=77):
        scores = np.concatenate([b.rows()[0].astype(np.float32) @ query for b in blocks])
        scores[: 5 * silent] = -2
        expected = np.argsort(-scores)[: min(40, int((scores > -2).sum()))]
        found = nearest([(b, b.wanted(np.arange(silent))) for b in blocks], query, 40)
        assert list(found) == expected.tolist()
        assert np.allclose(list(found.values()), scores[expected], atol=1e-5)


def test_a_clustered_block_finds_nearly_all_and_keeps_its_rows():
    subjects = np.repeat(directions(40, fading=1.0), 100, axis=0)  # texts are about something: vectors come in clusters
    rows = subjects + 0.7 * directions(4000, seed=2)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    whole = Block.of("r", rows, np.arange(4000), np.arange(4000) // 5)
    clustered = Block.clustered([whole])
    hits = 0
    for query in rows[::133][:30]:
        exact = nearest([(whole, whole.wanted(NOBODY))], query, 10)
        hits += len(exact.keys() & nearest([(clustered, clustered.wanted(NOBODY))], query, 10).keys())
    assert hits >= 270
    assert np.array_equal(clustered.rows()[0], whole.rows()[0])
    few = clustered.wanted(np.arange(0, 796))
    assert len(nearest([(clustered, few)], directions(1, seed=3)[0], 50)) == few.count == 20  # they lie in clusters far apart


def test_rows_survive_merging_and_leaving(small_blocks_settle):
    rows = directions(200).astype(np.float16)
    blocks: tuple[Block, ...] = ()
    for n in range(0, 200, 10):
        blocks = merged([*blocks, Block.of("r", rows[n : n + 10], np.arange(n, n + 10), np.full(10, n // 10))])
        blocks = tuple(b.without(np.array([n // 20])) for b in blocks)
    blocks = merged(blocks)
    kept = {chunk: row for b in blocks for row, chunk in zip(b.rows()[0], b.rows()[1].tolist(), strict=True)}
    assert sorted(kept) == list(range(100, 200))
    assert all(np.array_equal(row, rows[chunk]) for chunk, row in kept.items())  # nothing is rounded a second time
    assert len(blocks) < 8


def test_a_change_beside_large_blocks_leaves_them_alone(small_blocks_settle):
    large = [block(100, seed=n, first=1000 * n) for n in range(3)]
    after = merged([*large, block(5, first=9000)])
    assert all(any(b is old for b in after) for old in large)


def test_blocks_of_different_recipes_and_lengths_stay_apart():
    short = Block.of("r", np.eye(8, dtype=np.float32), np.arange(8), np.zeros(8))
    assert len(merged([block(8), short, Block.of("other", directions(8), np.arange(8), np.zeros(8))])) == 3


def test_a_clustered_block_that_has_lost_its_rows_is_searched_exactly_again():
    clustered = Block.clustered([block(100)]).without(np.arange(0, 18))
    assert clustered.is_mostly_gone
    (plain,) = unclustered(clustered)
    assert sorted(plain.rows()[1].tolist()) == list(range(90, 100))
    assert not plain.scan.is_clustered


def test_faiss_keeps_to_the_thread_that_asks_in_new_threads_too():
    """The setting belongs to a thread, and a new one begins with all processors."""
    import faiss

    made, threads = block(50), []

    def ask():
        nearest([(made, made.wanted(NOBODY))], directions(1)[0], 5)
        threads.append(faiss.omp_get_max_threads())

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    assert threads == [1]


def test_a_scan_comes_back_from_its_bytes():
    scan = Scan.clustered(directions(300))
    again = Scan.restored(scan.stored())
    assert again.is_clustered and len(again) == 300
    assert np.array_equal(again.halves(), scan.halves())
