"""Numbers as people write them: 1,234.50, 1.234,50, 1 234,50, 1'234.50, twelve. Pure."""

import re
from decimal import Decimal

_GAP = "\u00a0\u202f\u2009"  # spaces that do not break a line: they group digits
NUMBER = rf"(?:\d{{1,3}}(?:[.,'’{_GAP}]\d{{3}})+(?:[.,]\d{{1,2}})?|\d+(?:[.,]\d+)?)(?!\d)"
# beside a currency an ordinary space may group digits too
SPACED_NUMBER = rf"(?:\d{{1,3}}(?: \d{{3}})+(?:[.,]\d{{1,2}})?(?!\d)|{NUMBER})"

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_UNITS = _SMALL.split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
WORDS: dict[str, int] = {word: n for n, word in enumerate(_UNITS)} | _TENS | {"hundred": 100, "dozen": 12}
WORDS |= {f"{ten}-{_UNITS[one]}": value + one for ten, value in _TENS.items() for one in range(1, 10)}
WORD = "|".join(sorted(WORDS, key=len, reverse=True))


def parse_number(text: str) -> Decimal:
    """The value of a number written in any of these ways. A single mark before exactly three digits groups: "1.234" is 1234.

    Raises ValueError for anything else.
    """
    cleaned = re.sub(rf"['’{_GAP} ]", "", text)
    lowered = cleaned.lower()
    if lowered in WORDS:
        return Decimal(WORDS[lowered])
    last = max(cleaned.rfind("."), cleaned.rfind(","))
    if last < 0:
        return _decimal(cleaned)
    whole, mark, rest = cleaned[:last], cleaned[last], cleaned[last + 1 :]
    mixed = ("," if mark == "." else ".") in whole
    grouped = len(rest) == 3 and not mixed and whole.lstrip("0") != ""
    if grouped or mark in whole:
        return _decimal(re.sub(r"[.,]", "", cleaned))
    return _decimal(f"{re.sub(r'[.,]', '', whole)}.{rest}")


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"\d+(?:\.\d+)?", text):
        raise ValueError(f"not a number: {text!r}")
    return Decimal(text).normalize()
