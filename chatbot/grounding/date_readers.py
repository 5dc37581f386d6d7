"""The readers of dates, weekdays, months, relative days and times of day. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from chatbot.grounding.claim_values import Claim, Day, Kind, Reader
from chatbot.grounding.datewords import FULL_MONTHS, FULL_WEEKDAYS, MONTHS, WEEKDAYS, alternatives
from chatbot.grounding.number_words import WORD, number_of

_MONTH = rf"(?P<month>{alternatives(MONTHS)})"
_WEEKDAY = rf"(?:(?P<weekday>{alternatives(WEEKDAYS)})\b\.?,?\s+(?:the\s+|den\s+|le\s+)?)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|º|er)?"
_UNTIL = r"(?:\s*(?:-|–|—|to|and|bis|au|al)\s*(?P<day2>\d{1,2})(?:st|nd|rd|th|\.)?)?"
_YEAR = r"(?:,?\s+(?:de\s+)?(?P<year>(?:19|20)\d\d)\b)?"
_ISO = re.compile(r"(?<![\w-])(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?=T\d|\b)")
_DAY_FIRST = re.compile(rf"(?<![\w.,]){_WEEKDAY}{_DAY}{_UNTIL}\s+(?:of\s+|de\s+)?{_MONTH}\b\.?{_YEAR}", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"(?<!\w){_WEEKDAY}{_MONTH}\.?\s+(?:the\s+)?{_DAY}(?![\d.,]*\d){_UNTIL}{_YEAR}", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<![\w./-])(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<y>(?:19|20)?\d\d)(?![\w/-])")
_IN_MONTH = re.compile(
    rf"\b(?P<month>{alternatives(FULL_MONTHS - {'march', 'marzo'})})\b(?:\s+(?P<year>(?:19|20)\d\d))?", re.IGNORECASE
)
_IN_SHORT_MONTH = re.compile(
    r"\b(?:in|of|by|since|until|from|to|during|early|late|mid|and|through)[\s-]+(?P<month>May|March|Mai|Mayo|Mars|Marzo)\b(?:\s+(?P<year>20\d\d))?"
)
_LONE_WEEKDAY = re.compile(rf"\b(?P<weekday>{alternatives(FULL_WEEKDAYS)})s?\b", re.IGNORECASE)

_DAY_RANGE = re.compile(
    rf"\b(?P<first>{alternatives(WEEKDAYS)})s?\b\.?\s*(?:-|–|—|to|through|bis|till|until|à|au|a|al|tot(?: en met)?|t/m)\s*(?P<last>{alternatives(WEEKDAYS)})s?\b",
    re.IGNORECASE,
)
_WORKING_WEEK = re.compile(r"(?<!\d )\b(?:weekdays|werktags)\b", re.IGNORECASE)

_NAMED = {
    "day after tomorrow": 2, "day before yesterday": -2, "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1, "yesterday": -1,
    "heute": 0, "gestern": -1, "vorgestern": -2, "übermorgen": 2, "aujourd'hui": 0, "aujourd’hui": 0, "demain": 1, "après-demain": 2, "avant-hier": -2,
    "hoy": 0, "mañana": 1, "pasado mañana": 2, "ayer": -1, "anteayer": -2, "oggi": 0, "domani": 1, "dopodomani": 2, "ieri": -1, "l'altro ieri": -2,
    "vandaag": 0, "gisteren": -1, "eergisteren": -2, "overmorgen": 2,
}  # fmt: skip
# "morgen" is the morning too, and "hier" is "here" in German: only where the word before tells
_TOLD_BY_PLACE = {"morgen": 1, "hier": -1}
_NAMED_DAY = re.compile(
    rf"\b(?:{alternatives(_NAMED)})\b|(?<!am )(?<!jeden )(?<!elke )(?<!in de )(?<!guten )(?<!goede )(?-i:\bmorgen)\b|(?:(?<=é )|(?<=ée )|(?<=és )|(?<=ées )|(?<=d'))hier\b",
    re.IGNORECASE,
)
_COUNTED = rf"(?P<n>\d{{1,3}}|an?|{WORD})\s+(?P<unit>days?|weeks?|fortnights?|tag(?:en?)?|wochen?|jours?|semaines?|días?|semanas?|giorn[oi]|settiman[ae]|dag(?:en)?|weken)"
_AHEAD = re.compile(
    rf"\b(?:in|dans|dentro de|en|tra|fra|over)\s+{_COUNTED}(?!\s*(?:of|after|from|ouvr|hábil|labor|lavor))\b"
    rf"|\b{_COUNTED.replace('?P<n>', '?P<n2>').replace('?P<unit>', '?P<unit2>')}\s+from\s+(?:now|today)\b",
    re.IGNORECASE,
)
_AGO = re.compile(
    rf"\b{_COUNTED}\s+(?:ago|fa|geleden)\b|\b(?:vor|il y a|hace)\s+{_COUNTED.replace('?P<n>', '?P<n2>').replace('?P<unit>', '?P<unit2>')}\b",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"\b(?P<which>this|next|last)\s+(?P<unit>week|weekend|month|year)\b", re.IGNORECASE)
_PERIODS_ABROAD = {
    "diese woche": ("week", 0), "nächste woche": ("week", 1), "nächster woche": ("week", 1), "letzte woche": ("week", -1), "diesen monat": ("month", 0), "nächsten monat": ("month", 1),
    "cette semaine": ("week", 0), "la semaine prochaine": ("week", 1), "la semaine dernière": ("week", -1), "le mois prochain": ("month", 1), "le mois dernier": ("month", -1),
    "esta semana": ("week", 0), "la próxima semana": ("week", 1), "la semana que viene": ("week", 1), "la semana pasada": ("week", -1), "el próximo mes": ("month", 1),
    "questa settimana": ("week", 0), "la prossima settimana": ("week", 1), "la settimana prossima": ("week", 1), "la settimana scorsa": ("week", -1), "il mese prossimo": ("month", 1),
    "deze week": ("week", 0), "volgende week": ("week", 1), "vorige week": ("week", -1), "volgende maand": ("month", 1), "vorige maand": ("month", -1),
}  # fmt: skip
_PERIOD_ABROAD = re.compile(rf"\b{alternatives(_PERIODS_ABROAD)}\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\w:.,])(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s*(?P<half>[ap])\.?\s?m\b\.?|(?<![\w:.,])(?P<h2>[01]?\d|2[0-4]):(?P<m2>[0-5]\d)(?::[0-5]\d)?(?:\s*(?:Uhr|h))?(?![\w:])",
    re.IGNORECASE,
)


def _read_iso(match: re.Match[str]) -> Iterator[Claim]:
    readings = _real([(int(match["y"]), int(match["m"]), int(match["d"]))])
    if readings:
        yield Claim(Kind.DATE, Day(readings), match[0])


def _read_words(match: re.Match[str]) -> Iterator[Claim]:
    name = match["month"]
    if (
        name.lower() in ("may", "mar", "mai", "march", "dec", "sep")
        and name.islower()
        and match["weekday"] is None
        and not match["year"]
    ):
        return  # "you may 2 …"
    month = MONTHS[name.lower()]
    year = int(match["year"]) if match["year"] else None
    weekday = WEEKDAYS[match["weekday"].lower()] if match["weekday"] else None
    for part in (match["day"], match["day2"]):
        readings = _real([(year, month, int(part))]) if part else ()
        if part:
            # a day that does not exist is still a claim, one that nothing can support
            yield Claim(Kind.DATE, Day(readings, weekday if part == match["day"] else None), match[0])


def _read_numeric(match: re.Match[str]) -> Iterator[Claim]:
    year = int(match["y"]) if len(match["y"]) == 4 else 2000 + int(match["y"])
    a, b = int(match["a"]), int(match["b"])
    orders = [(year, b, a)] if match["mark"] == "." else [(year, a, b), (year, b, a)]
    yield Claim(Kind.DATE, Day(_real(orders)), match[0])


def _real(readings: Sequence[tuple[int | None, int, int]]) -> tuple[tuple[int | None, int, int], ...]:
    kept = []
    for year, month, day in readings:
        try:
            date(year or 2024, month, day)
        except ValueError:
            continue
        kept.append((year, month, day))
    return tuple(dict.fromkeys(kept))


def _read_month(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.MONTH, (int(match["year"]) if match["year"] else None, MONTHS[match["month"].lower()]), match[0])


def _read_weekday(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.WEEKDAY, WEEKDAYS[match["weekday"].lower()], match[0])


def _read_day_range(match: re.Match[str]) -> Iterator[Claim]:
    """Each day from the first to the last, over the weekend if need be."""
    first, last = WEEKDAYS[match["first"].lower()], WEEKDAYS[match["last"].lower()]
    yield from (Claim(Kind.WEEKDAY, (first + n) % 7, match[0]) for n in range((last - first) % 7 + 1))


def _read_working_week(match: re.Match[str]) -> Iterator[Claim]:
    yield from (Claim(Kind.WEEKDAY, day, match[0]) for day in range(5))


def _read_named(match: re.Match[str]) -> Iterator[Claim]:
    """Value: ("day", how many days from today)."""
    word = match[0].lower()
    yield Claim(Kind.RELATIVE, ("day", _NAMED.get(word, _TOLD_BY_PLACE.get(word, 0))), match[0])


def _read_ahead(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.RELATIVE, ("ahead", _days(match["n"] or match["n2"], match["unit"] or match["unit2"])), match[0])


def _read_ago(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.RELATIVE, ("day", -_days(match["n"] or match["n2"], match["unit"] or match["unit2"])), match[0])


def _days(number: str, unit: str) -> int:
    amount = 1 if number.lower() in ("a", "an") else int(number_of(number))
    if unit.lower().startswith("fortnight"):
        return amount * 14
    return amount * (7 if unit.lower().startswith(("we", "woche", "sem", "sett")) else 1)


def _read_period(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.RELATIVE, (match["unit"].lower(), {"last": -1, "this": 0, "next": 1}[match["which"].lower()]), match[0])


def _read_period_abroad(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.RELATIVE, _PERIODS_ABROAD[match[0].lower()], match[0])


def _read_time(match: re.Match[str]) -> Iterator[Claim]:
    """Value: minutes since midnight."""
    hour, minute = int(match["h"] or match["h2"]), int(match["m"] or match["m2"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    yield Claim(Kind.TIME, hour * 60 + minute, match[0])


DATE_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_ISO, _read_iso),
    (_NUMERIC, _read_numeric),
    (_DAY_FIRST, _read_words),
    (_MONTH_FIRST, _read_words),
    (_CLOCK, _read_time),
    (_NAMED_DAY, _read_named),
    (_AHEAD, _read_ahead),
    (_AGO, _read_ago),
    (_PERIOD, _read_period),
    (_PERIOD_ABROAD, _read_period_abroad),
    (_IN_MONTH, _read_month),
    (_IN_SHORT_MONTH, _read_month),
    (_DAY_RANGE, _read_day_range),
    (_WORKING_WEEK, _read_working_week),
    (_LONE_WEEKDAY, _read_weekday),
)
