"""One cell of a shop's file to one value: liberal in what is accepted, strict in what is understood. Pure.

Every function raises Unclear with a reason for staff, in words, when a cell can mean two things or nothing.
"""

import ast
import json
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

MONTHS = {m: n for n, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_ABSENT = frozenset({"", "null", "none", "nil", "n/a", "na", "nan", "-", "–", "—", "\\n"})
_LONGEST = 100  # characters of a cell with one date or amount
_PLAIN_AMOUNT = re.compile(r"\d{1,9}(?:\.\d{1,2})?", re.ASCII)
_CENT = Decimal("0.01")
_MAX_AMOUNT = Decimal("999999999999.99")
_SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "US$": "USD", "C$": "CAD", "A$": "AUD"}
_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(?P<time>.+))?|(?P<basic>\d{8})(?:T(?P<basictime>\d{6})(?P<basiczone>Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:,?[T ]+(?P<time>.+))?", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.-]+(?P<month>[a-z]{3,9})\.?,?[\s-]+|(?P<month2>[a-z]{3,9})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+)"
    r"(?P<year>\d{4})(?:,?(?:\s+at)?[T ]+(?P<time>.+))?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d{2}:?\d{2}|[+-]\d{2})?",
    re.IGNORECASE,
)
# what most exports write, read without a look at the other forms; it means the same there
_PLAIN_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(Z| UTC|\+00:00)?", re.ASCII)
_DATE_FORMS = "Write it as 2024-11-03, 2024-11-03T14:00:00Z or 3 Nov 2024."
_MONEY_FORMS = "Write it as 1234.50."


class Unclear(ValueError):
    """A cell that cannot be understood; str() is a sentence for staff, without the column's name."""


def is_absent(text: str) -> bool:
    """Whether a cell says nothing: empty, or one of the words exports write for nothing."""
    return not text or text.strip().casefold() in _ABSENT


@lru_cache(maxsize=4096)  # the same days and prices come again and again
def moment(text: str, zone: tzinfo) -> datetime | None:
    """A point in time, aware; without a zone of its own it is a time in `zone`, a bare day begins at midnight. None: no value."""
    if (plain := _PLAIN_MOMENT.fullmatch(text)) and 1990 <= int(text[:4]) <= 2100:
        try:
            return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC if plain[1] else zone)
        except ValueError:
            pass  # no day of the calendar: the words for it stand below
    if is_absent(text) or re.match(r"0000-00-00", text.strip()):
        return None
    cleaned = " ".join(text.split()) if len(text) < _LONGEST else ""
    day, rest = _day(cleaned)
    clock, offset = _clock(rest, cleaned, zone)
    try:
        found = datetime.combine(day, clock, offset)
    except ValueError as error:
        raise Unclear(f"“{_short(text)}” is not a time. {_DATE_FORMS}") from error
    if not 1990 <= found.year <= 2100:
        raise Unclear(f"“{_short(text)}” is not a day between 1990 and 2100.")
    return found


def day(text: str, zone: tzinfo) -> date | None:
    """A calendar day of the shop; a time with a zone is turned to the shop's. None: no value."""
    found = moment(text, zone)
    return found.astimezone(zone).date() if found else None


@lru_cache(maxsize=4096)
def money(text: str) -> tuple[Decimal, str] | None:
    """(amount, currency code or "" if none is written), with at most two decimals. None: no value."""
    if _PLAIN_AMOUNT.fullmatch(text):
        return Decimal(text).quantize(_CENT), ""
    if is_absent(text):
        return None
    cleaned = unicodedata.normalize("NFKC", text).strip().replace("−", "-") if len(text) < _LONGEST else ""
    currency = ""
    if found := re.fullmatch(
        r"(-?\(?-?)\s*([^\d\s.,()'-]{1,3}|[A-Za-z]{1,2}\$)?\s*(-?[\d][\d.,' ]*|-?[.,]\d+)\s*([^\d\s.,()'-]{1,3})?\s*(\)?)", cleaned
    ):
        sign, before, number, after, bracket = found.groups()
        currency = _currency(before or after or "", text)
        negative = "-" in sign or "(" in sign or number.startswith("-")
        twice = sign.count("-") + sign.count("(") + number.startswith("-") > 1
        if ("(" in sign) == bool(bracket) and not twice and not (before and after and _currency(after, text) != currency):
            amount = _number(number.lstrip("-").replace(" ", "").replace("'", ""), text)
            return (-amount if negative else amount), currency
    raise Unclear(f"“{_short(text)}” is not an amount. {_MONEY_FORMS}")


