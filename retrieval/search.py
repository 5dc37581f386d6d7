"""The read path: a query and a day to ranked passages, each checked against the versions in force."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from asgiref.sync import sync_to_async

from retrieval import index
from retrieval.errors import EmbeddingFailed
from retrieval.index.backend import Candidates, Index
from retrieval.index.fusion import Ranked, best_possible, blend, fuse, idf, is_repetition
from retrieval.models import Chunk, DocumentVersion
from retrieval.strength import Features, measure, strength
from retrieval.words import telling_terms, terms

logger = logging.getLogger(__name__)

CONTEXT_SHARE = 0.35  # of the vector: how far what was said before pulls a question towards it
CONTEXT_TERM_WEIGHT = 0.25  # of a term that was said before, against one of the question
CONTEXT_CHARACTERS = 600  # the newest; older talk is about something else
QUERY_CHARACTERS = 2000
MOST_TERMS = 48
CANDIDATES = 60
JUDGED = 3  # passages that strength looks into


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as search returns it: text == the version's markdown[start:end]. score is comparable within one result only.

    context: words from elsewhere in the document that the text needs to be understood (the head of its table); never to be quoted.
    """

    chunk_id: int
    version_id: int
    document: str
    slug: str
    version: int
    category: str
    source: str
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    score: float
    dense: float | None = None
    lexical: float | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first. strength: calibrated probability (0..1) that they answer the query. timings_ms: by stage."""

    passages: tuple[Passage, ...] = ()
    strength: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)


async def search(query: str, *, as_of: date, k: int = 6, context: str = "") -> SearchResult:
    """Return the k best passages of the versions in force on `as_of`.

    context: what was said before, newest last, for follow-up questions; "" if nothing was. An empty query gives no passages.
    Falls back to words alone when the embedding model fails; never raises for an empty index.
    """
    return await Searcher().search(query, as_of=as_of, k=k, context=context)


async def _embed(text: str) -> tuple[Any, str]:
    from retrieval.embedding import embed_query, embedder

    return await embed_query(text), embedder().recipe


class Searcher:
    """Search over one index with one embedding. `embed` gives a text's unit vector and the recipe it was made with."""

    default_embed = staticmethod(_embed)

    def __init__(self, searched: Index | None = None, embed: Callable[[str], Awaitable[tuple[Any, str]]] | None = None) -> None:
        self._index, self._embed = searched, embed or self.default_embed
        self.features: Features | None = None  # of the last search; read by the script that fits the strength model

    async def search(self, query: str, *, as_of: date, k: int = 6, context: str = "") -> SearchResult:
        """See `search`."""
        began = time.perf_counter()
        query, context = query[:QUERY_CHARACTERS].strip(), context[-CONTEXT_CHARACTERS:].strip()
        asked = telling_terms(query)[:MOST_TERMS]
        if not asked or k < 1:
            return SearchResult()
        vector, recipe = await self._vector(query, context)
        timings = {"embed": _ms_since(began)}
        # one hop into the thread that talks to the database, for everything that does
        result = await sync_to_async(self._find)(asked, telling_terms(context), vector, recipe, as_of, k, timings)
        timings["all"] = _ms_since(began)
        return result

    async def _vector(self, query: str, context: str) -> tuple[Any, str]:
        """The question's vector, drawn a little towards the conversation; None if the model fails."""
        try:
            if not context:
                return await self._embed(query)
            (alone, recipe), (together, _) = await asyncio.gather(self._embed(query), self._embed(f"{query}\n{context}"))
            return blend(alone, together, CONTEXT_SHARE), recipe
        except EmbeddingFailed:
            logger.exception("the question could not be embedded; searching by words alone")
            return None, ""

    def _find(
        self, asked: list[str], said: list[str], vector: Any, recipe: str, as_of: date, k: int, timings: dict[str, float]
    ) -> SearchResult:
        began = time.perf_counter()
        weights = dict.fromkeys(said[-MOST_TERMS:], CONTEXT_TERM_WEIGHT) | dict.fromkeys(asked, 1.0)
        searched = self._index or index.current()
        found = searched.candidates(weights, vector, recipe=recipe, as_of=as_of, limit=max(CANDIDATES, 4 * k))
        best = best_possible(dict.fromkeys(asked, 1.0), found.frequency, found.size)
        ranked = fuse(found.dense, found.lexical, best_lexical=best)
        timings["find"] = _ms_since(began)
        began = time.perf_counter()
        passages, their_terms = _distinct(_load(ranked[: 2 * k + 4], as_of), k)
        timings["load"] = _ms_since(began)
        began = time.perf_counter()
        self.features = _features(asked, found, passages, their_terms)
        judged = strength(self.features) if passages else 0.0
        timings["judge"] = _ms_since(began)
        return SearchResult(tuple(passages), judged, timings)


_COLUMNS = {
    "chunk_id": "pk",
    "version_id": "version_id",
    "document": "version__document__title",
    "slug": "version__document__slug",
    "version": "version__number",
    "category": "version__document__category",
    "source": "version__filename",
    "heading": "heading",
    "text": "text",
    "start": "start",
    "end": "end",
    "page": "page",
    "context": "context",
}


def _load(ranked: list[Ranked], as_of: date) -> list[Passage]:
    """The passages of a ranking, in its order, as far as they answer on that day: checked in the very query that reads them."""
    order = {entry.chunk_id: entry for entry in ranked}
    chunks = Chunk.objects.filter(pk__in=list(order), version__in=DocumentVersion.objects.in_force(on=as_of))
    passages = []
    for values in chunks.values_list(*_COLUMNS.values()):
        found = dict(zip(_COLUMNS, values, strict=True))
        entry = order[found["chunk_id"]]
        passages.append(Passage(**found, score=entry.score, dense=entry.dense, lexical=entry.lexical))
    return sorted(passages, key=lambda passage: (-passage.score, passage.chunk_id))


def _distinct(passages: list[Passage], k: int) -> tuple[list[Passage], list[frozenset[str]]]:
    """The first k that do not say again what a better one says, with their terms."""
    kept: list[Passage] = []
    seen: list[frozenset[str]] = []
    for passage in passages:
        said = frozenset(terms(passage.text))
        if len(kept) == k:
            break
        if not is_repetition(said, seen):
            kept.append(passage)
            seen.append(said)
    return kept, seen


def _features(asked: list[str], found: Candidates, passages: list[Passage], their_terms: list[frozenset[str]]) -> Features:
    telling: Mapping[str, float] = {term: idf(found.frequency.get(term, 0), found.size) for term in asked}
    judged = [
        said | frozenset(terms(f"{passage.document} {passage.heading} {passage.context}"))
        for passage, said in zip(passages[:JUDGED], their_terms, strict=False)
    ]
    absent = sum(1 for term in asked if not found.frequency.get(term, 0)) / len(asked)
    return measure(telling, judged, dense=max(found.dense.values(), default=None), unknown=absent)


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
