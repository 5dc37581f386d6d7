"""Names that the evidence does not have, and words that it has the other way round. Pure."""

import re
from collections.abc import Sequence, Set

from chatbot.grounding.support import Source
from chatbot.grounding.vocabulary import names_in


def _stands_in(word: str, source: Source) -> bool:
    """Whether a word, or the one thing of which it is the many, is a word of the source."""
    return word in source.raw_words or (len(word) > 3 and word.endswith("s") and word[:-1] in source.raw_words)


def without_its_un(sentence: str, sources: Sequence[Source]) -> str:
    """A word of the sentence that the evidence has with "un-" or "non-" before it only: "used" for "unused"; "" if there is none."""
    known = frozenset[str]().union(*(s.raw_words for s in sources))
    said = (match[0] for match in re.finditer(r"[^\W\d_]{4,}", sentence.lower()))
    if alone := next((word for word in said if word not in known and (f"un{word}" in known or f"non{word}" in known)), ""):
        return alone
    texts = " ".join(s.lowered for s in sources)
    pairs = (match[0] for match in re.finditer(r"\b[^\W\d_]{4,} [^\W\d_]{4,}\b", sentence.lower()))
    return next((pair for pair in pairs if f"un{pair}" in texts and f" {pair}" not in f" {texts}"), "")


_EVERY = re.compile(r"\b(?:every|each) (?P<thing>[^\W\d_]{3,})", re.IGNORECASE)


def widened(sentence: str, sources: Sequence[Source]) -> str:
    """ "every Monday" of which the evidence knows the first alone; "" if a sentence widens nothing."""
    texts = "\n".join(s.lowered for s in sources)
    for match in _EVERY.finditer(sentence):
        thing = re.escape(match["thing"].lower())
        fewer = re.findall(rf"\b(?:first|second|last|next|one|single|certain|selected) (?:\w+ )?{thing}\b", texts)
        if fewer and len(fewer) == len(re.findall(rf"\b{thing}", texts)):
            return match[0]
    return ""


def unknown_name(sentence: str, sources: Sequence[Source], known: Set[str], *, abroad: bool) -> str:
    """The first name of a sentence that neither the sources have nor is known; "" if there is none.

    abroad: only what no language writes so but names: "DHL", "PostNL". In German every noun begins with a capital.
    """
    for name in names_in(sentence):
        if abroad and not any(c.isupper() for c in name.text[1:]):
            continue
        if not all(word in known or any(_stands_in(word, s) for s in sources) for word in name.words):
            return name.text
    return ""
