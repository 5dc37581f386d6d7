"""Periods whose unit stands before: "1–2 business days, regional areas in 3–6", "diez días y los muebles veinte". Pure."""

import re
from collections.abc import Iterator

from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.number_words import WORD, number_of
from retrieval.numerals import NUMBER

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")
_PIECES = re.compile(r",(?!\d)|\b(?:and|or|und|oder|et|ou|y|o|e|en)\b", re.IGNORECASE)
_LAST = re.compile(
    rf"(?<![\w.,$€£¥#%])(?P<one>{NUMBER}|\b{WORD}\b)(?:\s*(?:-|–|—|\bto\b|\bbis\b|\bà\b|\ba\b|\btot\b)\s*(?P<two>{NUMBER}|\b{WORD}\b))?\s*[.;!?]*$",
    re.IGNORECASE,
)
# how many days or months the unit has in which a period was written
_AS_WRITTEN = (
    (re.compile(r"\b(?:week|woche|semaine|semana|settiman|weken)", re.IGNORECASE), 7),
    (re.compile(r"\b(?:year|jahr|ans?\b|année|año|anno|anni|jaar)", re.IGNORECASE), 12),
)


def periods_going_on(text: str) -> Iterator[Claim]:
    """The periods that are numbers alone, because the unit was said before in the same sentence."""
    for sentence in _SENTENCES.split(text):
        known: Claim | None = None
        for piece in _PIECES.split(sentence):
            said = [claim for claim in claims_in(piece) if claim.kind is Kind.DURATION]
            if said:
                known = said[-1]
            elif known is not None and (match := _LAST.search(piece)) and len(piece.split()) > 1:
                yield _like(known, match)


def _like(known: Claim, match: re.Match[str]) -> Claim:
    times = next((n for words, n in _AS_WRITTEN if words.search(known.text)), 1)
    one, two = (number_of(match[name]) * times if match[name] else None for name in ("one", "two"))
    low, high = (None, one) if two is None else (one, two)
    shortest = None if low is None else low.normalize()
    return Claim(Kind.DURATION, (shortest, high.normalize() if high is not None else None, known.value[2]), match[0].strip())
