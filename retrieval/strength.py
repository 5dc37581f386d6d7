"""How likely it is that passages answer a question: a logistic model on three features that carry over from shop to shop. Pure.

Fitted by `benchmarks/fit_strength.py` on questions about four collections (the demo shop's policies, those of two software companies,
642 passages about money and general knowledge), each with the same weight. Negatives are questions that the documents do not answer,
and for the passages also answerable questions from which every passage judged to answer was taken away. On each policy collection,
measured with a fit that had not seen it, an answerable question scores above an unrelated one in at least 97 of 100 pairs; with the
answering document taken away the area is 0.7 to 0.85, because other documents often answer as well. Run the script again when the
embedding model or the chunker changes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.index.fusion import idf
from retrieval.synonyms import SHARE, related

WITH_DENSE = {"bias": -7.02, "dense": 11.05, "coverage": 3.44}
TERMS_ONLY = {"bias": -2.33, "coverage": 4.52, "unknown": -2.93}
_STEEPEST = 30.0  # beyond it exp() gains nothing and may overflow


@dataclass(frozen=True, slots=True)
class Features:
    """dense: cosine of the nearest passage, None without vectors. coverage: share of what the question tells that stands in the best
    single passage. unknown: share of its terms that stand nowhere in the documents, not even as a synonym."""

    dense: float | None
    coverage: float
    unknown: float


def measure(
    asked: Sequence[str], passages: Sequence[frozenset[str]], *, dense: float | None, frequency: Mapping[str, int], size: int
) -> Features:
    """Work the features out. asked: the question's terms; passages: the terms of the best ones; frequency: of terms and their synonyms."""
    spread = {term: max(frequency.get(word, 0) for word in (term, *related(term))) for term in asked}
    known = sorted(idf(count, size) for count in spread.values() if count)
    # a word that stands nowhere may be a slip or another word for what does: it tells no more than the others
    most = known[len(known) // 2] if known else math.inf
    telling = {term: min(idf(count, size), math.inf if count else most) for term, count in spread.items()}
    total = sum(telling.values()) or 1.0
    shares = (sum(weight * _met(term, terms) for term, weight in telling.items()) / total for terms in passages)
    return Features(dense=dense, coverage=max(shares, default=0.0), unknown=1 - len(known) / max(len(spread), 1))


def _met(term: str, terms: frozenset[str]) -> float:
    return 1.0 if term in terms else SHARE if related(term) & terms else 0.0


def strength(features: Features) -> float:
    """The probability, 0..1, that the passages answer."""
    weights = TERMS_ONLY if features.dense is None else WITH_DENSE
    values = {"bias": 1.0, "dense": features.dense or 0.0, "coverage": features.coverage, "unknown": features.unknown}
    total = sum(weight * values[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(min(total, _STEEPEST), -_STEEPEST)))
