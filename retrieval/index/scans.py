"""Vectors in half precision, searched by inner product: the one importer of faiss. A scan never changes after it is made.

Half precision takes half the time and memory of full; scores differ from the fourth digit on.
"""

from typing import Any

import faiss
import numpy as np

_PROBED = 1 / 12  # of the clusters: finds more than 99 of the 100 nearest, see docs/benchmarks.md
_SAMPLE = 64  # vectors a cluster from which its centre is learnt
_AT_ONCE = 16_384  # rows in full precision, which takes twice the memory
_ROUNDS = 6  # of learning; more move the centres hardly


class Scan:
    """Rows of one dimension, numbered from 0. `is_clustered`: a search looks into the nearest clusters only."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.is_clustered = isinstance(index, faiss.IndexIVF)

    @classmethod
    def of(cls, matrix: np.ndarray) -> "Scan":
        """Every row is compared with the query. Rows may be in half precision already."""
        index = faiss.IndexScalarQuantizer(matrix.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.is_trained = True  # halves need no training
        index.add_sa_codes(np.ascontiguousarray(matrix, dtype="<f2").view(np.uint8))
        return cls(index)

    @classmethod
    def clustered(cls, matrix: np.ndarray) -> "Scan":
        """Rows that point the same way lie together, and a search passes the others over. Takes seconds for 100,000 rows."""
        clusters = max(1, int(2 * len(matrix) ** 0.5))
        index = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(matrix.shape[1]),
            matrix.shape[1],
            clusters,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,  # the rows themselves, not what is left of them beside their centre
        )
        index.cp.niter, index.cp.max_points_per_centroid, index.cp.spherical = _ROUNDS, _SAMPLE, True
        index.cp.min_points_per_centroid = 1
        _alone()
        for_centres = np.linspace(0, len(matrix) - 1, min(len(matrix), _SAMPLE * clusters)).astype(np.int64)
        index.train(np.ascontiguousarray(matrix[for_centres], dtype=np.float32))
        for first in range(0, len(matrix), _AT_ONCE):
            index.add(np.ascontiguousarray(matrix[first : first + _AT_ONCE], dtype=np.float32))
        return cls(index)

    @classmethod
    def restored(cls, stored: np.ndarray) -> "Scan":
        """What `stored` gave, whole and unchanged: the caller has checked that."""
        return cls(faiss.deserialize_index(stored))

    def stored(self) -> np.ndarray:
        """Bytes of the scan."""
        return faiss.serialize_index(self._index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, query: np.ndarray, count: int, wanted: "Wanted") -> tuple[np.ndarray, np.ndarray]:
        """Scores and row numbers of the best among the wanted rows, best first; fewer if there are no more."""
        if self.is_clustered:
            # the fewer rows are wanted, the further apart they lie; looking at those few costs nothing
            share = _PROBED * len(self) / max(wanted.count, 1)
            probed = min(self._index.nlist, int(self._index.nlist * share) + 1)
            parameters: Any = faiss.SearchParametersIVF(sel=wanted.selector, nprobe=probed)  # type: ignore[call-arg]
        else:
            parameters = faiss.SearchParameters(sel=wanted.selector)  # type: ignore[call-arg]
        _alone()
        scores, rows = self._index.search(query[None, :], count, params=parameters)
        found = rows[0] >= 0  # faiss pads with -1 when fewer than `count` rows exist
        return scores[0][found], rows[0][found]

    @property
    def effort(self) -> int:
        """About how many rows a search compares."""
        return int(len(self) * _PROBED) if self.is_clustered else len(self)

    def halves(self) -> np.ndarray:
        """The rows in half precision, in order. Of one that is not clustered without a copy, so only as long as the scan lives."""
        if self.is_clustered:
            return self._index.reconstruct_n(0, len(self)).astype("<f2")
        codes = faiss.rev_swig_ptr(self._index.codes.data(), len(self) * self._index.code_size)
        return codes.view("<f2").reshape(len(self), -1)


def _alone() -> None:
    """Keep faiss to the calling thread: one query is too small to share out, and its threads would fight those of the model.

    Said anew each time, because the setting belongs to a thread, and a new thread begins with all processors.
    """
    faiss.omp_set_num_threads(1)


class Wanted:
    """Which rows of a scan may be found."""

    def __init__(self, flags: np.ndarray) -> None:
        self.count = int(flags.sum())
        self._bits = None if self.count == len(flags) else np.packbits(flags, bitorder="little")
        self.selector: Any = None if self._bits is None else faiss.IDSelectorBitmap(self._bits)  # type: ignore[call-arg, arg-type]
