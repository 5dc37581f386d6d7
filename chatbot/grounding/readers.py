"""The readers of claims: a regular expression each, in the order they are tried, and what its match means. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal

from chatbot.grounding.claim_values import Claim, Kind, Reader
from chatbot.grounding.date_readers import DATE_READERS
from chatbot.grounding.number_words import COUNT_WORD, WORD, number_of
from chatbot.streets import STREETS
from retrieval.numerals import NUMBER, SPACED_NUMBER, parse_number

# --- addresses ------------------------------------------------------------------------------------------------------
_LINK = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"'`\]¦]+|\b(?:mailto|tel|javascript|data):[^\s<>\"'`\]¦]+|(?<=\]\()[^\s)]+", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ENDINGS = (
    "com|org|net|info|biz|name|mobi|asia|io|co|dev|app|shop|store|example|test|invalid|localhost|online|site|website|web|page|link|click|top|xyz|club|live|cloud|tech|space"
    "|world|zone|team|support|help|email|company|digital|agency|solutions|services|center|center|today|news|blog|life|fun|vip|win|icu|buzz|work|group|global|market|deals|sale"
    "|discount|cash|money|bank|pay|finance|loan|express|delivery|tracking|parcel|post|onion|zip|mov|cfd|sbs|rest|bond|quest|xn--[a-z0-9-]+|[a-z]{2}"
)
_HOST = re.compile(
    rf"(?<![\w@.])(?:[\w-]+\.)+(?:{_ENDINGS})(?::\d{{1,5}})?(?:/[^\s<>\"')\]¦]*)?(?![\w.]*@|\w)",
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
    "yuan": "¥", "pfund": "GBP", "livres sterling": "GBP", "sterline": "GBP", "pond": "GBP", "dólares": "$", "dollari": "$", "rupees": "INR", "franken": "CHF",
    "francs suisses": "CHF", "franchi": "CHF", "couronnes": "kr", "kronen": "kr", "coronas": "kr", "corone": "kr", "swiss francs": "CHF", "franc": "CHF", "francs": "CHF", "kronor": "kr", "kroner": "kr", "crowns": "kr", "zloty": "PLN", "cents": "cents", "cent": "cents",
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
_MONEY_AFTER = re.compile(
    rf"(?<![\w.,])(?P<one>{SPACED_NUMBER})(?:{_TO}(?P<two>{NUMBER}))?(?:[.,][–—-]+)?\s?{_AFTER}", re.IGNORECASE
)
_PERCENT = re.compile(
    rf"(?<![\w.,])(?P<one>{NUMBER}|\b(?:{WORD})\b)(?:{_TO}(?P<two>{NUMBER}))?[\s-]?(?:%|(?:percent|per[\s-]cent|pct|prozent|pour[\s-]cent|por[\s-]ciento|per[\s-]cento|procent)\b)",
    re.IGNORECASE,
)
_SHARES = {"half": 50, "halves": 100, "third": 33, "thirds": 67, "quarter": 25, "quarters": 75, "fifth": 20, "tenth": 10}
# "half price", "half of the value", "a third off": a share of money, not half of an hour
_SHARE = re.compile(
    r"\b(?P<share>half)[\s-](?:price|off)\b|\b(?P<share2>half)\s+(?:of\s+)?(?:the|its|your|their|that|what)\b"
    r"|\b(?:a|one|two|three)[\s-](?P<share3>third|quarter|fifth|tenth|thirds|quarters)\s+(?:off\b|of\s+(?:the|its|your|their|that|what)\b)"
    r"|\b(?P<share4>zum halben preis|halber preis|hälfte (?:des|der)|moitié prix|moitié (?:du|de la)|mitad de(?:l| la)? (?:precio|valor)|metà (?:prezzo|del)|halve prijs|helft van)\b",
    re.IGNORECASE,
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
            yield Claim(Kind.PERCENT, number_of(part), match[0])


def _read_share(match: re.Match[str]) -> Iterator[Claim]:
    """A share in words is a percentage: half is 50."""
    word = next((match[name] for name in ("share", "share2", "share3") if match[name]), "half").lower()
    yield Claim(Kind.PERCENT, Decimal(_SHARES[word]), match[0])


# --- periods ----------------------------------------------------------------------------------------------------------
_PERIODS = {
    "minute": "minutes? minuten? minutos?",
    "hour": "hours? hrs? stunden? heures? horas? uur uren ore",
    "business day": r"(?:business|working|work|banking)[\s-]days? weekdays? werktag(?:en?)? arbeitstag(?:en?)? werkdag(?:en)?"
    r" jours?\s(?:ouvrés?|ouvrables?) días?\s(?:hábiles|laborables) giorni\slavorativi dias\súteis",
    "day": r"(?:calendar[\s-])?days? tag(?:en?)? kalendertag(?:en?)? jours? días? dias? dag(?:en)? giorn[oi]",
    "fortnight": "fortnights?",
    "week": "weeks? wks? wochen? semaines? semanas? week weken settiman[ae]",
    "month": "months? monat(?:en?)? mois mes(?:es)? maand(?:en)? mes[ei]",
    "year": "years? yrs? jahr(?:en?)? ans? années? años? anos? jaar ann[oi]",
}
_UNIT = "|".join(f"(?P<u{i}>{'|'.join(sorted(words.split(), key=len, reverse=True))})" for i, words in enumerate(_PERIODS.values()))
_UNIT_NAMES = tuple(_PERIODS)
_AMOUNT = rf"(?:{NUMBER}|\b(?:{WORD})\b)"
_DURATION = re.compile(
    rf"(?<![\w.,])(?P<one>{_AMOUNT})(?:\s*\(\d+\))?(?:{_TO_OR_AND}(?P<two>{_AMOUNT}))?(?:[\s-]+|(?=[A-Za-z]))(?P<half>and a half )?(?:full |whole |more )?(?:{_UNIT})\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    rf"\b(?:in|within|after|for|up to|at least|about|another|under|lasts|takes?)\s+(?P<one>an?|one)\s+(?:full |whole )?(?:{_UNIT})\b(?P<half> and a half)?"
    rf"|\b(?P<one2>a)\s+(?P<f>fortnight)\b"
    rf"|\b(?P<one3>an?)\s+(?:{_UNIT.replace('?P<u', '?P<x')})\s+(?:before|after|later|earlier|ahead|in advance|prior)\b",
    re.IGNORECASE,
)
# "half a year", "ein halbes Jahr", "un an et demi"
_HALF = re.compile(
    rf"(?<!and a )\b(?P<before>half\s+an?|halb\w*|demi(?:e|-)?|medi[oa]|mezz[oa]|half|halve)[\s-]+(?:{_UNIT})\b"
    rf"|\b(?P<one>an?|{WORD})\s+(?:{_UNIT.replace('?P<u', '?P<v')})\s+(?P<after>and a half|et demie?|y medi[oa]|e mezz[oa])\b"
    rf"|\b(?P<more>anderthalb|eineinhalb|anderhalf)\s+(?:{_UNIT.replace('?P<u', '?P<w')})\b",
    re.IGNORECASE,
)
# how many of the smaller unit: two weeks are 14 days, a year is 12 months
_AS_SMALLER = {"fortnight": ("day", 14), "week": ("day", 7), "year": ("month", 12)}
_HALVED = {"hour": ("minute", 60), "day": ("hour", 24)}


def _read_duration(match: re.Match[str]) -> Iterator[Claim]:
    """Value: (shortest or None, longest, unit)."""
    groups = match.groupdict()
    unit = "fortnight" if groups.get("f") else _unit(match, "x" if groups.get("one3") else "u")
    first = groups["one"] or groups.get("one2") or groups.get("one3") or ""
    one = Decimal(1) if first.lower() in ("a", "an") else number_of(first)
    two = number_of(groups["two"]) if groups.get("two") else None
    if groups.get("half"):
        one += Decimal("0.5")
    yield _length(one, two, unit, match[0])


def _read_half(match: re.Match[str]) -> Iterator[Claim]:
    """Half of a unit, or one and a half of it."""
    if match["before"]:
        half, unit = Decimal("0.5"), _unit(match, "u")
    else:
        whole = number_of(match["one"]) if match["one"] and match["one"].lower() not in ("a", "an") else Decimal(1)
        half, unit = whole + Decimal("0.5"), _unit(match, "v" if match["after"] else "w")
    smaller, times = _HALVED.get(unit, (unit, 1))
    yield _length(half * times, None, smaller, match[0])


def _unit(match: re.Match[str], group: str) -> str:
    return next(_UNIT_NAMES[i] for i in range(len(_UNIT_NAMES)) if match[f"{group}{i}"])


def _length(one: Decimal, two: Decimal | None, unit: str, text: str) -> Claim:
    unit, times = _AS_SMALLER.get(unit, (unit, 1))
    if unit == "hour" and one % 24 == 0 and (two is None or two % 24 == 0) and one > 0:
        one, two, unit = one / 24, None if two is None else two / 24, "day"
    low, high = (None, one) if two is None else (one, two)
    return Claim(Kind.DURATION, (None if low is None else (low * times).normalize(), (high * times).normalize(), unit), text)


# --- ids and numbers ------------------------------------------------------------------------------------------------
_PHONE = re.compile(
    r"(?<![\w.,-])(?:\+|\(0?\d{1,4}\)|0)[\d\s()/.-]{6,18}\d(?![\w-])|(?<![\w.,-])\d{3}[-.\s]\d{3}[-.\s]\d{4}(?!\w)|(?<!\w)1-8\d\d-\d{3}-\d{4}(?!\w)"
)
_IDENTIFIER = re.compile(
    r"#\s?(?=[\w-]*\d)\w[\w-]*|(?<![\w-])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w])|(?<![\w.,])\d{5,}(?![\w]|[.,]\d)"
)
_MEASURED = re.compile(r"\d+(?:st|nd|rd|th|x|kg|g|mg|lb|lbs|oz|cm|mm|m|km|ft|in|l|ml|w|v|mah|gb|tb|mb|k|h|d|e|er)", re.IGNORECASE)
_COUNT = re.compile(
    rf"(?<![\w.,#])(?P<number>{NUMBER})(?!\w)(?:\s*[×x]\b)?(?:[\s-]+(?P<noun>[^\W\d_]+)(?!['’]t))?|(?P<measured>(?<![\w.,#])\d+(?:[.,]\d+)?)(?P<unit>[A-Za-z]{{1,3}})\b"
)
_WORD_COUNT = re.compile(
    rf"\b(?P<number>{COUNT_WORD})\b(?:[\s-]+(?P<noun>[^\W\d_]+))?",
    re.IGNORECASE,
)


# "18 or older"
_AGE = re.compile(r"\b(?P<age>\d{1,2})\s+(?:or|and)\s+(?:older|over)\b", re.IGNORECASE)


def _read_age(match: re.Match[str]) -> Iterator[Claim]:
    yield _length(Decimal(match["age"]), None, "year", match[0])


_TIMES = re.compile(
    r"\b(?:(?P<one>once)(?= (?:a|an|per|every)\b)|(?P<two>twice|zweimal|deux fois|dos veces|due volte|twee keer)|(?P<three>thrice|dreimal|trois fois|tres veces|tre volte|drie keer))\b",
    re.IGNORECASE,
)


def _read_times(match: re.Match[str]) -> Iterator[Claim]:
    times = next(n for n, name in enumerate(("one", "two", "three"), 1) if match[name])
    yield Claim(Kind.NUMBER, (Decimal(times), "times"), match[0])


_HALF_DOZEN = re.compile(r"\bhalf a dozen\b(?:\s+(?P<noun>[^\W\d_]+))?", re.IGNORECASE)


def _read_half_dozen(match: re.Match[str]) -> Iterator[Claim]:
    yield Claim(Kind.NUMBER, (Decimal(6), (match["noun"] or "").lower()), match[0])


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
    yield Claim(Kind.NUMBER, (number_of(number), noun.lower()), match[0].strip())


READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_LINK, read_link),
    (_EMAIL, _read_email),
    (_HOST, _read_host),
    *((pattern, _read_street) for pattern in STREETS),
    *DATE_READERS,
    (_MONEY_BEFORE, _read_money),
    (_MONEY_AFTER, _read_money),
    (_PERCENT, _read_percent),
    (_SHARE, _read_share),
    (_PHONE, _read_phone),
    (_AGE, _read_age),
    (_HALF, _read_half),
    (_DURATION, _read_duration),
    (_ARTICLE, _read_duration),
    (_IDENTIFIER, _read_identifier),
    (_TIMES, _read_times),
    (_HALF_DOZEN, _read_half_dozen),
    (_COUNT, _read_number),
    (_WORD_COUNT, _read_number),
)
