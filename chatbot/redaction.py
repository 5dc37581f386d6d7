"""Personal data that a model need not see: replaced by marks such as «EMAIL_1» before a prompt leaves, and put back in the reply. Pure.

Hidden are e-mail addresses, phone and card numbers, and street addresses: those that are known of the customer, and those that look like
one. What stands in the shop's own documents is public and stays, and so do numbers of orders and parcels.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chatbot.streets import STREETS
from llm.client import ChatMessage

EMAIL, PHONE, CARD, ADDRESS = "EMAIL", "PHONE", "CARD", "ADDRESS"
IN_WORDS = {EMAIL: "e-mail address", PHONE: "phone number", CARD: "card number", ADDRESS: "street address"}

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"(?<![\w#])\d(?:[ -]?\d){12,18}(?![\w])")
_PHONE = re.compile(
    r"(?<![\w.,#/-])(?:\+\d|\(0?\d{1,4}\)|0\d)[\d ()/.-]{5,17}\d(?![\w-])|(?<![\w.,-])\d{3}[-. ]\d{3}[-. ]\d{4}(?!\w)"
    r"|(?<=\bphone )\d[\d -]{5,14}\d\b|(?<=\bmobile )\d[\d -]{5,14}\d\b|(?<=\bcall me on )\d[\d -]{5,14}\d\b|(?<=\bcall me at )\d[\d -]{5,14}\d\b"
)
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}")
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

    def __init__(self, known: Mapping[str, str] | None = None, *, keep: Collection[str] = (), public: Iterable[str] = ()) -> None:
        """known: values of the customer with their kind. keep: numbers that stay. public: texts that everybody may read."""
        values = sorted(((v, kind) for v, kind in (known or {}).items() if len(v) >= 4), key=lambda pair: -len(pair[0]))
        self._known = [(_exactly(value), kind) for value, kind in values]
        self._keep = {_letters(one) for one in keep}
        self._public = _flat(" | ".join(public))
        self._marks: dict[tuple[str, str], str] = {}  # (kind, value as it compares) → mark
        self._values: dict[str, str] = {}  # "EMAIL_1" → the value as it was written first

    def hide(self, text: str) -> str:
        """The text with marks in place of what is personal. A mark that somebody wrote is none of ours and goes."""
        text = _MARK.sub("…", text)
        for pattern, kind in (*self._known, (_EMAIL, EMAIL), (_CARD, CARD), (_PHONE, PHONE), *((p, ADDRESS) for p in STREETS)):
            text = pattern.sub(lambda match, kind=kind: self._mark(match[0], kind), text)  # type: ignore[misc]
        return text

    def hide_all(self, messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
        """The messages as they may leave. The instructions are ours and tell of marks."""
        return tuple(m if m.role == "system" else replace(m, content=self.hide(m.content)) for m in messages)

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

    def _mark(self, written: str, kind: str) -> str:
        if _stays(written, kind) or _letters(written) in self._keep or self._is_public(written):
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


def _stays(written: str, kind: str) -> bool:
    """Whether what looks like a kind of personal data is something else: a day, a number too short, a card number that cannot be one."""
    digits = [int(c) for c in written if c.isdigit()]
    if kind == CARD:
        return digits[0] not in (2, 3, 4, 5, 6) or not _passes_luhn(digits)
    return kind == PHONE and (not 7 <= len(digits) <= 15 or bool(_DATE.fullmatch(written.strip())))


def _passes_luhn(digits: Sequence[int]) -> bool:
    doubled = (d if place % 2 == 0 else d * 2 - 9 * (d > 4) for place, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _exactly(value: str) -> re.Pattern[str]:
    """That value in any case and with any blanks between its words."""
    words = r"\s+".join(re.escape(word) for word in value.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())
