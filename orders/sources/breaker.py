"""A breaker before a source outside our own database: after a few failures in a row nobody waits for a shop's server that is down.

It also remembers since when and why the source does not answer, for staff.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from orders.errors import OrdersUnavailable
from orders.health import SourceHealth

T = TypeVar("T")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Breaker:
    """Closed: all calls go. Open: none, for `rest` seconds. Then one call goes, and its ending decides. One in each process.

    clock: seconds that only grow. A probe that never ends (its customer left) is forgotten after another `rest`.
    """

    failures_to_open: int = 3
    rest: float = 10.0
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    _failures: int = 0
    _resting_until: float = field(default=float("-inf"))
    _since: datetime | None = None
    _reason: str = ""

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """What the work gives. OrdersUnavailable from it counts as a failure; raises the same at once while the breaker is open.

        Any other error says nothing about the source, and passes.
        """
        self._let_pass()
        try:
            result = await work()
        except OrdersUnavailable as error:
            self.failed(str(error))
            raise
        self.succeeded()
        return result

    @property
    def is_open(self) -> bool:
        """Whether a call made now would be turned away."""
        return self._failures >= self.failures_to_open and self.clock() < self._resting_until

    def succeeded(self) -> None:
        self._failures, self._resting_until, self._since, self._reason = 0, float("-inf"), None, ""

    def failed(self, reason: str) -> None:
        """Count a failure. reason: a sentence for staff."""
        self._failures += 1
        self._since = self._since or self.now()
        self._reason = reason
        self._resting_until = self.clock() + self.rest

    def health(self, *notes: str) -> SourceHealth:
        """How the source stands by the latest call."""
        return SourceHealth(self._failures == 0, self._since, self._reason, notes)

    def _let_pass(self) -> None:
        if self.is_open:
            raise OrdersUnavailable(f"Not asked again so soon after {self._failures} failures in a row. {self._reason}".strip())
        if self._failures >= self.failures_to_open:  # this one tries; the others are turned away until it is known how it went
            self._resting_until = self.clock() + self.rest
