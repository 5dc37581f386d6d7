"""Yes against no: a sentence with the words of a rule and the opposite sense. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chatbot.grounding import abroad
from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.support import Source, source, supports
from chatbot.grounding.vocabulary import content_words, coverage, is_negated, is_two_sided, without_talk

CLOSE = 0.7  # share of the sentence's own words that a line of the evidence must know to be about the same
FEWEST_WORDS = 2  # own words a sentence needs before its sense is compared

# values that mostly stand in one rule; a bare number stands anywhere
_TELLING = frozenset({Kind.DURATION, Kind.MONEY, Kind.PERCENT, Kind.DATE})

_HEADING = re.compile(r"^\s*#{1,6}\s+(?P<text>.+)$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_PERMITS = re.compile(
    r"\b(?:can|may|could|will|accept\w*|allow\w*|eligible|possible|refundable|returnable|qualif\w*)\b", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a passage. negated: its sense; None when it has conditions and may be told either way."""

    words: frozenset[str]
    negated: bool | None
    text: str = ""


def contradicts(sentence: str, passages: Iterable[tuple[str, str]]) -> bool:
    """Whether the line of the passages that is closest to the sentence, and no other as close, says the opposite.

    passages: pairs of heading and text.
    """
    wanted = without_talk(content_words(sentence))
    if len(wanted) < FEWEST_WORDS or is_two_sided(sentence) or (_BULLET.match(sentence) and not _PERMITS.search(sentence)):
        return False  # a bare list item has the sense of the line that led it in
    lines = [line for heading, text in passages for line in _read_lines(text, heading)]
    closeness = [coverage(wanted, line.words) for line in lines]
    best = max(closeness, default=0.0)
    if best < CLOSE:
        return False
    denied = is_negated(sentence)
    return all(line.negated is (not denied) for line, near in zip(lines, closeness, strict=True) if near >= best - 0.1)


def turned_round(sentence: str, claims: Iterable[Claim], passages: Iterable[Source], *, today: date) -> bool:
    """Whether a sentence in another language than its evidence denies what every line with its value affirms, or the other way round.

    Words cannot be compared between languages, but a value leads to its lines, and these say yes or no.
    """
    denied = abroad.is_negated(sentence) or is_negated(sentence)
    texts = [(passage.label, passage.text) for passage in passages]
    for claim in claims:
        if claim.kind not in _TELLING:
            continue
        lines = [line for label, text in texts for line in _valued_lines(text, label) if supports(claim, line[1], today=today)]
        senses = {sense for sense, _ in lines} - {None}  # a line with a condition may be told either way
        if senses == {not denied}:
            return True
    return False


@lru_cache(maxsize=256)
def _valued_lines(text: str, heading: str) -> tuple[tuple[bool | None, Source], ...]:
    """Every sentence of a passage with its sense and its values."""
    return tuple((line.negated, source("", line.text)) for line in _read_lines(text, heading))


@lru_cache(maxsize=256)  # the passages of a turn are asked for every sentence
def _read_lines(text: str, heading: str) -> tuple[Line, ...]:
    return tuple(lines_of(text, heading))


def lines_of(text: str, heading: str = "") -> Iterator[Line]:
    """The sentences of a passage, each with its sense; a list item has the sense of what leads it in."""
    lead = ""
    for raw in text.splitlines():
        if not raw.strip():
            continue
        if match := _HEADING.match(raw):
            heading, lead = match["text"], ""
            continue
        is_item = bool(_BULLET.match(raw))
        for part in _SENTENCE_END.split(_BULLET.sub("", raw)):
            denied = is_negated(part)
            introduced = is_negated(lead or heading)
            sense: bool | None = denied
            if is_two_sided(part) or (introduced and not denied and not is_item):
                sense = None
            elif is_item and introduced:
                sense = True if not denied else None
            # the words that lead an item in are part of what it says
            said = content_words(f"{lead or heading} {part}" if is_item else part)
            yield Line(without_talk(said), sense, part)
        if raw.rstrip().endswith(":"):
            lead = raw
        elif not is_item:
            lead = ""
