"""Many versions at once: while the model embeds, the next files are read and the last ones are published.

Texts of several versions share a batch, small files a reading process, and what is to be written a transaction, so that a folder of
short files costs little more than their embedding. One thread talks to the database, the one that asks; others read and embed. The
versions' own steps are those of `ingestion.py`, whatever runs beside them.
"""

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from retrieval.ingestion import Told, steps
from retrieval.models import DocumentVersion, State
from retrieval.preparing import Parts, Steps, ToEmbed, ToRead, ToWrite, Work, written_together
from retrieval.reading import is_text

logger = logging.getLogger(__name__)

READERS = 2
SMALL_FILE = 32_768  # bytes; several of them are read by one process
FILES_AT_ONCE = 32  # small ones for one process
FILES_AHEAD = 2 * FILES_AT_ONCE  # being read, or waiting for it, before no further version is begun
TEXTS_AT_ONCE = 64  # in one call of the model
TEXTS_AHEAD = 2 * TEXTS_AT_ONCE  # that wait for the model before no further version is begun
ALONG_SECONDS = 60.0
ALONG_AT_ONCE = 32
MOST_OPEN = 2 * TEXTS_AT_ONCE  # versions begun and not ended; a version may have a single text


def advance_all(version_ids: Iterable[int], *, parts: Parts | None = None, told: Told | None = None) -> Iterator[DocumentVersion]:
    """Take each version as far as it goes now, as `ingestion.advance` does, and yield it as it stands then, the first to end first.

    version_ids is read as there is room, and may come from a generator that receives the files one by one. told: is given a version
    each time that more of its long text is embedded.
    """
    with _Pipeline(parts or Parts.real(), told) as pipeline:
        yield from pipeline.run(iter(version_ids))


