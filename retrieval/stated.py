"""What a sentence of a policy states in figures: periods, sums, shares. Pure. Equal figures are equal however they are written.

"two weeks" are 14 days, "1.000,00 €" and "EUR 1,000" are one sum, "free of charge" is a sum of nothing in any currency.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from retrieval.numerals import NUMBER, SPACED_NUMBER, WORDS, parse_number


class Kind(StrEnum):
    PERIOD = "period"
    SUM = "amount"
    SHARE = "percentage"


class Role(StrEnum):
    """What the figure does in its sentence: "orders over $50" and "$50 a parcel" cannot contradict each other."""

    PLAIN = "plain"
    FROM = "from"  # over, at least, after
    UP_TO = "up to"  # under, at most


@dataclass(frozen=True, slots=True)
class Figure:
    """low and high are the same unless a range was written. text: as it was written; not compared.

    unit: "minute" (days and weeks too), "working day" or "month" (years too) of a period; a currency of a sum, "" of nothing, "$ per day" of a rate.
    """

    kind: Kind
    role: Role
    unit: str
    low: Decimal
    high: Decimal
    text: str = ""

    @property
    def key(self) -> tuple[Kind, Role, str, Decimal, Decimal]:
        return self.kind, self.role, self.unit, self.low, self.high


_MORE_WORDS = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "vierzehn": 14, "dreißig": 30,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "quatorze": 14, "quinze": 15, "trente": 30,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "diez": 10, "catorce": 14, "quince": 15, "treinta": 30,
}  # fmt: skip
_WORD = "|".join(sorted({*WORDS, *_MORE_WORDS}, key=len, reverse=True))
_COUNT = rf"(?:{NUMBER}|\b(?:{_WORD})\b)"
_TO = r"(?:\s*(?:-|–|—)\s*|\s+(?:to|or|and|bis|oder|à|ou|a|y)\s+)"
_UNITS: dict[str, tuple[str, int, str]] = {
    "minute": ("minute", 1, r"minutes?|mins?|minuten|minutos?"),
    "hour": ("minute", 60, r"hours?|hrs?|stunden?|heures?|horas?"),
    "working day": (
        "working day",
        1,
        r"(?:business|working|work|banking)[\s-]days?|werktagen?|werktage?|arbeitstagen?|jours\s(?:ouvrés|ouvrables)|días\s(?:hábiles|laborables)",
    ),
    "day": ("minute", 24 * 60, r"(?:calendar[\s-])?days?|(?:kalender)?tag(?:en?)?|jours?|días?"),
    "week": ("minute", 7 * 24 * 60, r"weeks?|wochen?|semaines?|semanas?"),
    "month": ("month", 1, r"months?|monat(?:en?)?|mois|mes(?:es)?"),
    "year": ("month", 12, r"years?|jahr(?:en?)?|ans?|années?|años?"),
}
_ANY_UNIT = "|".join(f"(?P<{name.replace(' ', '_')}>{words})" for name, (_, _, words) in _UNITS.items())
_PERIOD = re.compile(rf"(?<![\w.,])(?P<low>{_COUNT})(?:{_TO}(?P<high>{_COUNT}))?[\s-]+(?:{_ANY_UNIT})\b", re.IGNORECASE)
_SIGNS = {"$": "$", "us$": "$", "usd": "$", "dollar": "$", "dollars": "$", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR"}
_SIGNS |= {"£": "GBP", "gbp": "GBP", "pounds": "GBP", "chf": "CHF", "francs": "CHF", "¥": "JPY", "jpy": "JPY", "yen": "JPY"}
_SIGNS |= {code.lower(): code for code in "CAD AUD NZD SEK NOK DKK PLN CZK INR BRL".split()}  # noqa: SIM905
_SIGN = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
_SUM = re.compile(
    rf"(?<!\w)(?P<before>{_SIGN})\s?(?P<one>{SPACED_NUMBER})|(?<![\w.,])(?P<two>{SPACED_NUMBER})\s?(?P<after>{_SIGN})(?!\w)", re.IGNORECASE
)  # fmt: skip
_NOTHING = re.compile(
    r"\b(?:free(?: of (?:charge|cost))?|(?:at )?no (?:extra |additional )?(?:charge|cost|fee)|without (?:charge|cost)|complimentary|"
    r"kostenlos\w*|kostenfrei\w*|gratis|gratuit\w*|sin (?:cargo|coste))\b(?!\s+(?:to|from|gift|time|choice))",
    re.IGNORECASE,
)
_SHARE = re.compile(rf"(?<![\w.,])(?P<one>{NUMBER})\s?(?:%|percent\b|per cent\b|prozent\b|pour cent\b)", re.IGNORECASE)
_FROM = re.compile(
    r"(?:\b(?:over|above|exceed\w*|from|at least|minimum(?: of)?|more than|older than|after|beyond|ab|über|mindestens|nach|dès|après|desde)|≥|>)"
    r"\s+(?:the |a |an )?$",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"\b(?:up to|under|below|less than|at most|maximum(?: of)?|no more than|unter|bis zu|höchstens|moins de|jusqu'à|hasta)\s+$",
    re.IGNORECASE,
)
_PER = re.compile(
    r"\s*(?:/|\b(?:per|an?|each|every|pro|par|por)\b)\s*(?P<unit>hour|day|night|week|month|year|stunde|tag|nacht|woche|monat|jahr|heure|jour|nuit)\b",
    re.IGNORECASE,
)
_OR_MORE = re.compile(r"^\s+(?:or|and|und|oder|et|o)\s+(?:more|over|above|up|mehr|plus|más)\b", re.IGNORECASE)


def figures(text: str) -> list[Figure]:
    """All figures of a sentence, in the order of their kinds; none for most sentences."""
    return [*_periods(text), *_sums(text), *_shares(text)]


def without_figures(text: str) -> str:
    """The sentence with its figures taken out: what it is about."""
    for pattern in (_PERIOD, _SUM, _NOTHING, _SHARE):
        text = pattern.sub(" ", text)
    return text


def _periods(text: str) -> Iterator[Figure]:
    for match in _PERIOD.finditer(text):
        name = next(name for name in _UNITS if match[name.replace(" ", "_")])
        unit, times, _ = _UNITS[name]
        low = _count(match["low"])
        high = _count(match["high"]) if match["high"] else low
        yield Figure(Kind.PERIOD, _role(text, match), unit, low * times, high * times, match[0])


def _sums(text: str) -> Iterator[Figure]:
    for match in _SUM.finditer(text):
        amount = parse_number(match["one"] or match["two"])
        currency = _SIGNS[(match["before"] or match["after"]).lower()]
        if per := _PER.match(text, match.end()):
            currency = f"{currency} per {per['unit'].lower()}"
        yield Figure(Kind.SUM, _role(text, match), currency, amount, amount, match[0])
    for match in _NOTHING.finditer(text):
        yield Figure(Kind.SUM, Role.PLAIN, "", Decimal(0), Decimal(0), match[0])


def _shares(text: str) -> Iterator[Figure]:
    for match in _SHARE.finditer(text):
        share = parse_number(match["one"])
        yield Figure(Kind.SHARE, _role(text, match), "%", share, share, match[0])


def _count(written: str) -> Decimal:
    known = _MORE_WORDS.get(written.lower())
    return Decimal(known) if known is not None else parse_number(written)


def _role(text: str, match: re.Match[str]) -> Role:
    before = text[max(match.start() - 24, 0) : match.start()]
    if _FROM.search(before) or _OR_MORE.match(text[match.end() :]):
        return Role.FROM
    # "within" and "up to" both set a limit, and so does a bare figure: only sums and shares tell them apart
    return Role.UP_TO if _UP_TO.search(before) and match.re is not _PERIOD else Role.PLAIN
