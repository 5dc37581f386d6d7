"""Whether a reply is in the language of the question. Pure; where a language cannot be told, nothing is said against it."""

import unicodedata
from collections import Counter

from chatbot.grounding.vocabulary import is_english
from chatbot.understanding.languages import language_of

FEWEST_LETTERS = 12  # that tell a script
_LATIN = "LATIN"
_EAST = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "CJK": "CJK", "FULLWIDTH": "CJK"}


def expected_language(question: str, fixed: str = "") -> tuple[str, str]:
    """The script and the language that a reply should have, "" for what is not known. fixed: the language the shop always speaks."""
    if fixed:
        return _LATIN, fixed
    return _script(question, fewest=3), _language(question)


def is_another(reply: str, expected: tuple[str, str]) -> bool:
    """Whether a reply is plainly in another script or language."""
    script, language = expected
    written = _script(reply, fewest=FEWEST_LETTERS)
    if script and written and script != written:
        return True
    told = _language(reply)
    return bool(language and told and language != told)


def _language(text: str) -> str:
    return language_of(text) or ("en" if is_english(text) else "")


def _script(text: str, *, fewest: int) -> str:
    """The script of most letters; "" for too few."""
    found = Counter(unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha())
    if found.total() < fewest:
        return ""
    script = found.most_common(1)[0][0]
    return _EAST.get(script, script)
