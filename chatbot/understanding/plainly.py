"""A message as the rules read it: shouting calmed, slips set right, addresses of people and pages taken out. Pure.

What is asked of the policies and what is shown to the customer keep the customer's own words as far as they matter.
"""

import re
from decimal import Decimal

from chatbot.understanding.languages import language_of
from chatbot.understanding.spelling import corrected
from orders.currencies import CURRENCIES
from orders.references import Reference

_ADDRESS = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b|\bhttps?://\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>\n]{0,200}>")
_LINK = re.compile(r"\[([^\[\]\n]{0,200})\]\([^\s()]{0,300}(?:\([^\s()]{0,100}\)[^\s()]{0,100})?\)")
_WE = {"we": "i", "our": "my", "us": "me", "ours": "mine"}
_WE_WORD = re.compile(r"\b(?:we|our|us|ours)\b", re.IGNORECASE)
_NUMBER = r"(?:\d{1,3}(?:[  ']\d{3})+(?:[.,]\d{1,2})?|\d[\d.,]{0,14})"  # "12 490", "1,299.00"
_AMOUNT = re.compile(
    rf"(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|cad|aud|sek|nok|dkk|jpy|inr|pln)) ?(?P<after>{_NUMBER})|\b(?P<before>{_NUMBER}) ?-?(?:[$€£¥₹]|(?:{CURRENCIES})\b)"
    r"|\b(?P<bare>\d{1,6}[.,]\d{2})(?= (?:order|one|purchase|payment|charge)\b)"
    r"|\bthe (?P<round>\d{2,6})(?= (?:order|one|purchase)\b)"
    r"|\b(?:charged|paid|pay|cost|costs|spent|billed|charge of|payment of|order for|one for) (?P<said>\d{1,6}[.,]\d{2})\b",
    re.IGNORECASE,
)
# an amount beside one of these is a limit or a price of the shop, not what an order or an item cost
_NOT_OF_AN_ORDER = re.compile(
    r"\b(?:over|under|above|below|more than|less than|at least|up to|minimum|fee|discount|coupon|voucher|gift card|free from)\b",
    re.IGNORECASE,
)


def readable(text: str) -> str:
    """Return the message without markup, e-mail and web addresses, in ordinary case, with mistyped key words set right."""
    calm = _calm(_ADDRESS.sub(" ", _TAG.sub(" ", _LINK.sub(r"\1 ", text))))
    return calm if language_of(calm) else corrected(calm)


def spoken(text: str, references: tuple[Reference, ...]) -> str:
    """The text for the patterns: order numbers are "it", amounts are "such", and a company's "we" and "our" are one person's."""
    for found in reversed(references):
        text = f"{text[: found.start]}it{text[found.end :]}"
    return _WE_WORD.sub(lambda found: _WE[found[0].lower()], _AMOUNT.sub("such", text))


def without_amounts(text: str) -> str:
    return _AMOUNT.sub(" ", text)


def amount_of(text: str) -> Decimal | None:
    """The sum of money by which a text names an order or item ("the $89 order"); None if it names none, several, or a limit."""
    found = {_decimal(m["after"] or m["before"] or m["bare"] or m["round"] or m["said"]) for m in _AMOUNT.finditer(text)}
    return found.pop() if len(found) == 1 and not _NOT_OF_AN_ORDER.search(text) else None


def _decimal(written: str) -> Decimal | None:
    digits = written.strip(".,")
    whole, fraction = digits, ""
    if cut := re.search(r"[.,](\d{1,2})$", digits):
        whole, fraction = digits[: cut.start()], cut[1]
    return Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{fraction or 0}")


def _calm(text: str) -> str:
    """A text in capitals throughout in small letters; words with digits, which may be order numbers, stay."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 8 or sum(c.isupper() for c in letters) < 0.8 * len(letters):
        return text
    return " ".join(word if any(c.isdigit() for c in word) else word.lower() for word in text.split(" "))