def positive_money(text: str) -> tuple[Decimal, str] | None:
    """As `money`; an amount below zero is refused."""
    found = money(text)
    if found and found[0] < 0:
        raise Unclear(f"“{_short(text)}” is below zero.")
    return found


def count(text: str, *, least: int = 1) -> int | None:
    """A whole number; None: no value."""
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least:
        return int(text)
    if is_absent(text):
        return None
    if not re.fullmatch(r"[+]?\d{1,9}(?:\.0+)?", text.strip(), re.ASCII):
        raise Unclear(f"“{_short(text)}” is not a whole number.")
    number = int(text.strip().split(".")[0])
    if not least <= number <= 2_000_000_000:
        raise Unclear(f"“{_short(text)}” is not at least {least}.")
    return number


def pairs(text: str) -> list[list[str]]:
    """Options of an item as [name, value] in the order written: "color=blue; size=M", "color: blue", or a JSON object."""
    if is_absent(text) or text.strip() in ("{}", "[]"):
        return []
    if text.strip().startswith("{"):
        found = structured(text)
        if not isinstance(found, dict):
            raise Unclear(f"“{_short(text)}” is not a list of options. Write it as “color=blue; size=M”.")
        return [[str(name).strip(), _scalar(value)] for name, value in found.items()]
    parts = [part.strip() for part in re.split(r"[;|\n]", text) if part.strip()]
    if len(parts) == 1 and all(re.search(r"[=:]", p) for p in parts[0].split(",")):
        parts = [part.strip() for part in parts[0].split(",") if part.strip()]
    found_pairs = []
    for part in parts:
        name, sign, value = part.partition("=") if "=" in part else part.partition(":")
        # shops without named options write "Blue / XL"
        found_pairs.append([name.strip(), value.strip()] if sign and name.strip() else ["variant", part.strip("=: ")])
    return [pair for pair in found_pairs if pair[1]]


def several(text: str) -> list[str]:
    """Values separated by ";" (also "," and "|"), or a JSON list; each once, in order."""
    if is_absent(text):
        return []
    if text.isascii() and text.isalnum():
        return [text]
    if text.strip().startswith("["):
        found = structured(text)
        parts = [_scalar(part) for part in found] if isinstance(found, list) else []
    else:
        parts = re.split(r"[;,|\n]", text)
    return list(dict.fromkeys(part.strip() for part in parts if not is_absent(part)))


