"""Rows of tables and lists: a value that belongs to one thing must not be told of another. Pure.

"Norway costs $6.95" is made of words and values of one passage and still wrong, if $6.95 stands in Germany's row. So a passage is read
as groups of rows, each with what it is about: the first cell of a table's row, or what stands before the colon or dash of a list item.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.support import Source, supports, values_of
from chatbot.grounding.vocabulary import content_words

_TABLE_ROW = re.compile(r"^\s*\|(?P<cells>.+)\|\s*$")
_RULE = re.compile(r"^[\s|:-]+$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+\**(?P<about>[^:–—|]{2,60}?)\**\s*(?::| [–—-] )\s*(?P<rest>\S.*)$")
_ENDS = re.compile(r"(?<=[.!?;])\s+")
FEWEST_ALIKE = 2  # words that a line shares with a sentence about another row
_CLAUSES = re.compile(r"[;]|,(?!\s*\d)|\b(?:and|but|while|whereas|und|aber|et|mais|y|pero|e|ma|en|maar)\b", re.IGNORECASE)
# what a row may give a value for; ids and addresses are one thing wherever they stand
_VALUES = frozenset({Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.NUMBER, Kind.DATE, Kind.TIME})


@dataclass(frozen=True, slots=True)
class Row:
    """about: the stems of what the row is about; text: its values. cells: of a table, each under the stems of its column's head."""

    about: frozenset[str]
    text: Source
    cells: tuple[tuple[frozenset[str], Source], ...] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """A text as groups of rows, and what stands outside of them."""

    groups: tuple[tuple[Row, ...], ...]
    outside: Source


def on_another_row(sentence: str, passage: Source, *, today: date) -> frozenset[str]:
    """The values of a sentence, as written, that the passage has only for other things than those the sentence speaks of."""
    laid = _laid(passage.text)
    if not laid.groups:
        return frozenset()
    wrong: set[str] = set()
    named: tuple[tuple[Row, ...], ...] = ((),) * len(laid.groups)
    for clause in _CLAUSES.split(sentence):
        said = content_words(clause)
        here = tuple(_named(group, said) for group in laid.groups)
        named = tuple(new or old for new, old in zip(here, named, strict=True))  # "… and costs $5" goes on about the same row
        for claim in claims_in(clause):
            if claim.kind in _VALUES and _is_in_another_column(claim, clause, said, named, today):
                wrong |= {claim.text}
            if claim.kind in _VALUES and not supports(claim, laid.outside, today=today, sentence=clause):
                wrong |= {claim.text} if _is_elsewhere(claim, clause, laid, named, today) else set()
    return frozenset(wrong)


def tells_of_another_row(sentence: str, passages: Sequence[Source]) -> bool:
    """Whether a sentence names a row, and the line that is closest to it speaks of another row of that table or list instead.

    "Parcels to Denmark may be subject to duties", where that is said of Iceland and both have a row.
    """
    said = content_words(sentence)
    lines = [content_words(line) for passage in passages for line in passage.text.splitlines()[2:] for line in _ENDS.split(line)]
    best = max((len(said & line) for line in lines), default=0)
    if best < FEWEST_ALIKE:
        return False
    closest = [line for line in lines if len(said & line) == best]
    for passage in passages:
        for group in _laid(passage.text).groups:
            named = [row.about for row in group if row.about and row.about <= said]
            others = [row.about for row in group if row.about and not row.about <= said]
            if named and all(any(row <= line for row in others) and not any(row <= line for row in named) for line in closest):
                return True
    return False


def _is_in_another_column(claim: Claim, clause: str, said: frozenset[str], named: tuple[tuple[Row, ...], ...], today: date) -> bool:
    """Whether the rows that are spoken of have the value only under other columns than one whose head is spoken of too."""
    cells = [cell for rows in named for row in rows for cell in row.cells]
    holding = [head for head, text in cells if supports(claim, text, today=today, sentence=clause)]
    meant = [head for head, text in cells if head & said and text.claims.get(claim.kind)]
    return bool(holding) and bool(meant) and not any(head & said for head in holding)


def _is_elsewhere(claim: Claim, clause: str, laid: Laid, named: tuple[tuple[Row, ...], ...], today: date) -> bool:
    """Whether a group of which rows are named has the value in other rows only, and no other group has it."""
    held_elsewhere = False
    for group, rows in zip(laid.groups, named, strict=True):
        has = [row for row in group if supports(claim, row.text, today=today, sentence=clause)]
        if not has:
            continue
        if not rows or any(row in rows for row in has):
            return False
        held_elsewhere = True
    return held_elsewhere


def _named(group: tuple[Row, ...], said: frozenset[str]) -> tuple[Row, ...]:
    """The rows that a clause speaks of; of "Norway" and "Norway islands" the one whose words are all there and most."""
    hits = [row for row in group if row.about and row.about <= said]
    return tuple(row for row in hits if not any(row.about < other.about for other in hits))


@lru_cache(maxsize=256)  # the passages of a turn are asked for every sentence
def _laid(text: str) -> Laid:
    groups: list[list[Row]] = []
    outside: list[str] = []
    running = False
    heads: tuple[frozenset[str], ...] = ()
    for line, is_header in _lines(text):
        row = None if is_header else _row(line, heads)
        if row is None:
            heads = _heads(line) if is_header and not _RULE.match(line) else heads if is_header else ()
            outside.append("" if _RULE.match(line) else line)
            running = running and is_header
            continue
        if not running:
            groups.append([])
        groups[-1].append(row)
        running = True
    kept = tuple(tuple(_in_its_days(row, text) for row in group) for group in groups if len(group) > 1)
    alone = [row.text.text for group in groups if len(group) == 1 for row in group]  # one row mixes with nothing
    return Laid(kept, values_of("\n".join([*outside, *alone])))


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Each line with whether it is a table's header or the rule under it."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        rule_next = at + 1 < len(lines) and "-" in lines[at + 1] and "|" in lines[at + 1] and bool(_RULE.match(lines[at + 1]))
        yield line, rule_next or (bool(_RULE.match(line)) and "|" in line)


def _in_its_days(row: Row, text: str) -> Row:
    """The row, with what is said beside it: that its days are business days."""
    return replace(row, text=values_of(f"{row.text.text}\n(business days)")) if "business day" in text.lower() else row


def _heads(line: str) -> tuple[frozenset[str], ...]:
    """What tells each column of a table from the others: the stems of its head that no other head has."""
    cells = [content_words(cell) for cell in line.strip().strip("|").split("|")]
    return tuple(head - frozenset[str]().union(*(other for other in cells if other is not head)) for head in cells)


def _row(line: str, heads: tuple[frozenset[str], ...]) -> Row | None:
    if match := _TABLE_ROW.match(line):
        first, _, rest = match["cells"].partition("|")
        texts = match["cells"].split("|")[1:]
        cells = tuple((head, values_of(text)) for head, text in zip(heads[1:], texts, strict=False))
        return Row(content_words(first), values_of(line), cells) if rest.strip() else None
    if match := _ITEM.match(line):
        return Row(content_words(match["about"]), values_of(line))
    return None
