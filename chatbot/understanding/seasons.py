"""Occasions and seasons for which people order: "for Christmas", "on Black Friday", "last summer" → first day and the day after the last.

Pure. An occasion's days are those on which people order for it: the weeks before it.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

_LAST_ONE = re.compile(r"\blast (?!year\b|week\b|month\b)")
_LAST_YEAR = re.compile(r"\blast year\b")
_YEAR = re.compile(r"\b(20\d\d)\b")
Period = tuple[date, date]


def season_of(text: str, *, today: date) -> Period | None:
    """The period that a text in small letters names: the one that is going on, or the last that has begun; None if it names none."""
    for words, days in _SEASONS:
        if words.search(text):
            return _chosen(text, days, today)
    return None


def _chosen(text: str, days: Callable[[int], Period], today: date) -> Period | None:
    if said := _YEAR.search(text):
        return days(int(said[1]))
    begun = [period for year in (today.year, today.year - 1, today.year - 2) if (period := days(year))[0] <= today]
    if not begun:
        return None
    if _LAST_YEAR.search(text):
        return next((period for period in begun if period[0].year < today.year), begun[-1])
    return begun[1] if _LAST_ONE.search(text) and today < begun[0][1] and len(begun) > 1 else begun[0]


def _christmas(year: int) -> Period:
    return date(year, 11, 1), date(year, 12, 26)


def _black_friday(year: int) -> Period:
    """The week of the day after the fourth Thursday of November, up to the Monday after it."""
    first = date(year, 11, 1)
    friday = first + timedelta(days=(3 - first.weekday()) % 7 + 22)
    return friday - timedelta(days=5), friday + timedelta(days=5)


def _easter(year: int) -> Period:
    """The five weeks before Easter Sunday, by the rule of Gauss for the Gregorian calendar."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    rest = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    sunday = date(year, month, day + 1)
    return sunday - timedelta(days=35), sunday + timedelta(days=1)


def _months(first: int, last: int) -> Callable[[int], Period]:
    """From the first day of one month to the last of another, which is in the next year where its number is smaller."""

    def days(year: int) -> Period:
        ends = year + (last < first)
        return date(year, first, 1), date(ends + last // 12, last % 12 + 1, 1)

    return days


_SEASONS: tuple[tuple[re.Pattern[str], Callable[[int], Period]], ...] = (
    (re.compile(r"\b(?:christmas|x-?mas|the holidays|holiday season|hanukkah)\b"), _christmas),
    (re.compile(r"\b(?:black friday|cyber monday|cyber week)\b"), _black_friday),
    (re.compile(r"\beaster\b"), _easter),
    (re.compile(r"\bvalentine['’]?s?\b"), lambda year: (date(year, 1, 15), date(year, 2, 15))),
    (re.compile(r"\b(?:mother['’]?s['’]? day)\b"), lambda year: (date(year, 4, 10), date(year, 5, 16))),
    (re.compile(r"\b(?:father['’]?s['’]? day)\b"), lambda year: (date(year, 5, 10), date(year, 6, 22))),
    (re.compile(r"\bhalloween\b"), lambda year: (date(year, 9, 25), date(year, 11, 1))),
    (re.compile(r"\b(?:in|last|this|over|during|for) (?:the )?(?:last )?summer\b"), _months(6, 8)),
    (re.compile(r"\b(?:in|last|this|over|during) (?:the )?(?:last )?winter\b"), _months(12, 2)),
    (re.compile(r"\b(?:in|last|this|over|during) (?:the )?(?:last )?spring\b"), _months(3, 5)),
    (re.compile(r"\b(?:in|last|this|over|during) (?:the )?(?:last )?(?:autumn|fall)\b"), _months(9, 11)),
)
