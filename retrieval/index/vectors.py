"""Vectors in blocks that never change: a change to the index makes new small blocks and leaves the large ones alone."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from retrieval.index.scans import Scan, Wanted

FULL = 32_768  # rows of a block that is read in one go
SETTLED = 16_384  # a block of this size is not merged any more
_WORTH_SHARING = 32_768  # rows: with fewer, a second thread takes longer to wake than to search
_SHARERS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vectors")  # beside the thread that asks


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Vectors of one recipe. chunks, versions, alive: one entry per row; known: the ids of its versions, ascending."""

    recipe: str
    scan: Scan
    chunks: np.ndarray
    versions: np.ndarray
    alive: np.ndarray
    known: np.ndarray

    @classmethod
    def over(cls, recipe: str, scan: Scan, chunks: np.ndarray, versions: np.ndarray, alive: np.ndarray | None = None) -> Self:
        """A scan with what its rows are. alive: all of them if None."""
        return cls(
            recipe, scan, chunks, versions, np.ones(len(chunks), dtype=bool) if alive is None else alive, np.unique(versions)
        )

    @classmethod
    def of(cls, recipe: str, matrix: np.ndarray, chunks: np.ndarray, versions: np.ndarray) -> Self:
        """Rows of unit length; searched exactly."""
        return cls.over(recipe, Scan.of(matrix), chunks, versions)

    @classmethod
    def clustered(cls, blocks: Sequence["Block"]) -> Self:
        """The rows of several blocks of one recipe, lying by direction: searched faster and almost exactly. Takes seconds."""
        matrix, chunks, versions = _joined(blocks)
        return cls.over(blocks[0].recipe, Scan.clustered(matrix), chunks, versions)

    def __len__(self) -> int:
        return len(self.chunks)

    @property
    def is_settled(self) -> bool:
        """Whether it is too large to be made again because of a small one beside it."""
        return len(self) >= SETTLED

    @property
    def is_mostly_gone(self) -> bool:
        return 2 * int(self.alive.sum()) < len(self)

    def without(self, version_ids: np.ndarray) -> Self:
        """The block after these versions (ids, ascending) have left; itself if it had none of them."""
        gone = self._rows_of(version_ids)
        return self if gone is None or not (gone & self.alive).any() else replace(self, alive=self.alive & ~gone)

    def wanted(self, silent: np.ndarray) -> Wanted:
        """What may be found while these versions (ids, ascending) are silent."""
        quiet = self._rows_of(silent)
        return Wanted(self.alive if quiet is None else self.alive & ~quiet)

    def _rows_of(self, version_ids: np.ndarray) -> np.ndarray | None:
        """Which rows are of these versions; None if none is."""
        # most changes are about a few versions, and most blocks have none of them: that must not cost a look at every row
        mine = _common(self.known, version_ids)
        return np.isin(self.versions, mine) if len(mine) else None

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is still alive: matrix in half precision, chunk ids, version ids."""
        return self.scan.halves()[self.alive], self.chunks[self.alive], self.versions[self.alive]

    def nearest(self, vector: np.ndarray, wanted: Wanted, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Chunk ids and scores of the best wanted rows."""
        scores, rows = self.scan.search(vector, min(limit, wanted.count), wanted)
        return self.chunks[rows], scores


def nearest(searched: Iterable[tuple[Block, Wanted]], vector: np.ndarray, limit: int) -> dict[int, float]:
    """The best rows of several blocks: chunk id to score, best first, the lower id first among equals."""
    vector = np.ascontiguousarray(vector, dtype=np.float32)
    mine = [(block, wanted) for block, wanted in searched if wanted.count]
    if limit < 1 or not mine:
        return {}
    shared: list[tuple[Block, Wanted]] = []
    if sum(block.scan.effort for block, _ in mine) >= _WORTH_SHARING:
        mine, shared = _halved(mine)
    waiting = _SHARERS.submit(_each, shared, vector, limit) if shared else None
    found = _each(mine, vector, limit)
    if waiting is not None:
        # where the other thread is busy with another search, this one does not wait for it
        found += _each(shared, vector, limit) if waiting.cancel() else waiting.result()
    chunks, scores = (np.concatenate(column) for column in zip(*found, strict=True))
    best = np.lexsort((chunks, -scores))[:limit]
    return dict(zip(chunks[best].tolist(), scores[best].tolist(), strict=True))


def merged(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Join small blocks of one recipe while the later is at least half the earlier, so that few are left and each row moves seldom.

    Settled ones stay as they are until most of their rows are gone, so that a change never costs more than two blocks' rows.
    """
    kinds: dict[tuple[str, int], list[Block]] = {}
    for block in blocks:
        if block.alive.any():
            kinds.setdefault((block.recipe, block.scan.dimension), []).append(block)
    result: list[Block] = []
    for group in kinds.values():
        stack: list[Block] = []
        for block in group:
            if block.scan.is_clustered or (block.is_settled and not block.is_mostly_gone):
                result.append(block)
                continue
            stack.append(block)
            while len(stack) > 1 and 2 * len(stack[-1]) >= len(stack[-2]):
                later, earlier = stack.pop(), stack.pop()
                stack.append(Block.of(block.recipe, *_joined([earlier, later])))
                if stack[-1].is_settled:
                    result.append(stack.pop())
        result += [Block.of(block.recipe, *block.rows()) if block.is_mostly_gone else block for block in stack]
    return tuple(result)


def unclustered(block: Block) -> list[Block]:
    """The rows of a clustered block that are still alive, in blocks that are searched exactly."""
    matrix, chunks, versions = block.rows()
    cuts = [slice(first, first + FULL) for first in range(0, len(chunks), FULL)]
    return [Block.of(block.recipe, matrix[cut], chunks[cut], versions[cut]) for cut in cuts]


def _common(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """What is in both of two ascending arrays; the time is set by the shorter."""
    short, long = sorted((some, others), key=len)
    if not len(short):
        return short
    places = np.minimum(np.searchsorted(long, short), len(long) - 1)
    return short[long[places] == short]


def _joined(blocks: Sequence[Block]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    matrices, chunks, versions = zip(*(block.rows() for block in blocks), strict=True)
    return np.concatenate(matrices), np.concatenate(chunks), np.concatenate(versions)


def _each(searched: Sequence[tuple[Block, Wanted]], vector: np.ndarray, limit: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [block.nearest(vector, wanted, limit) for block, wanted in searched]


def _halved(searched: list[tuple[Block, Wanted]]) -> tuple[list[tuple[Block, Wanted]], list[tuple[Block, Wanted]]]:
    """Two lists that take about the same time: the largest first, each to the list that has less to do."""
    ordered = sorted(searched, key=lambda pair: -pair[0].scan.effort)
    lists: tuple[list[tuple[Block, Wanted]], list[tuple[Block, Wanted]]] = ([], [])
    efforts = [0, 0]
    for pair in ordered:
        place = efforts.index(min(efforts))
        lists[place].append(pair)
        efforts[place] += pair[0].scan.effort
    return lists
