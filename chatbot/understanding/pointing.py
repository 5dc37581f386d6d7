"""What "it", "the second one", "the other one", "the one before that" and "my last two orders" point to. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chatbot.composing import phrases
from chatbot.turn import Role, Utterance
from orders.references import Shapes, find_references, key_of

_NOT_THEIRS = re.compile(re.escape(phrases.NOT_FOUND_BEGINS) + r".{0,400}?" + re.escape(phrases.NOT_FOUND_ENDS), re.DOTALL)
REMEMBERED = 6  # messages in which an order may have been named
_ORDINAL = re.compile(
    r"\b(?:the )?(first|second|third|fourth|fifth|last|former|latter|1st|2nd|3rd|4th|5th)(?: one| order)?\b", re.IGNORECASE
)
_PLACES = {
    "first": 0,
    "former": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "last": -1,
    "latter": -1,
}
OTHER = re.compile(
    r"\b(?:the|my|any|about) others?(?: ones?| orders?| parcels?| packages?| purchases?)?\b(?! \w+ (?:policy|rule))", re.IGNORECASE
)
BEFORE = re.compile(
    r"\b(?:one|order|purchase) before(?: (?:that|it|this|the last)(?: one)?)?\b|\b(?:the|my) previous (?:one|order|purchase)\b",
    re.IGNORECASE,
)
_NEWEST = re.compile(
    r"\b(?:last|latest|(?:most )?recent|newest) (?P<n>two|three|four|five|[2-9]|few|couple(?: of)?) (?:\w+ )?(?:orders|purchases|parcels|ones)\b"
    r"|\b(?P<m>two|three|four|five|[2-9]) (?:latest|most recent|newest|last) (?:orders|purchases|parcels)\b",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "few": 3, "couple": 2}
_OLDEST = re.compile(r"\b(?:my|the) (?:very )?(?:first|oldest|earliest) (?:ever )?(?:order|purchase)\b", re.IGNORECASE)
_LAST_BUT_ONE = re.compile(r"\b(?:second[- ](?:to[- ])?last|last but one|penultimate|one before (?:my|the) last)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order stands among the customer's own, newest first. at: -1 is the oldest; newest: how many of the newest are meant.

    after, without: order numbers spoken of before; the one placed before them, or all but them.
    """

    at: int | None = None
    newest: int = 0
    after: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.at is not None or bool(self.newest or self.after or self.without)


def spoken_of(history: Sequence[Utterance], shapes: Shapes) -> tuple[str, ...]:
    """The order numbers of the newest message that names any: what "it" and "that one" point to. Oldest mention first."""
    for said in reversed(history[-REMEMBERED:]):
        if numbers := _numbers(_meant_part(said), shapes):
            return numbers
    return ()


def offered(history: Sequence[Utterance], shapes: Shapes) -> tuple[str, ...]:
    """The numbers of the customer's own orders that were just offered for one that is none ("Did you mean …?")."""
    last = history[-1] if history else None
    if last is None or last.role is Role.CUSTOMER or phrases.DID_YOU_MEAN not in last.text:
        return ()
    return _numbers(_meant_part(last), shapes)


def _meant_part(said: Utterance) -> str:
    """What was said, without the numbers that were said to be none of the customer's."""
    return said.text if said.role is Role.CUSTOMER else _NOT_THEIRS.sub(" ", said.text)


def picked(said: str, focus: tuple[str, ...]) -> tuple[str, ...]:
    """The candidate an ordinal names, when several were offered ("the second one")."""
    found = _ORDINAL.search(said)
    if found is None or len(focus) < 2:
        return ()
    place = _PLACES[found[1].lower()]
    return (focus[place],) if place < len(focus) else ()


def names_by_place(text: str) -> bool:
    """Whether a text holds an ordinal ("the second one")."""
    return bool(_ORDINAL.search(text))


def others(focus: tuple[str, ...], history: Sequence[Utterance], shapes: Shapes) -> tuple[str, ...]:
    """The orders that were spoken of beside those spoken of last: of two that were offered, the one not yet talked about."""
    known = {key_of(number) for number in focus}
    named: dict[str, str] = {}
    for said in history[-REMEMBERED:]:
        named |= {key_of(number): number for number in _numbers(_meant_part(said), shapes)}
    return tuple(number for key, number in named.items() if key not in known)


def place_of(said: str, focus: tuple[str, ...]) -> Place:
    """The order that a text names by its place among the customer's own."""
    if focus and BEFORE.search(said):
        return Place(after=focus)
    if focus and OTHER.search(said):
        return Place(without=focus)
    if found := _NEWEST.search(said):
        word = (found["n"] or found["m"]).lower().split()[0]
        return Place(newest=_NUMBERS.get(word) or int(word))
    if _LAST_BUT_ONE.search(said) or BEFORE.search(said):
        return Place(at=1)
    return Place(at=-1) if _OLDEST.search(said) else Place()


def last_question(history: Sequence[Utterance]) -> str:
    """What the customer said last; "" if nothing."""
    return next((u.text for u in reversed(history) if u.role is Role.CUSTOMER), "")


@lru_cache(maxsize=1024)  # the same messages are read again at each question of a conversation
def _numbers(text: str, shapes: Shapes) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.text for r in find_references(text, shapes) if r.certain and not r.tracking))
