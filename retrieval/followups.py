"""What a question takes from the talk before it: how much, and which words. Pure; one rule for the chat and the command.

What was said before is mixed in softly, never pasted in: the question's vector is drawn a little towards that of the talk
and the words said before count a part of a word of the question, half as much with every turn further back. A question that leans on the talk
takes more than one that stands by itself; even that one takes some, because it is seldom about something else altogether. (The chat
hands over what was said only where a question leans: it has put the others into words of their own already.)
"""

import re
from collections.abc import Iterable, Mapping

from retrieval.words import telling_terms

TURNS = 3  # the asker's last; older talk is about something else
CHARACTERS = 600  # of all of them, the newest
STANDING = 0.6  # of what a question that leans takes, what one takes that stands by itself
_FADING = 0.5  # of a turn's words, against the turn after it
_FEW = 2  # telling words, up to which a question cannot stand by itself
_MOST_TERMS = 48

_OPENING = re.compile(
    r"^\W*(?:and|but|also|or|so|then|what about|how about|what if|same for|for|even|including|only|which ones?|why|how come|really)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|it['’]s|they|them|their|this|that|these|those|he|she|his|her|him|ones|the (?:same|others?))\b",
    re.IGNORECASE,
)


def context_of(said: Iterable[str]) -> str:
    """What a search is given of a talk: the asker's last turns (of all, oldest first), one a line, newest last.

    Answers are left out by the caller: they mostly repeat the documents, and what the bot got wrong would be searched for again.
    """
    turns = [" ".join(turn.split()) for turn in said]
    return "\n".join([turn for turn in turns if turn][-TURNS:])[-CHARACTERS:]


def as_embedded(context: str) -> str:
    """The text whose vector stands for a context: newest turn first, because a model hears the beginning best."""
    return "\n".join(reversed(context.split("\n")))


def leans(question: str) -> bool:
    """Whether a question needs what was said before: it opens like a follow-up, points at something, or says too little itself."""
    return bool(_OPENING.search(question) or _POINTING.search(question)) or len(telling_terms(question)) <= _FEW


def pull(question: str) -> float:
    """How much of the history a question takes, 0..1, against one that leans on it."""
    return 1.0 if leans(question) else STANDING


def terms_said(context: str, *, weight: float) -> Mapping[str, float]:
    """The telling terms of a context with what each counts against a term of the question: `weight` in the newest turn, half in the
    one before, and so on; a term that was said more than once counts as the last time."""
    found: dict[str, float] = {}
    for turn in reversed(context.split("\n")):
        for term in telling_terms(turn):
            if len(found) < _MOST_TERMS:
                found.setdefault(term, weight)
        weight *= _FADING
    return found
