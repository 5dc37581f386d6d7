"""The values that claims are made of. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    LINK = "link"
    EMAIL = "e-mail address"
    HOST = "web address"
    STREET = "street address"
    DATE = "date"
    MONTH = "month"
    WEEKDAY = "weekday"
    RELATIVE = "relative day"
    TIME = "time"
    MONEY = "amount"
    PERCENT = "percentage"
    DURATION = "period"
    IDENTIFIER = "id"
    PHONE = "phone number"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Claim:
    """kind and value compare; text is as written. The value's shape depends on the kind, see the reader of each."""

    kind: Kind
    value: Any
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written: what it may be (year None when not said, month, day of the month), and the weekday said with it."""

    readings: tuple[tuple[int | None, int, int], ...]
    weekday: int | None = None


Reader = Callable[[re.Match[str]], Iterator[Claim]]
