"""The readers of claims: a regular expression each, in the order they are tried, and what its match means. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal

from chatbot.grounding.claim_values import Claim, Kind, Reader
from chatbot.grounding.date_readers import DATE_READERS
from chatbot.streets import STREETS
from retrieval.numerals import NUMBER, SPACED_NUMBER, WORD, WORDS, parse_number

# --- addresses ------------------------------------------------------------------------------------------------------
_LINK = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"'`\]¦]+|\b(?:mailto|tel|javascript|data):[^\s<>\"'`\]¦]+|(?<=\]\()[^\s)]+", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(
    r"(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|co|shop|store|example|info|biz|dev|app|[a-z]{2})(?:/[^\s<>\"')\]¦]*)?(?![\w.]*@|\w)",
    re.IGNORECASE,
)


def read_link(match: re.Match[str]) -> Iterator[Claim]:
    url = match[0].rstrip(".,;:!?*_")
    while url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1].rstrip(".,;:!?*_")
    yield Claim(Kind.LINK, plain_link(url), url)


def plain_link(url: str) -> str:
    """A link as it compares: without its last slash, scheme and host in lower case."""
    scheme, mark, rest = url.rstrip("/").partition("://")
    if not mark:
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"


def _read_email(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.EMAIL, match[0].lower().rstrip("."), match[0])


def _read_host(match: re.Match[str]) -> Iterator[Claim]:
    host = match[0].rstrip(".,/")
    letters = host.partition("/")[0]
    if len(letters) > 5 and not re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", letters) and not letters[0].isdigit():
        yield Claim(Kind.HOST, letters.lower().removeprefix("www."), host)


def _read_street(match: re.Match[str]) -> Iterator[Claim]:
    """Value: the words and the number of the house, as they compare."""
    yield Claim(Kind.STREET, " ".join(re.findall(r"\w+", match[0].casefold())), match[0])


# --- money and shares -----------------------------------------------------------------------------------------------
_SYMBOLS = {
    "$": "$", "us$": "USD", "ca$": "CAD", "c$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "r$": "BRL",
    "mx$": "MXN", "€": "EUR", "£": "GBP", "¥": "¥", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "฿": "THB", "₫": "VND", "₪": "ILS",
    "₴": "UAH", "kr": "kr", "kr.": "kr", "zł": "PLN", "kč": "CZK", "fr.": "CHF", "sfr.": "CHF", "rs.": "INR", "ft": "HUF", "lei": "RON",
}  # fmt: skip
_CODE_LIST = (
    "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN TRY UAH RUB ILS AED SAR INR CNY KRW SGD HKD TWD THB VND IDR "
    "MYR PHP ZAR BRL MXN ARS CLP COP EGP NGN KES MAD"
)
_CODES = "|".join(_CODE_LIST.split())
_NAMES = {
    "dollar": "$", "dollars": "$", "euro": "EUR", "euros": "EUR", "pounds sterling": "GBP", "pounds": "GBP", "quid": "GBP", "yen": "¥",
    "yuan": "¥", "rupees": "INR", "francs": "CHF", "kronor": "kr", "kroner": "kr", "crowns": "kr", "zloty": "PLN", "cents": "cents", "cent": "cents",
}  # fmt: skip
_DOLLARS = frozenset({"$", "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN"})
_FAMILIES = (_DOLLARS, frozenset({"¥", "JPY", "CNY"}), frozenset({"kr", "SEK", "NOK", "DKK", "ISK"}))
_SYMBOL = "|".join(sorted(map(re.escape, _SYMBOLS), key=len, reverse=True))
_BEFORE = rf"(?P<before>(?<![\w])(?:{_SYMBOL})|\b(?:{_CODES})\b)"
_AFTER = rf"(?P<after>(?:{_SYMBOL})(?!\w)|(?:{_CODES})\b|(?:{'|'.join(sorted(_NAMES, key=len, reverse=True))})\b)"
_TO = r"\s*(?:-|–|—|\bto\b|\bbis\b|\bà\b|\btot\b)\s*"
_TO_OR_AND = r"\s*(?:-|–|—|\bto\b|\band\b|\bor\b|\bbis\b|\bund\b|\bà\b|\ba\b|\bet\b|\by\b|\btot\b|\ben\b)\s*"
_MONEY_BEFORE = re.compile(
    rf"{_BEFORE}\s?(?P<one>{SPACED_NUMBER})(?:{_TO}(?P<two>{NUMBER})(?!\s*(?:%|days?|weeks?|months?)))?(?:\s?(?:{_CODES})\b)?",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(rf"(?<![\w.,])(?P<one>{SPACED_NUMBER})(?:{_TO}(?P<two>{NUMBER}))?\s?{_AFTER}", re.IGNORECASE)
_PERCENT = re.compile(
    rf"(?<![\w.,])(?P<one>{NUMBER})(?:{_TO}(?P<two>{NUMBER}))?\s?(?:%|percent\b|per cent\b|prozent\b)", re.IGNORECASE
)


def _read_money(match: re.Match[str]) -> Iterator[Claim]:
    groups = match.groupdict()
    currency = _currency(groups.get("before") or groups.get("after") or "")
    for part in (groups["one"], groups["two"]):
        if part:
            amount = parse_number(part)
            yield Claim(Kind.MONEY, ("$", amount / 100) if currency == "cents" else (currency, amount), match[0])


def _currency(written: str) -> str:
    lowered = written.lower()
    return _SYMBOLS.get(lowered) or _NAMES.get(lowered) or written.upper()


def same_currency(one: str, other: str) -> bool:
    """Whether two ways to write a currency can mean the same: "$" may be any dollar, "USD" is never "CAD"."""
    if one == other:
        return True
    return any(one in family and other in family and {one, other} & {"$", "¥", "kr"} for family in _FAMILIES)


def _read_percent(match: re.Match[str]) -> Iterator[Claim]:
    for part in (match["one"], match["two"]):
        if part:
            yield Claim(Kind.PERCENT, parse_number(part), match[0])


# --- periods ----------------------------------------------------------------------------------------------------------
_PERIODS = {
    "minute": "minutes? minuten? minutos?",
    "hour": "hours? hrs? stunden? heures? horas? uur uren ore",
    "business day": r"(?:business|working|work|banking)[\s-]days? werktag(?:en?)? arbeitstag(?:en?)? werkdag(?:en)?"
    r" jours?\s(?:ouvrés?|ouvrables?) días?\s(?:hábiles|laborables) giorni\slavorativi dias\súteis",
    "day": r"(?:calendar[\s-])?days? tag(?:en?)? kalendertag(?:en?)? jours? días? dias? dag(?:en)? giorn[oi]",
    "week": "weeks? wks? wochen? semaines? semanas? week weken settiman[ae]",
    "month": "months? monat(?:en?)? mois mes(?:es)? maand(?:en)? mes[ei]",
    "year": "years? yrs? jahr(?:en?)? ans? années? años? anos? jaar ann[oi]",
}
_UNIT = "|".join(f"(?P<u{i}>{'|'.join(sorted(words.split(), key=len, reverse=True))})" for i, words in enumerate(_PERIODS.values()))
_UNIT_NAMES = tuple(_PERIODS)
_AMOUNT = rf"(?:{NUMBER}|\b(?:{WORD})\b)"
_DURATION = re.compile(
    rf"(?<![\w.,])(?P<one>{_AMOUNT})(?:\s*\(\d+\))?(?:{_TO_OR_AND}(?P<two>{_AMOUNT}))?(?:[\s-]+|(?=[A-Za-z]))(?:full |whole |more )?(?:{_UNIT})\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    rf"\b(?:in|within|after|for|up to|at least|about|another|under)\s+(?P<one>an?|one)\s+(?:full |whole )?(?:{_UNIT})\b",
    re.IGNORECASE,
)
# how many of the smaller unit: two weeks are 14 days, a year is 12 months
_AS_SMALLER = {"week": ("day", 7), "year": ("month", 12)}


def _read_duration(match: re.Match[str]) -> Iterator[Claim]:
    """Value: (shortest or None, longest, unit)."""
    unit = next(_UNIT_NAMES[i] for i in range(len(_UNIT_NAMES)) if match[f"u{i}"])
    one = Decimal(1) if match["one"].lower() in ("a", "an") else parse_number(match["one"])
    two = parse_number(match["two"]) if match.groupdict().get("two") else None
    unit, times = _AS_SMALLER.get(unit, (unit, 1))
    if unit == "hour" and one % 24 == 0 and (two is None or two % 24 == 0) and one > 0:
        one, two, unit = one / 24, None if two is None else two / 24, "day"
    low, high = (None, one) if two is None else (one, two)
    yield Claim(Kind.DURATION, (None if low is None else (low * times).normalize(), (high * times).normalize(), unit), match[0])


# --- ids and numbers ------------------------------------------------------------------------------------------------
_PHONE = re.compile(
    r"(?<![\w.,-])(?:\+|\(0?\d{1,4}\)|0)[\d\s()/.-]{6,18}\d(?![\w-])|(?<![\w.,-])\d{3}[-.\s]\d{3}[-.\s]\d{4}(?!\w)|(?<!\w)1-8\d\d-\d{3}-\d{4}(?!\w)"
)
_IDENTIFIER = re.compile(
    r"#\s?(?=[\w-]*\d)\w[\w-]*|(?<![\w-])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w])|(?<![\w.,])\d{5,}(?![\w]|[.,]\d)"
)
_MEASURED = re.compile(r"\d+(?:st|nd|rd|th|x|kg|g|mg|lb|lbs|oz|cm|mm|m|km|ft|in|l|ml|w|v|mah|gb|tb|mb|k|h|d|e|er)", re.IGNORECASE)
_COUNT = re.compile(
    rf"(?<![\w.,#])(?P<number>{NUMBER})(?!\w)(?:\s*[×x]\b)?(?:[\s-]+(?P<noun>[^\W\d_]+))?|(?P<measured>(?<![\w.,#])\d+(?:[.,]\d+)?)(?P<unit>[A-Za-z]{{1,3}})\b"
)
_WORD_COUNT = re.compile(
    rf"\b(?P<number>{'|'.join(w for w in sorted(WORDS, key=len, reverse=True) if w not in ('one', 'zero'))})\b(?:[\s-]+(?P<noun>[^\W\d_]+))?",
    re.IGNORECASE,
)


def _read_phone(match: re.Match[str]) -> Iterator[Claim]:
    digits = re.sub(r"\D", "", match[0])
    if 7 <= len(digits) <= 15:
        yield Claim(Kind.PHONE, digits, match[0])


def _read_identifier(match: re.Match[str]) -> Iterator[Claim]:
    written = match[0]
    if _MEASURED.fullmatch(written) or re.fullmatch(r"\d+-[a-z]+(?:-[a-z]+)*|[a-z]+-\d{1,2}", written):
        return  # "10kg", "3rd", "30-day", "size-42"
    yield Claim(Kind.IDENTIFIER, plain_id(written), written)


def plain_id(text: str) -> str:
    """An id as it compares: letters and digits only, in upper case."""
    return re.sub(r"[\W_]", "", text).upper()


def _read_number(match: re.Match[str]) -> Iterator[Claim]:
    """Value: (number, the word counted or "")."""
    groups = match.groupdict()
    number, noun = groups["number"] or groups.get("measured") or "", groups.get("noun") or groups.get("unit") or ""
    yield Claim(Kind.NUMBER, (parse_number(number), noun.lower()), match[0].strip())


READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_LINK, read_link),
    (_EMAIL, _read_email),
    (_HOST, _read_host),
    *((pattern, _read_street) for pattern in STREETS),
    *DATE_READERS,
    (_MONEY_BEFORE, _read_money),
    (_MONEY_AFTER, _read_money),
    (_PERCENT, _read_percent),
    (_PHONE, _read_phone),
    (_DURATION, _read_duration),
    (_ARTICLE, _read_duration),
    (_IDENTIFIER, _read_identifier),
    (_COUNT, _read_number),
    (_WORD_COUNT, _read_number),
)
