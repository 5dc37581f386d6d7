"""The read path: a query and a day to ranked passages, each checked against the versions in force."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async

from retrieval import index
from retrieval.audiences import Audience
from retrieval.chunking import text_for_embedding
from retrieval.errors import EmbeddingFailed
from retrieval.followups import CHARACTERS, as_embedded, leans, pull, terms_said
from retrieval.index.backend import Candidates, Index, top
from retrieval.index.fusion import best_possible, blend, fuse, weigh
from retrieval.long_questions import parts_of
from retrieval.older_recipes import Embed, OlderRecipes
from retrieval.passages import Passage, SearchResult, load
from retrieval.ranking import Reading, best_first, diverse, with_part, with_subject
from retrieval.reranking import MOST, Reranker
from retrieval.reranking import current as configured_reranker
from retrieval.strength import RECIPE, Features, match_of, measure, strength
from retrieval.tuning import SHIPPED, Tuning
from retrieval.words import is_foreign, terms

__all__ = ["Passage", "SearchResult", "Searcher", "search"]

logger = logging.getLogger(__name__)

QUERY_CHARACTERS = 2000
JUDGED = 3  # passages that strength looks into


async def search(query: str, *, as_of: date, k: int = 6, context: str = "", reader: Audience = Audience.EVERYONE) -> SearchResult:
    """Return the k best passages of the versions in force on `as_of`, of those that are for this reader.

    context: what was said before, from `followups.context_of`; "" if nothing was. An empty query gives no passages.
    Falls back to words alone when the embedding model fails; never raises for an empty index.
    """
    return await Searcher().search(query, as_of=as_of, k=k, context=context, reader=reader)


async def _embed(text: str) -> tuple[Any, str]:
    from retrieval.embedding import embed_query, embedder

    return await embed_query(text), embedder().recipe


def _load_older(recipe: str) -> Any:
    from retrieval.embedding import embedder_of

    return embedder_of(recipe)


older_recipes = OlderRecipes(_load_older)


class Searcher:
    """Search over one index with one embedding, weighed by one tuning. `embed` gives a text's unit vector and its recipe."""

    default_embed = staticmethod(_embed)

    def __init__(
        self,
        searched: Index | None = None,
        embed: Embed | None = None,
        tuning: Tuning = SHIPPED,
        older: OlderRecipes | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """older: the recipes that are still in force beside that of `embed`; None for those of the real model, or of no other.
        reranker: what reads the best passages again; None for the configured one, if any."""
        self._older = older or (older_recipes if embed is None and self.default_embed is _embed else None)
        self._index, self._embed, self.tuning = searched, embed or self.default_embed, tuning
        self._reranker = reranker or configured_reranker()
        self.features: Features | None = None  # of the last search; read by the script that fits the strength model

    async def search(
        self, query: str, *, as_of: date, k: int = 6, context: str = "", reader: Audience = Audience.EVERYONE
    ) -> SearchResult:
        """See `search`."""
        began = time.perf_counter()
        query, context = query[:QUERY_CHARACTERS].strip(), context[-CHARACTERS:].strip()
        readings = self._read(query, context)
        if not readings[0].asked or k < 1:
            return SearchResult()
        vectors = await self._vectors(readings, context)
        timings = {"embed": _ms_since(began)}
        # one hop into the thread that talks to the database, for everything that does
        if self._reranker is None or not self.tuning.reranker_weight:
            result = await sync_to_async(self._found_at_once)(readings, vectors, as_of, k, reader, timings)
        else:
            found, loaded = await sync_to_async(self._find)(readings, vectors, as_of, k, reader, timings)
            loaded = await self._read_again(self._reranker, query, context, loaded, timings)
            result = self._offered(readings, found, loaded, k, next(iter(vectors), ""), timings)
        timings["all"] = _ms_since(began)
        return result

    def _read(self, query: str, context: str) -> list[Reading]:
        """The whole question, in the light of what was said before, then the parts of a long one."""
        weight = self.tuning.history_term_weight * (pull(query) if context else 0.0)
        whole = Reading.of(query, self.tuning, terms_said(context, weight=weight) if weight else None)
        return [whole, *(Reading.of(part, self.tuning) for part in (parts_of(query) if self.tuning.part_share else ()))]

    async def _vectors(self, readings: Sequence[Reading], context: str) -> dict[str, list[Any]]:
        """By recipe, a vector for each reading, the whole's drawn a little towards the conversation; none if the model fails."""
        share = self.tuning.history_share * (pull(readings[0].text) if context else 0.0)
        texts = [reading.text for reading in readings] + ([as_embedded(context)] if share else [])
        try:
            found = dict([await _embedded(self._embed, texts)])
            if self._older is not None:
                for embed in await self._older.embeds(next(iter(found)), self._embed):
                    recipe, vectors = await _embedded(embed, texts)
                    found[recipe] = vectors
        except EmbeddingFailed:
            logger.exception("the question could not be embedded; searching by words alone")
            return {}
        if share:
            for vectors in found.values():
                vectors[0] = blend(vectors[0], vectors.pop(), share)
        return found

    def _found_at_once(
        self,
        readings: Sequence[Reading],
        vectors: dict[str, list[Any]],
        as_of: date,
        k: int,
        reader: Audience,
        timings: dict[str, float],
    ) -> SearchResult:
        found, loaded = self._find(readings, vectors, as_of, k, reader, timings)
        return self._offered(readings, found, loaded, k, next(iter(vectors), ""), timings)

    def _find(
        self,
        readings: Sequence[Reading],
        vectors: dict[str, list[Any]],
        as_of: date,
        k: int,
        reader: Audience,
        timings: dict[str, float],
    ) -> tuple[list[Candidates], list[Passage]]:
        """What the index named for each reading, and the passages behind the best of it, best first: more than are wanted."""
        began, tuning = time.perf_counter(), self.tuning
        limit = max(tuning.candidates, 4 * k)
        found = [
            self._candidates(reading, {recipe: row[number] for recipe, row in vectors.items()}, as_of, limit, reader)
            for number, reading in enumerate(readings)
        ]
        whole, *parts = (
            weigh(
                theirs.dense,
                theirs.lexical,
                best_lexical=best_possible(reading.own, theirs.frequency, theirs.size),
                dense_weight=tuning.dense_weight,
            )
            for reading, theirs in zip(readings, found, strict=True)
        )
        ranked = fuse(whole, parts, part_share=tuning.part_share, most=4 * k + 8)
        timings["find"] = _ms_since(began)
        began = time.perf_counter()
        loaded = load(ranked, as_of=as_of, reader=reader, weighed=lambda why, title: with_subject(why, title, readings, tuning))
        timings["load"] = _ms_since(began)
        return found, loaded

    async def _read_again(
        self, reranker: Reranker, query: str, context: str, loaded: list[Passage], timings: dict[str, float]
    ) -> list[Passage]:
        """The passages in the order in which a cross-encoder would have them; as they were if it cannot say."""
        began = time.perf_counter()
        last_said = context.rpartition("\n")[2]
        asked = f"{last_said} {query}" if context and leans(query) else query
        best, rest = loaded[:MOST], loaded[MOST:]
        texts = [text_for_embedding(p.document, p.heading, p.text, context=p.context) for p in best]
        chances = await reranker.chances(asked, texts)
        timings["rerank"] = _ms_since(began)
        if chances is None:
            return loaded
        weight = self.tuning.reranker_weight
        return best_first([with_part(p, "reranker", weight * chance) for p, chance in zip(best, chances, strict=True)] + rest)

    def _offered(
        self,
        readings: Sequence[Reading],
        found: Sequence[Candidates],
        loaded: Sequence[Passage],
        k: int,
        recipe: str,
        timings: dict[str, float],
    ) -> SearchResult:
        """The passages to offer and their strength. Pure, but that it notes the features."""
        began = time.perf_counter()
        passages = diverse(loaded, k, self.tuning, terms_in=_terms_in)
        self.features, judged = _judged(readings, found, passages, recipe)
        timings["judge"] = _ms_since(began)
        unknown = self.features.unknown
        return SearchResult(tuple(passages), judged, timings, tuple(reading.text for reading in readings[1:]), unknown)

    def _candidates(self, reading: Reading, vectors: dict[str, Any], as_of: date, limit: int, reader: Audience) -> Candidates:
        """What both engines name for a reading. Vectors of an older model count as they are: cosines of two models differ little
        enough for the time that it takes to embed the documents anew."""
        searched = self._index or index.current()
        how: dict[str, Any] = {"as_of": as_of, "limit": limit, "audiences": reader.may_read}
        recipe, vector = next(iter(vectors.items()), ("", None))
        found = searched.candidates(reading.weights, vector, recipe=recipe, **how)
        older = [searched.candidates({}, vectors[name], recipe=name, **how).dense for name in vectors if name != recipe]
        if older:
            found = replace(found, dense=top([entry for dense in (found.dense, *older) for entry in dense.items()], limit))
        return found


async def _embedded(embed: Embed, texts: Sequence[str]) -> tuple[str, list[Any]]:
    """The recipe, and a vector for each text."""
    found = await asyncio.gather(*map(embed, texts))
    return found[0][1], [vector for vector, _ in found]


@lru_cache(maxsize=2048)  # the same few passages answer most questions
def _terms_in(text: str) -> frozenset[str]:
    return frozenset(terms(text))


@lru_cache(maxsize=2048)
def _is_foreign(text: str) -> bool:
    return is_foreign(text)


def _judged(
    readings: Sequence[Reading], found: Sequence[Candidates], passages: Sequence[Passage], recipe: str
) -> tuple[Features, float]:
    """What strength looks at, and the strength: of the whole question or, if they answer that better, of the part of it that the
    best passage is about. A long message says much that no document has, and may still ask what one answers."""
    best = passages[:JUDGED]
    told = [_terms_in(f"{p.document} {p.heading} {p.context}") | _terms_in(p.text) for p in best]
    heard = [0] if not passages or passages[0].why.part is None else [0, 1 + passages[0].why.part]
    judged = []
    for number in heard:
        reading, theirs = readings[number], found[number]
        match = _match(reading, theirs, best) if recipe == RECIPE else None
        features = measure(reading.asked, told, match=match, frequency=theirs.frequency, size=theirs.size)
        sure = strength(features) if passages else 0.0
        if match is not None and any(_is_foreign(p.text) for p in best):
            sure = max(sure, strength(replace(features, match=None)))  # the model reads English: elsewhere words know as much
        judged.append((features, sure))
    return max(judged, key=lambda entry: entry[1])


def _match(reading: Reading, found: Candidates, passages: Sequence[Passage]) -> float | None:
    """Of the passage that matches best; None if vectors named none."""
    if not found.dense or not passages:
        return None
    farthest = min(found.dense.values())  # a passage that vectors did not name is no nearer
    highest = best_possible(reading.own, found.frequency, found.size)
    return max(
        match_of(
            dense=found.dense.get(p.chunk_id, farthest),
            lexical=found.lexical.get(p.chunk_id, 0.0) / highest,
            subject=reading.names(p.document),
        )
        for p in passages
    )


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
