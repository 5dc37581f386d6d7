"""Markdown as bare words, and how many of them a model sees. Pure."""

import re

_WORD = re.compile(r"\w+|[^\w\s]")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,1000})\]\([^()\s]{0,2000}(?:\([^()\s]{0,200}\))?(?:\s\"[^\"\n]{0,200}\")?\)")
_EMPHASIS = re.compile(r"(?<![\w\\])[*_]{1,3}(?=\S)|(?<=[^\s\\])[*_]{1,3}(?!\w)|`+|~~")
# one run of blanks before the bar and one behind it: two runs side by side would try every way to part a long one
_TABLE_RULE = re.compile(r"^[ \t]*(?:\|[ \t]*)?:?-[|: \t-]*$", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]*(?:[-*+•>]|\d{1,9}[.)])[ \t]+", re.MULTILINE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """The words in one line without Markdown's marks: link targets, emphasis, list marks, table rules."""
    text = _LINE_MARK.sub("", _LINK.sub(r"\1", _TABLE_RULE.sub("", markdown)))
    text = _ESCAPE.sub(r"\1", _EMPHASIS.sub("", text).replace("|", " "))
    return " ".join(text.split())


def estimate_tokens(text: str) -> int:
    """About how many word pieces the embedding model makes of a text; cheap, and rather too many than too few."""
    return sum(map(_pieces_of, _WORD.findall(text)))


def _pieces_of(word: str) -> int:
    """Word pieces of one word or sign: short English words are one, codes and long or foreign words several."""
    if not word.isascii():
        return len(word) if word[0] > "\u2e7f" else 1 + len(word) // 3  # the former: scripts with a sign a word
    if len(word) > 20 or (len(word) > 2 and any(map(str.isdigit, word))):
        return 1 + len(word) // 2
    return 1 if len(word) <= 6 else 1 + (len(word) - 3) // 4
