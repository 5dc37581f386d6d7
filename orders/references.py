"""Order numbers in free text, for any shop's format. Pure.

A shop's formats are learned from its own numbers (`learn`), so nothing here knows one shop. A number is compared by its key:
upper-case letters and digits, no signs or spaces, so "#w 2378156" and "W-2378156" are one.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from orders.reference_context import (
    Cue,
    cue_before,
    is_date,
    is_house_number,
    is_money,
    is_other_number,
    is_part_of_a_name,
    is_quantity,
    is_year,
    is_zip,
    masked,
)

MAX_REFERENCES = 50  # in one text; more is not a question
MAX_KEY = 64
_TOKEN = re.compile(r"[^\W_]+(?:[-_/.‐-―−][^\W_]+)*")
_RUN = re.compile(r"[A-Z]+|[0-9]+|[^A-Z0-9]+")
_GAP = re.compile(r" ?[#-]? ?")  # what may stand inside a number that was written in groups
_LIST = re.compile(r"\s*(?:,|;|&|\+|/|and|or|,\s*and|,\s*or|und|et|y|)\s*#?\s*", re.IGNORECASE)
_GLUED = re.compile(r"(?i)(?:orders?|ord|no|nr)[-_/.]?(?=[^\W_]*\d)")
_TRACKING = re.compile(
    r"1Z[0-9A-Z]{16}|TBA\d{10,14}|[A-Z]{2}\d{9}[A-Z]{2}|J[A-Z]{2,3}\d{10,20}|9[1-5]\d{18,24}|\d{20,26}|00\d{18}|1LS\d{12}|C\d{14}"
)
_LOOK_ALIKE = str.maketrans("OQIL", "0011")
_MIXED_FROM = 4  # forms
_LONGEST_PREFIX = 5  # letters
_ANY_FORM_ABOVE = 24  # more different forms than this: the shop's numbers are random letters and digits


def key_of(number: str) -> str:
    """Return the letters and digits of a number in upper case, without signs and spaces; "" if it has none."""
    if number.isascii():
        return "".join(c for c in number.upper() if c.isalnum())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).upper())
    kept = (c for c in folded if c.isalnum())
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept)


def digits_of(number: str) -> str:
    """Return the decimal digits of a number, in order."""
    return "".join(c for c in key_of(number) if c.isascii() and c.isdigit())


def runs_of(key: str) -> str:
    """Return the run lengths of a key: "W2378156" is "L1D7"."""
    return "".join(f"{'D' if run[0].isdigit() else 'L'}{len(run)}" for run in _RUN.findall(key))


@dataclass(frozen=True, slots=True)
class Form:
    """One format of a shop's numbers. letters: the letters that occur in it ("W"), empty when they vary from order to order."""

    runs: str
    letters: frozenset[str] = frozenset()

    @property
    def digits(self) -> int:
        """How many digits a number of this form has."""
        return sum(int(n) for n in re.findall(r"D(\d+)", self.runs))

    def prefixes(self) -> set[str]:
        """The letters a number may begin with when they are always the same."""
        first = re.match(r"L(\d+)", self.runs)
        return {letters[: int(first[1])] for letters in self.letters} if first else set()


@dataclass(frozen=True, slots=True)
class Shapes:
    """The formats of one shop's order numbers. lengths: for shops whose numbers mix letters and digits at random."""

    forms: tuple[Form, ...] = ()
    lengths: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not self.forms and not self.lengths

    def match(self, key: str) -> bool:
        """Whether a key has a format of this shop."""
        if len(key) in self.lengths:
            return True
        runs = runs_of(key)
        return any(f.runs == runs and (not f.letters or _letters(key) in f.letters) for f in self.forms)

    def has_words(self) -> bool:
        """Whether a number of this shop may be letters alone."""
        return bool(self.lengths) or any(not f.digits for f in self.forms)

    def match_digits(self, key: str) -> bool:
        """Whether a key of digits alone could be a number of this shop written without its letters ("2378156")."""
        return key.isdigit() and len(key) >= 5 and any("L" in f.runs and f.digits == len(key) for f in self.forms)

    def prefixes(self) -> frozenset[str]:
        return frozenset(prefix for form in self.forms for prefix in form.prefixes())

    def longest(self) -> int:
        """The length of the longest key; 0 if nothing was learned."""
        sizes = [sum(int(n) for n in re.findall(r"\d+", f.runs)) for f in self.forms]
        return max([*sizes, *self.lengths], default=0)


