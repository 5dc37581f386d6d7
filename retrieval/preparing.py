"""A version's text to chunks with vectors, and the machinery for it. Who holds the version and what becomes of it is not asked here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from retrieval.models import Chunk, DocumentVersion

EMBED_AT_ONCE = 32  # texts between two signs of life


class Embeds(Protocol):
    """What is needed of the embedding model; see `embedding.py`."""

    recipe: str
    dimension: int

    def embed(self, texts: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The machinery that ingestion drives: a reader of files and an embedding model."""

    read: Callable[[bytes, str], Any]
    embedder: Callable[[], Embeds]

    @classmethod
    def real(cls) -> "Parts":
        from retrieval.embedding import embedder
        from retrieval.reading import read

        return cls(read, embedder)


def prepared(version: DocumentVersion, embedder: Embeds) -> Iterator[list[Chunk]]:
    """Yield the version's chunks with their vectors, a batch at a time, unsaved. Raises EmbeddingFailed."""
    import numpy as np

    from retrieval.chunking import chunk_markdown, text_for_embedding

    title = version.document.title
    texts = chunk_markdown(version.markdown, title=title)
    for start in range(0, len(texts), EMBED_AT_ONCE):
        batch = texts[start : start + EMBED_AT_ONCE]
        vectors = embedder.embed([text_for_embedding(title, chunk.heading, chunk.text, context=chunk.context) for chunk in batch])
        yield [
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
