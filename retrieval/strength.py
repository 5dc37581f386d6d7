"""How likely it is that passages answer a question: a logistic model on features that carry over from shop to shop. Pure.

With vectors one feature tells nearly all: how well the best passage matches, in meaning, in words (against a passage that had every
word of the question, so that a word which no document has counts against all) and in the subject of its document. Coverage helps
where a long table is the answer, whose length lowers its score by words. Nearness alone, and fits of up to eight features, did no
better on a collection that was left out of the fit. Without vectors, or with vectors of another model than the fit was made for, the
words decide.

Fitted by `benchmarks/fit_strength.py` on questions about four collections (the demo shop's policies, those of two software companies,
642 passages about money and general knowledge), each with the same weight. Negatives are questions that the documents do not answer,
and for the passages also answerable questions from which every passage judged to answer was taken away. docs/decisions/0003-finding.md
has the areas under the ROC curve, each measured on a collection that the fit had not seen. Run the script again when the embedding model or
the chunker changes: a test compares `RECIPE` with what the product makes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.index.fusion import idf
from retrieval.synonyms import SHARE, related

RECIPE = "all-MiniLM-L6-v2@aa3b0fb1e6a14137/384/sections-1"
WITH_VECTORS = {"bias": -5.29, "match": 11.6, "coverage": 0.81}
TERMS_ONLY = {"bias": -1.98, "coverage": 3.94, "unknown": -3.09}
DENSE, LEXICAL, SUBJECT = 0.6, 0.4, 0.25  # what makes a match; fixed with the fit, whatever a ranking is tuned to
_STEEPEST = 30.0  # beyond it exp() gains nothing and may overflow


@dataclass(frozen=True, slots=True)
class Features:
    """match: of the passage that matches best, None without vectors the fit knows. coverage: share of what the question tells that
    stands in the best single passage. unknown: share of its terms that stand nowhere in the documents, not even as a synonym."""

    match: float | None
    coverage: float
    unknown: float


def match_of(*, dense: float, lexical: float, subject: float) -> float:
    """How well one passage matches. dense: cosine; lexical: share of the best score that terms could give; subject: how far the
    question is about its document (0..1)."""
    return DENSE * dense + LEXICAL * lexical + SUBJECT * subject


def measure(
    asked: Sequence[str], passages: Sequence[frozenset[str]], *, match: float | None, frequency: Mapping[str, int], size: int
) -> Features:
    """Work the features out. asked: the question's terms; passages: the terms of the best ones; frequency: of terms and their synonyms."""
    spread = {term: max(frequency.get(word, 0) for word in (term, *related(term))) for term in asked}
    known = sorted(idf(count, size) for count in spread.values() if count)
    # a word that stands nowhere may be a slip or another word for what does: it tells no more than the others
    most = known[len(known) // 2] if known else math.inf
    telling = {term: min(idf(count, size), math.inf if count else most) for term, count in spread.items()}
    total = sum(telling.values()) or 1.0
    shares = (sum(weight * _met(term, terms) for term, weight in telling.items()) / total for terms in passages)
    return Features(match=match, coverage=max(shares, default=0.0), unknown=1 - len(known) / max(len(spread), 1))


def _met(term: str, terms: frozenset[str]) -> float:
    return 1.0 if term in terms else SHARE if related(term) & terms else 0.0


def strength(features: Features) -> float:
    """The probability, 0..1, that the passages answer."""
    weights = TERMS_ONLY if features.match is None else WITH_VECTORS
    values = {"bias": 1.0, "match": features.match or 0.0, "coverage": features.coverage, "unknown": features.unknown}
    total = sum(weight * values[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(min(total, _STEEPEST), -_STEEPEST)))