def with_those_waiting(version_id: int) -> Iterator[int]:
    """The version and, for a minute, fresh uploads that wait: so that a worker does not take a hundred short ones one by one.

    One that was tried before goes alone: should it end the worker again, no other has its work cut off with it.
    """
    until = time.monotonic() + ALONG_SECONDS
    fresh = DocumentVersion.objects.filter(state=State.RECEIVED, attempts=0)
    is_fresh = fresh.filter(pk=version_id).exists()
    yield version_id
    last = 0  # what was given once may not have been claimed yet
    while is_fresh and (found := list(fresh.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ALONG_AT_ONCE])):
        last = found[-1]
        for pk in found:
            if time.monotonic() > until:
                return
            if pk != version_id:
                yield pk


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A version whose steps wait for the result of a piece of work."""

    steps: Steps[DocumentVersion]
    work: Work

    @property
    def texts(self) -> int:
        return len(self.work.texts) if isinstance(self.work, ToEmbed) else 0


class _Pipeline:
    def __init__(self, parts: Parts, told: Told | None) -> None:
        self._parts, self._told = parts, told
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reading")
        self._model = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self._to_write: deque[_Waiting] = deque()
        self._to_read: deque[_Waiting] = deque()
        self._reading: dict[Future[list[Any]], list[_Waiting]] = {}
        self._to_embed: deque[_Waiting] = deque()
        self._embedding: tuple[Future[list[Any]], list[_Waiting]] | None = None
        self._is_model_asked_for = False

    def __enter__(self) -> "_Pipeline":
        return self

    def __exit__(self, *_: Any) -> None:
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._model.shutdown(wait=True, cancel_futures=True)

    def run(self, version_ids: Iterator[int]) -> Iterator[DocumentVersion]:
        exhausted = False
        while True:
            while not exhausted and self._has_room():
                pk = next(version_ids, None)
                if pk is None:
                    exhausted = True
                else:
                    yield from self._go_on(steps(pk, self._parts, self._told), None)
            yield from self._write()
            self._read_next()
            self._embed_next()
            running: list[Future[Any]] = [*self._reading, *([self._embedding[0]] if self._embedding else [])]
            if running:
                wait(running, return_when=FIRST_COMPLETED)
                yield from self._take_results()
            elif exhausted:
                return

    def _has_room(self) -> bool:
        reading = len(self._to_read) + sum(map(len, self._reading.values()))
        ahead = sum(waiting.texts for waiting in self._to_embed)
        open_now = reading + len(self._to_embed) + (len(self._embedding[1]) if self._embedding else 0) + len(self._to_write)
        return reading + len(self._to_write) < FILES_AHEAD and ahead < TEXTS_AHEAD and open_now < MOST_OPEN

    def _take_results(self) -> Iterator[DocumentVersion]:
        """Go on with every version whose work is done. The model first, and busy again before anything is written."""
        if self._embedding is not None and self._embedding[0].done():
            future, served = self._embedding
            self._embedding = None
            self._embed_next()
            for waiting, result in zip(served, future.result(), strict=True):
                yield from self._go_on(waiting.steps, result)
        for done in [future for future in self._reading if future.done()]:
            for waiting, result in zip(self._reading.pop(done), done.result(), strict=True):
                yield from self._go_on(waiting.steps, result)
        self._read_next()
        yield from self._write()

    def _go_on(self, version: Steps[DocumentVersion], result: Any) -> Iterator[DocumentVersion]:
        """Send a version's steps their result, or the exception in its place, and note what they ask for next."""
        try:
            work = version.throw(result) if isinstance(result, BaseException) else version.send(result)
        except StopIteration as end:
            yield end.value
            return
        except DocumentVersion.DoesNotExist:
            return  # deleted meanwhile, with its document
        except Exception:
            logger.exception("a version could not be gone on with; the sweep takes it up when its lease has run out")
            return
        queue = {ToWrite: self._to_write, ToRead: self._to_read, ToEmbed: self._to_embed}[type(work)]
        queue.append(_Waiting(version, work))

    def _write(self) -> Iterator[DocumentVersion]:
        """Take the steps in the database that versions wait for, those of a kind together, until none is left."""
        while self._to_write:
            kind = self._to_write[0].work.together  # type: ignore[union-attr]
            served = [waiting for waiting in self._to_write if waiting.work.together == kind]  # type: ignore[union-attr]
            self._to_write = deque(waiting for waiting in self._to_write if waiting.work.together != kind)  # type: ignore[union-attr]
            results = written_together([waiting.work for waiting in served])  # type: ignore[misc]
            for waiting, result in zip(served, results, strict=True):
                yield from self._go_on(waiting.steps, result)
            self._embed_next()

    def _read_next(self) -> None:
        """Give the readers the files that wait, small ones together."""
        if self._to_read and not self._is_model_asked_for:
            self._is_model_asked_for = True  # to be loaded while the first files are read; a failure is told to those who need it
            self._model.submit(self._parts.embedder)
        while self._to_read and len(self._reading) < 2 * READERS:
            served = self._next_to_read()
            self._reading[self._readers.submit(self._parts.read_several, [waiting.work for waiting in served])] = served  # type: ignore[misc]

    def _next_to_read(self) -> list[_Waiting]:
        """The file whose turn it is. If that is a small one, or no small ones are being read, as many of those as one process reads:
        the model gets work by them before a large one is read, a process costs as much as reading several of them, and the large
        ones still have the other readers."""
        small = [place for place, waiting in enumerate(self._to_read) if _is_small(waiting)][:FILES_AT_ONCE]
        if not small or (small[0] != 0 and any(_is_small(served[0]) for served in self._reading.values())):
            return [self._to_read.popleft()]
        chosen = set(small)
        served = [waiting for place, waiting in enumerate(self._to_read) if place in chosen]
        self._to_read = deque(waiting for place, waiting in enumerate(self._to_read) if place not in chosen)
        return served

    def _embed_next(self) -> None:
        """Give the model the texts that wait, unless it is at work."""
        if self._embedding is not None or not self._to_embed:
            return
        served: list[_Waiting] = []
        texts = 0
        while self._to_embed and (not served or texts + self._to_embed[0].texts <= TEXTS_AT_ONCE):
            served.append(self._to_embed.popleft())
            texts += served[-1].texts
        self._embedding = self._model.submit(self._embed, [waiting.work for waiting in served]), served

    def _embed(self, works: list[Any]) -> list[Any]:
        """The vectors for each piece of work, or the exception in their place: the texts of one version must not fail the others'."""
        try:
            rows = self._parts.embedder().embed([text for work in works for text in work.texts])
        except Exception as error:
            return [error] if len(works) == 1 else [result for work in works for result in self._embed([work])]
        results, first = [], 0
        for work in works:
            results.append(rows[first : first + len(work.texts)])
            first += len(work.texts)
        return results


def _is_small(waiting: _Waiting) -> bool:
    return isinstance(waiting.work, ToRead) and waiting.work.size <= SMALL_FILE and is_text(waiting.work.filename)
