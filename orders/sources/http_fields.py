"""Fields of JSON that nobody has checked: each is what it should be, or not known. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Fields = dict[str, Any]

_TOO_MUCH = 10**15
MOST_PARTS = 500  # items, parcels, events or payments of one order; more is a fault of the shop's


def objects(value: Any) -> list[Fields]:
    """The objects of a list; what is no object, or no list at all, is left out."""
    return [part for part in value[:MOST_PARTS] if isinstance(part, dict)] if isinstance(value, list) else []


def fields(value: Any) -> Fields:
    """An object; what is none has no fields."""
    return value if isinstance(value, dict) else {}


def text(value: Any, *, most: int = 300) -> str:
    """A text or a whole number as one line that can be stored and shown; "" for anything else.

    Signs that no database takes (a null byte, half a pair of UTF-16) and the invisible ones that turn a line round are left out.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    line = " ".join(_clean(str(value)).split())
    return line[:most]


def first_text(source: Fields, *names: str) -> str:
    """The first of these fields that says something."""
    return next((said for name in names if (said := text(source.get(name)))), "")


def amount(value: Any) -> Decimal | None:
    """An amount as a number or as a plain text ("79.90", "-5.00") of a size that can be reckoned with; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        number = Decimal(value)
    elif isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,20}(?:\.\d{1,20})?\s*", value, re.ASCII):
        number = Decimal(value.strip())
    else:
        return None
    return number if number.is_finite() and abs(number) < _TOO_MUCH else None


def whole(value: Any) -> int | None:
    """A whole number, also one written as 2.0 or "2"; None for anything else."""
    number = amount(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def human(word: Any) -> str:
    """A constant as words: "PARTIALLY_FULFILLED" is "partially fulfilled"."""
    return text(word).replace("_", " ").lower()


def without_tags(said: str) -> str:
    """A text that a shop keeps as HTML, without it: "<p>Dark blue</p>" is "Dark blue"."""
    return re.sub(r"<[^<>]{0,200}>", " ", said) if "<" in said else said


def _clean(line: str) -> str:
    return "".join(_kept(line)) if not line.isprintable() else line


def _kept(line: str) -> Iterator[str]:
    for sign in line:
        if sign.isprintable():
            yield sign
        elif sign.isspace():
            yield " "
