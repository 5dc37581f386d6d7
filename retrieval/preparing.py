"""A version's text to chunks with vectors, and the machinery for it. Who holds the version and what becomes of it is not asked here.

What takes long, reading and embedding, and what is cheaper for many, steps in the database, is not called but asked for: a generator
yields a `Work` and is sent its result. So the same steps run one after the other (`done_at_once`) or beside those of other versions (`pipeline.py`).
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from retrieval.chunking import ChunkText, chunk_markdown, text_for_embedding
from retrieval.models import Chunk, DocumentVersion

EMBED_AT_ONCE = 32  # texts between two signs of life

T = TypeVar("T")


class Embeds(Protocol):
    """What is needed of the embedding model; see `embedding.py`."""

    recipe: str
    dimension: int

    def embed(self, texts: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class ToRead:
    """Work: the text of a file. The result is a `reading.Reading`. size: in bytes; recognise: also of pages that are pictures."""

    file: Any
    filename: str
    size: int
    recognise: bool = False

    def load(self) -> bytes:
        """The bytes. Raises FileNotFoundError, or another OSError."""
        with self.file.storage.open(self.file.name, "rb") as stored:
            return bytes(stored.read())


@dataclass(frozen=True, slots=True)
class ToEmbed:
    """Work: the vectors of some texts. The result has one row a text."""

    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class ToWrite:
    """Work: a step in the database that many versions can take in one transaction. See `together.py`.

    together: takes what it is about for each version; returns a result for each, in order.
    """

    together: Callable[[Sequence[Any]], Sequence[Any]]
    about: Any


Work = ToRead | ToEmbed | ToWrite
Steps = Generator[Work, Any, T]


@dataclass(frozen=True, slots=True)
class Parts:
    """The machinery that ingestion drives: a reader of files and an embedding model.

    read_all: reads several small files, each (data, name), for less than one by one costs, and returns a reading or an exception for
    each; without it they are read one by one.
    """

    read: Callable[..., Any]
    embedder: Callable[[], Embeds]
    read_all: Callable[[Sequence[tuple[bytes, str]]], list[Any]] | None = None

    @classmethod
    def real(cls) -> "Parts":
        from retrieval.embedding import embedder
        from retrieval.reading import read, read_all

        return cls(read, embedder, read_all)

    def do(self, work: Work) -> Any:
        """Do a piece of work here and now. Raises what the part raises: Unreadable, OSError, EmbeddingFailed."""
        if isinstance(work, ToEmbed):
            return self.embedder().embed(work.texts)
        if isinstance(work, ToWrite):
            result = work.together([work.about])[0]
            if isinstance(result, Exception):
                raise result
            return result
        return self.read(work.load(), work.filename, **({"recognise": True} if work.recognise else {}))

    def read_several(self, works: Sequence[ToRead]) -> list[Any]:
        """The readings of some files, or the exception in its place. One at a time unless `read_all` is there."""
        if self.read_all is None or len(works) == 1:
            return [self._result(work) for work in works]
        loaded = [_loaded(work) for work in works]
        whole = [(data, work.filename) for data, work in zip(loaded, works, strict=True) if isinstance(data, bytes)]
        try:
            answers = iter(self.read_all(whole))
        except Exception:  # whatever it was, it must not be all of theirs
            return [self._result(work) for work in works]
        return [next(answers) if isinstance(data, bytes) else data for data in loaded]

    def _result(self, work: Work) -> Any:
        try:
            return self.do(work)
        except Exception as error:
            return error


def _loaded(work: ToRead) -> bytes | Exception:
    try:
        return work.load()
    except OSError as error:
        return error


def written_together(works: Sequence[ToWrite]) -> list[Any]:
    """Results of steps of the same kind, or the exception in its place; if all in one transaction cannot be, each has its own."""
    try:
        return list(works[0].together([work.about for work in works]))
    except Exception as error:
        return [error] if len(works) == 1 else [result for work in works for result in written_together([work])]


def done_at_once(steps: Steps[T], parts: Parts) -> T:
    """Take the steps one after the other, doing each piece of work when it is asked for; return what they return."""
    try:
        work = next(steps)
        while True:
            try:
                result = parts.do(work)
            except Exception as error:
                work = steps.throw(error)
            else:
                work = steps.send(result)
    except StopIteration as end:
        return end.value


def batches(version: DocumentVersion) -> list[list[ChunkText]]:
    """The version's text cut into chunks, as many together as are embedded between two signs of life."""
    texts = chunk_markdown(version.markdown, title=version.document.title)
    return [texts[start : start + EMBED_AT_ONCE] for start in range(0, len(texts), EMBED_AT_ONCE)]


def embedded(version: DocumentVersion, batch: Sequence[ChunkText]) -> Steps[list[Chunk]]:
    """One batch as chunks with their vectors, unsaved. Raises EmbeddingFailed."""
    import numpy as np

    title = version.document.title
    vectors = yield ToEmbed([text_for_embedding(title, chunk.heading, chunk.text, context=chunk.context) for chunk in batch])
    return [
        Chunk(
            version=version,
            position=chunk.position,
            heading=chunk.heading[:500],
            text=chunk.text,
            context=chunk.context,
            start=chunk.start,
            end=chunk.end,
            page=chunk.page,
            vector=np.asarray(vector, dtype="<f4").tobytes(),
        )
        for chunk, vector in zip(batch, vectors, strict=True)
    ]