NO_SHAPES = Shapes()


@dataclass(frozen=True, slots=True)
class Reference:
    """An order or tracking number in a text, as written there: text == the text[start:end].

    certain: it has a format of this shop or a word that says so ("order", "#"). Otherwise it is a number that may be one.
    """

    text: str
    key: str
    certain: bool
    tracking: bool = False
    start: int = 0
    end: int = 0


def learn(numbers: Iterable[str]) -> Shapes:
    """Return the formats of these order numbers; no numbers, no formats."""
    letters: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for key in {key_of(number) for number in numbers} - {""}:
        runs = runs_of(key)
        letters[runs].add(_letters(key))
        count[runs] += 1
    if len(letters) > _ANY_FORM_ABOVE or _is_mixed(count):
        return Shapes(lengths=frozenset(sum(int(n) for n in re.findall(r"\d+", runs)) for runs in letters))
    return Shapes(tuple(Form(runs, _constant(seen, count[runs])) for runs, seen in sorted(letters.items())))


def find_references(text: str, shapes: Shapes = NO_SHAPES) -> tuple[Reference, ...]:
    """Return the order and tracking numbers of a text in the order they are written, each once, at most MAX_REFERENCES.

    Prices, dates, phone numbers, quantities, post codes and the like are left out.
    """
    plain, places = _plain(text)
    seen = masked(plain)
    pieces = _pieces(seen, shapes)
    prefixes, longest = shapes.prefixes(), shapes.longest()
    found: dict[str, Reference] = {}
    previous_end: int | None = None  # of the last certain reference: "orders 1001, 1002 and 1003"
    i = 0
    words_count = shapes.has_words()
    while i < len(pieces) and len(found) < MAX_REFERENCES:
        word = seen[slice(*pieces[i])]
        if not words_count and word.isalpha() and word.isascii() and word.upper() not in prefixes:
            i += 1  # most of a text: no number, and no beginning of one
            continue
        start, end, used = _join(seen, pieces, i, shapes, prefixes, longest)
        key = key_of(seen[start:end])
        listed = previous_end is not None and start - previous_end <= 12 and bool(_LIST.fullmatch(seen, previous_end, start))
        verdict = _judge(seen, start, end, key, shapes, grouped=used > 1, listed=listed)
        if verdict:
            certain, tracking = verdict
            from_ = start - 1 if start and seen[start - 1] == "#" else start
            here = Reference(text[places[from_] : places[end]].strip(), key, certain, tracking, places[from_], places[end])
            if key not in found or (certain and not found[key].certain):
                found[key] = here
            previous_end = end if certain else previous_end
        i += used
    return tuple(sorted(found.values(), key=lambda r: r.start))


def _judge(text: str, start: int, end: int, key: str, shapes: Shapes, *, grouped: bool, listed: bool) -> tuple[bool, bool] | None:
    """(certain, tracking) if the piece may be a number to look up; None if it is something else."""
    digits = sum(c.isdigit() for c in key)
    written = text[start:end]
    cue = cue_before(text, start)
    named = cue in (Cue.ORDER, Cue.ORDER_NUMBER, Cue.NUMBER) or listed
    known = shapes.match(key)
    if not digits:
        # letters alone are a number only where the shop has such numbers and the customer says so
        return (True, False) if known and cue in (Cue.ORDER_NUMBER, Cue.NUMBER) and written.isupper() else None
    lettered = known and not key.isdigit()  # hardly anything else looks like it
    if len(key) > MAX_KEY or is_money(text, start, end) or (cue is Cue.OTHER and not lettered):
        return None
    said = cue in (Cue.ORDER_NUMBER, Cue.NUMBER)
    if not lettered and not named and (is_zip(text, start, end) or is_house_number(text, start, end)):
        return None
    if not said and (is_date(text, start, end) or is_quantity(text, start, end)):
        return None
    if cue is not Cue.TRACKING and not lettered and is_other_number(text, start, end, named=named, known=known):
        return None
    if _TRACKING.fullmatch(key) and not known:
        return True, True
    if cue is Cue.TRACKING:
        return (True, True) if len(key) >= 6 else None
    plain_number = key.isdigit()
    if known:
        # a short bare number is as likely a year, a model or a house number, unless it is all that was said
        alone = len(text.strip(" #?!.\n\t")) <= len(written)
        if plain_number and is_year(key) and not (named or alone):
            return None
        if plain_number and not (named or grouped) and is_part_of_a_name(text, start, end):
            return False, False
        return (not plain_number or len(key) > 4 or named or alone), False
    if not named and shapes.match_digits(key) and written == key and is_part_of_a_name(text, start, end):
        return False, False
    if grouped or (shapes.match_digits(key) and written == key):
        return True, False
    if digits and shapes.match(key.translate(_LOOK_ALIKE)):
        return True, False  # "1O47": a letter that looks like a digit, or the other way round
    least = {Cue.ORDER_NUMBER: 1, Cue.NUMBER: 3, Cue.ORDER: 4}.get(cue, 4)
    if named and digits >= least and not (cue is Cue.ORDER and plain_number and is_year(key)):
        return True, False
    if digits < (3 if cue is Cue.ORDER else 4) or (plain_number and is_year(key)):
        return None
    return False, False


