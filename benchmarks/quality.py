"""How good a ranking is, and whether one is better than another. Pure: rankings and judgements in, figures out."""

import math
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a system gave for one question: sources, best first, each once; score: how sure it is that they answer."""

    sources: tuple[str, ...]
    score: float


def recall(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """The share of the relevant sources among the first k, 0..1."""
    return len(set(ranked[:k]) & set(relevant)) / len(relevant)


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """1 / the rank of the first relevant source; 0 when none is among the first k."""
    return next((1 / rank for rank, source in enumerate(ranked[:k], start=1) if source in relevant), 0.0)


def ndcg(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Normalised discounted cumulative gain with gains of 0 and 1 (Järvelin and Kekäläinen 2002), 0..1."""
    gained = sum(1 / math.log2(rank + 1) for rank, source in enumerate(ranked[:k], start=1) if source in relevant)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(relevant), k) + 1))
    return gained / best


MEASURES = {
    "R@5": lambda ranked, relevant: recall(ranked, relevant, 5),
    "MRR@10": lambda ranked, relevant: reciprocal_rank(ranked, relevant, 10),
    "nDCG@10": lambda ranked, relevant: ndcg(ranked, relevant, 10),
}


def by_question(rankings: Mapping[str, Ranking], relevant: Mapping[str, Collection[str]]) -> dict[str, list[float]]:
    """Each measure's value for every judged question, in the order of `relevant`; a question without a ranking counts as missed."""
    nothing = Ranking((), 0.0)
    return {
        name: [measure(rankings.get(question, nothing).sources, sources) for question, sources in relevant.items()]
        for name, measure in MEASURES.items()
    }


def auroc(answerable: Sequence[float], others: Sequence[float]) -> float:
    """The probability that an answerable question scores above another, ties counting half; NaN if either has none."""
    if not answerable or not others:
        return math.nan
    won = sum((good > bad) + 0.5 * (good == bad) for good in answerable for bad in others)
    return won / (len(answerable) * len(others))


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def interval(ours: Sequence[float], theirs: Sequence[float], *, draws: int = 2000, seed: int = 7) -> tuple[float, float]:
    """The middle 95 % of the mean difference ours − theirs under resampling of the questions (paired bootstrap)."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    chance = random.Random(seed)
    means = sorted(mean(chance.choices(differences, k=len(differences))) for _ in range(draws))
    return means[int(0.025 * draws)], means[int(0.975 * draws) - 1]
