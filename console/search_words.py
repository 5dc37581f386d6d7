"""Why a passage was found, in words and marks. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from retrieval.search import Passage
from retrieval.strength import Features
from retrieval.synonyms import related, spelled_out
from retrieval.words import stem, telling_terms, terms, words

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MOST_NAMED = 6  # words in a sentence
PARTS = {"dense": "meaning", "lexical": "words", "title": "title", "document": "stepped back"}
_FEATURES = {
    "match": ("Best match", "how well the best passage meets the question in meaning, words and subject; 1.25 is the most"),
    "coverage": ("Words met", "share of what the question tells that stands in one passage"),
    "unknown": ("Unknown words", "share of the question’s words that stand in no document"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. kind: "" plain, "said" a word of the question, "related" a word that means about the same."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a joint score. start and width in percent of the best score shown."""

    name: str
    label: str
    value: float
    start: float
    width: float


def marked(text: str, query: str) -> list[Piece]:
    """The text in pieces, its words that the question has too set apart. The pieces put together are the text."""
    said = frozenset(telling_terms(query)) | frozenset(telling_terms(spelled_out(query)))
    akin = frozenset(other for term in said for other in related(term)) - said
    pieces: list[Piece] = []
    at = 0
    for match in _WORD.finditer(text):
        found = frozenset(terms(match.group()))
        kind = "said" if found & said else "related" if found & akin else ""
        if kind:
            if at < match.start():
                pieces.append(Piece(text[at : match.start()]))
            pieces.append(Piece(match.group(), kind))
            at = match.end()
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces


def shared_words(query: str, text: str) -> list[str]:
    """The question's telling words that the text has, as they were asked; "shipping (delivery)" where the text has another word for it."""
    there, asked = _by_stem(text), _by_stem(query) | _by_stem(spelled_out(query))
    found = []
    for term, word in asked.items():
        if term in there:
            found.append(word)
        elif akin := sorted(related(term) & there.keys()):
            found.append(f"{word} ({there[akin[0]]})")
    telling = frozenset(telling_terms(query)) | frozenset(telling_terms(spelled_out(query)))
    return [word for word in found if stem(words(word)[0]) in telling]


def why(passage: Passage, query: str, asked: Sequence[str] = ()) -> str:
    """One sentence: by which engine at which rank, by which words, and what else counts. asked: the parts of a long question."""
    found = passage.why
    ways = []
    if found.dense_rank is not None and found.parts.get("dense", 0.0) > 0:
        ways.append(f"by meaning ({ordinal(found.dense_rank)})")
    if found.lexical_rank is not None and found.parts.get("lexical", 0.0) > 0:
        named = shared_words(query, f"{passage.document} {passage.heading} {passage.context} {passage.text}")
        said = f"by the word{'s' if len(named) > 1 else ''} {_listed(named)}" if named else "by words said before"
        ways.append(f"{said} ({ordinal(found.lexical_rank)})")
    sentence = f"Found {' and '.join(ways)}" if ways else "Found"
    if found.parts.get("title", 0.0) > 0:
        sentence += "; the question names the document’s title"
    if found.part is not None and found.part < len(asked):
        sentence += f"; it answers best the part “{asked[found.part].rstrip(' .!?')}”"
    if found.parts.get("document", 0.0) < 0:
        sentence += "; it steps back behind better passages of its document"
    return f"{sentence}."


def parts(scores: Mapping[str, float], best: float) -> list[Part]:
    """The parts of a joint score side by side, drawn against the best score of the list. What adds nothing is left out."""
    drawn: list[Part] = []
    start = 0.0
    for name, value in scores.items():
        if not value:
            continue
        width = round(100 * max(value, 0.0) / best, 2) if best > 0 else 0.0
        drawn.append(Part(name, PARTS.get(name, name.replace("_", " ")), value, round(start, 2), width))
        start += width
    return drawn


def made_of(features: Features | None) -> list[tuple[str, str, str]]:
    """What a strength was worked out from: name, value, meaning. Features that were not measured are left out."""
    if features is None:
        return []
    shown = []
    for name in type(features).__dataclass_fields__:
        value = getattr(features, name)
        if isinstance(value, int | float):
            label, meaning = _FEATURES.get(name, (name.replace("_", " ").capitalize(), ""))
            shown.append((label, f"{value:.2f}", meaning))
    return shown


def moves(before: Sequence[int], after: Sequence[int]) -> dict[int, str]:
    """How each of `after` stands against `before`: "same", "up 2", "down 1" or "new", by chunk id. Both are best first."""
    old = {chunk: rank for rank, chunk in enumerate(before)}
    said = {}
    for rank, chunk in enumerate(after):
        moved = old.get(chunk, rank) - rank
        said[chunk] = "new" if chunk not in old else "same" if not moved else f"up {moved}" if moved > 0 else f"down {-moved}"
    return said


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _by_stem(text: str) -> dict[str, str]:
    """Every stem of a text with the first word it was made of, as written."""
    found: dict[str, str] = {}
    for match in _WORD.finditer(text):
        for term in terms(match.group()):
            found.setdefault(term, match.group().lower())
    return found


def _listed(named: Iterable[str]) -> str:
    every = list(named)
    shown = ", ".join(f"“{word}”" for word in every[:_MOST_NAMED])
    return f"{shown} and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else shown
