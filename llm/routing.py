"""From signals to a tier, with the reason in words. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

LONG_QUESTION = 400  # characters
WEAK_EVIDENCE = 0.5  # below this strength the passages only half fit, and telling so takes care


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


def route(signals: Signals, available: Collection[Tier]) -> Route:
    """The tier that words the answer. `available` holds the tiers that can be called now; none of them gives Tier.NONE."""
    wanted = _wanted(signals)
    if wanted.tier is Tier.NONE or wanted.tier in available:
        return wanted
    # the other tier is better than none: the facts are checked whoever words them
    other = Tier.SMALL if wanted.tier is Tier.LARGE else Tier.LARGE
    if other in available:
        return Route(other, f"{wanted.reason}; the {wanted.tier} model is not available, so the {other} one")
    return Route(Tier.NONE, f"{wanted.reason}; no model is available")


def _wanted(signals: Signals) -> Route:
    """What we would choose if every tier were there."""
    if signals.small_talk:
        return Route(Tier.NONE, "small talk needs no model")
    if signals.must_ask_back:
        return Route(Tier.NONE, "a question must be asked back")
    if signals.orders == 0 and signals.documents == 0:
        return Route(Tier.NONE, "nothing was found to answer from")
    if reason := _what_makes_it_hard(signals):
        return Route(Tier.LARGE, reason)
    if signals.orders and signals.documents:
        return Route(Tier.SMALL, "one order and one policy")
    return Route(Tier.SMALL, "facts of an order" if signals.orders else "one clear policy question")


def _what_makes_it_hard(signals: Signals) -> str:
    """The first reason for the large model, in words; "" if there is none."""
    if signals.complaint:
        return "a complaint wants careful words"
    if signals.comparison:
        return "a comparison of several things"
    if signals.orders and signals.documents > 1:
        return "several policies apply to an order"
    if signals.orders > 1 and signals.documents:
        return "a policy applies to several orders"
    if signals.intents > 2:
        return "several questions at once"
    if signals.documents and not signals.orders and signals.strength < WEAK_EVIDENCE:
        return "the policies found fit only in part"
    if signals.characters > LONG_QUESTION:
        return "a long question"
    return ""
