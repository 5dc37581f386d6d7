"""What changed between two versions of a text, block by block and word by word, for people to read. Pure; plain words, no markup."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

from retrieval.plaintext import plain

WORDS_COMPARED = 1500  # of a block: beyond that it is shown as taken out and put in
PAIRS_COMPARED = 3_000_000  # of equal words in two blocks, in all, which takes a second or so; then blocks are shown the same way
BLOCKS_COMPARED = 4000  # of what is between the common beginning and end; beyond that frequent blocks are no landmarks
ALIKE = 0.4  # share of words that two blocks have in common to be one block that was changed
CONTEXT = 1  # unchanged blocks shown on either side of a change


class Change(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    SKIPPED = "skipped"  # unchanged blocks that are not shown; `skipped` says how many


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words. change: same, added or removed."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A block before and after; () where there is none. is_heading: of the block that is there."""

    change: Change
    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()
    is_heading: bool = False
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """rows in reading order; how many blocks were added, removed and changed."""

    rows: tuple[Row, ...]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())


def difference(before: str, after: str) -> Difference:
    """Compare two Markdown texts. Marks, line breaks and blanks do not count, words do."""
    rows = list(_rows(_blocks(before), _blocks(after)))
    counted = {change.value: sum(row.change is change for row in rows) for change in (Change.ADDED, Change.REMOVED, Change.CHANGED)}
    return Difference(tuple(_shortened(rows)), counted)


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    is_heading: bool = False


_GAP = re.compile(r"\n[ \t]*\n")
_PAGE_MARK = re.compile(r"<!--\s*page\s+\d{1,6}\s*-->")
_OF_LINES = re.compile(r"^[ \t]*(?:[-*+•]\s|\||\d{1,9}[.)]\s)", re.MULTILINE)  # a list or a table: each line is a block
_WORD = re.compile(r"\S+\s*")


def _blocks(markdown: str) -> list[_Block]:
    found = []
    for part in _GAP.split(_PAGE_MARK.sub("", markdown)):
        for line in part.split("\n") if _OF_LINES.search(part) or part.lstrip().startswith("#") else [part]:
            if text := plain(re.sub(r"^\s*#{1,6}\s+", "", line)):
                found.append(_Block(text, line.lstrip().startswith("#")))
    return found


def _rows(before: Sequence[_Block], after: Sequence[_Block]) -> Iterator[Row]:
    large = max(len(before), len(after)) > BLOCKS_COMPARED
    matcher = SequenceMatcher(None, [b.text for b in before], [b.text for b in after], autojunk=large)
    patience = _Patience()
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            yield from (_same(block) for block in after[b1:b2])
        else:
            yield from _exchanged(before[a1:a2], after[b1:b2], patience)


class _Patience:
    """What may still be compared word by word. Texts come from anywhere: a page of two words over and over would take minutes."""

    def __init__(self) -> None:
        self._left = PAIRS_COMPARED

    def is_enough_for(self, one: Sequence[str], other: Sequence[str]) -> bool:
        """Whether two blocks may be compared; it counts."""
        there = Counter(other)
        self._left -= sum(there[word] for word in one) if self._left > 0 else 0
        return self._left > 0


def _exchanged(before: Sequence[_Block], after: Sequence[_Block], patience: _Patience) -> Iterator[Row]:
    """Blocks that took the place of others: those that are alike beside each other, in order; the rest taken out or put in."""
    start = 0
    for place, block in enumerate(after):
        found = next((i for i in range(start, min(start + 20, len(before))) if _alike(before[i].text, block.text)), None)
        if found is None and len(before) - start == len(after) - place:  # one for one, whatever they say
            yield _replaced(before[start], block)
            start += 1
            continue
        if found is None:
            yield _added(block)
            continue
        yield from map(_removed, before[start:found])
        yield _changed(before[found], block, patience)
        start = found + 1
    yield from map(_removed, before[start:])


def _alike(one: str, other: str) -> bool:
    a, b = _words_of(one), _words_of(other)
    return len(a & b) >= ALIKE * max(len(a), len(b))


@lru_cache(maxsize=64)  # a block is held against twenty others
def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


def _changed(before: _Block, after: _Block, patience: _Patience) -> Row:
    a, b = _WORD.findall(before.text), _WORD.findall(after.text)
    one, other = [word.strip() for word in a], [word.strip() for word in b]
    if max(len(a), len(b)) > WORDS_COMPARED or not patience.is_enough_for(one, other):
        return _replaced(before, after)
    old: list[Part] = []
    new: list[Part] = []
    stripped = SequenceMatcher(None, one, other, autojunk=False)
    for kind, a1, a2, b1, b2 in stripped.get_opcodes():
        if a2 > a1:
            old.append(Part(Change.SAME if kind == "equal" else Change.REMOVED, "".join(a[a1:a2])))
        if b2 > b1:
            new.append(Part(Change.SAME if kind == "equal" else Change.ADDED, "".join(b[b1:b2])))
    return Row(Change.CHANGED, tuple(old), tuple(new), after.is_heading)


def _replaced(before: _Block, after: _Block) -> Row:
    return Row(Change.CHANGED, (Part(Change.REMOVED, before.text),), (Part(Change.ADDED, after.text),), after.is_heading)


def _same(block: _Block) -> Row:
    parts = (Part(Change.SAME, block.text),)
    return Row(Change.SAME, parts, parts, block.is_heading)


def _added(block: _Block) -> Row:
    return Row(Change.ADDED, (), (Part(Change.ADDED, block.text),), block.is_heading)


def _removed(block: _Block) -> Row:
    return Row(Change.REMOVED, (Part(Change.REMOVED, block.text),), (), block.is_heading)


def _shortened(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows without the unchanged ones that are far from any change; the heading nearest above a change stays in sight."""
    shown: set[int] = set()
    heading: int | None = None
    for place, row in enumerate(rows):
        if row.is_heading:
            heading = place
        if row.change is not Change.SAME:
            shown |= {*range(max(place - CONTEXT, 0), min(place + CONTEXT, len(rows) - 1) + 1)}
            shown |= {heading} if heading is not None else set()
    hidden = 0
    for place, row in enumerate(rows):
        if place in shown:
            if hidden:
                yield Row(Change.SKIPPED, skipped=hidden)
            hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield Row(Change.SKIPPED, skipped=hidden)
