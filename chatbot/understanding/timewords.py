"""Periods in words: "yesterday", "last week", "in October", "on 3 November" → first day and the day after the last. Pure."""

import re
from datetime import date, timedelta

from chatbot.understanding.seasons import season_of

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_MONTH = "|".join(f"{m}|{m[:3]}" for m in _MONTHS if m != "may")
_ON_DAY = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH}|may)|({_MONTH}|may) (\d{{1,2}})(?:st|nd|rd|th)?)\b(?:,? (20\d\d))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_DOTTED = re.compile(r"\b(\d{1,2})\. ?(\d{1,2})\.(?: ?(20\d\d)\b)?")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(20\d\d)\b")
_IN_MONTH = re.compile(rf"\b(?:in|from|of|during|since) (?:last )?({_MONTH}|may)\b(?: (20\d\d))?", re.IGNORECASE)
_AGO = re.compile(
    r"\b(?:(\d{1,3})|an?|one|two|three|four|five|six|(?:an? )?(?:couple(?: of)?|few)|several) (day|week|month)s? (?:ago|back)\b",
    re.IGNORECASE,
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_VAGUE = re.compile(r"couple|few|several")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ON_WEEKDAY = re.compile(rf"\b(?:on|last|this|since|from) (?:last |this |past )?({'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
_ORDERING = re.compile(
    r"\b(?:ordered|bought|purchased|placed|paid|charged|spent|(?:i|did i|we) (?:\w+ )?(?:order|buy|purchase)|orders? (?:from|of|on|placed)|from"
    r"|(?:one|order|thing|present|gift|stuff|parcel|something)s? (?:for|from|of)|picked|got)\b"
)
_TODAY = re.compile(r"\b(?:today|this (?:morning|afternoon|evening)|tonight)\b")
_LATELY = re.compile(r"\b(?:the other day|lately)\b")
_THE_NTH = re.compile(r"\b(?:from|of|on) the (\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE)
_IN_YEAR = re.compile(r"\b(?:in|from|of|during|back in) (20\d\d)\b", re.IGNORECASE)

# words of the periods below, which describe no item where a period is meant
_TIME_WORDS = """
    christmas xmas x-mas holidays holiday season hanukkah black cyber easter valentine valentines valentine's mother's father's mothers fathers
    halloween summer winter spring autumn fall weekend morning afternoon evening night lately couple few several ago back
"""
TIME_WORDS = frozenset(_TIME_WORDS.split()) | frozenset(_WEEKDAYS)

# how far around "two weeks ago" is still meant, in days
_SLACK = {"day": 0, "week": 4, "month": 15}
_LENGTH = {"day": 1, "week": 7, "month": 30}


def period_of(text: str, *, today: date) -> tuple[date | None, date | None]:
    """Return (first day, day after the last) of the period a text names in the past; (None, None) when it names none."""
    lowered = text.lower()
    # a season or a weekday may be one to come ("will it be here for Christmas?") unless ordering is spoken of
    ordering = bool(_ORDERING.search(lowered))
    found = (season_of(lowered, today=today) or _recent(lowered, today)) if ordering else None
    found = found or _named_day(text, today) or _relative(lowered, today) or _named_month(lowered, today)
    return found or ((_weekday(lowered, today) or _year(lowered, today)) if ordering else None) or (None, None)


def _named_day(text: str, today: date) -> tuple[date, date] | None:
    if iso := _ISO.search(text):
        found = _date(int(iso[1]), int(iso[2]), int(iso[3]))
        return (found, found + timedelta(days=1)) if found else None
    if found := _written_in_numbers(text, today):
        return found, found + timedelta(days=1)
    if not (match := _ON_DAY.search(text)):
        return _day_of_month(text, today)
    number, name = (match[1], match[2]) if match[1] else (match[4], match[3])
    month = _month(name)
    found = _date(int(match[5]) if match[5] else today.year, month, int(number))
    if found and found > today and not match[5]:
        found = _date(today.year - 1, month, int(number))
    return (found, found + timedelta(days=1)) if found else None


def _day_of_month(text: str, today: date) -> tuple[date, date] | None:
    """ "from the 12th": of this month, or of the last one where that is still to come."""
    if not (match := _THE_NTH.search(text)):
        return None
    last = today.replace(day=1) - timedelta(days=1)
    days = [_date(year, month, int(match[1])) for year, month in ((today.year, today.month), (last.year, last.month))]
    found = next((day for day in days if day and day <= today), None)
    return (found, found + timedelta(days=1)) if found else None


def _written_in_numbers(text: str, today: date) -> date | None:
    """ "18.11.2026", "18.11." and, where only one reading is a day, "11/18/2026"."""
    if match := _DOTTED.search(text):
        found = _date(int(match[3] or today.year), int(match[2]), int(match[1]))
        return _date(today.year - 1, int(match[2]), int(match[1])) if found and found > today and not match[3] else found
    if match := _SLASHED.search(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        readings = {_date(year, first, second), _date(year, second, first)} - {None}
        return readings.pop() if len(readings) == 1 else None
    return None


def _relative(text: str, today: date) -> tuple[date, date] | None:
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    # "last week" is said of the last seven days as often as of the calendar's week: both are covered
    for words, period in {
        "day before yesterday": (today - timedelta(days=2), today - timedelta(days=1)),
        "yesterday|last night": (today - timedelta(days=1), today),
        "(?:last|at the|on the|this) weekend": (monday - timedelta(days=2), monday)
        if today.weekday() < 5
        else (monday - timedelta(days=2), today + timedelta(days=1)),
        "last week": (min(monday - timedelta(days=7), today - timedelta(days=8)), today - timedelta(days=1)),
        "this week": (monday, today + timedelta(days=1)),
        "last month": ((first - timedelta(days=1)).replace(day=1), first),
        "this month": (first, today + timedelta(days=1)),
        "this year": (date(today.year, 1, 1), today + timedelta(days=1)),
        "last year": (date(today.year - 1, 1, 1), date(today.year, 1, 1)),
    }.items():
        if re.search(rf"\b(?:{words})\b", text):
            return period
    if match := _AGO.search(text):
        unit = match[2].lower()
        if _VAGUE.search(match[0]):
            return today - timedelta(days=6 * _LENGTH[unit]), today - timedelta(days=_LENGTH[unit] - 1)
        amount = int(match[1]) if match[1] else _NUMBERS[match[0].split()[0].lower()]
        middle = today - timedelta(days=amount * _LENGTH[unit])
        return middle - timedelta(days=_SLACK[unit]), middle + timedelta(days=_SLACK[unit] + 1)
    return None


def _named_month(text: str, today: date) -> tuple[date, date] | None:
    if not (match := _IN_MONTH.search(text)):
        return None
    month = _month(match[1])
    year = int(match[2]) if match[2] else today.year - (month > today.month)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _recent(text: str, today: date) -> tuple[date, date] | None:
    if _TODAY.search(text):
        return today, today + timedelta(days=1)
    return (today - timedelta(days=10), today + timedelta(days=1)) if _LATELY.search(text) else None


def _weekday(text: str, today: date) -> tuple[date, date] | None:
    """ "on Thursday", "last Thursday": the newest one before today, which may be the one of the week before where "last" is said."""
    if not (match := _ON_WEEKDAY.search(text)):
        return None
    back = (today.weekday() - _WEEKDAYS.index(match[1].lower())) % 7 or 7
    found = today - timedelta(days=back)
    return found, found + timedelta(days=1)


def _year(text: str, today: date) -> tuple[date, date] | None:
    match = _IN_YEAR.search(text)
    return (date(int(match[1]), 1, 1), date(int(match[1]) + 1, 1, 1)) if match and int(match[1]) <= today.year else None


def _month(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
