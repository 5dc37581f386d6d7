"""The default embedding model on the OpenVINO runtime: ready in half a second, without torch in the process."""

import fcntl
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.embedding_export import MODEL, TOKENIZER, export_name, is_whole
from retrieval.fitting import slices_that_fit

if TYPE_CHECKING:
    from tokenizers import Encoding

log = logging.getLogger(__name__)

MAX_WORD_PIECES = 256  # the length the model was trained on; longer queries are cut by the tokenizer, longer texts come in parts
STEP = 8  # word pieces: the first text of a length costs the runtime half as much again, so queries are filled up to few lengths
EXPORT_SECONDS = 600
ROOT = Path(__file__).resolve().parent.parent


class OpenVinoModel:
    """Vectors of an exported model. Safe to use from many threads: one inference at a time, each on all of `threads`."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        # Both report to their maker over the network when imported, and write into the home folder. The runtime needs neither.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
        sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import openvino
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(max_length=MAX_WORD_PIECES)
        self._tokenizer.enable_padding(pad_to_multiple_of=STEP)  # the runtime keeps memory for each shape it has seen
        self._alone = Tokenizer.from_file(str(folder / TOKENIZER))
        self._alone.enable_truncation(max_length=MAX_WORD_PIECES)
        self._alone.enable_padding(pad_to_multiple_of=STEP)
        self._measure = Tokenizer.from_file(str(folder / TOKENIZER))  # one that cuts nothing off
        self._measure.no_truncation()
        self._measure.no_padding()
        # the same vectors on every processor: by default, newer ones would calculate with half the digits
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        compiled = openvino.Core().compile_model(folder / MODEL, "CPU", options)
        self._request = compiled.create_infer_request()
        self._lock = threading.Lock()
        self.dimension = int(compiled.output(0).partial_shape[1].get_length())

    def vectors(self, texts: Sequence[str], *, queries: bool) -> np.ndarray:
        """One row for each of at least one text, float32, as the model gives them. It treats queries like any text."""
        if queries:
            # each by itself: in one batch, a question of ten words would cost as much as the long one beside it
            return np.concatenate([self._inferred(self._alone.encode_batch([text])) for text in texts])
        return self._inferred(self._tokenizer.encode_batch(list(texts)))

    def _inferred(self, encoded: "Sequence[Encoding]") -> np.ndarray:
        inputs = {
            "input_ids": np.array([text.ids for text in encoded], dtype=np.int64),
            "attention_mask": np.array([text.attention_mask for text in encoded], dtype=np.int64),
        }
        with self._lock:
            return np.array(self._request.infer(inputs)[0], dtype=np.float32)  # a copy: the request reuses its memory

    def parts(self, text: str) -> list[str]:
        """The text in slices of no more word pieces than the model reads."""
        limit = MAX_WORD_PIECES - 2  # for the marks of beginning and end
        if len(text) <= limit:  # a word piece has at least one character
            return [text]
        return slices_that_fit(text, [end for _, end in self._measure.encode(text, add_special_tokens=False).offsets], limit)


def exported(model_folder: Path, models: Path) -> Path:
    """The folder of the model as OpenVINO reads it, written first if it is missing or torn.

    Many processes may ask at once: one writes, the others wait for it. Raises OSError or subprocess.SubprocessError if it cannot
    be written.
    """
    target = models / export_name(model_folder)
    if is_whole(target):
        return target
    models.mkdir(parents=True, exist_ok=True)
    with _only_one(models / ".lock"):
        if is_whole(target):
            return target
        for left_over in models.glob(".making-*"):  # of a process that was killed: we hold the lock, so nobody is at work in it
            shutil.rmtree(left_over, ignore_errors=True)
        log.info("Preparing the embedding model once in %s", target)
        # in a process of its own: torch takes half a gigabyte that would stay with this one
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "retrieval.embedding_export", str(model_folder), str(target)],
            cwd=ROOT,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2"},
            timeout=EXPORT_SECONDS,
            check=True,
            capture_output=True,
        )
        if not is_whole(target):
            raise OSError(f"the export in {target} is not whole")
        of_this_model = target.name.partition("-")[0]
        for outdated in models.glob(f"{of_this_model}-*"):  # made with other libraries; whoever has it open keeps it
            if outdated != target:
                shutil.rmtree(outdated, ignore_errors=True)
    return target


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold a lock that the system frees when the process ends, however it ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
