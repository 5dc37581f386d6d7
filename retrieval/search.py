"""The read path: a query and a day to ranked passages, each checked against the versions in force."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection

from retrieval import index
from retrieval.errors import EmbeddingFailed
from retrieval.index.backend import Candidates, Index
from retrieval.index.fusion import Ranked, Why, best_possible, blend, fuse, is_repetition
from retrieval.models import State
from retrieval.strength import Features, measure, strength
from retrieval.synonyms import SHARE, related, spelled_out
from retrieval.tuning import SHIPPED, Tuning
from retrieval.words import telling_terms, terms

logger = logging.getLogger(__name__)

CONTEXT_CHARACTERS = 600  # the newest; older talk is about something else
QUERY_CHARACTERS = 2000
FORMS = frozenset(terms("policy policies rule rules terms conditions information guide faq overview statement notice"))
MOST_TERMS = 48
JUDGED = 3  # passages that strength looks into


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as search returns it: text == the version's markdown[start:end]. score is comparable within one result only.

    context: words from elsewhere in the document that the text needs to be understood (the head of its table); never to be quoted.
    governed_by: a value of models.GovernedBy, of its document. why: where the score comes from, with the rank in each engine.
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
    context: str = ""
    governed_by: str = "today"
    why: Why = field(default_factory=Why)

    @property
    def dense(self) -> float | None:
        """Cosine to the question; None if the vectors did not name it."""
        return self.why.dense

    @property
    def lexical(self) -> float | None:
        """Share of the best score that terms could give; None if they did not name it."""
        return self.why.lexical


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
    """Search over one index with one embedding, weighed by one tuning. `embed` gives a text's unit vector and its recipe."""

    default_embed = staticmethod(_embed)

    def __init__(
        self,
        searched: Index | None = None,
        embed: Callable[[str], Awaitable[tuple[Any, str]]] | None = None,
        tuning: Tuning = SHIPPED,
    ) -> None:
        self._index, self._embed, self.tuning = searched, embed or self.default_embed, tuning
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
        query = spelled_out(query) if self.tuning.spells_out else query
        try:
            if not context or not self.tuning.history_share:
                return await self._embed(query)
            (alone, recipe), (together, _) = await asyncio.gather(self._embed(query), self._embed(f"{query}\n{context}"))
            return blend(alone, together, self.tuning.history_share), recipe
        except EmbeddingFailed:
            logger.exception("the question could not be embedded; searching by words alone")
            return None, ""

    def _find(
        self, asked: list[str], said: list[str], vector: Any, recipe: str, as_of: date, k: int, timings: dict[str, float]
    ) -> SearchResult:
        began, tuning = time.perf_counter(), self.tuning
        synonyms = {word: tuning.synonym_weight for term in asked for word in related(term)} if tuning.synonym_weight else {}
        own = {term: tuning.form_weight if term in FORMS else 1.0 for term in asked}
        weights = dict.fromkeys(said[-MOST_TERMS:], tuning.history_term_weight) | synonyms | own
        searched = self._index or index.current()
        found = searched.candidates(weights, vector, recipe=recipe, as_of=as_of, limit=max(tuning.candidates, 4 * k))
        best = best_possible(own, found.frequency, found.size)
        ranked = fuse(found.dense, found.lexical, best_lexical=best, dense_weight=tuning.dense_weight)
        timings["find"] = _ms_since(began)
        began = time.perf_counter()
        passages, their_terms = _distinct(
            _by_subject(_load(ranked[: 4 * k + 8], as_of), asked, synonyms, tuning.title_weight), k, at_least=tuning.repetition
        )
        timings["load"] = _ms_since(began)
        began = time.perf_counter()
        self.features = _features(asked, found, passages, their_terms)
        judged = strength(self.features) if passages else 0.0
        timings["judge"] = _ms_since(began)
        return SearchResult(tuple(passages), judged, timings)


# By hand, because building this query takes the ORM longer than the database needs to answer it. A version that a newer one covers
# for some days is left out by the index already, so state and dates are what is left to check.
_LOADED = (
    *("chunk_id", "version_id", "document", "slug", "version", "category", "source"),
    *("heading", "text", "start", "end", "page", "context", "governed_by"),
)
_LOAD = """
    SELECT c.id, v.id, d.title, d.slug, v.number, d.category, v.filename, c.heading, c.text, c.start, c."end", c.page, c.context, d.governed_by
    FROM retrieval_chunk c
    JOIN retrieval_documentversion v ON v.id = c.version_id
    JOIN retrieval_document d ON d.id = v.document_id
    WHERE v.state = %s AND (v.effective_from IS NULL OR v.effective_from <= %s)
      AND (v.effective_until IS NULL OR v.effective_until > %s) AND c.id IN ({marks})
"""


def _load(ranked: list[Ranked], as_of: date) -> list[Passage]:
    """The passages of a ranking, in its order, as far as they answer on that day: checked in the very query that reads them."""
    if not ranked:
        return []
    order = {entry.chunk_id: entry for entry in ranked}
    day = as_of.isoformat()
    with connection.cursor() as cursor:
        cursor.execute(_LOAD.format(marks=", ".join(["%s"] * len(order))), [State.PUBLISHED, day, day, *order])
        rows = cursor.fetchall()
    passages = []
    for row in rows:
        entry = order[row[0]]
        found = dict(zip(_LOADED, row, strict=True))
        passages.append(Passage(**found, score=entry.score, why=entry.why))
    return sorted(passages, key=lambda passage: (-passage.score, passage.chunk_id))


def _by_subject(passages: list[Passage], asked: list[str], synonyms: Mapping[str, float], weight: float) -> list[Passage]:
    """The passages again, those first whose document is about what is asked: "return policy" means the one titled "Returns"."""
    raised = []
    for passage in passages:
        why = passage.why.with_part("title", weight * _named(passage.document, asked, synonyms))
        raised.append(replace(passage, score=why.score, why=why))
    return sorted(raised, key=lambda passage: (-passage.score, passage.chunk_id))


def _named(title: str, asked: list[str], synonyms: Mapping[str, float]) -> float:
    """How far a question is about the document of that title and about nothing else, 0..1.

    The share of the title's words that are asked for, times the share of the question that they are: "return policy" names
    "Returns" wholly, "can last chance items be returned" hardly.
    """
    own = [term for term in telling_terms(title) if term not in FORMS]
    subject = [term for term in asked if term not in FORMS]
    met = sum(1.0 if term in subject else SHARE if term in synonyms else 0.0 for term in own)
    return (met / len(own)) * min(met / len(subject), 1.0) if own and subject else 0.0


def _distinct(passages: list[Passage], k: int, *, at_least: float) -> tuple[list[Passage], list[frozenset[str]]]:
    """The first k that do not say again what a better one says, with their terms."""
    kept: list[Passage] = []
    seen: list[frozenset[str]] = []
    for passage in passages:
        if len(kept) == k:
            break
        said = _terms_in(passage.text)
        if not is_repetition(said, seen, at_least=at_least):
            kept.append(passage)
            seen.append(said)
    return kept, seen


@lru_cache(maxsize=2048)  # the same few passages answer most questions
def _terms_in(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _features(asked: list[str], found: Candidates, passages: list[Passage], their_terms: list[frozenset[str]]) -> Features:
    judged = [
        said | _terms_in(f"{passage.document} {passage.heading} {passage.context}")
        for passage, said in zip(passages[:JUDGED], their_terms, strict=False)
    ]
    nearest = max(found.dense.values(), default=None)
    return measure(asked, judged, dense=nearest, frequency=found.frequency, size=found.size)


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
