"""The sentences of a piece of Markdown, as spans into it. Pure, linear in the length of the text.

Used to cut long paragraphs for search and to quote exact sentences in answers. A wrong cut is worse than a missing one: where a
full stop may belong to an abbreviation, the sentence goes on.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from retrieval.blocks import Block, Kind, blocks

WHOLE_ITEM_CHARACTERS = 300  # a list item up to this length is one unit, whatever full stops it has

# The end of a sentence: the mark, what may close behind it (quotes, brackets, emphasis, the rest of a link), then a blank or
# the end. Marks of languages that write without blanks end a sentence anywhere. Possessive, and from the first of several marks
# on: a line of thousands of dots would be tried from every one of them.
_END = re.compile(
    r"""(?<![.!?…؟।])(?P<mark>[.!?…؟।]++)[)"'”’»\]*_]*+(?:\([^()\s]{0,300}\))?+[)"'”’»*_]*+(?=\s|$)|[。！？]++[」』）”]*+"""
)
_LINE_BREAK = re.compile(r"(?:(?<! ) {2,}+|\\)\r?\n")  # Markdown's forced line break
_NEXT_WORD = re.compile(r"""\s*[("'“‘„«\[*_¿¡]*(\w+)?""")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘*_,;:/–—]+$")
_DOTTED = re.compile(r"\w(?:\.\w)+")  # "U.S", "a.m": the last stop is the mark itself


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# never the end of a sentence
_ABBREVIATIONS = _words("mr mrs ms dr prof vs e.g i.e eg ie cf approx incl excl esp resp viz z.b d.h u.a bzw ggf vgl sog zzgl p.ex")
# not the end before a number: "No. 5", but "Is it free? No. You pay"
_BEFORE_NUMBERS = _words("no nos nr art sec sect para paras fig figs ch p pp abs tel ext ca st vol rev")
# the end of a sentence only if what follows cannot go on with it
_MAYBE = _words(
    "inc ltd co corp llc jr sr st dept est min max hr hrs etc am pm usw jan feb mar apr jun jul aug sep sept oct nov dec"
)
_STARTERS = _words(
    "a an the then this that these those it its we our you your they their he she if when while for in on at as after before but "
    "and or so all any each every not please to there here what who how why where which from with without once until unless"
)
_MONTHS = _words("januar februar märz april mai juni juli august september oktober november dezember")


class Unit(StrEnum):
    """What a span is: only a sentence or an item reads well alone; a row needs its table's head."""

    SENTENCE = "sentence"
    ITEM = "item"
    TABLE_HEAD = "table head"
    TABLE_ROW = "table row"
    HEADING = "heading"
    CODE = "code"


class Span(NamedTuple):
    start: int
    end: int
    unit: Unit


_UNITS = {
    Kind.TABLE_HEAD: Unit.TABLE_HEAD,
    Kind.TABLE_ROW: Unit.TABLE_ROW,
    Kind.HEADING: Unit.HEADING,
    Kind.CODE: Unit.CODE,
}


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of all sentences, items and rows in reading order; text[start:end] has no blanks around it.

    Marks ("-", "3.", "##", the rule under a table head, page marks) are in no span; every other word is in exactly one.
    """
    return [(span.start, span.end) for span in units(text)]


def units(text: str) -> list[Span]:
    """Like `sentences`, with what each span is."""
    found: list[Span] = []
    for block in blocks(text):
        if block.kind is Kind.TEXT or (block.kind is Kind.ITEM and block.end - block.body > WHOLE_ITEM_CHARACTERS):
            found.extend(Span(start, end, Unit.SENTENCE) for start, end in split_paragraph(text, block.body, block.end))
        elif block.kind is Kind.ITEM:
            found.append(_trimmed(text, block.body, block.end, Unit.ITEM))
        elif block.kind in _UNITS:
            found.append(_trimmed(text, block.body, block.end_of_body, _UNITS[block.kind]))
    return [span for span in found if span.start < span.end]


def _trimmed(text: str, start: int, end: int, unit: Unit) -> Span:
    """The span without blanks around it."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return Span(start, start + len(text[start:end].rstrip()), unit)


def block_sentences(text: str, block: Block) -> list[tuple[int, int]]:
    """Spans of the sentences of one paragraph or item, its mark included in the first."""
    spans = list(split_paragraph(text, block.body, block.end))
    return [(block.start, spans[0][1]), *spans[1:]] if spans else [(block.start, block.end)]


def split_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences in text[start:end], which is one paragraph."""
    begin = start
    for cut in sorted({*_sentence_ends(text, start, end), *_line_breaks(text, start, end), end}):
        span = _trimmed(text, begin, cut, Unit.SENTENCE)
        if span.start < span.end:
            yield span.start, span.end
        begin = cut


def _line_breaks(text: str, start: int, end: int) -> Iterator[int]:
    return (found.start() for found in _LINE_BREAK.finditer(text, start, end))


def _sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    for found in _END.finditer(text, start, end):
        if found["mark"] is None or _ends_here(text, start, found, end):
            yield found.end()


def _ends_here(text: str, start: int, found: re.Match[str], end: int) -> bool:
    """Whether a mark followed by a blank ends the sentence."""
    following = _NEXT_WORD.match(text, found.end(), end)
    next_word = following[1] if following else None
    if following and following.end() >= end and next_word is None:
        return True
    if next_word is not None and next_word[0].islower():
        return False  # "Yahoo! is", "approx. two", "... and then"
    if found["mark"] != ".":
        return True
    before = _LAST_WORD.search(text, max(start, found.start() - 40), found.start())
    if before is None:
        return True
    word = before[0].lower()
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
        return False  # one letter: an initial ("J. Smith") or half of "z. B."
    if next_word is not None and next_word[0].isdigit() and word in _BEFORE_NUMBERS:
        return False
    if word.isdigit() and next_word is not None and next_word.lower() in _MONTHS:
        return False  # "am 14. November"
    if word in _MAYBE or _DOTTED.fullmatch(word):
        return next_word is not None and next_word.lower() in _STARTERS
    return True
