"""Amounts and counts, for templates."""

from decimal import Decimal

from django import template

from console import money

register = template.Library()
register.filter("usd", money.usd)
register.filter("short", money.short)


@register.filter
def plain(amount: Decimal) -> str:
    """All places that say something: "0.15", "30"."""
    return f"{amount.normalize():f}"
