"""A streamed text cut into sentences as they become whole. Pure.

A sentence ends at its full stop, at a line end, and before the next list item. Full stops in decimals, dates, abbreviations, times and
addresses end nothing. Citation marks that follow a sentence belong to it.
"""

import re
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from chatbot.grounding.datewords import MONTHS, alternatives

LONGEST_WORD = 24  # characters before a stop that are looked at
LONGEST = 2000  # characters; a longer sentence is cut where it stands, so that memory stays flat

# before a capital too; "etc." or "p.m." may end a sentence, and do so before one
_NEVER_LAST = "e.g i.e mr mrs ms dr prof st vs approx ca cf incl inkl excl max min tel abs art bzw z.b d.h u.a ggf evtl usw str dept est fig ext"
_ABBREVIATIONS = frozenset(_NEVER_LAST.split())
_MAY_END = frozenset({"etc", "a.m", "p.m", "am", "pm", "u.s", "u.k", "inc", "ltd", "co", "jr", "sr"})
_STOP = re.compile(r"[.!?…]+[\"'”’»)\]*_]*|[。！？]")
_MARKS = re.compile(r"(?:[ \t]*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])*[.]?")
_HALF_MARK = re.compile(r"[ \t]*(?:\[[\d,\s]*)?$")
_BLANKS = re.compile(r"\s+")
_HALF_WORD = re.compile(r"\s+[^\W\d_]*")
_INITIALS = re.compile(r"[a-z]|(?:[a-z]\.)+[a-z]")
_LIST_NUMBER = re.compile(r"^\s*\d{1,3}\.$")
_MONTH_NEXT = re.compile(rf"\s+(?:{alternatives(MONTHS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StreamedSentence:
    """One sentence without the blanks around it. starts_block: it begins a paragraph, a heading or what follows one."""

    text: str
    starts_block: bool


class SentenceStream:
    """Takes pieces of a text as they come, gives whole sentences. The same text gives the same sentences however it is cut."""

    def __init__(self) -> None:
        self._pending = ""
        self._searched = 0  # up to here no sentence ends
        self._starts_block = True

    def feed(self, piece: str) -> list[StreamedSentence]:
        """The sentences that this piece completes."""
        self._pending += piece.replace("\r\n", "\n").replace("\r", "\n")
        return self._take(at_end=False)

    def close(self) -> list[StreamedSentence]:
        """What is left, whole or not."""
        return self._take(at_end=True)

    def _take(self, *, at_end: bool) -> list[StreamedSentence]:
        found: list[StreamedSentence] = []
        while True:
            end, self._searched = _sentence_end(self._pending, self._searched, at_end=at_end)
            if end is None:
                break
            raw, self._pending, self._searched = self._pending[:end], self._pending[end:], 0
            self._add(raw, found)
        if at_end:
            raw, self._pending = self._pending, ""
            self._add(raw, found)
        return found

    def _add(self, raw: str, found: list[StreamedSentence]) -> None:
        text = raw.strip()
        if not text:
            self._starts_block = self._starts_block or "\n" in raw  # a blank line: its own line end came with the line before
            return
        is_heading = text.startswith("#")
        found.append(StreamedSentence(text, self._starts_block or is_heading))
        self._starts_block = is_heading


def _sentence_end(text: str, searched: int, *, at_end: bool) -> tuple[int | None, int]:
    """Where the first whole sentence ends, the line end or the marks behind it included, None while it cannot be known;
    and how far the text is known to hold no end, to be handed in again."""
    line_end = text.find("\n")
    line = text if line_end < 0 else text[: line_end + 1]
    open_end = line_end < 0 and not at_end
    for stop in _STOP.finditer(line, searched):
        if not _ends_here(line, stop):
            searched = stop.end() if stop.end() < len(line) else searched  # at the very end it may still grow
            continue
        marks = _MARKS.match(line, stop.end())
        finish = marks.end() if marks else stop.end()
        rest = line[finish:]
        if not rest or _HALF_MARK.fullmatch(rest):
            if open_end:
                return None, stop.start()  # a citation may follow
            continue
        if line_end >= 0 and not rest.strip():
            break
        if stop[0] in "。！？" or rest[0].isspace():
            # the case of the next word decides, and after a number whether it is a month
            unknown = _HALF_WORD if line[stop.start() - 1 : stop.start()].isdigit() else _BLANKS
            if open_end and unknown.fullmatch(rest):
                return None, stop.start()
            if not _goes_on(line, stop, rest):
                return finish, 0
        searched = stop.end()
    if line_end >= 0:
        return line_end + 1, 0
    return (LONGEST if len(text) > LONGEST else None), searched


def _ends_here(line: str, stop: re.Match[str]) -> bool:
    """Whether a stop can end a sentence by what stands before it."""
    if stop[0][0] != ".":
        return True
    if stop.start() < LONGEST_WORD and _LIST_NUMBER.match(line[: stop.start() + 1]):
        return False
    before = _word_before(line, stop)
    return (before not in _ABBREVIATIONS and not _INITIALS.fullmatch(before)) or before in _MAY_END


def _goes_on(line: str, stop: re.Match[str], rest: str) -> bool:
    """Whether what follows shows that the sentence goes on: a small letter, or the month after "24."."""
    following = rest[:LONGEST_WORD].lstrip()[:1]
    if stop[0] == ".":
        before = _word_before(line, stop)
        if before.isdigit() and len(before) <= 2 and _MONTH_NEXT.match(rest):
            return True
        if before in _MAY_END:
            return not following.isupper()
        if before in ("no", "nr", "nos"):
            return following.isdigit()
    return stop[0][0] in ".…" and following.islower()


def _word_before(line: str, stop: re.Match[str]) -> str:
    """The word that ends at the stop, in lower case and without opening marks. Only so much is looked at as a short word needs."""
    parts = line[max(0, stop.start() - LONGEST_WORD) : stop.start()].split()
    return parts[-1].lstrip("([\"“„'‘*_").lower() if parts and not line[stop.start() - 1].isspace() else ""


async def sentences_of_stream(pieces: AsyncIterable[str]) -> AsyncIterator[StreamedSentence]:
    """Yield the sentences of a text that comes in pieces, each as soon as it is whole."""
    stream = SentenceStream()
    async for piece in pieces:
        for sentence in stream.feed(piece):
            yield sentence
    for sentence in stream.close():
        yield sentence
