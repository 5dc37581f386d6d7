"""Upper and lower bounds, more and less: "up to $300" is not "at least $300", "£4 more" not "£4 less". Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.support import Source, supports


class Bound(StrEnum):
    MOST = "at most"
    LEAST = "at least"
    MORE = "more by"
    LESS = "less by"


_KINDS = frozenset({Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.NUMBER})
_MOST = (
    r"up to|at most|no more than|not more than|(?:a )?maximum(?: of)?|max\.?|less than|fewer than|under|below|not exceeding"
    r"|bis zu|höchstens|maximal|weniger als|unter|jusqu['’]à|au plus|moins de|hasta|como máximo|menos de|fino a|al massimo|meno di|tot(?: en met)?|hoogstens|minder dan"
)
_LEAST = (
    r"at least|no less than|not less than|(?:a )?minimum(?: of)?|min\.?|more than|over|above|from|starting (?:at|from)|exceeding|upwards of"
    r"|mindestens|ab|über|mehr als|au moins|plus de|dès|à partir de|al menos|más de|desde|a partir de|almeno|più di|da|minstens|meer dan|vanaf"
)
_BEFORE = re.compile(
    rf"\b(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))(?: (?:an? |the |a total of |einem warenwert von |einem bestellwert von ))?\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^\W{0,2}(?:(?P<most>(?:or|and) (?:less|fewer|under|below)|at (?:the )?most)|(?P<least>(?:or|and) (?:more|above|over|up|higher)|at least|and upwards))\b",
    re.IGNORECASE,
)
# "£4 more", "10% off"
_BY = re.compile(
    r"^\W{0,2}(?:(?P<more>more|extra|higher|dearer|mehr|teurer|de plus|más|in più|meer|duurder)|(?P<less>less|lower|cheaper|off|weniger|günstiger|billiger|de moins|menos|in meno|minder|goedkoper))\b",
    re.IGNORECASE,
)
_OPPOSITE = {Bound.MOST: Bound.LEAST, Bound.LEAST: Bound.MOST, Bound.MORE: Bound.LESS, Bound.LESS: Bound.MORE}


def wrong_bound(sentence: str, claims: Iterable[Claim], sources: Sequence[Source], *, today: date) -> str:
    """The first value that a sentence gives as the most where every source of it gives it as the least, or the other way round."""
    for claim in claims:
        if claim.kind not in _KINDS or (said := _bound(sentence, claim)) is None:
            continue
        found = [
            _bound(one.text, known)
            for one in sources
            for known in one.claims.get(claim.kind, ())
            if supports(claim, _only(known, one), today=today, sentence=sentence)
        ]
        if found and all(bound is _OPPOSITE[said] for bound in found):
            return f"{said} {claim.text.strip()}"
    return ""


def _only(claim: Claim, of: Source) -> Source:
    """A source that holds nothing but one claim."""
    return replace(of, claims={claim.kind: (claim,)})


def _bound(text: str, claim: Claim) -> Bound | None:
    """What stands right before or after a value where it first stands; None if no bound does."""
    written = claim.text.strip()
    start = text.find(written)
    if start < 0:
        return None
    match = _BEFORE.search(text[max(0, start - 40) : start]) or _AFTER.search(text[start + len(written) :][:30])
    if match is None:
        by = _BY.search(text[start + len(written) :][:30])
        return None if by is None else Bound.MORE if by["more"] else Bound.LESS
    return Bound.MOST if match["most"] else Bound.LEAST
