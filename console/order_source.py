"""Whether the shop's orders can be read, in a sentence for staff."""

import asyncio
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from orders.health import SourceHealth
from orders.lookup import source_health

PATIENCE = 1.0  # seconds a page waits for the shop's order system


async def order_trouble(now: datetime) -> str:
    """Why customers get no answer about orders at the moment; "" while they do."""
    try:
        return in_words(await asyncio.wait_for(source_health(), PATIENCE), now)
    except TimeoutError:
        return f"The order system has not answered for {PATIENCE:g} s. {MEANWHILE}"


MEANWHILE = "Customers who ask about an order are told so; questions about policies are answered."


def in_words(health: SourceHealth, now: datetime) -> str:
    """since: as a time of today, or with its day."""
    if health.answers:
        return ""
    since = ""
    if health.since:
        local = timezone.localtime(health.since)
        same_day = local.date() == timezone.localtime(now).date()
        since = f" since {date_format(local, 'H:i' if same_day else 'j F, H:i')}"
    return f"Orders cannot be reached{since}. {health.reason} {MEANWHILE}".replace("  ", " ")
