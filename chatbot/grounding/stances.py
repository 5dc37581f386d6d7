"""Yes against no: a sentence with the words of a rule and the opposite sense. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chatbot.grounding import abroad
from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.subjects import REFERS_BACK, subject_of, things_in
from chatbot.grounding.support import Source, supports, values_of
from chatbot.grounding.vocabulary import (
    SMALL_WORDS_ABROAD,
    content_words,
    coverage,
    is_negated,
    is_two_sided,
    known_of,
    without_talk,
)
from chatbot.words import stem

CLOSE = 0.7  # share of the sentence's own words that a line of the evidence must know to be about the same
LONGEST_MIXED = 400  # characters of a sentence that is looked through for a yes and a no
FEWEST_WORDS = 2  # own words a sentence needs before its sense is compared

# values that mostly stand in one rule; a bare number stands anywhere
_TELLING = frozenset({Kind.DURATION, Kind.MONEY, Kind.PERCENT, Kind.DATE, Kind.MONTH, Kind.WEEKDAY})

_HEADING = re.compile(r"^\s*#{1,6}\s+(?P<text>.+)$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_PERMITS = re.compile(
    r"\b(?:can|may|could|will|accept\w*|allow\w*|eligible|possible|refundable|returnable|qualif\w*)\b", re.IGNORECASE
)
# what follows has the opposite sense of what stands before
_EXCEPTION = re.compile(
    r"\b(?:unless|except(?:ing)?|excluding|apart from|other than|with the exception of|not including|es sei denn|außer|ausgenommen|sauf|excepté|hormis|salvo|excepto"
    r"|tranne|eccetto|behalve|tenzij)\b",
    re.IGNORECASE,
)
_GENERAL = content_words("item product article order goods purchase")  # what every rule is about
_AND = re.compile(r",|\b(?:and|but|und|aber|et|mais|y|pero|e|ma|en|maar)\b", re.IGNORECASE)
_EXCUSED = re.compile(
    r"\b(?:do(?:n['’]t| not) (?:need|have)(?: to \w+)?|needn['’]t \w+|no need (?:for|to \w+)) (?P<thing>.+)|\b(?:is|are) not (?:needed|required|necessary)\b|\bisn['’]t (?:needed|required|necessary)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(?:open|geöffnet|ouvert\w*|abiert[oa]|apert[oa]|open)\b(?P<then>.*)", re.IGNORECASE)
_CLOSED = re.compile(r"\b(?:closed|geschlossen|fermée?s?|cerrad[oa]|chius[oa]|gesloten)\b(?P<then>.*)", re.IGNORECASE)
_PAIRS = (
    "before after", "with without", "vor nach", "mit ohne", "avant après", "avec sans", "antes después", "con sin", "prima dopo", "con senza", "voor na", "met zonder",
)  # fmt: skip
_TURNS = tuple(pair for one in _PAIRS for pair in (tuple(one.split()), tuple(reversed(one.split()))))
_OBLIGED = re.compile(r"\b(?:needs?|needed|must|required?|requires|have to|necessary|mandatory)\b", re.IGNORECASE)
_SMALL_LIST = "on also the your our and any all with for you that this need must required from its their when return returns"
_SMALL = frozenset(stem(word) for word in _SMALL_LIST.split())
_EXCLUDED = re.compile(
    r"\b(?:excluded|exempt|ausgeschlossen|ausgenommen|exclue?s?|excluid[oa]s?|esclus[oaie]|uitgesloten)\b", re.IGNORECASE
)
_OF_NOW = re.compile(r"\b(?:once|when|after|before|now|still|any ?more|no longer|your|it)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a passage. negated: its sense; None when it has conditions and may be told either way.

    permits: it has conditions, and under them allows something, so that it is no plain no. denies: it forbids, but for exceptions. under: the stems of its heading.
    excepted: it is an exception; the words of what is excepted, of which a sentence must speak, and else say the same as the rule.
    """

    words: frozenset[str]
    negated: bool | None
    text: str = ""
    permits: bool = False
    denies: bool = False
    under: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()

    def concerns(self, wanted: frozenset[str]) -> bool:
        return not self.excepted or (
            bool(wanted & self.excepted) and known_of(wanted - self.excepted, self.words) == wanted - self.excepted
        )


def contradicts(sentence: str, passages: Sequence[tuple[str, str]]) -> bool:
    """Whether the line of the passages that is closest to the sentence, and no other as close, says the opposite.

    passages: pairs of heading and text.
    """
    wanted = without_talk(content_words(sentence)) - SMALL_WORDS_ABROAD
    lines = [line for heading, text in passages for line in _read_lines(text, heading)]
    if _is_excused(sentence, lines) or _is_swapped(sentence, lines):
        return True
    if not wanted or is_two_sided(sentence) or _EXCEPTION.search(sentence):
        return False
    if _BULLET.match(sentence) and not _PERMITS.search(sentence):
        return False  # a bare list item has the sense of the line that led it in
    lines = [line for line in lines if line.concerns(wanted)]
    denied = is_negated(sentence)
    subject = subject_of(sentence) - _GENERAL - SMALL_WORDS_ABROAD
    whole, allows = not _OF_NOW.search(sentence), bool(_PERMITS.search(sentence))
    if _is_denied_alone(things_in(sentence) - _GENERAL, subject, lines, denied=denied, whole=whole, allows=allows):
        return True
    closeness = [coverage(wanted, line.words) for line in lines]
    best = max(closeness, default=0.0)
    if best < CLOSE or len(wanted) < FEWEST_WORDS:
        return False
    return all(line.negated is (not denied) for line, near in zip(lines, closeness, strict=True) if near >= best - 0.1)


