"""Sentences that a passage has word for word: the shop's own words say what they say, so nothing is compared with anything. Pure.

Only whole sentences of running text: an entry of a list or a cell of a table says nothing without what leads it in.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from chatbot.grounding.markup import as_read
from chatbot.grounding.support import Source

FEWEST_WORDS = 5  # "Yes, we do." is in many texts, of many things
_LEAD = re.compile(r"^\s*(?:[-*+•|#>]|\d{1,3}[.)]\s)")
_ENDS = re.compile(r"(?<=[.!?])[\"”»)]?\s+")
_LINK = re.compile(r"\[([^\]\[]*)\]\([^()\s]*\)")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'"})


def word_for_word(sentence: str, passages: Iterable[Source]) -> Source | None:
    """The first passage that has that sentence among its own; None if none has."""
    wanted = _plain(sentence)
    if len(wanted.split()) < FEWEST_WORDS:
        return None
    return next((one for one in passages if wanted in _sentences(one.text)), None)


@lru_cache(maxsize=256)  # the passages of a turn are asked for every sentence
def _sentences(text: str) -> frozenset[str]:
    lines = (line for line in text.splitlines() if line.strip() and not _LEAD.match(line))
    found = (
        _plain(part) for line in lines for part in _ENDS.split(as_read(_LINK.sub(r"\1", line))) if part.rstrip()[-1:] in '.!?"”»)'
    )
    return frozenset(one for one in found if one)


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTES).casefold().split()).strip(' ".!')
