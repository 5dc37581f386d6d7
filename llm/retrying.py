"""How often, how soon and until when one reply is tried: the waiting rules of a call in one place."""

import random
import time
from collections.abc import Callable
from typing import Protocol

from llm.errors import ModelBusy, ModelError

# malformed beginnings are worth a second try; time-outs are not: the customer has waited long enough
_WORTH_ANOTHER_TRY = frozenset({"busy", "unavailable", "server_error", "cut_off", "malformed", "empty"})


class Waits(Protocol):
    @property
    def first_token(self) -> float: ...
    @property
    def total(self) -> float: ...
    @property
    def stall(self) -> float: ...
    @property
    def retries(self) -> int: ...
    @property
    def pause(self) -> float: ...
    @property
    def longest_pause(self) -> float: ...


class Attempts:
    """The deadlines of one reply over all its attempts. All times are in seconds of a clock that only grows."""

    def __init__(
        self,
        waits: Waits,
        *,
        started_at: float,
        end_by: float | None = None,
        retries: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """end_by: when all must be over, if earlier than `waits` says. retries: if not as many as `waits` says."""
        self._waits, self._started_at, self._clock, self._jitter = waits, started_at, clock, jitter
        self._retries_left = waits.retries if retries is None else retries
        self.plainly = False  # ask for the next answer in one piece: this server has sent a stream with nothing in it
        self._end = min(started_at + waits.total, started_at + waits.total if end_by is None else end_by)

    def elapsed_ms(self) -> float:
        return round((self._clock() - self._started_at) * 1000, 3)

    def patience(self, *, begun: bool, last_at: float) -> float:
        """Seconds to wait for the next bytes, never below 0. begun: text has come; last_at: when the last one did."""
        now = self._clock()
        until = min(last_at + self._waits.stall, self._end) if begun else min(self._first_token_by, self._end)
        return max(until - now, 0.0)

    def pause_before_next(self, error: ModelError) -> float | None:
        """Seconds to wait before another attempt; None when there is to be none.

        A server's own Retry-After is honoured when it is short, and ends the reply when it is long.
        """
        if self._retries_left <= 0 or error.kind not in _WORTH_ANOTHER_TRY:
            return None
        asked = error.retry_after if isinstance(error, ModelBusy) else None
        if asked is not None and asked > self._waits.longest_pause:
            return None
        pause = (asked or 0.0) + self._waits.pause * (0.4 + self._jitter())
        if self._clock() + pause >= self._first_token_by:
            return None
        self._retries_left -= 1
        return pause

    @property
    def _first_token_by(self) -> float:
        return self._started_at + self._waits.first_token