def structured(text: str) -> Any:
    """JSON, or the same in the notation of Python, which some exports write."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip()) if len(text) <= 20_000 else None
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise Unclear(f"“{_short(text)}” is not valid JSON.") from error


def _scalar(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value).strip()


def _day(text: str) -> tuple[date, str]:
    """(the day, what follows it)."""
    try:
        if found := _ISO.fullmatch(text):
            if basic := found["basic"]:
                clock = found["basictime"]
                rest = f"{clock[:2]}:{clock[2:4]}:{clock[4:]}{found['basiczone'] or ''}" if clock else ""
                return date(int(basic[:4]), int(basic[4:6]), int(basic[6:])), rest
            return date(int(found[1]), int(found[3]), int(found[4])), found["time"] or ""
        if found := _NAMED.fullmatch(text):
            month = MONTHS.get((found["month"] or found["month2"])[:3].lower())
            if month:
                return date(int(found["year"]), month, int(found["day"] or found["day2"])), found["time"] or ""
        if found := _SIGNED.fullmatch(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            # with points it is day.month.year wherever it is used; with other signs only the numbers can tell
            if found[2] == "." or first > 12 or first == second:
                return date(year, second, first), found["time"] or ""
            if second > 12:
                return date(year, first, second), found["time"] or ""
            raise Unclear(f"“{_short(text)}” can be read as two different days. {_DATE_FORMS}")
    except ValueError as error:
        if isinstance(error, Unclear):
            raise
        raise Unclear(f"“{_short(text)}” is not a day of the calendar. {_DATE_FORMS}") from error
    raise Unclear(f"“{_short(text)}” is not a date we understand. {_DATE_FORMS}")


def _clock(rest: str, text: str, zone: tzinfo) -> tuple[time, tzinfo]:
    if not rest:
        return time.min, zone
    found = _TIME.fullmatch(rest.strip())
    try:
        if not found:
            raise ValueError(rest)
        hour, half = int(found[1]), (found["half"] or "").lower()
        if half:
            if not 1 <= hour <= 12:
                raise ValueError(rest)
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        return time(hour, int(found[2]), int(found[3] or 0)), _offset(found["zone"] or "", zone)
    except ValueError as error:
        raise Unclear(f"“{_short(text)}” is not a time we understand. {_DATE_FORMS}") from error


def _offset(written: str, zone: tzinfo) -> tzinfo:
    if not written:
        return zone
    if written.lower() in ("z", "utc", "gmt"):
        return UTC
    sign, digits = written.lower().removeprefix("utc").removeprefix("gmt")[0], re.sub(r"\D", "", written)
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-span if sign == "-" else span)


def _currency(written: str, text: str) -> str:
    """The code of a sign or code; a bare "$" is several currencies, so it says nothing."""
    if written in ("", "$", "¥", "kr", "Kr", "Rs"):
        return ""
    if code := _SYMBOLS.get(written):
        return code
    if re.fullmatch(r"(?!nan|inf)[A-Za-z]{3}", written, re.IGNORECASE):
        return written.upper()
    raise Unclear(f"“{_short(text)}” is not an amount. {_MONEY_FORMS}")


def _number(written: str, text: str) -> Decimal:
    """A number with "." or "," as decimal sign or between thousands, where only one reading is possible."""
    last = max(written.rfind("."), written.rfind(","))
    if last < 0:
        amount = Decimal(written)
    else:
        whole, sign, decimals = written[:last], written[last], written[last + 1 :]
        other = "," if sign == "." else "."
        groups = re.split(r"[.,]", whole)
        grouped = len(groups[0]) in (1, 2, 3) and all(len(g) == 3 for g in groups[1:])
        if sign in whole:  # the last sign occurs twice, so it parts thousands: 1.234.567
            if not (grouped and len(decimals) == 3 and other not in whole):
                raise Unclear(f"“{_short(text)}” is not an amount. {_MONEY_FORMS}")
            amount = Decimal(whole.replace(sign, "") + decimals)
        elif other in whole:
            if not grouped:
                raise Unclear(f"“{_short(text)}” is not an amount. {_MONEY_FORMS}")
            amount = Decimal(f"{whole.replace(other, '')}.{decimals or '0'}")
        elif len(decimals) == 3 and whole not in ("", "0") and sign == ",":
            amount = Decimal(whole + decimals) if len(whole) <= 3 else _refuse(text)
        elif len(decimals) == 3 and whole not in ("", "0") and len(whole) <= 3:
            raise Unclear(f"“{_short(text)}” can be read as two different amounts. {_MONEY_FORMS}")
        else:
            amount = Decimal(f"{whole or '0'}.{decimals or '0'}")
    if amount != amount.quantize(_CENT):
        raise Unclear(f"“{_short(text)}” has more than two decimals. {_MONEY_FORMS}")
    if amount > _MAX_AMOUNT:
        raise Unclear(f"“{_short(text)}” is too large for an amount.")
    return amount.quantize(_CENT)


def _refuse(text: str) -> Decimal:
    raise Unclear(f"“{_short(text)}” is not an amount. {_MONEY_FORMS}")


def _short(text: str) -> str:
    """A cell as it may be repeated in a message: one line, not long."""
    line = "".join(c if c.isprintable() else " " for c in text.strip())
    return line if len(line) <= 40 else line[:37] + "…"
