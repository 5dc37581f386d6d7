"""From signals to a tier, with the reason in words. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    NONE = "none"
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Signals:
    """What routing may look at. strength: 0..1 of the search. characters: of the question."""

    intents: int = 1
    small_talk: bool = False
    must_ask_back: bool = False
    orders: int = 0
    documents: int = 0
    strength: float = 0.0
    characters: int = 0
    comparison: bool = False
    complaint: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    tier: Tier
    reason: str
