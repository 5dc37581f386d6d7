"""A long message in its parts. Pure.

In "My sister told me about you, … Anyway, can I return sale items? We leave tomorrow, so …" one part asks and the others are far
from every document. A search reads such a message as a whole and part by part, so that the part which the documents know about
is heard.
"""

import re

from retrieval.words import COMMON, words

LONG = 20  # words from which on a message is also read in parts
MOST_PARTS = 8
_PART = 14  # words of a sentence from which on its clauses are parts of their own
_SHORT = 4  # words below which a clause stays with the one before it
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+|(?<=[。！？])|\n+")
_CLAUSE_END = re.compile(r"\s*[,;:–—]\s+|\s+-\s+")


def parts_of(message: str) -> list[str]:
    """The sentences of a long message, long ones by clauses, in order; none for a message that is short or all of one part.

    Parts that say nothing ("Hello there!") are left out; of more than MOST_PARTS, the shortest neighbours are joined.
    """
    if len(words(message)) < LONG:
        return []
    parts = [part for part in _clauses(message) if any(word not in COMMON for word in words(part))]
    while len(parts) > MOST_PARTS:
        at = min(range(len(parts) - 1), key=lambda number: len(parts[number]) + len(parts[number + 1]))
        parts[at : at + 2] = [f"{parts[at]}, {parts[at + 1]}"]
    return parts if len(parts) > 1 else []


def _clauses(message: str) -> list[str]:
    found: list[str] = []
    for sentence in _SENTENCE_END.split(message):
        clauses = _CLAUSE_END.split(sentence) if len(sentence.split()) > _PART else [sentence]
        for clause in filter(str.strip, clauses):
            if found and len(clause.split()) < _SHORT:
                found[-1] += f", {clause.strip()}"
            else:
                found.append(clause.strip())
    return found
