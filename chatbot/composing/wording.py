"""How dates, money and things are said. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from orders.records import Address, Line, Transaction

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "AUD": "A$", "CAD": "C$", "NZD": "NZ$"}
LONGEST_OWN_NUMBER = 12  # digits from which a number may be that of a payment card itself
_NO_CENTS = {"JPY", "KRW", "CLP", "VND", "ISK", "HUF"}
_MOST_PLACES = 4


def day(value: date | datetime, *, today: date) -> str:
    """ "Tuesday 24 November"; with the year when it is not this year's."""
    known = value.date() if isinstance(value, datetime) else value
    words = f"{known:%A} {known.day} {known:%B}"
    return words if known.year == today.year else f"{words} {known.year}"


def day_and_distance(value: date | datetime, *, today: date) -> str:
    """ "Tuesday 24 November (in 3 days)", "… (today)", "… (10 days ago)"."""
    known = value.date() if isinstance(value, datetime) else value
    return f"{day(known, today=today)} ({distance(known, today=today)})"


def distance(value: date, *, today: date) -> str:
    days = (value - today).days
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    if named:
        return named
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def ago(moment: datetime, *, now: datetime) -> str:
    """ "20 seconds ago", "3 minutes ago"; never in the future."""
    seconds = max(int((now - moment).total_seconds()), 0)
    return f"{count(seconds, 'second') if seconds < 60 else count(seconds // 60, 'minute')} ago"


def count(number: int, noun: str) -> str:
    """ "1 parcel", "3 parcels"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def money(amount: Decimal, currency: str) -> str:
    """ "$129.95", "€1,200.00", "49.90 CHF", "12.345 KWD"; the bare number when the currency is not known. Nothing is rounded away."""
    code = currency.strip().upper()
    least = 0 if code in _NO_CENTS else 2
    places = next((n for n in range(least, _MOST_PLACES) if amount == round(amount, n)), _MOST_PLACES)
    number = f"{amount:,.{2 if places == 1 else places}f}"
    sign = _SIGNS.get(code)
    if sign:
        return f"{sign}{number}"
    return f"{number} {code}".strip()


def join(parts: Sequence[str], *, last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def item(line: Line, *, counted: bool = True) -> str:
    """ "2 × Linen shirt (color blue, size M)"; the number only where it is asked for and not one."""
    amount = f"{line.quantity} × " if counted and line.quantity != 1 else ""
    return f"{amount}{plain(line.name)}{options(line)}"


def options(line: Line) -> str:
    shown = [f"{plain(name)} {plain(value)}".strip() for name, value in line.options if value]
    return f" ({', '.join(shown)})" if shown else ""


def address(where: Address) -> str:
    """One line, without the street: enough to recognise it, no more than is needed."""
    city = " ".join(part for part in (where.city, where.state) if part)
    return plain(", ".join(part for part in (where.name, city, where.country) if part))


def full_address(where: Address) -> str:
    city = " ".join(part for part in (where.city, where.state, where.zip) if part)
    return plain(", ".join(part for part in (where.name, where.line1, where.line2, city, where.country) if part))


_BRANDS = {
    "paypal": "PayPal",
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "klarna": "Klarna",
    "ideal": "iDEAL",
    "sepa": "SEPA",
}


# what happened with the money, which some shops write before the method: "refund_pending paypal"
_HAPPENED = re.compile(r"^(?:(?:refund(?:ed)?|payment|paid|charged?|captured?|pending)[ _-]+)+(?=\w)", re.IGNORECASE)


def method(name: str) -> str:
    """A payment method in words: "credit_card_4821" → "credit card ending 4821", "paypal_5364165" → "PayPal".

    Four digits are the last ones of a card. More are the shop's own number for it, which is kept as it is unless it is as long as a
    whole card's; a gift card's is money to whoever knows it, and is left out.
    """
    words = re.sub(r"[_\-]+", " ", _HAPPENED.sub("", plain(name))).strip()
    words = " ".join(_BRANDS.get(word.lower(), word) for word in words.split())
    match = re.fullmatch(r"(.*?\bcard|Visa|Mastercard|American Express)\b ?(?:ending ?)?(\d{4,})", words, re.IGNORECASE)
    if not match:
        return re.sub(r"\s*\d{5,}$", "", words)
    kind = match[1].lower() if match[1].islower() else match[1]
    if "gift" in kind.lower():
        return kind
    return f"{kind} {match[2]}" if 4 < len(match[2]) < LONGEST_OWN_NUMBER else f"{kind} ending {match[2][-4:]}"


def transaction(entry: Transaction, currency: str, *, today: date) -> str:
    """ "$22.00 to gift card on Tuesday 17 November", without what is not known."""
    said = money(entry.amount, currency)
    if entry.method:
        said += f" ({method(entry.method)})"
    if entry.at:
        said += f" on {day(entry.at, today=today)}"
    return said


# only what could begin markup: an order number or an e-mail address must stay as it is written
_MARKUP = re.compile(r"[\\`*\[<]|(?<!\w)_|_(?!\w)|~~|!(?=\[)")


def plain(text: str) -> str:
    """A value from a record or a person as it may stand in Markdown: on one line, and without any meaning as markup."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def upper_first(text: str) -> str:
    """The text as the beginning of a sentence; the rest keeps its case."""
    return text[:1].upper() + text[1:]
