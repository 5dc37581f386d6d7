"""One value from a shop's database or programme to one of ours, whatever type it comes in. Pure.

Every function gives None (or "" for text) for no value, and raises Unclear for one that means nothing to us. The text of Unclear
tells the form of the value with its letters and digits masked, because it goes to the log and the value may be anybody's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

from orders.importing import values
from orders.importing.values import Unclear

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_TEXT = 300  # characters
LONGEST_ADDRESS = 500
MAX_AMOUNT = Decimal("999999999999.99")
_PLACES = dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), Decimal("0.001"))  # currencies of three decimals
_CENT = Decimal("0.01")
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,12})?", re.ASCII)
_SECONDS = range(631_152_000, 4_133_980_800)  # 1990 to 2100, since 1970
_MILLISECONDS = range(_SECONDS.start * 1000, _SECONDS.stop * 1000)


def text(value: object, longest: int = LONGEST_TEXT) -> str:
    """One line without control characters, cut at `longest`."""
    if value is None:
        return ""
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = _decoded(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, date)):
        raise _unclear(value, "no text")
    # what is not printable would end a line of a log or of a header; the cut before bounds the work
    line = "".join(c if c.isprintable() else " " for c in str(value)[: 4 * longest])
    return " ".join(line.split())[:longest].rstrip()


def moment(value: object, zone: tzinfo, shown: tzinfo) -> datetime | None:
    """A point in time in the zone `shown`. One without a zone of its own is a time in `zone`; a bare day begins at midnight there.

    Numbers are seconds or milliseconds since 1970.
    """
    value = _plain(value)
    if value is None:
        return None
    if isinstance(value, datetime):
        found: datetime | None = value if value.tzinfo else value.replace(tzinfo=zone)
    elif isinstance(value, date):
        found = datetime.combine(value, time.min, shown)
    elif (seconds := _since_1970(value)) is not None:
        found = datetime.fromtimestamp(seconds, UTC)
    elif isinstance(value, str):
        # a day without a time of day is one of the shop's calendar, whatever zone its clocks are kept in
        said = value.strip()
        found = _understood(values.moment, said, shown if len(said) <= 10 else zone)
    else:
        raise _unclear(value, "no time")
    if found is None:
        return None
    if not 1990 <= found.year <= 2100:
        raise _unclear(value, "no day between 1990 and 2100")
    return found.astimezone(shown)


def day(value: object, zone: tzinfo, shown: tzinfo) -> date | None:
    """A day of the shop's calendar."""
    found = moment(value, zone, shown)
    return found.date() if found else None


def amount(value: object, currency: str = "") -> Decimal | None:
    """Money, not below zero, in the decimals of its currency; more decimals, as databases compute them, are rounded half up."""
    found = signed_amount(value, currency)
    if found is not None and found < 0:
        raise _unclear(value, "below zero")
    return found


def signed_amount(value: object, currency: str = "") -> Decimal | None:
    """As `amount`, but it may be below zero."""
    value = _plain(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise _unclear(value, "no amount")
    if isinstance(value, str) and not _PLAIN_NUMBER.fullmatch(value.strip()):
        read = _understood(values.money, value)
        if read is None:
            return None
        value = read[0]
    try:
        number = Decimal(str(value).strip())
        if not number.is_finite() or abs(number) > MAX_AMOUNT:
            raise _unclear(value, "no amount")
        return number.quantize(_PLACES.get(currency, _CENT), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise _unclear(value, "no amount") from error


def count(value: object) -> int | None:
    """A whole number, 0 or more."""
    value = _plain(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise _unclear(value, "no number")
    try:
        number = Decimal(str(value).strip() or "-1")
        if not number.is_finite() or number != int(number) or not 0 <= number <= 2_000_000_000:
            raise _unclear(value, "no whole number")
    except InvalidOperation as error:
        raise _unclear(value, "no number") from error
    return int(number)


def currency_code(value: object) -> str:
    """Three capital letters, or ""."""
    code = text(value).upper()
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise _unclear(value, "no currency code")
    return code


def web_address(value: object) -> str:
    """An address that a customer may follow: http or https, without a name or password in it."""
    address = text(value, LONGEST_ADDRESS + 1)
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
    except ValueError:
        usable = False
    if not usable or " " in address or len(address) > LONGEST_ADDRESS or set(address) & set("<>\"'`\\"):
        raise _unclear(value, "no web address")
    return address


def options(value: object) -> tuple[tuple[str, str], ...]:
    """Options of an item: a mapping, a list of pairs, a list of {"name" or "label", "value"}, or text such as "color=blue; size=M"."""
    value = _plain(value)
    if value is None:
        return ()
    pairs: Iterable[object]
    if isinstance(value, str):
        said = value.strip()
        if said.startswith("["):
            listed = _understood(values.structured, said)
            if isinstance(listed, str):  # a list that is none: it would come in here again
                raise _unclear(value, "no options")
            return options(listed)
        pairs = _understood(values.pairs, said)
    elif isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, (list, tuple)):
        pairs = [(p.get("name") or p.get("label"), p.get("value")) if isinstance(p, Mapping) else p for p in value]
    else:
        raise _unclear(value, "no options")
    found = []
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise _unclear(value, "no options")
        name, said = text(pair[0]), text(pair[1])
        if name and said:
            found.append((name, said))
    return tuple(found)


def several(value: object) -> tuple[str, ...]:
    """Texts: a list, or one text with ";" between."""
    value = _plain(value)
    if value is None:
        return ()
    if isinstance(value, str):
        value = _understood(values.several, value[:5000])
    elif not isinstance(value, (list, tuple)):
        value = [value]
    return tuple(dict.fromkeys(filter(None, (text(part) for part in value))))


def _plain(value: object) -> object:
    """The value, with bytes decoded; None for a text that says nothing."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = _decoded(value)
    return None if isinstance(value, str) and values.is_absent(value.replace("\x00", "")) else value


def _decoded(value: bytes | bytearray | memoryview) -> str:
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unclear(f"{len(bytes(value))} bytes are no UTF-8 text") from error


def _since_1970(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    number: float | Decimal
    if isinstance(value, (int, float, Decimal)):
        number = value
    elif isinstance(value, str) and re.fullmatch(r"\d{9,13}", value.strip(), re.ASCII):
        number = int(value)
    else:
        return None
    try:
        whole = int(number)
    except (ValueError, OverflowError):  # not a number, or endless
        return None
    if whole in _SECONDS:
        return float(number)
    return float(number) / 1000 if whole in _MILLISECONDS else None


def _understood(read: Callable[Concatenate[str, P], R], written: str, *more: P.args, **named: P.kwargs) -> R:
    """What the reader of cells of files makes of a text; its complaint quotes the value, ours must not."""
    try:
        return read(written, *more, **named)
    except Unclear:
        raise _unclear(written, "not understood") from None


def _unclear(value: object, what: str) -> Unclear:
    return Unclear(f"{_masked(value)} is {what}")


def _masked(value: object) -> str:
    """The form of a value: "2026-31-12" is "9999-99-99", "Ana" is "aaa"."""
    if not isinstance(value, (str, int, float, Decimal, date)):
        return f"a {type(value).__name__}"
    form = "".join("9" if c.isdigit() else "a" if c.isalpha() else c if c.isprintable() else "?" for c in str(value)[:40])
    return f"“{form}”"
