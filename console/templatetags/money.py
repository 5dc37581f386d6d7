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


@register.filter
def price(amount: Decimal) -> str:
    """A price: all places that say something, and two at the least: "0.15", "30.00"."""
    whole, _, part = plain(amount).partition(".")
    return f"{whole}.{part:0<2}"
