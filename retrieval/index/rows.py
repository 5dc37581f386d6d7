"""Chunks as an index takes them, read in bulk: plain values in batches, so that memory stays flat however many there are."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from retrieval.index.backend import head_terms
from retrieval.models import Chunk, State
from retrieval.words import terms

_AT_ONCE = 1000  # rows from the database
_VERSIONS_AT_ONCE = 500  # in one query: databases limit what a query may name


class ChunkRow(NamedTuple):
    """head: terms over the chunk; body: those and all that are said in it. vector: float32 little-endian bytes."""

    chunk: int
    version: int
    recipe: str
    head: list[str]
    body: list[str]
    vector: bytes


def published(version_ids: Iterable[int] | None = None) -> Iterator[ChunkRow]:
    """The chunks of these versions as far as they are published, by id; of all versions if None."""
    chunks = Chunk.objects.filter(version__state=State.PUBLISHED).order_by("pk")
    if version_ids is None:
        yield from _read(chunks)
        return
    remaining = iter(sorted(version_ids))
    while batch := list(islice(remaining, _VERSIONS_AT_ONCE)):
        yield from _read(chunks.filter(version__in=batch))


def _read(chunks: Any) -> Iterator[ChunkRow]:
    names = ("pk", "version_id", "version__recipe", "version__document__title", "heading", "context", "text", "vector")
    for pk, version_id, recipe, title, heading, context, text, vector in chunks.values_list(*names).iterator(chunk_size=_AT_ONCE):
        head = terms(head_terms(title, heading))
        yield ChunkRow(pk, version_id, recipe, head, [*head, *terms(f"{context} {text}")], bytes(vector))
