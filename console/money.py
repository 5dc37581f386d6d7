"""Amounts and counts as people read them. Pure."""

from decimal import Decimal

_BIG = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


def usd(amount: Decimal | None) -> str:
    """ "$1,234.50"; small amounts with as many places as it takes to see them: "$0.0042"; "–" for what nobody knows."""
    if amount is None:
        return "–"
    sign, size = ("-", -amount) if amount < 0 else ("", amount)
    if size == 0 or size >= 1:
        return f"{sign}${size:,.2f}"
    places = min(max(2, 1 - size.adjusted()), 6)
    if size < Decimal("0.000001"):
        return f"{sign}under $0.000001"
    whole, _, part = f"{size:.{places}f}".partition(".")
    return f"{sign}${whole}.{part.rstrip('0'):0<2}"


def short(count: float | Decimal) -> str:
    """ "950", "12.3k", "4M": for axes and figures."""
    value = Decimal(str(count))
    for size, letter in _BIG:
        if abs(value) >= size:
            return f"{_plain((value / size).quantize(Decimal('0.1')))}{letter}"
    return _plain(value.quantize(Decimal("0.01")))


def percent(part: float | Decimal, whole: float | Decimal) -> int | None:
    """Whole percent; None of nothing."""
    return round(100 * Decimal(str(part)) / Decimal(str(whole))) if whole else None


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
