"""One ranking out of several: vectors know what is meant, terms know what was said. Pure.

Both scores are put on one scale and added. Terms are measured against the score of a passage that has every term of the question
at its best: a rare word, a number or a name then weighs as much as it tells, and words that no passage has pull every lexical
score down, so that the vectors decide. (Fusion by rank treats a chance match as good as a sure one.) A long question is heard as
a whole and in its parts; a passage then counts as what it says to the whole and to the part that it answers best.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

BM25_CEILING = 2.2  # k1 + 1: what a term of endless frequency would score, times its idf


@dataclass(frozen=True, slots=True)
class Why:
    """How a passage came to its score: the sum of its parts, by name.

    dense: cosine; lexical: share of the best score possible; bm25: the raw score of its terms; ranks count from 1 in the list of
    each engine. All None where that engine did not name the passage; its part is then what it counts all the same.
    part: number, from 0, of the part of a long question that it answers best; None for a question that was read as a whole only.
    """

    dense: float | None = None
    dense_rank: int | None = None
    lexical: float | None = None
    lexical_rank: int | None = None
    bm25: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict, hash=False)
    part: int | None = None

    @property
    def score(self) -> float:
        return sum(self.parts.values())

    def with_part(self, name: str, value: float) -> Self:
        """The same with one more part in the sum."""
        parts = {**self.parts, name: value}
        return type(self)(self.dense, self.dense_rank, self.lexical, self.lexical_rank, self.bm25, parts, self.part)


@dataclass(frozen=True, slots=True)
class Heard:
    """What both engines say to a question, or to one part of it.

    dense: cosines; lexical: raw scores of terms; both best first, by chunk id. best_lexical: the raw score that counts as 1; weight: of
    dense in the sum, 0..1. A chunk that vectors did not name is taken to be as near as the last one they did.
    """

    dense: Mapping[int, float]
    lexical: Mapping[int, float]
    best_lexical: float
    weight: float

    @property
    def unnamed(self) -> float:
        """The score of a chunk that neither engine has named."""
        return self.weight * self._floor

    @property
    def _floor(self) -> float:
        return min(self.dense.values(), default=0.0)

    def scores(self) -> dict[int, float]:
        """Of every chunk that an engine has named."""
        weight, floor, share = self.weight, self.unnamed, (1 - self.weight) / self.best_lexical
        scores = {chunk_id: weight * cosine for chunk_id, cosine in self.dense.items()}
        for chunk_id, bm25 in self.lexical.items():
            scores[chunk_id] = scores.get(chunk_id, floor) + share * bm25
        return scores

    def whys(self, chunk_ids: Iterable[int]) -> list[Why]:
        """Of these chunks, in their order."""
        floor, weight = self._floor, self.weight
        dense_rank = {chunk_id: rank for rank, chunk_id in enumerate(self.dense, start=1)}
        lexical_rank = {chunk_id: rank for rank, chunk_id in enumerate(self.lexical, start=1)}
        whys = []
        for chunk_id in chunk_ids:
            cosine, bm25 = self.dense.get(chunk_id), self.lexical.get(chunk_id)
            share = None if bm25 is None else bm25 / self.best_lexical
            parts = {"dense": weight * (floor if cosine is None else cosine), "lexical": (1 - weight) * (share or 0.0)}
            whys.append(Why(cosine, dense_rank.get(chunk_id), share, lexical_rank.get(chunk_id), bm25, parts))
        return whys


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk in the joint ranking, and why it stands there."""

    chunk_id: int
    score: float
    why: Why


def idf(frequency: int, size: int) -> float:
    """How much a term tells that occurs in so many of so many chunks; never negative."""
    return math.log(1 + (max(size - frequency, 0) + 0.5) / (frequency + 0.5))


def best_possible(terms: Mapping[str, float], frequency: Mapping[str, int], size: int) -> float:
    """The lexical score of a passage that has all these terms (with their weights) at their best; at least a little over 0."""
    return max(sum(weight * idf(frequency.get(term, 0), size) for term, weight in terms.items()) * BM25_CEILING, 1e-9)


def weigh(dense: Mapping[int, float], lexical: Mapping[int, float], *, best_lexical: float, dense_weight: float) -> Heard:
    """Put the scores of both engines (each best first) on one scale. Without vectors terms decide alone."""
    return Heard(dense, lexical, best_lexical, dense_weight if dense else 0.0)


def fuse(whole: Heard, parts: Sequence[Heard] = (), *, part_share: float = 0.0, most: int | None = None) -> list[Ranked]:
    """Return the chunks that were named, best first; the lower id first among equals. most: no more than so many.

    part_share: of the score, what the part of the question counts that a chunk answers best; the whole counts the rest.
    """
    scores, best_part = whole.scores(), {}
    if parts:
        of_parts = [part.scores() for part in parts]
        mixed = {}
        for chunk_id in scores.keys() | {chunk_id for part in of_parts for chunk_id in part}:
            heard = [part.get(chunk_id, parts[n].unnamed) for n, part in enumerate(of_parts)]
            best_part[chunk_id] = number = max(range(len(heard)), key=lambda n: (heard[n], -n))
            mixed[chunk_id] = (1 - part_share) * scores.get(chunk_id, whole.unnamed) + part_share * heard[number]
        scores = mixed
    best = sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))[:most]
    # why a chunk stands where it does is worked out for those that are asked for only
    whys = whole.whys(best)
    if parts:
        whys = [
            _with_part(why, parts[best_part[id_]], best_part[id_], id_, part_share) for id_, why in zip(best, whys, strict=True)
        ]
    return [Ranked(chunk_id, why.score, why) for chunk_id, why in zip(best, whys, strict=True)]


def _with_part(why: Why, heard: Heard, number: int, chunk_id: int, part_share: float) -> Why:
    """The same with what a part of the question counts."""
    theirs = heard.whys([chunk_id])[0].parts
    return replace(
        why, parts={name: (1 - part_share) * value + part_share * theirs[name] for name, value in why.parts.items()}, part=number
    )


def blend(question: Sequence[float], context: Sequence[float], share: float) -> list[float]:
    """A unit vector between that of the question and that of what was said before."""
    mixed = [(1 - share) * a + share * b for a, b in zip(question, context, strict=True)]
    length = math.sqrt(sum(value * value for value in mixed)) or 1.0
    return [value / length for value in mixed]


def is_repetition(terms: Iterable[str], earlier: Iterable[frozenset[str]], *, at_least: float) -> bool:
    """Whether nearly all terms of a passage, and few others, stand in one that ranks before it. at_least: share of both; 0: never."""
    mine = frozenset(terms)
    size = len(mine)
    # lengths first: most differ by more than would be left of a repetition
    return at_least > 0 and any(
        len(theirs) * at_least <= size and size * at_least <= len(theirs) and len(mine & theirs) >= at_least * len(mine | theirs)
        for theirs in earlier
    )
