"""Personal data that a model need not see: replaced by marks such as «EMAIL_1» before a prompt leaves, and put back in the reply. Pure.

Hidden are e-mail addresses, phone numbers, numbers of cards and accounts, and street addresses: those that are known of the customer, and
those that look like one (`personal`); and names of people, as the record has them or the customer gave them (`names`). What stands in the
shop's own documents is public and stays, and so do numbers of orders and parcels.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chatbot.fencing import PASSAGE
from chatbot.names import as_written
from chatbot.personal import ADDRESS, CARD, EMAIL, IN_WORDS, NAME, PHONE, SHAPES, is_other
from llm.client import ChatMessage

__all__ = ["ADDRESS", "CARD", "EMAIL", "NAME", "PHONE", "Hidden", "Redaction", "Restorer", "has_mark"]

_KINDS = "|".join(IN_WORDS)
# as a model may spell a mark: «EMAIL_1», <email 1>, [EMAIL\_1], EMAIL-1
_MARK = re.compile(
    rf"[«‹<\[{{]+ ?(?P<kind>{_KINDS})[ _\\-]{{0,3}}(?P<n>\d{{1,3}})(?!\d)(?: ?[»›>\]}}]+)?|\b(?P<bare>{_KINDS})\\?[_-](?P<m>\d{{1,3}})(?!\w)(?: ?[»›>\]}}]+)?",
    re.IGNORECASE,
)


def _beginnings(word: str, then: str) -> str:
    """A regular expression for every beginning of the word, and for the whole word with what may follow."""
    made = then
    for letter in reversed(word):
        made = f"{letter}(?:{made})?"
    return made


_NUMBER_NEXT = r"[ _\\-]{1,3}(?:\d{1,3}(?: ?[»›>\]}]*)?)?|\d{1,3}(?: ?[»›>\]}]*)?"
_BEGUN = "|".join(_beginnings(kind, _NUMBER_NEXT) for kind in IN_WORDS)
_HALF_MARK = re.compile(rf"(?:[«‹<\[{{]+ ?(?:{_BEGUN})?|\b(?:{_BEGUN}))$", re.IGNORECASE)
_LONGEST_MARK = 32  # characters


@dataclass(frozen=True, slots=True)
class Hidden:
    """One value that was replaced. mark: what stands for it; where: in which parts of the prompt it stood."""

    mark: str
    kind: str
    value: str
    where: tuple[str, ...] = ()


class Redaction:
    """What is hidden within one turn: the same value is the same mark in every message."""

    def __init__(
        self,
        known: Mapping[str, str] | None = None,
        *,
        names: Iterable[str] = (),
        keep: Collection[str] = (),
        public: Iterable[str] = (),
    ) -> None:
        """known: values of the customer with their kind. names: words that name a person where they begin with a capital.

        keep: numbers that stay. public: texts that everybody may read.
        """
        values = sorted(((v, kind) for v, kind in (known or {}).items() if len(v) >= 4), key=lambda pair: -len(pair[0]))
        self._known = [(_exactly(value), kind) for value, kind in values]
        self._names = [(as_written(name), NAME) for name in sorted(set(names), key=len, reverse=True)]
        self._keep = {_letters(one) for one in keep}
        self._public = _flat(" | ".join(public))
        self._marks: dict[tuple[str, str], str] = {}  # (kind, value as it compares) → mark
        self._values: dict[str, str] = {}  # "EMAIL_1" → the value as it was written first

    def hide(self, text: str) -> str:
        """The text with marks in place of what is personal. A mark that somebody wrote is none of ours and goes."""
        text = _MARK.sub("…", text)
        for pattern, kind in (*self._known, *SHAPES, *self._names):
            text = pattern.sub(lambda match, kind=kind: self._marked(match, kind), text)  # type: ignore[misc]
        return text

    def hide_all(self, messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
        """The messages as they may leave. The instructions are ours and tell of marks."""
        return tuple(m if m.role == "system" else replace(m, content=self._hide_beside_passages(m.content)) for m in messages)

    def _hide_beside_passages(self, text: str) -> str:
        """As `hide`, without looking for what is personal in what everybody may read, which is most of a prompt."""
        parts = PASSAGE.split(text)
        return "".join(_MARK.sub("…", part) if place % 2 else self.hide(part) for place, part in enumerate(parts))

    def restored(self, text: str, *, since: int = 0) -> str:
        """The text with the values put back; a mark that stands for nothing stays, and is refused by whoever reads it.

        since: where marks may begin; what stands before was told already.
        """
        return _MARK.sub(lambda match: self._value(match) if match.start() >= since else match[0], text)

    def restorer(self) -> "Restorer":
        return Restorer(self)

    def hidden(self, parts: Mapping[str, str]) -> tuple[Hidden, ...]:
        """Everything replaced so far, with the named parts in which it stood."""
        flat = {name: _flat(text) for name, text in parts.items()}
        return tuple(
            Hidden(
                f"«{name}»", IN_WORDS[name.partition("_")[0]], value, tuple(n for n, text in flat.items() if _flat(value) in text)
            )
            for name, value in self._values.items()
        )

    def _marked(self, match: re.Match[str], kind: str) -> str:
        """What was matched with its value replaced: all of it, or what the pattern names "value"."""
        if "value" not in match.re.groupindex:
            return self._mark(match[0], kind)
        start, end = match.start("value") - match.start(), match.end("value") - match.start()
        return f"{match[0][:start]}{self._mark(match['value'], kind)}{match[0][end:]}"

    def _mark(self, written: str, kind: str) -> str:
        if is_other(written, kind) or _letters(written) in self._keep or self._is_public(written):
            return written
        key = (kind, _letters(written))
        if key not in self._marks:
            name = f"{kind}_{sum(known == kind for known, _ in self._marks) + 1}"
            self._marks[key], self._values[name] = f"«{name}»", written
        return self._marks[key]

    def _is_public(self, value: str) -> bool:
        return bool(re.search(rf"(?<!\w){re.escape(_flat(value))}(?!\w)", self._public))

    def _value(self, match: re.Match[str]) -> str:
        name = f"{(match['kind'] or match['bare']).upper()}_{int(match['n'] or match['m'])}"
        return self._values.get(name, match[0])


class Restorer:
    """Puts values back into a text that comes in pieces, also where a mark is split over them."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._held = ""
        self._before = ""  # the letter before: "XEMAIL_1" is no mark wherever it is cut

    def feed(self, piece: str) -> str:
        """What can be told of the text so far: all but a mark that may still be going on."""
        text = self._before + self._held + piece
        half = _HALF_MARK.search(text, max(len(self._before), len(text) - _LONGEST_MARK))
        return self._told(text, half.start() if half else len(text))

    def close(self) -> str:
        text = self._before + self._held
        return self._told(text, len(text))

    def _told(self, text: str, end: int) -> str:
        known = len(self._before)
        ready, self._held = text[:end], text[end:]
        self._before = ready[-1:]
        return self._redaction.restored(ready, since=known)[known:]


def has_mark(text: str) -> bool:
    """Whether a text holds a mark, which no customer is to read."""
    return bool(_MARK.search(text))


def _exactly(value: str) -> re.Pattern[str]:
    """That value in any case and with any blanks between its words."""
    words = r"\s+".join(re.escape(word) for word in value.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
