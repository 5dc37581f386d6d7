"""How well each model words answers, counted from the records of turns. Pure.

What can be counted is how often a model's first reply stood from its first sentence to its last, and what customers' thumbs said of the
answers that it took part in. Neither is a judge's verdict.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.attempts import Ending
from llm.purposes import Purpose

# endings that tell of a server, of time or of room, and not of what the model said
_NOT_ITS_WORDS = frozenset({Ending.FAILED, Ending.LATE, Ending.TOO_LONG})
_JUDGED = frozenset(str(ending) for ending in Ending if ending not in _NOT_ITS_WORDS)
LEAST = 20  # replies: fewer say nothing about a model


@dataclass(slots=True)
class OfModel:
    """asked: questions; judged: of them, those whose first reply was heard; whole: of these, those of which every sentence was shown.

    helped, not_helped: thumbs of customers.
    """

    asked: int = 0
    judged: int = 0
    whole: int = 0
    helped: int = 0
    not_helped: int = 0

    def add(self, other: Sequence[int]) -> None:
        """Add the same counts, as they are stored."""
        asked, judged, whole, helped, not_helped = other
        self.asked += asked
        self.judged += judged
        self.whole += whole
        self.helped += helped
        self.not_helped += not_helped

    @property
    def share_whole(self) -> float | None:
        """0..1; None where too few replies were judged to tell."""
        return self.whole / self.judged if self.judged >= LEAST else None


def calls_of(route: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of models that a turn's record holds; none where it holds none, or they have another shape."""
    calls = route.get("calls")
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def answered_by(calls: Sequence[dict[str, Any]], counts: MutableMapping[str, OfModel], *, helpful: bool | None) -> None:
    """Count a turn for the model that was asked first. After a failover that is the last endpoint's: it is the one that spoke."""
    first = next((call for call in reversed(calls) if call.get("purpose") == Purpose.ANSWER and call.get("model")), None)
    if first is None:
        return
    found = counts[str(first["model"])]
    found.asked += 1
    heard = str(first.get("heard") or "").partition(":")[0]
    if heard in _JUDGED:
        found.judged += 1
        found.whole += heard == Ending.WHOLE
    if helpful is not None:
        found.helped += helpful
        found.not_helped += not helpful
