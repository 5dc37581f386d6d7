"""What personal data looks like: e-mail addresses, phone numbers, numbers of cards and bank accounts, street addresses. Pure."""

import re
from collections.abc import Sequence

from chatbot.streets import STREETS

EMAIL, PHONE, CARD, ACCOUNT, ADDRESS, NAME = "EMAIL", "PHONE", "CARD", "ACCOUNT", "ADDRESS", "NAME"
IN_WORDS = {
    EMAIL: "e-mail address",
    PHONE: "phone number",
    CARD: "card number",
    ACCOUNT: "bank account",
    ADDRESS: "street address",
    NAME: "name",
}

_AT = r"(?:@| ?(?:\(at\)|\[at\]) ?)"
_DOT = r"(?:\.| ?(?:\(dot\)|\[dot\]|\(punkt\)|\(point\)) ?)"
_EMAIL = re.compile(
    rf"(?<![\w.+'-])\w[\w.+'-]*{_AT}[\w-]+(?:{_DOT}[\w-]+)+|(?<![\w.+'-])\w[\w.+'-]*@[\w-]+(?![\w.-])", re.IGNORECASE
)
_GAP = r"[ .\-/\u00a0\u202f]"
# a whole card number, also where a date of expiry follows it
_CARDS = (
    re.compile(rf"(?<![\w#])\d(?:{_GAP}?\d){{12,18}}(?!\w)"),
    re.compile(
        rf"(?<![\w#])(?:\d{{4}}{_GAP}){{3}}\d{{4}}(?!\d)|(?<![\w#])\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}(?!\d)|(?<![\w#])\d{{13,19}}(?!\w)"
    ),
)
_IBANS = (
    re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
    re.compile(r"\b[a-z]{2}\d{2}[a-z0-9]{11,30}\b"),
)
_SEPARATED = r"\d[\d -./()\u00a0\u202f]{4,16}\d"
_CALLED = (
    r"phone(?: number)?|mobile(?: number)?|cell(?:phone)?|tel(?:ephone)?\.?|telefon(?:nummer|o)?|téléphone|teléfono|móvil|portable|handy(?:nummer)?|cellulare|gsm|whatsapp"
    r"|call me (?:on|at)|ring me (?:on|at)|text me (?:on|at)|reach me (?:on|at)|rufen sie mich unter|appelez-moi au|llámame al|chiamatemi al|bel me op"
)
_PHONES = (
    # after a word for it, in any grouping
    re.compile(rf"\b(?:{_CALLED})(?: (?:is|ist|est|es|è|nr\.?|no\.?))?[:\s]\s*(?P<value>\+?{_SEPARATED})(?!\w)", re.IGNORECASE),
    # with the mark of another country, or with the nought of a trunk line
    re.compile(
        r"(?<![\w.,#/-])(?:\+\d|\(0?\d{1,4}\)|0\d)[\d ()/.\u00a0\u202f-]{5,17}\d(?![\w-])|(?<![\w#])(?:\+|00)\d{9,14}(?!\w)"
    ),
    # as countries without that nought group them: 503-555-0100, 612 34 56 78, 512 345 678, 98765 43210
    re.compile(r"(?<![\w.,-])\d{3}[-. ]\d{3}[-. ]\d{4}(?!\w)|(?<![\w.,#-])[5-9]\d{2}([ -])\d{2}\1\d{2}\1\d{2}(?![\w-])"),
    re.compile(
        r"(?<![\w.,#$€£-])[5-9]\d{2}([ -])\d{3}\1\d{3}(?![\w-]|[.,]\d| ?(?:€|kr|EUR|JPY|SEK))|(?<![\w.,#-])[6-9]\d{4} \d{5}(?![\w-])"
    ),
)
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}")
SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_EMAIL, EMAIL),
    *((pattern, ACCOUNT) for pattern in _IBANS),
    *((pattern, CARD) for pattern in _CARDS),
    *((pattern, PHONE) for pattern in _PHONES),
    *((pattern, ADDRESS) for pattern in STREETS),
)


def is_other(written: str, kind: str) -> bool:
    """Whether what looks like a kind of personal data is something else: a day, a number too short, a number that cannot be a card's."""
    if kind == ACCOUNT:
        return not _is_iban(written)
    digits = [int(c) for c in written if c.isdigit()]
    if kind == CARD:
        return not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6) or not _passes_luhn(digits)
    return kind == PHONE and (not 7 <= len(digits) <= 15 or bool(_DATE.fullmatch(written.strip())))


def _passes_luhn(digits: Sequence[int]) -> bool:
    doubled = (d if place % 2 == 0 else d * 2 - 9 * (d > 4) for place, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _is_iban(written: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616)."""
    plain = "".join(written.split()).upper()
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1
