"""Whether a claim of an answer is in a source, given the day. Pure.

Values must agree with their unit and kind: "30 days" is not supported by "$30", nor "5 days" by "5 business days".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from chatbot.grounding.claim_values import Claim, Day, Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.readers import plain_id, same_currency
from chatbot.grounding.vocabulary import content_words, is_english
from chatbot.words import stem

SHORTEST_WORD = 4  # letters that tell one thing from another at the end of a longer word
_AT_LEAST = ("at least", "from", "earliest", "minimum", "no sooner", "starting")


@dataclass(frozen=True, slots=True)
class Source:
    """One text that an answer may rest on. n: its citation number, 0 for facts of orders. extra: values besides the text's own."""

    label: str
    text: str
    n: int
    claims: dict[Kind, tuple[Claim, ...]]
    words: frozenset[str]
    raw_words: frozenset[str]
    lowered: str
    is_english: bool | None


def source(label: str, text: str, *, n: int = 0, extra: Iterable[Claim] = ()) -> Source:
    """Read a text once, for all the sentences that will be checked against it."""
    found: dict[Kind, list[Claim]] = {}
    for claim in (*claims_in(text), *extra):
        found.setdefault(claim.kind, []).append(claim)
    raw = frozenset("".join(c if c.isalnum() else " " for c in text.lower()).split())
    claims = {kind: tuple(claims) for kind, claims in found.items()}
    return Source(label, text, n, claims, content_words(text), raw, text.lower(), is_english(text))


def values_of(text: str, *, extra: Iterable[Claim] = ()) -> Source:
    """Read a text for its values alone: what is asked of many short pieces."""
    found: dict[Kind, list[Claim]] = {}
    for claim in (*claims_in(text), *extra):
        found.setdefault(claim.kind, []).append(claim)
    claims = {kind: tuple(those) for kind, those in found.items()}
    return Source("", text, 0, claims, frozenset(), frozenset(), text.lower(), None)


def supports(claim: Claim, by: Source, *, today: date, sentence: str = "") -> bool:
    """Whether the source holds the claim. sentence: where the claim stands, for words like "at least"."""
    rule = _RULES.get(claim.kind)
    if rule is not None:
        return rule(claim, by, today, sentence.lower())
    return any(known.value == claim.value for known in by.claims.get(claim.kind, ()))


# --- days ---------------------------------------------------------------------------------------------------------------
def _nearest(month: int, day: int, today: date) -> date | None:
    """The day of that name that is nearest to today; None if it does not exist."""
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return min(found, key=lambda d: abs((d - today).days), default=None)


def days_meant(reading: tuple[int | None, int, int], today: date) -> set[date]:
    """The days that a day as written may mean."""
    year, month, day = reading
    if year is not None:
        return {date(year, month, day)}
    nearest = _nearest(month, day, today)
    return {d for d in (nearest, _in_year(today.year, month, day)) if d is not None}


