"""How a model's answers stood lately: one that falls short of nearly all is not asked first.

An answer that is not held costs its own tokens, those of the repair, and often a larger model's; the customer waits for all of them.
Where that is the rule, our own words are quicker, cost nothing and are as true. One question in a while is still given to the model, so
that it is found out when it has got better: another one behind the same name, other instructions.
"""

from collections import deque
from dataclasses import dataclass, field

LATELY = 20  # answers that are looked at
FEWEST = 5  # before anything is said of a model
ONE_IN = 10  # questions that are given to a model that is passed over


@dataclass(slots=True)
class Experience:
    """Of one endpoint in one process; begins anew with it."""

    _held: deque[bool] = field(default_factory=lambda: deque(maxlen=LATELY))
    _passed_over: int = 0

    @property
    def in_words(self) -> str:
        return f"{sum(self._held)} of the model's last {len(self._held)} answers held"

    def note(self, *, held: bool) -> None:
        """held: the model finished an answer in its own words, at once or after its repair."""
        self._held.append(held)

    def is_poor(self, least: float) -> bool:
        """Whether less than that share (0..1) of the last answers held; False while there are few."""
        return len(self._held) >= FEWEST and sum(self._held) < least * len(self._held)

    def may_be_asked(self, least: float) -> bool:
        """Whether the next question is given to the model. Asked once for each question."""
        if not self.is_poor(least):
            return True
        self._passed_over += 1
        return self._passed_over % ONE_IN == 0
