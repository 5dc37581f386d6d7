"""When an address is read again. Pure."""

from datetime import datetime, timedelta

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=1)
MAX_WAIT_ASKED = timedelta(days=1)  # a site that asks for longer is asked again after this


def next_reading(started: datetime, *, every_hours: int, failures: int = 0, retry_after: float = 0.0) -> datetime:
    """When a page whose reading began then is due again: after its interval, or sooner and ever later while it fails.

    failures: in a row, 0 after a success. retry_after: seconds that the site asked us to wait; counts only after a failure.
    """
    every = timedelta(hours=every_hours)
    if not failures:
        return started + every
    doubled = FIRST_RETRY * float(2 ** min(failures - 1, 12))
    pause = min(doubled, LONGEST_RETRY, max(every, FIRST_RETRY))
    asked = min(timedelta(seconds=min(retry_after, MAX_WAIT_ASKED.total_seconds())), MAX_WAIT_ASKED)
    return started + max(pause, asked)