def _in_year(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def days_in(by: Source, today: date) -> set[date]:
    """Every day a source names or may mean, relative ones included."""
    found = {d for c in by.claims.get(Kind.DATE, ()) for reading in c.value.readings for d in days_meant(reading, today)}
    for claim in by.claims.get(Kind.RELATIVE, ()):
        unit, distance = claim.value
        if unit in ("day", "ahead"):
            found.add(today + timedelta(days=distance))
    return found


def _date(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    said: Day = claim.value
    known = {reading for c in by.claims.get(Kind.DATE, ()) for reading in c.value.readings}
    for reading in said.readings:
        meant = {d for d in days_meant(reading, today) if said.weekday is None or d.weekday() == said.weekday}
        for other in known:
            if (other[1], other[2]) == (reading[1], reading[2]) and meant & days_meant(other, today):
                return True
        if meant & {today + timedelta(days=c.value[1]) for c in by.claims.get(Kind.RELATIVE, ()) if c.value[0] in ("day", "ahead")}:
            return True
    return False


def _weekday(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    said = {c.value for c in by.claims.get(Kind.WEEKDAY, ())}
    said |= {c.value.weekday for c in by.claims.get(Kind.DATE, ()) if c.value.weekday is not None}
    near = {d.weekday() for d in days_in(by, today) if abs((d - today).days) <= 8}
    return claim.value in said | near


def _month(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    year, month = claim.value
    named = {(r[0], r[1]) for c in by.claims.get(Kind.DATE, ()) for r in c.value.readings} | {
        c.value for c in by.claims.get(Kind.MONTH, ())
    }
    return any(m == month and (year is None or y is None or y == year) for y, m in named)


def _relative(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    unit, distance = claim.value
    if unit in ("day", "ahead"):
        if today + timedelta(days=distance) in days_in(by, today):
            return True
        # "you get it in 5 days" also tells a policy's "within 5 days"
        lengths = {c.value[1:] for c in by.claims.get(Kind.DURATION, ())}
        return unit == "ahead" and (Decimal(distance).normalize(), "day") in lengths
    first, last = _period(unit, distance, today)
    said = any(c.value == claim.value for c in by.claims.get(Kind.RELATIVE, ()))
    return said or any(first <= d <= last for d in days_in(by, today))


def _period(unit: str, distance: int, today: date) -> tuple[date, date]:
    """The first and the last day of this, the next or the last week (or weekend, month, year)."""
    if unit == "year":
        return date(today.year + distance, 1, 1), date(today.year + distance, 12, 31)
    if unit == "month":
        months = today.year * 12 + today.month - 1 + distance
        first = date(months // 12, months % 12 + 1, 1)
        return first, date((months + 1) // 12, (months + 1) % 12 + 1, 1) - timedelta(days=1)
    monday = today + timedelta(days=7 * distance - today.weekday())
    return (monday + timedelta(days=5), monday + timedelta(days=6)) if unit == "weekend" else (monday, monday + timedelta(days=6))


# --- quantities -----------------------------------------------------------------------------------------------------------
def _money(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    currency, amount = claim.value
    return any(c.value[1] == amount and same_currency(currency, c.value[0]) for c in by.claims.get(Kind.MONEY, ()))


def _duration(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    low, high, unit = claim.value
    for known in by.claims.get(Kind.DURATION, ()):
        known_low, known_high, known_unit = known.value
        # a table says "3–5 days" and, beside it, that days are business days
        same_unit = unit == known_unit or (unit == "business day" and known_unit == "day" and "business day" in by.lowered)
        if not same_unit:
            continue
        if (low, high) == (known_low, known_high):
            return True
        if low is None and high == known_high:
            return True
        if low is None and high == known_low and any(words in sentence for words in _AT_LEAST):
            return True
    if unit == "day" and low is None:  # "delivered 10 days ago" also supports "10 days"
        return any(c.value[0] in ("day", "ahead") and abs(c.value[1]) == high for c in by.claims.get(Kind.RELATIVE, ()))
    return False


# what a record counts; a bare "2" in it does not mean two of these
_COUNTED = {"package": "parcel", "packet": "parcel", "shipment": "parcel", "parcel": "parcel", "box": "parcel", "item": "item"}
_COUNTED |= {"article": "item", "product": "item", "thing": "item", "order": "order", "refund": "refund", "payment": "payment"}
for _kind, _abroad in (
    ("parcel", "paket pakete paketen sendung sendungen colis paquete paquetes pacco pacchi pakket pakketten"),
    ("item", "artikel artikeln article articles artículo artículos articolo articoli artikelen"),
    ("order", "bestellung bestellungen commande commandes pedido pedidos ordine ordini bestelling bestellingen"),
):
    _COUNTED |= dict.fromkeys(_abroad.split(), _kind)
_COUNTED_STEMS = {stem(word): stem(kind) for word, kind in _COUNTED.items()}


def _number(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    number, noun = claim.value
    counted = _thing(noun)
    for known in by.claims.get(Kind.NUMBER, ()):
        value, known_noun = known.value
        if value != number:
            continue
        if counted == _thing(known_noun) or not content_words(noun) or _is_kind_of(counted, _thing(known_noun)):
            return True
        if not known_noun and counted not in _COUNTED_STEMS.values():
            return True
    return noun == "" and number == number.to_integral_value() and any(d.year == number for d in days_in(by, today))


def _is_kind_of(one: str, other: str) -> bool:
    """Whether a counted word is the end of the other: "Raten" are "Monatsraten"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= SHORTEST_WORD and long.endswith(short)


def _thing(noun: str) -> str:
    """A counted word as it compares: parcels and packages are one."""
    return _COUNTED_STEMS.get(stem(noun), stem(noun))


# --- ids and addresses -----------------------------------------------------------------------------------------------------
def _identifier(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    known = {c.value for kind in (Kind.IDENTIFIER, Kind.PHONE) for c in by.claims.get(kind, ())}
    if claim.value in known:
        return True
    # "order 2378156" for "#W2378156": the digits alone, when they are all the digits there are
    return claim.value.isdigit() and any("".join(c for c in one if c.isdigit()) == claim.value for one in known)


def _phone(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    known = {c.value for kind in (Kind.PHONE, Kind.IDENTIFIER) for c in by.claims.get(kind, ())}
    return any(claim.value.lstrip("0") == one.lstrip("0") or plain_id(claim.text) == one for one in known)


def _host(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    named = {c.value for c in by.claims.get(Kind.HOST, ())} | {c.value.partition("@")[2] for c in by.claims.get(Kind.EMAIL, ())}
    named |= {c.value.partition("://")[2].partition("/")[0].removeprefix("www.") for c in by.claims.get(Kind.LINK, ())}
    return claim.value in named


def _street(claim: Claim, by: Source, today: date, sentence: str) -> bool:
    words = " ".join("".join(c if c.isalnum() else " " for c in by.text.casefold()).split())
    return f" {claim.value} " in f" {words} "


_Rule = Callable[[Claim, Source, date, str], bool]
_RULES: dict[Kind, _Rule] = {
    Kind.DATE: _date,
    Kind.WEEKDAY: _weekday,
    Kind.MONTH: _month,
    Kind.RELATIVE: _relative,
    Kind.MONEY: _money,
    Kind.DURATION: _duration,
    Kind.NUMBER: _number,
    Kind.IDENTIFIER: _identifier,
    Kind.PHONE: _phone,
    Kind.HOST: _host,
    Kind.STREET: _street,
}
