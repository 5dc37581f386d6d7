"""A version's text to chunks with vectors, and the machinery for it. Who holds the version and what becomes of it is not asked here.

What takes long and needs no database, reading and embedding, is not called but asked for: a generator yields a `Work` and is sent
its result. So the same steps run one after the other (`done_at_once`) or beside those of other versions (`pipeline.py`).
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
    """Work: the text of a file. The result is a `reading.Reading`. recognise: also of pages that are pictures."""

    data: bytes
    filename: str
    recognise: bool = False


@dataclass(frozen=True, slots=True)
class ToEmbed:
    """Work: the vectors of some texts. The result has one row a text."""

    texts: Sequence[str]


Work = ToRead | ToEmbed
Steps = Generator[Work, Any, T]


@dataclass(frozen=True, slots=True)
class Parts:
    """The machinery that ingestion drives: a reader of files and an embedding model."""

    read: Callable[..., Any]
    embedder: Callable[[], Embeds]

    @classmethod
    def real(cls) -> "Parts":
        from retrieval.embedding import embedder
        from retrieval.reading import read

        return cls(read, embedder)

    def do(self, work: Work) -> Any:
        """Do a piece of work here and now. Raises what the part raises: Unreadable, OSError, EmbeddingFailed."""
        if isinstance(work, ToEmbed):
            return self.embedder().embed(work.texts)
        return self.read(work.data, work.filename, **({"recognise": True} if work.recognise else {}))


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
