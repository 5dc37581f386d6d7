"""What can be checked in a text: amounts, dates, periods, numbers, ids, addresses and links, as values that compare. Pure.

The same reader is used on an answer and on its evidence, so that both are understood (or misunderstood) alike.
"""

import re
from functools import lru_cache

from chatbot.grounding.claim_values import Claim
from chatbot.grounding.readers import READERS

CITATION = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+", re.MULTILINE)


@lru_cache(maxsize=2048)  # the same passages and sentences are read several times within a turn
def claims_in(text: str) -> tuple[Claim, ...]:
    """Every claim in the text, in order of kind; what one reader took, no later one sees."""
    masked = _LIST_MARK.sub(
        _blank, CITATION.sub(_blank, text.replace("*", " ").replace("_", " ") if _is_emphasised(text) else text)
    )
    found: list[Claim] = []
    for pattern, reader in READERS:
        taken: list[tuple[int, int]] = []
        for match in pattern.finditer(masked):
            claims = list(reader(match))
            if claims:
                found += claims
                taken.append(match.span())
        for start, end in taken:
            masked = f"{masked[:start]}{'¦' * (end - start)}{masked[end:]}"
    return tuple(found)


def _is_emphasised(text: str) -> bool:
    return "**" in text or "__" in text or bool(re.search(r"(?<!\w)[*_]\w", text))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def citations_in(text: str) -> tuple[int, ...]:
    """The citation numbers in the text, in order, each once."""
    return tuple(dict.fromkeys(int(n) for match in CITATION.finditer(text) for n in match[1].split(",")))
