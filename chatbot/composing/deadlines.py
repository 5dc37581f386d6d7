"""A period that a quoted sentence grants from the delivery or the order, counted from an order's own dates. Pure.

Only a sentence that names exactly one such period is counted; anything less clear is quoted without a conclusion.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orders.records import OrderRecord

_WORDS = {
    "seven": 7, "ten": 10, "fourteen": 14, "fifteen": 15, "twenty": 20, "twenty-one": 21, "thirty": 30, "forty-five": 45,
    "sixty": 60, "ninety": 90, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_PERIOD = re.compile(
    rf"\b(?P<number>\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?:\s*\(\d+\))?[\s-]+(?P<unit>calendar days?|days?|weeks?|Tagen?|Wochen?|jours?|semaines?|d[ií]as?|semanas?)\b"
    r"(?P<between>[^.;!?]{0,40}?)\b(?:of|from|after|since|following|nach|ab|seit|après|suivant|de|desde|tras|después)\b(?=(?P<start>[^.,;!?]{0,40}))",
    re.IGNORECASE,
)
_DELIVERY = re.compile(
    r"\b(?:deliver\w*|receipt|receiv\w*|arriv\w*|reach\w*|get it|got it|Erhalt|Lieferung|Zustellung|Ankunft|réception|livraison|recepción|entrega)\b",
    re.IGNORECASE,
)
_ORDERING = re.compile(
    r"\b(?:order(?:ed|ing)?|purchase\w*|bought|buying|placing|Bestellung|Kauf|commande|achat|pedido|compra)\b", re.IGNORECASE
)
_BUSINESS = re.compile(r"\b(?:business|working|Werktag\w*|ouvr\w+|hábiles|laborables)\b", re.IGNORECASE)
_WEEKS = ("week", "woche", "semain", "semana")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day by that sentence. days: as granted; counted_from: the order's own day."""

    days: int
    counted_from: date
    last_day: date
    after_delivery: bool


def grants_a_period(text: str) -> bool:
    """Whether a text names a number of days or weeks from the delivery or the order."""
    return any(_DELIVERY.search(m["start"]) or _ORDERING.search(m["start"]) for m in _PERIOD.finditer(text))


def deadline(sentence: str, order: OrderRecord) -> Deadline | None:
    """Return the last day that the sentence grants for this order; None when it grants none, several, or the day is not known."""
    found = {}
    for match in _PERIOD.finditer(sentence):
        if _BUSINESS.search(match["between"]):
            return None
        after_delivery = bool(_DELIVERY.search(match["start"]))
        if not after_delivery and not _ORDERING.search(match["start"]):
            continue
        raw = match["number"].lower()
        days = int(raw) if raw.isdigit() else _WORDS[raw]
        found[days * (7 if match["unit"].lower().startswith(_WEEKS) else 1), after_delivery] = match
    if len(found) != 1:
        return None
    (days, after_delivery), _ = found.popitem()
    start = order.delivered_at if after_delivery else order.placed_at
    if start is None:
        return None
    first = start.date() if isinstance(start, datetime) else start
    return Deadline(days, first, first + timedelta(days=days), after_delivery)
