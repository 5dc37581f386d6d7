"""What could not be read in a shop's orders: counted while records are made, then one line in the log for each field.

A view with a broken column would otherwise write a line for every order of every question.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from orders.importing.values import Unclear

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

AGAIN = 3600.0  # seconds after which the same complaint is written again
_MOST = 500  # complaints that are remembered


class Troubles:
    """Collects the values that were left out. field: "shipments.delivered_at"."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, field: str, reason: str) -> None:
        """reason: without the value itself, which may be anybody's."""
        self._count[field] += 1
        self._first.setdefault(field, reason)

    def read(self, field: str, function: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """What the function makes of a value; None, and a note, if it cannot."""
        try:
            return function(*args, **named)
        except Unclear as unclear:
            self.add(field, str(unclear))
            return None

    def tell(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Write what was not written lately. One line a field."""
        now = clock()
        for field, count in self._count.items():
            if now >= _told.get(field, float("-inf")) + AGAIN:
                if len(_told) >= _MOST:
                    _told.clear()
                _told[field] = now
                log.warning("orders: %d × %s left out; the first because %s", count, field, self._first[field])


_told: dict[str, float] = {}
