"""The orders of some addresses for some seconds, so that one conversation does not ask the shop at every word. In one process.

Each address has an entry of its own; nothing is ever looked up but by the whole address. The oldest go when there are too many.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from orders.records import OrderRecord

MOST_ORDERS = 5_000  # of all addresses together; about 20 MB


@dataclass(frozen=True, slots=True)
class Remembered:
    """All orders of one address, newest first, as they were at `as_of`. read_at: on the clock that only grows.

    is_whole: False when the shop has more of them than were read.
    """

    records: tuple[OrderRecord, ...]
    is_whole: bool
    as_of: datetime
    read_at: float


@dataclass(slots=True)
class Memory:
    """keep: seconds after which an entry is forgotten."""

    keep: float
    most_orders: int = MOST_ORDERS
    _entries: OrderedDict[str, Remembered] = field(default_factory=OrderedDict, repr=False)
    _orders: int = 0

    def get(self, email: str, *, now: float, younger_than: float) -> Remembered | None:
        """What is known of that address, if it is younger than so many seconds."""
        self._forget_old(now)
        entry = self._entries.get(email)
        return entry if entry is not None and now - entry.read_at < younger_than else None

    def put(self, email: str, entry: Remembered) -> None:
        """Keep what was just read, in place of what was known."""
        self._drop(email)
        self._entries[email] = entry
        self._orders += _weight(entry)
        while self._orders > self.most_orders and self._entries:
            self._drop(next(iter(self._entries)))

    def _forget_old(self, now: float) -> None:
        while self._entries and now - next(iter(self._entries.values())).read_at >= self.keep:
            self._drop(next(iter(self._entries)))

    def _drop(self, email: str) -> None:
        if (entry := self._entries.pop(email, None)) is not None:
            self._orders -= _weight(entry)


def _weight(entry: Remembered) -> int:
    return max(len(entry.records), 1)
