"""What the words and signs around a number say about it: an order's, or a price, a day, a phone, a post code. Pure.

All patterns look at a short stretch of text beside the number, so their cost does not grow with the text.
"""

import re
from enum import Enum

from orders.currencies import CURRENCIES

_BEFORE = 48  # characters looked at on either side


class Cue(Enum):
    """What the words before a number call it."""

    NONE = "nothing"
    ORDER = "order"
    ORDER_NUMBER = "order number"
    NUMBER = "number"
    TRACKING = "tracking number"
    OTHER = "something else"


_ORDER = {
    *("order", "orders", "ord", "purchase", "confirmation", "reference", "ref", "po", "invoice"),
    *("bestellung", "bestellnummer", "auftrag", "commande", "pedido", "ordine", "bestelling"),
}
_NUMBER = {"#", "number", "numbers", "no", "nos", "nr", "num", "nummer", "numero", "numéro", "número", "id", "ids"}
_NAMES_ALONE = {"#", "number", "numbers", "no", "nos", "nr", "num", "nummer", "bestellnummer", "reference", "ref"}
_FILLER = {"is", "was", "are", "ist", "est", "es"}
_TRACKING = {
    "tracking",
    "track",
    "awb",
    "waybill",
    "parcel",
    "shipment",
    "sendungsnummer",
    "suivi",
    "seguimiento",
    "trackingnummer",
}
_OTHER = {
    *("phone", "telephone", "tel", "mobile", "cell", "fax", "whatsapp", "call", "phones", "telefon", "handy"),
    *(
        "zip",
        "zipcode",
        "postcode",
        "postal",
        "plz",
        "apt",
        "apartment",
        "suite",
        "unit",
        "room",
        "floor",
        "street",
        "box",
        "house",
    ),
    *("item", "items", "sku", "product", "model", "style", "part", "serial", "article", "isbn", "ean", "upc", "size", "version"),
    *("card", "ending", "account", "iban", "cvv", "pin", "visa", "mastercard", "amex", "giftcard", "voucher", "coupon", "promo"),
    *("ticket", "case", "code", "total", "amount", "price", "cost", "costs", "worth", "charged", "paid", "pay", "year"),
    *("over", "under", "above", "below", "than", "win", "top", "page", "step", "option", "question"),
    *("membership", "member", "loyalty", "flight", "train", "gate", "route", "bus"),
}
_WORD = re.compile(r"#|[^\W\d_]+|[^\s\w]")
_CURRENCY = CURRENCIES
_MONEY_BEFORE = re.compile(rf"(?:[$€£¥₹]\s?|\b(?:{_CURRENCY})\s?)-?$", re.IGNORECASE)
_MONEY_AFTER = re.compile(
    rf"(?:[  ']\d{{3}}){{0,3}}(?:\s?(?:[$€£¥₹%‰]|(?:percent|pct|{_CURRENCY})\b)|[.,]\d{{2}}\s?(?:[$€£¥₹]|(?:{_CURRENCY})\b))",
    re.IGNORECASE,
)
_MONEY_BEGUN = re.compile(rf"(?:[$€£¥₹]|\b(?:{_CURRENCY})) ?\d{{1,3}}(?:[  ']\d{{3}}){{0,2}}[  ']$", re.IGNORECASE)
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})*[.,]\d{1,2}|\d+[.,]\d{1,2}")
_UNIT = re.compile(
    r"\s?-?(?:days?|weeks?|months?|years?|yrs?|hours?|hrs?|h|minutes?|mins?|seconds?|business|working|times?|am|pm|a\.m|p\.m|"
    r"items?|pieces?|pcs|pairs?|units?|packs?|boxes|copies|sets?|x|more|stars?|percent|points?|people|persons?|"
    r"cm|mm|m|km|inch|inches|in|ft|feet|miles?|kg|g|grams?|lbs?|oz|ml|l|liters?|litres?|gb|tb|mb|w|watts?|v|volts?|mah|"
    r"degrees?|of|or|to|st|nd|rd|th|tage?|wochen?|jours?|días?)\b|\s?[\"″'′°×]",
    re.IGNORECASE,
)
_MONTH = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_DATE = re.compile(
    r"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])(?:[-/.](?:0?[1-9]|[12]\d|3[01]))?(?:T.*)?|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])"
    r"(?:[-/.](?:(?:19|20)\d\d|\d\d))?|(?:0?[1-9]|[12]\d|3[01])-(?:" + _MONTH + r")(?:-(?:19|20)?\d\d)?",
    re.IGNORECASE,
)
_MONTH_BEFORE = re.compile(rf"\b(?:{_MONTH})\.?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?$", re.IGNORECASE)
_MONTH_AFTER = re.compile(rf"(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})\b", re.IGNORECASE)
_PHONE = re.compile(r"\d{3}[-.]\d{4}|\d{2,5}(?:[-/.]\d{2,4}){2,}")
_PHONE_NATIONAL = re.compile(r"(?:1[-.])?\d{3}[-.]\d{3}[-.]\d{4}")
_PHONE_BEFORE = re.compile(
    r"\+(?:\d{1,3}[ -.]?)?$|\b(?:call|text|reach|ring|phone|whatsapp) (?:(?:me|us|him|her) )?(?:(?:at|on|under) )?$", re.IGNORECASE
)
_PHONE_WITH_ZERO = re.compile(r"0\d{2,5}[ /-]\d{5,8}")
_INTERNATIONAL = re.compile(r"\+\d{1,3}(?:[ ./-]?\(?\d{1,7}\)?){1,6}")
_PHONE_GROUPS = re.compile(r"[+(]?\d{2,4}[)]?[ -]\d{3}[ -]\d{3,4}(?:[ -]\d{2,4})?")
_STREET_AFTER = re.compile(
    r"\s+(?:[^\W\d_][\w.'’-]{0,20}\s+){1,3}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|square|highway)\b",
    re.IGNORECASE,
)
_STATE_BEFORE = re.compile(r"[^\W\d_],? [A-Z]{2},? ?$")
_NAME_BEFORE = re.compile(r"(?<=[^\W_][ ,])[A-ZÀ-Þ][^\W\d_]{2,} $")
_LONGEST_OF_A_NAME = 6  # digits of a model's number or a post code; a longer number is hardly either
_NAME_AFTER = re.compile(
    r" (?!(?:Please|Thanks?|Thx|Bitte|Danke|Merci|Gracias|Where|When|What|Has|Is)\b)[A-ZÀ-Þ][^\W\d_]{2,}(?!\w)"
)
_URL = re.compile(r"\b(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with web and e-mail addresses, and phone numbers with a country's code, blanked out; same length."""
    if "@" in text or "://" in text or "www." in text.lower():
        text = _URL.sub(_blank, text)
    return _INTERNATIONAL.sub(lambda m: _blank(m) if sum(c.isdigit() for c in m[0]) >= 8 else m[0], text) if "+" in text else text


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def cue_before(text: str, start: int) -> Cue:
    """What the last words before a number call it, fillers left aside ("order number is: …")."""
    words = [w.casefold() for w in _WORD.findall(text[max(0, start - _BEFORE) : start])][-6:]
    numbered = ""
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        if word in ":=(\"'“„*":
            continue
        if word == ".":  # the end of a sentence, unless it shortens "no."
            if place and words[place - 1] in (_NUMBER | {"ref", "ord", "tel"}):
                continue
            break
        if word in _ORDER:
            return Cue.ORDER_NUMBER if numbered or word in _NAMES_ALONE or word == "confirmation" else Cue.ORDER
        if word in _TRACKING:
            return Cue.TRACKING
        if word in _OTHER:
            return Cue.OTHER
        if word == "in" and place and words[place - 1] == "ending":
            return Cue.OTHER
        if word in _NUMBER:
            numbered = numbered if numbered == "#" or numbered in _NAMES_ALONE else word
            continue
        if word in _FILLER:
            continue
        break
    return Cue.NUMBER if numbered in _NAMES_ALONE else Cue.NONE


def is_money(text: str, start: int, end: int) -> bool:
    """A price, or a share in percent."""
    if _MONEY_BEFORE.search(text, max(0, start - 12), start) or _MONEY_AFTER.match(text, end):
        return True
    if end - start == 3 and _MONEY_BEGUN.search(text, max(0, start - 20), start):  # "SEK 12 490"
        return True
    written = text[start:end]
    return bool(_AMOUNT.fullmatch(written)) or bool(
        written.isdigit() and len(written) <= 3 and re.match(r",\d{3}(?!\d)", text[end : end + 5])
    )


def is_quantity(text: str, start: int, end: int) -> bool:
    """A short number with a unit or a thing counted: "30 days", "12 cm", "3 of them"."""
    written = text[start:end]
    if re.fullmatch(r"\d{1,4}(?:[.,-]\d{1,3})?", written):
        return bool(_UNIT.match(text, end))
    return bool(
        re.fullmatch(
            r"\d{1,4}(?:days?|weeks?|months?|cm|mm|in|ft|kg|g|lbs?|oz|ml|l|gb|tb|mah|st|nd|rd|th|x)|\d{1,4}(?:x\d{1,4}){1,2}(?:cm|mm|in)?",
            written,
            re.IGNORECASE,
        )
    )


def is_date(text: str, start: int, end: int) -> bool:
    """A calendar date, or the day or year of one that is written with the month's name."""
    written = text[start:end]
    if _DATE.fullmatch(written):
        return True
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?|\d{4}", written):
        return bool(_MONTH_BEFORE.search(text, max(0, start - 24), start) or _MONTH_AFTER.match(text, end))
    return False


def is_year(key: str) -> bool:
    return len(key) == 4 and key[:2] in ("19", "20")


def is_zip(text: str, start: int, end: int) -> bool:
    """A post code after a state ("Denver, CO 80202"), or one with its extension ("80202-1234")."""
    written = text[start:end]
    if re.fullmatch(r"\d{5}-\d{4}", written):
        return True
    return bool(re.fullmatch(r"\d{5}", written) and _STATE_BEFORE.search(text, max(0, start - 8), start))


def is_house_number(text: str, start: int, end: int) -> bool:
    """A short number before the name of a street ("1100 Main Street")."""
    return bool(re.fullmatch(r"\d{1,5}", text[start:end]) and _STREET_AFTER.match(text, end, end + 80))


def is_part_of_a_name(text: str, start: int, end: int) -> bool:
    """A bare number that belongs to a name beside it: "LEGO 10295", "10115 Berlin". A word at the beginning of a sentence is no name."""
    if end - start > _LONGEST_OF_A_NAME:
        return False
    before = _NAME_BEFORE.search(text, max(0, start - 24), start)
    return bool(before) or bool(_NAME_AFTER.match(text, end, end + 24))


def is_other_number(text: str, start: int, end: int, *, named: bool, known: bool) -> bool:
    """A phone number or a payment card's. named: it was called an order's number; known: it has the shop's format.

    Both leave only clear signs of a phone: "+1 …", "call me at …", 555-123-4567.
    """
    written, before = text[start:end], text[max(0, start - 24) : start]
    if _PHONE_BEFORE.search(before) or (before.endswith("(") and text[end : end + 1] == ")" and len(written) == 3):
        return True
    if any(_beside(m.span(), start, end) for m in _PHONE_WITH_ZERO.finditer(text, max(0, start - 7), end + 9)):
        return True
    if named:
        return False
    if _PHONE_NATIONAL.fullmatch(written):
        return True
    spans = [
        (m.start() - min(start, 16) + start, m.end() - min(start, 16) + start)
        for m in _PHONE_GROUPS.finditer(text[max(0, start - 16) : end + 16])
    ]
    if any(first <= start < last and (first, last) != (start, end) for first, last in spans):
        return True
    if known:
        return False
    digits = "".join(c for c in written if c.isdigit())
    if len(digits) == 16 and written.isdigit() and digits[0] in "23456" and _luhn(digits):
        return True
    in_fours = bool(re.fullmatch(r"\d{4}", written) and re.search(r"\d{4} $", before))
    return bool(spans and any(first <= start < last for first, last in spans)) or bool(_PHONE.fullmatch(written)) or in_fours


def _beside(span: tuple[int, int], start: int, end: int) -> bool:
    """Whether a number is one part of what stands there, and not the whole."""
    return span[0] <= start < span[1] and span != (start, end)


def _luhn(digits: str) -> bool:
    """Whether the check digit of a payment card is right."""
    doubled = [int(c) * (2 if place % 2 else 1) for place, c in enumerate(reversed(digits))]
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0
