"""Cells of a workbook as somebody sees them: number formats to text. Pure.

Days are written so that nobody can mistake the month for the day: a format of figures only ("03/04/26") looks different in every
country and becomes 2026-04-03; one that names the month is followed.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy-mm-dd", 15: "d-mmm-yy",
    16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 49: "@",
}  # fmt: skip
_BUILT_IN |= dict.fromkeys([*range(27, 37), *range(50, 59)], "yyyy-mm-dd")  # days in East Asian versions
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_BRACKETS = re.compile(r"\[(?![hms]{1,2}\])[^\]]*\]", re.IGNORECASE)
_DATE = re.compile(r"[ymdhs]", re.IGNORECASE)
_DATE_PART = re.compile(r"\[h+\]|\[m+\]|\[s+\]|y+|m+|d+|h+|s+(?:\.0+)?|am/pm|a/p", re.IGNORECASE)
_DIGITS = re.compile(r"[#0?](?:[#0?,. ]*[#0?])?,*")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_LAST_DAY = 2_958_466  # 1 January 10000, which no calendar here has


class Format(NamedTuple):
    """A number format: its code, and whether it shows a day or a time."""

    code: str
    is_date: bool


def format_of(number: int, codes: dict[int, str]) -> Format:
    """The format of that number: the workbook's own, else one that every workbook knows."""
    code = codes.get(number) or _BUILT_IN.get(number, "General")
    bare = _LITERAL.sub("", _BRACKETS.sub("", _CURRENCY.sub("", code.split(";")[0])))
    return Format(code, bool(_DATE.search(bare)) and "general" not in bare.lower() and not re.search(r"[#0?]", bare.split(".")[0]))


def shown(value: str, form: Format, *, since_1904: bool = False) -> str:
    """A number, as the file stores it, as somebody sees it; the stored text if it is none."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    if form.is_date:
        return _day(number, form.code, since_1904=since_1904)
    return _number(number, form.code)


# --- numbers ------------------------------------------------------------------------------------------------------------


def _number(number: Decimal, code: str) -> str:
    sections = code.split(";")
    section = sections[0]
    if number < 0 and len(sections) > 1:
        section, number = sections[1], -number
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    if "general" in section.lower() or not section.strip() or section.strip() == "@":
        return _plain(number)
    section = _BRACKETS.sub("", _CURRENCY.sub(lambda found: f'"{found[1]}"', section))
    literals: list[str] = []

    def keep(found: re.Match[str]) -> str:
        literals.append(found[1] or found[2] or " ")
        return chr(0xE000 + len(literals) - 1)

    section = _LITERAL.sub(keep, section)
    digits = _DIGITS.search(section)
    if "/" in section or "E" in section or len(literals) > 1000:
        return _plain(number)  # fractions and powers of ten, which policies do not use
    if digits is None:
        said = section  # a format of words only, such as "free" for zero
    else:
        said = section[: digits.start()] + _digits(abs(number), section, digits[0]) + _DIGITS.sub("", section[digits.end() :])
        said = f"-{said.lstrip()}" if number < 0 and re.search("[1-9]", said) else said
    return " ".join("".join(literals[ord(char) - 0xE000] if "\ue000" <= char <= "\uf8ff" else char for char in said).split())


def _digits(number: Decimal, section: str, digits: str) -> str:
    if "%" in section:
        number *= 100
    number /= Decimal(1000) ** (len(digits) - len(digits.rstrip(",")))  # a comma behind the last digit: in thousands
    whole, _, fraction = digits.rstrip(",").partition(".")
    most, least = sum(char in "#0?" for char in fraction), fraction.count("0")
    if number.adjusted() > 30 or most > 30:
        return _plain(number)
    text = f"{_rounded(number, most):{',' if set(whole) & set(', ') else ''}f}"
    if most > least:
        head, dot, tail = text.partition(".")
        tail = tail[:least] + tail[least:].rstrip("0")
        text = f"{head}{dot}{tail}" if tail else head
    if " " in whole.strip():
        return text.replace(",", " ")
    return text if "," in whole else text.zfill(whole.count("0") + len(text) - len(text.partition(".")[0]))


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _plain(number: Decimal) -> str:
    """A number in at most eleven digits, as a workbook shows one without a format: 0.1 + 0.2 is 0.3."""
    if not number:
        return "0"
    if abs(number.adjusted()) > 20:
        return f"{number:.5E}"
    text = f"{_rounded(number, max(0, min(10, 10 - number.adjusted()))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- days and times -------------------------------------------------------------------------------------------------------


def _day(number: Decimal, code: str, *, since_1904: bool) -> str:
    if not 0 <= number < _LAST_DAY:
        return _plain(number)
    code = _BRACKETS.sub("", _CURRENCY.sub("", code.split(";")[0]))
    parts = _DATE_PART.findall(_LITERAL.sub(lambda found: " " * len(found[0]), code))
    seconds = round(number * 86_400)
    if any(part.startswith("[") for part in parts):  # a duration
        hours, rest = divmod(int(seconds), 3600)
        return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if any("s" in part.lower() for part in parts) else "")
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30 if number >= 60 else 31)
    try:
        at = start + timedelta(seconds=int(seconds))
    except OverflowError:
        return _plain(number)
    has_day = any(part[0] in "yYdD" or part.lower().startswith("mmm") for part in parts)
    has_time = any(part[0] in "hHsS" for part in parts)
    return " ".join(filter(None, [_date_in_words(at, parts) if has_day else "", _time(at, parts) if has_time else ""]))


def _date_in_words(at: datetime, parts: list[str]) -> str:
    """The day, with its month in words where the format has words for it; else as 2026-04-03."""
    lower = [part.lower() for part in parts]
    weekday = f"{_DAYS[at.weekday()]}, " if any(part.startswith("ddd") for part in lower) else ""
    day = any(part in ("d", "dd") for part in lower)
    year = f" {at.year}" if any(part.startswith("y") for part in lower) else ""
    if any(part.startswith("mmm") for part in lower):
        return f"{weekday}{f'{at.day} ' if day else ''}{_MONTHS[at.month - 1]}{year}"
    if not day:
        return f"{_MONTHS[at.month - 1]}{year}" if "m" in "".join(lower) else f"{at.year}"
    return f"{weekday}{at:%Y-%m-%d}" if year else f"{weekday}{at.day} {_MONTHS[at.month - 1]}"


def _time(at: datetime, parts: list[str]) -> str:
    seconds = f":{at.second:02}" if any(part[0] in "sS" for part in parts) else ""
    if any("/" in part for part in parts):
        return f"{at.hour % 12 or 12}:{at.minute:02}{seconds} {'PM' if at.hour >= 12 else 'AM'}"
    return f"{at.hour}:{at.minute:02}{seconds}"
