"""How likely it is that passages answer a question: a logistic model on a few features that carry over from shop to shop. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMES = ("dense", "gap", "coverage", "best_coverage", "agreement", "unknown")
WITH_DENSE = {"bias": -4.0, "dense": 7.0, "coverage": 2.0}
TERMS_ONLY = {"bias": -3.0, "coverage": 4.0}


@dataclass(frozen=True, slots=True)
class Features:
    """dense: cosine of the nearest passage, None without vectors; gap: how far it stands out from the ones after it.

    coverage: share of what the question tells (its terms by idf) that stands in the passages together, best_coverage in one of
    them; agreement: 1 if terms and vectors name the same passage first; unknown: share of its terms that stand nowhere at all.
    """

    dense: float | None
    gap: float
    coverage: float
    best_coverage: float
    agreement: float
    unknown: float


def measure(
    telling: Mapping[str, float],
    passages: Sequence[frozenset[str]],
    *,
    dense: Sequence[float],
    agreement: bool,
    unknown: float,
) -> Features:
    """Work the features out. telling: the question's terms with their idf; passages: terms of the best ones; dense: cosines, falling."""
    total = sum(telling.values()) or 1.0
    together = frozenset().union(*passages)
    shares = [sum(weight for term, weight in telling.items() if term in terms) / total for terms in (together, *passages)]
    later = dense[3:10] or dense[-1:]
    return Features(
        dense=dense[0] if dense else None,
        gap=dense[0] - sum(later) / len(later) if dense else 0.0,
        coverage=shares[0],
        best_coverage=max(shares[1:], default=0.0),
        agreement=float(agreement),
        unknown=unknown,
    )


def strength(features: Features) -> float:
    """The probability, 0..1, that the passages answer."""
    weights = TERMS_ONLY if features.dense is None else WITH_DENSE
    total = weights["bias"] + sum(weights.get(name, 0.0) * (getattr(features, name) or 0.0) for name in NAMES)
    return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))
