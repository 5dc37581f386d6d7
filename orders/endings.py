"""The end of an order's number in free text: "the one ending in 156", "order …8156", "the last four digits are 8156". Pure."""

import re
from dataclasses import dataclass

from orders.reference_context import is_date, is_quantity
from orders.references import key_of

MOST = 5  # in one text; more is not a question
_END = r"#?(?P<{}>[^\W_]{{1,6}}(?:[-/.][^\W_]{{1,6}}){{0,3}})"
_DIGITS = r"(?:digits?|numbers?|characters?|letters?|figures?)"
_HOW_MANY = r"(?:two|three|four|five|six|couple|few|[2-6]) "
_SAID = re.compile(
    rf"\b(?:(?:ending|finishing)(?: (?:in|with|on|by))?|(?:ends?|finish(?:es)?) (?:in|with|on|by)):? {_END.format('ending')}"
    rf"|\blast (?:{_HOW_MANY})?{_DIGITS}(?: of (?:it|(?:my|the|this|that) (?:order number|order|number)))?(?: (?:is|are|being))?:? {_END.format('last')}"
    rf"|(?<![^\W_])(?:…|\.{{2,}}|\*{{2,}}|[xX]{{2,}}[-/]?){_END.format('dotted')}",
    re.IGNORECASE,
)
# what ends like that is no order's number
_OF_OTHERS = re.compile(
    r"\b(?:card|visa|mastercard|amex|account|iban|phone|mobile|telephone|tel|zip|postcode|post code|voucher|coupon|giro|paypal)\b[^.?!]{0,24}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Ending:
    """What a number ends in, as written: key == key_of(text[start:end]). The whole phrase is text[phrase_start:end]."""

    key: str
    phrase_start: int
    end: int


def find_endings(text: str) -> tuple[Ending, ...]:
    """Return the ends of order numbers that a text names, in order; those of cards, accounts, phones and post codes are left out."""
    found = []
    for match in _SAID.finditer(text):
        written = match["ending"] or match["last"] or match["dotted"]
        key = key_of(written)
        start, before = match.end() - len(written), text[max(0, match.start() - 40) : match.start()]
        if len(key) < 2 or not any(c.isdigit() for c in key) or _OF_OTHERS.search(before):
            continue
        if is_quantity(text, start, match.end()) or is_date(text, start, match.end()):
            continue
        found.append(Ending(key, match.start(), match.end()))
    return tuple(found[:MOST])
