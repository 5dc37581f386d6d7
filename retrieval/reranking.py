"""A second look at the best passages: a cross-encoder reads question and passage together. Only with RERANKER_MODEL.

The one importer of cross-encoders, at the first use. Whatever fails here leaves the ranking as it was, with a line in the log.
"""

import asyncio
import logging
import math
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from django.conf import settings

from retrieval.embedding import THREADS

logger = logging.getLogger(__name__)

MOST = 24  # passages that are read again: the time grows with each
RETRY_SECONDS = 300.0  # how long a model that did not load is not tried again
_STEEPEST = 30.0  # beyond it exp() gains nothing and may overflow


class Reader(Protocol):
    """What runs the model: one number per pair of question and text, the higher the better; shape (len(pairs),)."""

    def read(self, pairs: Sequence[tuple[str, str]]) -> Any: ...


class _CrossEncoder:
    """A cross-encoder of sentence-transformers, by path or name. Raises ValueError for a model that gives more than one number."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import CrossEncoder
        from torch import set_num_threads
        from torch.nn import Identity

        set_num_threads(THREADS)  # the product allows libraries one unless they are told otherwise: config/__init__.py
        self._model, self._plain = CrossEncoder(name, device="cpu"), Identity()
        if self._model.num_labels != 1:
            raise ValueError(f"{name} tells {self._model.num_labels} classes apart; a reranker gives one score")

    def read(self, pairs: Sequence[tuple[str, str]]) -> Any:
        return self._model.predict(list(pairs), activation_fn=self._plain, show_progress_bar=False, batch_size=8)


class Reranker:
    """One model, loaded at the first use in a thread of its own, so that neither the event loop nor the database waits for it."""

    def __init__(self, name: str, load: Any = _CrossEncoder) -> None:
        """load: makes a Reader of a name."""
        self._name, self._load = name, load
        self._reader: Reader | None = None
        self._failed_at = float("-inf")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reranker")

    async def chances(self, question: str, texts: Sequence[str]) -> list[float] | None:
        """For each text the model's chance, 0..1, that it answers; None if the model cannot say."""
        if not texts or time.monotonic() - self._failed_at < RETRY_SECONDS:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, question, list(texts))

    def _read(self, question: str, texts: Sequence[str]) -> list[float] | None:
        try:
            if self._reader is None:
                self._reader = self._load(self._name)
            scores = [float(score) for score in self._reader.read([(question, text) for text in texts])]
            if len(scores) != len(texts) or not all(map(math.isfinite, scores)):
                raise ValueError(f"{len(scores)} scores for {len(texts)} texts, or one that is not finite")
        except Exception:
            # a model that is there and stumbles over one question may read the next
            self._failed_at = time.monotonic() if self._reader is None else self._failed_at
            logger.exception("%s could not read the passages again; they stay as they were ranked", self._name)
            return None
        return [1 / (1 + math.exp(-max(min(score, _STEEPEST), -_STEEPEST))) for score in scores]


_lock = threading.Lock()
_made: dict[tuple[int, str], Reranker] = {}


def current() -> Reranker | None:
    """The reranker that RERANKER_MODEL names; None without one. After a fork the child makes its own."""
    name = settings.RERANKER_MODEL.strip()
    if not name:
        return None
    key = (os.getpid(), name)
    with _lock:
        if key not in _made:
            _made[key] = Reranker(name)
        return _made[key]
