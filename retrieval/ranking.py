"""What a search asks the index for, and which of its passages it offers: the rules between the two engines and the answer. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol, TypeVar

from retrieval.index.fusion import Why, is_repetition
from retrieval.synonyms import SHARE, related, spelled_out
from retrieval.tuning import Tuning
from retrieval.words import telling_terms, terms

FORMS = frozenset(terms("policy policies rule rules terms conditions information guide faq overview statement notice"))
MOST_TERMS = 48


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it is searched for: the whole, or one part of a long one.

    text: what is embedded. asked: its telling terms; own, synonyms, said: terms with their weights: the question's, others that
    mean about the same, and those of the talk before. subject: what was asked, without words for a kind of text ("policy").
    """

    text: str
    asked: Sequence[str]
    own: Mapping[str, float]
    synonyms: Mapping[str, float]
    said: Mapping[str, float] = field(default_factory=dict)
    subject: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str, tuning: Tuning, said: Mapping[str, float] | None = None) -> "Reading":
        spelled = spelled_out(text) if tuning.spells_out else text
        asked = telling_terms(spelled)[:MOST_TERMS]
        own = {term: tuning.form_weight if term in FORMS else 1.0 for term in asked}
        akin = [word for term in asked for word in related(term)] + telling_terms(text)  # a text may say it as it was asked, too
        synonyms = dict.fromkeys(akin[: 4 * MOST_TERMS], tuning.synonym_weight) if tuning.synonym_weight else {}
        return cls(spelled, asked, own, synonyms, said or {}, frozenset(asked) - FORMS)

    @property
    def weights(self) -> dict[str, float]:
        """Every term to look for; one that was asked itself counts as that."""
        return {**self.said, **self.synonyms, **self.own}

    def names(self, title: str) -> float:
        """How far the question is about the document of that title and about nothing else, 0..1.

        The share of the title's words that are asked for, times the share of the question that they are: "return policy" names
        "Returns" wholly, "can last chance items be returned" hardly.
        """
        own = _subject_of(title)
        met = 0.0
        for term in own:
            met += 1.0 if term in self.subject else SHARE if term in self.synonyms else 0.0
        return (met / len(own)) * min(met / len(self.subject), 1.0) if met and self.subject else 0.0


@lru_cache(maxsize=2048)
def _subject_of(title: str) -> tuple[str, ...]:
    return tuple(term for term in telling_terms(title) if term not in FORMS)


class Found(Protocol):
    """What the rules need of a passage."""

    @property
    def chunk_id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def why(self) -> Why: ...


P = TypeVar("P", bound=Found)


def with_subject(why: Why, title: str, readings: Sequence[Reading], tuning: Tuning) -> Why:
    """The score again, raised if the document is what the question is about: "return policy" means the one titled "Returns"."""
    named = readings[0].names(title)
    if why.part is not None:
        named = (1 - tuning.part_share) * named + tuning.part_share * readings[1 + why.part].names(title)
    return why.with_part("title", tuning.title_weight * named)


def diverse(passages: Sequence[P], k: int, tuning: Tuning, *, terms_in: Callable[[str], frozenset[str]]) -> list[P]:
    """The k to offer, best first: none that says again what a better one says, and a passage steps back a little for every
    better one of its own document, so that a long document does not crowd out the rest."""
    waiting = best_first(passages)
    kept: list[P] = []
    seen: list[frozenset[str]] = []
    of_document: dict[str, int] = {}
    while waiting and len(kept) < k:
        best = waiting.pop(_next(waiting, of_document, tuning.document_step))
        said = terms_in(best.text)
        if is_repetition(said, seen, at_least=tuning.repetition):
            continue
        steps = of_document.get(best.slug, 0)
        kept.append(with_part(best, "document", -tuning.document_step * steps) if steps else best)
        seen.append(said)
        of_document[best.slug] = steps + 1
    return kept


def _next(waiting: Sequence[P], of_document: Mapping[str, int], step: float) -> int:
    """The place of the one that scores best after stepping back. waiting: best first."""
    best, best_score = 0, -math.inf
    for place, passage in enumerate(waiting):
        if passage.score <= best_score:
            break  # none that follows does better, even without stepping back
        score = passage.score - step * of_document.get(passage.slug, 0)
        if score > best_score:
            best, best_score = place, score
    return best


def best_first(passages: Sequence[P]) -> list[P]:
    """Sorted by score; the lower id first among equals."""
    return sorted(passages, key=lambda passage: (-passage.score, passage.chunk_id))


def with_part(passage: P, name: str, value: float) -> P:
    """The passage with one more part in its score."""
    why = passage.why.with_part(name, value)
    return replace(passage, score=why.score, why=why)  # type: ignore[type-var]
