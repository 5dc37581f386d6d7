"""A breaker per model: after a few failures in a row nobody waits for a server that is down. The clock comes from outside."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Closed: all calls go. Open: none, for `rest` seconds. Then half open: one probe goes, and its ending decides.

    clock: seconds that only grow. A probe that never reports (its customer left) is forgotten after another `rest`.
    """

    clock: Callable[[], float]
    failures_to_open: int = 3
    rest: float = 15.0
    longest_rest: float = 120.0
    _failures: int = 0
    _opened_at: float | None = None
    _probe_at: float | None = None
    _rest_now: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether a call made now would be turned away."""
        if self._opened_at is None:
            return False
        now = self.clock()
        if now < self._opened_at + self._rest_now:
            return True
        return self._probe_at is not None and now < self._probe_at + self.rest

    def try_call(self) -> bool:
        """Whether this call may go. After the rest exactly one caller is told yes until the ending of its call is known."""
        if self.is_open:
            return False
        if self._opened_at is not None:
            self._probe_at = self.clock()
        return True

    def succeeded(self) -> None:
        self._failures, self._opened_at, self._probe_at, self._rest_now = 0, None, None, 0.0

    def failed(self, *, rest: float = 0.0) -> None:
        """Count a failure. rest: seconds the server itself asked for; longer than ours, it is kept up to `longest_rest`."""
        self._failures += 1
        if self._failures >= self.failures_to_open or self._probe_at is not None or rest > self.rest:
            self._opened_at, self._probe_at = self.clock(), None
            self._rest_now = min(max(self.rest, rest), self.longest_rest)

    def abandoned(self) -> None:
        """The caller left before the server showed whether it works: the next caller may probe."""
        self._probe_at = None
