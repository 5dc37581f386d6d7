"""When a question to a shop's API is asked again, and how long to wait before it. Pure; the clock and the chance come from outside.

Only what changes nothing at the shop is asked again, only after what time can mend, and only within the time a customer waits.
"""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

MOST_TRIES = 3
PAUSE = 0.2  # seconds, about, before the second try; doubled before the third
LEAST_LEFT = 0.25  # seconds a further try must have for itself, or it is not worth the load
MENDS_ITSELF = frozenset({429, 502, 503, 504})  # statuses that say "not now", as against "not so"


def pause_before(attempt: int, *, asked_for: float | None, left: float, chance: Callable[[], float]) -> float | None:
    """Seconds to wait before that attempt (the second is 2); None: do not ask again.

    asked_for: what the shop's Retry-After says, kept to or not asked again. left: seconds of the customer's time.
    chance: a number from 0 to 1; spreads those who failed at the same moment.
    """
    if attempt > MOST_TRIES:
        return None
    ours = PAUSE * 2.0 ** (attempt - 2) * (0.5 + chance())
    pause = max(asked_for or 0.0, ours)
    return pause if pause + LEAST_LEFT <= left else None


def seconds_asked_for(retry_after: str, *, now: datetime) -> float | None:
    """What a Retry-After says, a number of seconds or a date, as seconds from now; None if it says neither."""
    text = retry_after.strip()
    if text.isascii() and text.replace(".", "", 1).isdecimal():
        return float(text[:9])
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
