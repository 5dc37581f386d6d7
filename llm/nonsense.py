"""Replies that are not quite an answer: halves of characters, thoughts spoken aloud, and a model caught in a loop. Pure."""

import re

_TAIL = 8  # characters; fewer than the shortest loop has
_OPEN, _CLOSE = "<think>", "</think>"
_HALF = re.compile("[\ud800-\udfff]")


class HalfCharacters:
    """Joins what belongs together: servers written in JavaScript cut an emoji into two halves, and send each in a piece of its own."""

    def __init__(self) -> None:
        self._half = ""

    def joined(self, piece: str) -> str:
        """The piece with the half before it; a half at its end waits, and one that finds no other is dropped."""
        if not self._half and not _HALF.search(piece):
            return piece
        text = self._half + piece
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return text[: len(text) - len(self._half)].encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


class ThoughtFilter:
    """Drops a leading <think>…</think> block, which some local models send as part of an answer, and blanks before the answer.

    is_aloud: a thought ended that had never begun, so all that was said before it was one. Servers that put <think> into the prompt
    send such replies.
    """

    def __init__(self) -> None:
        self.is_aloud = False
        self._held = ""
        self._state = "start"  # then perhaps "thinking", then "answer"

    def feed(self, piece: str) -> str:
        """The part of the text so far that may be shown; "" while it is not known or is a thought."""
        if self._state == "answer":
            return self._answered(piece)
        self._held += piece
        if self._state == "thinking":
            _, closed, rest = self._held.partition(_CLOSE)
            if not closed:
                self._held = self._held[-len(_CLOSE) :]  # a thought may be long; only a half end mark matters
                return ""
            self._state, self._held = "start", rest
        begun = self._held = self._held.lstrip()  # blanks may go on for long
        if begun.startswith(_OPEN):
            self._state, self._held = "thinking", ""
            return self.feed(begun.removeprefix(_OPEN))
        if _OPEN.startswith(begun):
            return ""
        self._state, self._held = "answer", ""
        return self._answered(begun)

    def close(self) -> str:
        """What was held back because it looked like the start of a thought."""
        return self._held if self._state == "start" else ""

    def _answered(self, piece: str) -> str:
        seen = self._held + piece
        self.is_aloud = self.is_aloud or _CLOSE in seen
        self._held = seen[1 - len(_CLOSE) :]  # half an end mark
        return piece


class LoopDetector:
    """Tells when the end of a text says one thing over and over.

    Looks at the newest characters only, so a long text costs no more than a short one.
    """

    WINDOW, STEP = 1200, 60  # characters
    SHORTEST_LOOP, TIMES = 60, 4  # said four times and over 60 characters, so "ha ha ha" passes

    def __init__(self) -> None:
        self._tail = ""
        self._unchecked = 0

    def is_looping(self, piece: str) -> bool:
        """Take the next piece; whether the text now ends in a loop."""
        self._tail = (self._tail + piece)[-self.WINDOW :]
        self._unchecked += len(piece)
        if self._unchecked < self.STEP:
            return False
        self._unchecked = 0
        return ends_in_loop(self._tail, times=self.TIMES, shortest=self.SHORTEST_LOOP)


def ends_in_loop(text: str, *, times: int, shortest: int) -> bool:
    """Whether the text ends with one unit of letters repeated at least `times` over at least `shortest` characters.

    A loop holds its own last characters once more, one unit earlier, so only such distances are looked at: in an ordinary text few.
    """
    tail = text[-_TAIL:]
    if len(tail) < _TAIL:
        return False
    at = text.rfind(tail, 0, len(text) - 1)
    while at >= 0:
        unit = len(text) - len(tail) - at
        if unit * times > len(text):
            return False
        repeats = max(times, -(-shortest // unit))
        last = text[-unit:]
        if unit * repeats <= len(text) and any(c.isalnum() for c in last) and text.endswith(last * repeats):
            return True
        at = text.rfind(tail, 0, at + len(tail) - 1)
    return False