def _join(
    text: str, pieces: list[tuple[int, int]], i: int, shapes: Shapes, prefixes: frozenset[str], longest: int
) -> tuple[int, int, int]:
    """(start, end, pieces used) of the number that begins at piece i: "w 2378156" and "100 045 678" are one number each."""
    start, end = pieces[i]
    key = key_of(text[start:end])
    if shapes.match(key) or not (key in prefixes or any(c.isdigit() for c in key)):
        return start, end, 1
    joined = key
    parcel: tuple[int, int, int] | None = None  # the longest tracking number so far
    for j in range(i + 1, min(i + 8, len(pieces))):
        next_start, next_end = pieces[j]
        part = key_of(text[next_start:next_end])
        joined += part
        if len(joined) > max(longest, 26) or not _GAP.fullmatch(text, pieces[j - 1][1], next_start):
            break
        # single digits beside a number are quantities: "2 1001"
        if (len(part) < 2 or len(key) < 2) and key not in prefixes and not joined.startswith("1Z"):
            break
        if shapes.match(joined) and (key in prefixes or len(joined) >= 6):
            return start, next_end, j - i + 1
        if len(joined) >= 18 and _TRACKING.fullmatch(joined):
            parcel = start, next_end, j - i + 1
    return parcel or (start, end, 1)


def _pieces(text: str, shapes: Shapes) -> list[tuple[int, int]]:
    """Spans of the words and numbers, with what is glued to a number taken off: "order-1001", "1001/1002", "1001.Thanks"."""
    pieces: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if not any(c.isdigit() for c in token[0]) or shapes.match(key_of(token[0])):
            pieces.append((start, end))
            continue
        if glued := _GLUED.match(token[0]):
            start += glued.end()
        if tail := re.search(r"\.[^\W\d_]{2,}$", text[start:end]):
            end = start + tail.start()
        parts = list(re.finditer(r"[^/]+", text[start:end]))
        if len(parts) > 1 and not shapes.match(key_of(text[start:end])) and all(len(digits_of(p[0])) >= 4 for p in parts):
            pieces += [(start + p.start(), start + p.end()) for p in parts]
        elif end > start:
            pieces.append((start, end))
    return pieces


def _plain(text: str) -> tuple[str, range | list[int]]:
    """The text in its plain form (full-width signs and the like folded), and for each place in it the place in `text`."""
    if text.isascii():
        return text, range(len(text) + 1)
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = letter if letter.isascii() else unicodedata.normalize("NFKC", letter)
        letters.append(folded)
        places += [place] * len(folded)
    return "".join(letters), [*places, len(text)]


def _letters(key: str) -> str:
    return "".join(c for c in key if not c.isdigit())


def _is_mixed(count: dict[str, int]) -> bool:
    """Whether few numbers, all of one length, mix letters and digits anew each time: "QZRM4KPA", "H7TWX2LD"."""
    sizes = {sum(int(n) for n in re.findall(r"\d+", runs)) for runs in count}
    both = all("L" in runs and "D" in runs for runs in count)
    return len(count) >= _MIXED_FROM and len(sizes) == 1 and both and sum(count.values()) <= 2 * len(count)


def _constant(seen: set[str], count: int) -> frozenset[str]:
    """The letters if they hardly vary within a form, else nothing. So many letters in one number or two are hardly a prefix."""
    few = (len(seen) <= 3 and max(map(len, seen)) <= _LONGEST_PREFIX) or (len(seen) <= 12 and count >= 4 * len(seen))
    return frozenset(seen) if few and seen != {""} else frozenset()
