"""The end or the beginning of an order's number in free text: "the one ending in 156", "the last four digits are 8156", "it starts with 10". Pure."""

import re
from dataclasses import dataclass

from orders.near import BEGINS, SHORTEST_END
from orders.reference_context import is_date, is_quantity
from orders.references import key_of

MOST = 5  # in one text; more is not a question
_END = r"#?(?P<{}>[^\W_]{{1,20}}(?:[-/.][^\W_]{{1,6}}){{0,3}})(?![^\W_])"
_DIGITS = r"(?:digits?|numbers?|characters?|letters?|figures?)"
_HOW_MANY = r"(?:two|three|four|five|six|couple|few|[2-6]) "
_OF_IT = r"(?: of (?:it|(?:my|the|this|that) (?:order number|order|number)))?(?: (?:is|are|being))?:? "
_ENDS = re.compile(
    rf"\b(?:(?:ending|finishing)(?: (?:in|with|on|by))?|(?:ends?|finish(?:es)?) (?:in|with|on|by)):? {_END.format('said')}"
    rf"|\blast (?:{_HOW_MANY})?{_DIGITS}{_OF_IT}{_END.format('digits')}"
    rf"|\b(?:endet (?:auf|mit)|termin(?:e|ant) par|termin(?:a|ado) en|finisce (?:con|per)|eindigt op) {_END.format('abroad')}"
    rf"|(?<![^\W_])(?:…|\.{{2,}}|\*{{2,}}|[xX]{{2,}}[-/]?){_END.format('dotted')}",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    rf"\b(?:(?:start|beginn)ing|starts|begins|(?:that|which|they|orders|numbers) (?:start|begin)) with:? {_END.format('said')}"
    rf"|\bfirst (?:{_HOW_MANY})?{_DIGITS}{_OF_IT}{_END.format('digits')}"
    rf"|\b(?:beginnt mit|commen(?:ce|çant) par|(?:empieza|comienza) (?:por|con)|(?:in)?comincia (?:con|per)|inizia (?:con|per)|begint met) {_END.format('abroad')}"
    rf"|\bmit {_END.format('german')}(?= (?:beginn|anf[aä]ng))",
    re.IGNORECASE,
)
# what ends like that is no order's number
_OF_OTHERS = re.compile(
    r"\b(?:card|visa|mastercard|amex|account|iban|phone|mobile|telephone|tel|zip|postcode|post code|voucher|coupon|giro|paypal)\b[^.?!]{0,24}$",
    re.IGNORECASE,
)

_SHARE = re.compile(r" ?(?:%|percent)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ending:
    """What a number ends in, or with `begins` begins with, as written: key == key_of(text[start:end]). The phrase is text[phrase_start:end]."""

    key: str
    phrase_start: int
    end: int
    begins: bool = False

    @property
    def asked(self) -> str:
        """As `Wanted.endings` has it: "156", or "10…" for a beginning."""
        return f"{self.key}{BEGINS}" if self.begins else self.key


def find_endings(text: str) -> tuple[Ending, ...]:
    """Return the ends and beginnings of order numbers that a text names, in order; those of cards, accounts, phones and post codes are
    left out.
    """
    matches = [(match, False) for match in _ENDS.finditer(text)] + [(match, True) for match in _BEGINS.finditer(text)]
    found = []
    for match, begins in sorted(matches, key=lambda one: one[0].start()):
        written = next(said for said in match.groups() if said)
        key = key_of(written)
        start, before = match.end() - len(written), text[max(0, match.start() - 40) : match.start()]
        if len(key) < SHORTEST_END or not any(c.isdigit() for c in key) or _OF_OTHERS.search(before):
            continue
        if is_quantity(text, start, match.end()) or is_date(text, start, match.end()) or _SHARE.match(text, match.end()):
            continue
        found.append(Ending(key, match.start(), match.end(), begins))
    return tuple(found[:MOST])
