"""Whether the shop's orders can be read at all. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Whether the source answers, for staff. since, reason: when it stopped, and why, in a sentence; None and "" while it answers.

    notes: sentences about what it cannot tell ("There is no view whereabouts_events: …").
    """

    answers: bool = True
    since: datetime | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
