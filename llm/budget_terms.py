"""The budgets and prices as this process knows them: read again every few seconds, so that a change counts soon in every process."""

import time
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from llm.budget_counting import micros
from llm.budget_models import Budget
from llm.budgets import Limit
from llm.prices import PriceBook, price_book

KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Terms:
    """limits: of all budgets; prices: in force on `day`."""

    day: date
    limits: tuple[Limit, ...]
    prices: PriceBook = field(default_factory=PriceBook)


_kept: tuple[float, Terms] | None = None
_lock = Lock()


def terms(today: date) -> Terms:
    """What counts on that day. Asks the database when what is kept is older than KEPT_SECONDS or of another day."""
    global _kept
    if _kept is None or time.monotonic() >= _kept[0] or _kept[1].day != today:
        with _lock:  # one asks, the others wait for it: it is two small queries
            if _kept is None or time.monotonic() >= _kept[0] or _kept[1].day != today:
                _kept = (time.monotonic() + KEPT_SECONDS, _read(today))
    return _kept[1]


def forget() -> None:
    """Read again at the next question: after a change in this process."""
    global _kept
    _kept = None


def _read(today: date) -> Terms:
    limits = tuple(Limit(row.scope, row.period, micros(row.limit_usd), row.warn_percent) for row in Budget.objects.all())
    return Terms(today, limits, price_book(today))
