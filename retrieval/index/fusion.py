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
        parts = {**self.parts, name: value}
        return type(self)(self.dense, self.dense_rank, self.lexical, self.lexical_rank, self.bm25, parts, self.part)


@dataclass(frozen=True, slots=True)
class Heard:
    """What both engines say to a question, or to one part of it. unnamed: what a chunk counts that neither has named."""

    named: Mapping[int, Why]
    unnamed: Why

    def why(self, chunk_id: int) -> Why:
        return self.named.get(chunk_id, self.unnamed)


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
    """Put the scores of both engines (each best first) on one scale.

    A chunk that one side did not find is taken to be as good there as the last one it found. Without vectors terms decide alone.
    """
    weight = dense_weight if dense else 0.0
    floor = min(dense.values(), default=0.0)
    dense_rank = {chunk_id: rank for rank, chunk_id in enumerate(dense, start=1)}
    lexical_rank = {chunk_id: rank for rank, chunk_id in enumerate(lexical, start=1)}
    named = {}
    for chunk_id in dense.keys() | lexical.keys():
        bm25 = lexical.get(chunk_id)
        share = None if bm25 is None else bm25 / best_lexical
        parts = {"dense": weight * dense.get(chunk_id, floor), "lexical": (1 - weight) * (share or 0.0)}
        named[chunk_id] = Why(dense.get(chunk_id), dense_rank.get(chunk_id), share, lexical_rank.get(chunk_id), bm25, parts)
    return Heard(named, Why(parts={"dense": weight * floor, "lexical": 0.0}))


def fuse(whole: Heard, parts: Sequence[Heard] = (), *, part_share: float = 0.0) -> list[Ranked]:
    """Return every chunk that was named, best first; the lower id first among equals.

    part_share: of the score, what the part of the question counts that a chunk answers best; the whole counts the rest.
    """
    ranked = []
    for chunk_id in whole.named.keys() | {chunk_id for part in parts for chunk_id in part.named}:
        why = whole.why(chunk_id)
        if parts:
            number, best = max(
                ((n, part.why(chunk_id)) for n, part in enumerate(parts)), key=lambda entry: (entry[1].score, -entry[0])
            )
            mixed = {name: (1 - part_share) * value + part_share * best.parts[name] for name, value in why.parts.items()}
            why = replace(why, parts=mixed, part=number)
        ranked.append(Ranked(chunk_id, why.score, why))
    return sorted(ranked, key=lambda entry: (-entry.score, entry.chunk_id))


def blend(question: Sequence[float], with_context: Sequence[float], share: float) -> list[float]:
    """A unit vector between the question alone and the question with what was said before."""
    mixed = [(1 - share) * a + share * b for a, b in zip(question, with_context, strict=True)]
    length = math.sqrt(sum(value * value for value in mixed)) or 1.0
    return [value / length for value in mixed]


def is_repetition(terms: Iterable[str], earlier: Iterable[frozenset[str]], *, at_least: float) -> bool:
    """Whether nearly all terms of a passage, and few others, stand in one that ranks before it. at_least: share of both; 0: never."""
    mine = frozenset(terms)
    return at_least > 0 and any(len(mine & theirs) >= at_least * len(mine | theirs) for theirs in earlier)
