"""Markup that a model may not send: taken out where that is safe, refused where it is not. Pure."""

import re
from html import unescape
from typing import Protocol

from chatbot.fencing import visible
from chatbot.grounding.claims import CITATION, citations_in
from chatbot.grounding.readers import plain_link

_IMAGE = re.compile(r"!\[([^\]]*)\]\s*(?:\([^)]*\)|\[[^\]]*\])")
_DEFINITION = re.compile(r"^[ \t]*\[[^\]]+\]:\s*\S.*$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\[]*)\]\(\s*<?((?:[^()\s>]|\([^()\s]*\))*)>?(?:[^()]|\([^()]*\))*\)")
_AUTOLINK = re.compile(r"<(https?://[^\s<>]*)>", re.IGNORECASE)
_REFERENCE_LINK = re.compile(r"\[([^\]\[]*[^\]\[\d,\s][^\]\[]*)\]\[[^\]]*\]")
_HTML = re.compile(r"<!--.*?(?:-->|$)|</?[A-Za-z][^>]*(?:>|$)|<[!?][^>]*>", re.DOTALL)
_SCRIPT = re.compile(r"\b(?:javascript|vbscript|data):\S", re.IGNORECASE)
_ROUND = re.compile(r"(^\s*|[^\s\d].*\s|[.!?])\((\d{1,2}(?:, ?\d{1,2})*)\)([.!?]?\s*)$", re.DOTALL)
_END = re.compile(r"(\s*)$")


class Known(Protocol):
    """What is known of the evidence: which citation numbers exist and which links may be shown."""

    @property
    def numbers(self) -> frozenset[int]: ...
    @property
    def links(self) -> frozenset[str]: ...


def cleaned(text: str, known: Known) -> str:
    """The text without images, HTML, link definitions, unknown citations, and links that are not in the evidence (their words stay).

    Characters that nobody sees go too, and those written as entities are written out: what is judged is what will be read.
    """
    text = _AUTOLINK.sub(r"\1", visible(unescape(text)))
    made = _DEFINITION.sub("", _HTML.sub("", _IMAGE.sub("", text)))
    made = _REFERENCE_LINK.sub(r"\1", made)
    made = _LINK.sub(lambda m: f"[{m[1]}]({m[2]})" if plain_link(m[2]) in known.links else m[1], made)
    return strip_unknown_citations(_in_brackets(made), known.numbers)


def _in_brackets(text: str) -> str:
    """The text with a number in round brackets at its end as the citation it is meant for: "14 days (1)." is "14 days [1]."."""
    return _ROUND.sub(r"\1[\2]\3", text)


_WIDE = {0xFF01 + n: 0x21 + n for n in range(94)}  # "．" is read as "."
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ESCAPED_MARK = re.compile(r"\\[*_]")  # shown as it is
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)")


def as_read(text: str) -> str:
    """The text as it is read when it is shown: without the marks of emphasis and escapes, so that "4**5** days" is "45 days"."""
    text = text.translate(_WIDE)
    return _EMPHASIS.sub("", _ESCAPE.sub(r"\1", _ESCAPED_MARK.sub("∗", text)))


def strip_unknown_citations(text: str, numbers: frozenset[int]) -> str:
    """The text with only those citation numbers that exist; a mark that loses all its numbers goes with the space before it."""

    def kept(match: re.Match[str]) -> str:
        good = [n for n in citations_in(match[0]) if n in numbers]
        return f"{match[1]}[{', '.join(map(str, good))}]" if good else ""

    return re.sub(rf"(\s*){CITATION.pattern}", kept, text)


def with_citations(sentence: str, numbers: tuple[int, ...]) -> str:
    """The sentence with exactly these citations; unchanged if it has them already, else they stand at its end."""
    if set(citations_in(sentence)) == set(numbers):
        return sentence
    bare = re.sub(rf"[ \t]*{CITATION.pattern}", "", sentence)
    if not numbers:
        return bare
    space = _END.search(bare)
    end = space[1] if space else ""
    return f"{bare[: len(bare) - len(end)]} {''.join(f'[{n}]' for n in numbers)}{end}"


def has_markup(text: str) -> str:
    """The first piece of markup that may not be shown; "" if there is none. Markdown links are judged as links, not here."""
    for pattern in (_IMAGE, _HTML, _DEFINITION, _SCRIPT):
        if match := pattern.search(text):
            return match[0][:60]
    return ""
