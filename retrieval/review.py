"""What a new text says otherwise, or once more, than texts that answer already. Pure: passages in, findings out.

A wall of false alarms is not read, so a contradiction needs all of these: passages that are near each other by their vectors; two
sentences that are about the same by their own words; the same narrowing words ("sale items", "express", "members": a rule for some
is an exception, no contradiction); and figures of one kind and role of which none agrees, or a plain yes against a plain no.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from retrieval.plaintext import plain
from retrieval.sentences import Unit, units
from retrieval.stated import Figure, Kind, Role, figures, without_figures
from retrieval.synonyms import related
from retrieval.words import telling_terms, terms

NEAR = 0.45  # cosine of two passages from which on their sentences are compared
SAME_SUBJECT = 0.6  # share of the words of two sentences that they have in common
CLOSER = 0.7  # the same, where each has words that the other has not: "deleted accounts", "deleted projects"
SAME_RULE = 0.75  # the same, where nothing but a "not" tells them apart
REPEATED = 0.8  # share of the terms of two passages from which on one repeats the other
MANY_REPEATED = 0.5  # of a document's words: from here on it is said
MOST_CLASHES = 20  # of one document; more would not be read


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage of a document as it is compared: text == markdown[start:…]. place: title and headings. context: see models.Chunk."""

    text: str
    start: int
    place: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two spans that say different things about the same. differences: what stands here and there, in the words of the texts."""

    start: int
    end: int
    other_start: int
    other_end: int
    differences: tuple[tuple[str, str], ...]
    closeness: float


@dataclass(frozen=True, slots=True)
class _Statement:
    start: int
    end: int
    subject: frozenset[str]
    narrowed: frozenset[str]
    figures: tuple[Figure, ...]
    denied: bool | None  # None: it has a yes and a no, or depends on something
    text: str


@lru_cache(maxsize=20_000)
def _canon(term: str) -> str:
    """One name for the words of the trade that mean about the same."""
    return min({term, *related(term)})


# a rule for some cases only
_NARROWING = frozenset(
    terms(
        """sale clearance outlet discounted reduced promotional final member membership loyalty vip premium student business wholesale
        corporate international abroad overseas foreign domestic europe eu us uk usa canada switzerland express overnight priority
        expedited standard economy sameday saturday sunday weekend holiday christmas download custom
        engraved bespoke perishable fragile bulky oversized heavy used refurbished damaged defective faulty broken wrong
        missing lost late opened unopened unworn worn gift hygiene underwear swimwear jewellery jewelry electronics shoes footwear
        furniture mattress battery subscription preorder backorder online store instore pickup first second paypal klarna invoice before"""
    )
)
# what is done: narrows where it stands in the sentence, not where it is the subject of the whole document
_DEEDS = frozenset(map(_canon, terms("exchange repair warranty refund cancel return deliver replace")))
_TALK = frozenset(
    terms(
        """day days business working hour week month year within time period limit maximum minimum total amount order orders item items
        product products customer customers any every each all may must should take takes made make accept accepted offer offered provide
        allow allowed charge apply applies receive received due our per"""
    )
)
_DENIES = re.compile(
    r"\b(?:not|no|never|cannot|can't|won't|don't|doesn't|isn't|aren't|neither|nor|excluded?|excludes|ineligible|refuse[sd]?|declined?|"
    r"nicht|kein\w*|niemals|ausgeschlossen|pas|jamais|aucun\w*|ningun\w*|nunca|non[- ]?(?=(?:refund|return|transfer|exchange|cancel)\w*))\b|"
    r"\bnon-",
    re.IGNORECASE,
)
# what makes a rule of a line: a bare heading or name says neither yes nor no
_SAYS = re.compile(
    r"\b(?:can|cannot|may|must|is|are|be|will|won't|do|does|don't|doesn't|can't|isn't|aren't|has|have|gets?|expires?|applies|apply|können|kann|ist|sind|wird|werden|dürfen|darf|"
    r"peut|peuvent|pouvez|est|sont|puede|pueden)\b", re.IGNORECASE
)  # fmt: skip
_FINAL = re.compile(r"\bfinal sale\b|\ball sales (?:are )?final\b", re.IGNORECASE)
_DEPENDS = re.compile(
    r"\b(?:unless|except\w*|if|only|but|however|although|whether|provided|until|otherwise|außer|wenn|nur|sauf|si|salvo|solo)\b",
    re.IGNORECASE,
)
_MARKS = frozenset(
    terms("not no never cannot cant wont without non exclude excluded excludes ineligible refuse decline nicht kein pas")
)


def clashes(mine: Piece, theirs: Piece) -> list[Clash]:
    """Where two near passages contradict each other, closest sentences first; each sentence at most once."""
    found = [clash for a in _statements(mine) for b in _statements(theirs) if (clash := _clash(a, b))]
    # a sentence that has its equal over there does not clash with another one
    agreed = {a.start for a in _statements(mine) for b in _statements(theirs) if _agree(a, b)}
    agreed_there = {b.start for a in _statements(mine) for b in _statements(theirs) if _agree(a, b)}
    kept: list[Clash] = []
    for clash in sorted(found, key=lambda clash: (-clash.closeness, clash.start)):
        used = clash.start in agreed or clash.other_start in agreed_there
        used = used or any(clash.start == k.start or clash.other_start == k.other_start for k in kept)
        if not used:
            kept.append(clash)
    return kept


def is_repeated(mine: Piece, theirs: Piece) -> bool:
    """Whether one passage says nearly what the other says: most terms of both are the same, and so are the figures."""
    a, b = _bag(mine.text), _bag(theirs.text)
    return bool(a) and len(a & b) >= REPEATED * len(a | b)


def repeated_share(pieces: Sequence[Piece], repeated: Iterable[int]) -> float:
    """How much of a document, by its words, the pieces with these positions are: 0..1."""
    sizes = [len(piece.text.split()) for piece in pieces]
    return sum(sizes[i] for i in set(repeated)) / (sum(sizes) or 1)


def _clash(a: _Statement, b: _Statement) -> Clash | None:
    if a.narrowed != b.narrowed:
        return None
    near = _closeness(a, b)
    one_says_more = a.subject <= b.subject or b.subject <= a.subject
    if near < (SAME_SUBJECT if one_says_more else CLOSER):
        return None
    differences = list(_differing(a.figures, b.figures))
    if not differences and one_says_more and near >= SAME_RULE and {a.denied, b.denied} == {True, False}:
        differences = [(_short(a.text), _short(b.text))]
    return Clash(a.start, a.end, b.start, b.end, tuple(differences), near) if differences else None


def _agree(a: _Statement, b: _Statement) -> bool:
    """Whether two sentences state the same figures about the same."""
    keys = {figure.key for figure in a.figures}
    same = bool(keys) and keys == {figure.key for figure in b.figures}
    return same and a.narrowed == b.narrowed and _closeness(a, b) >= SAME_SUBJECT


def _closeness(a: _Statement, b: _Statement) -> float:
    shared = a.subject & b.subject
    if len(shared) < 2 and a.subject != b.subject:
        return 0.0  # one word in common is not a subject in common
    return 2 * len(shared) / (len(a.subject) + len(b.subject)) if shared else 0.0


def _differing(mine: Sequence[Figure], theirs: Sequence[Figure]) -> Iterator[tuple[str, str]]:
    """Figures of one kind and role of which none agrees; where the roles are not the same, the sentences speak of other cases."""
    for kind in Kind:
        a, b = [f for f in mine if f.kind is kind], [f for f in theirs if f.kind is kind]
        if not a or {f.role for f in a} != {f.role for f in b}:
            continue
        for role in Role:
            one, other = [f for f in a if f.role is role], [f for f in b if f.role is role]
            if one and _comparable(one, other) and not {f.key for f in one} & {f.key for f in other}:
                yield ", ".join(dict.fromkeys(f.text for f in one)), ", ".join(dict.fromkeys(f.text for f in other))


def _comparable(a: Sequence[Figure], b: Sequence[Figure]) -> bool:
    """Whether the units can be held against each other: working days and days cannot, sums in two currencies neither."""
    ours, theirs = {f.unit for f in a}, {f.unit for f in b}
    nothing = {""}  # "free" stands against a sum in any currency
    return ours in (theirs, nothing) or theirs == nothing


@lru_cache(maxsize=4096)  # a passage is compared with several
def _statements(piece: Piece) -> tuple[_Statement, ...]:
    place = frozenset(terms(piece.place))
    found = []
    for span in units(piece.text):
        if span.unit in (Unit.HEADING, Unit.CODE, Unit.TABLE_HEAD):
            continue
        text = plain(piece.text[span.start : span.end])
        stated = tuple(figures(text))
        own = terms(without_figures(_FINAL.sub("not returned", text)))
        subject = frozenset(map(_canon, telling_terms(" ".join(own)))) - _TALK - _MARKS
        narrowed = ((frozenset(own) | place) & _NARROWING) | (subject & _DEEDS)
        start = piece.start + span.start
        found.append(
            _Statement(start, start + len(piece.text[span.start : span.end]), subject, narrowed, stated, _denied(text), text)
        )
    return tuple(found)


def _denied(text: str) -> bool | None:
    text = text.replace("’", "'")
    if _DEPENDS.search(text) or text.endswith("?") or not _SAYS.search(text):
        return None
    count = len(_DENIES.findall(text)) + len(_FINAL.findall(text))
    return None if count > 1 else count == 1


@lru_cache(maxsize=4096)
def _bag(text: str) -> frozenset[tuple[str, int]]:
    """The terms of a text, each with the how-manieth it is: "days days" is not "days"."""
    return frozenset((term, n) for term, same in groupby(sorted(terms(text))) for n, _ in enumerate(same))


def _short(text: str, characters: int = 120) -> str:
    return text if len(text) <= characters else text[: characters - 1].rsplit(" ", 1)[0] + "…"