def _mixed(part: str) -> tuple[str, ...]:
    """The two halves of a sentence of which one says yes and the other no; none if it says only one of them."""
    if len(part) > LONGEST_MIXED or not is_negated(part):
        return ()
    for cut in _AND.finditer(part):
        first, second = part[: cut.start()], part[cut.start() :]
        if is_negated(first) is not is_negated(second) and subject_of(first):
            return first, second
    return ()


def _is_excused(sentence: str, lines: Sequence[Line]) -> bool:
    """Whether a sentence says that something is not needed of which a line says that it is."""
    match = _EXCUSED.search(sentence)
    if match is None:
        return False
    thing = _nouns(match["thing"] or sentence[: match.start()])
    return bool(thing) and any(
        thing <= _nouns(line.text) for line in lines if _OBLIGED.search(line.text) and not is_negated(line.text)
    )


def _is_swapped(sentence: str, lines: Sequence[Line]) -> bool:
    """Whether a sentence says "after" of what every line that speaks of it says "before", or "with" for "without"."""
    if (match := _OPEN.search(sentence)) and not is_negated(sentence):
        days = _nouns(match["then"])
        if any(days and days <= _nouns(shut["then"]) for line in lines for shut in _CLOSED.finditer(line.text)):
            return True
    for said, turned in _TURNS:
        for match in re.finditer(rf"\b{said}\b(?P<then>(?:\W+\w+){{1,5}})", sentence, re.IGNORECASE):
            then = content_words(match["then"])
            if not then:
                continue
            so, otherwise = (
                [word for line in lines for word in _following(way, line.text) if then <= word] for way in (said, turned)
            )
            if otherwise and not so:
                return True
    return False


def _following(word: str, text: str) -> Iterator[frozenset[str]]:
    """The stems that follow each time the word stands in a text."""
    for match in re.finditer(rf"\b{word}\b(?P<then>(?:\W+\w+){{1,6}})", text, re.IGNORECASE):
        yield content_words(match["then"])


def _nouns(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in re.findall(r"[^\W\d_]{3,}", text.lower())) - _SMALL


def _is_denied_alone(
    wanted: frozenset[str], subject: frozenset[str], lines: Sequence[Line], *, denied: bool, whole: bool, allows: bool
) -> bool:
    """Whether a line of the opposite sense speaks of the subject, and no other line knows as much of the sentence.

    allows: the sentence says what can be done. whole: it tells a rule without a condition, so that a plain no is also the opposite of a yes with one.
    """
    opposite = [
        line.negated is (not denied) or (denied and whole and line.permits) or (not denied and line.denies) for line in lines
    ]
    knows = [known_of(wanted, line.words | line.under) for line in lines]
    for line, is_opposite, known in zip(lines, opposite, knows, strict=True):
        # what is "excluded" is named alone, without what it is excluded from
        fewest = 1 if allows and subject and _EXCLUDED.search(line.text) else max(FEWEST_WORDS, len(wanted) / 2)
        if not is_opposite or len(known) < fewest or known_of(subject, line.words) != subject:
            continue
        if not any(known <= also for other, also in zip(opposite, knows, strict=True) if not other):
            return True
    return False


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
    return tuple((line.negated, values_of(line.text)) for line in _read_lines(text, heading))


@lru_cache(maxsize=256)  # the passages of a turn are asked for every sentence
def _read_lines(text: str, heading: str) -> tuple[Line, ...]:
    return tuple(lines_of(text, heading))


def lines_of(text: str, heading: str = "") -> Iterator[Line]:
    """The sentences of a passage, each with its sense; a list item has the sense of what leads it in."""
    lead = ""
    before = frozenset[str]()
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
            said = without_talk(content_words(f"{lead or heading} {part}" if is_item else part))
            said |= before if REFERS_BACK.match(part) else frozenset()
            exception = _EXCEPTION.search(part)
            left_out = (
                content_words(part[exception.start() :]) - content_words(part[: exception.start()]) if exception else frozenset()
            )
            permits = sense is None and not denied and not introduced and bool(exception or _PERMITS.search(part))
            forbids = False
            under = frozenset[str]() if is_item else without_talk(content_words(heading))
            if exception:
                forbids = is_negated(part[: exception.start()])
                yield Line(said, not forbids, part, under=under, excepted=left_out)
                sense = None
            halves = _mixed(part) if sense is not None and not is_item else ()
            if halves:
                yes_and_no = ((without_talk(content_words(half)) | (said & subject_of(part)), half) for half in halves)
                yield from (Line(words, is_negated(half), half, under=under) for words, half in yes_and_no)
            else:
                yield Line(said - left_out, sense, part, permits, forbids, under)
            before = said
        if raw.rstrip().endswith(":"):
            lead = raw
        elif not is_item:
            lead = ""
