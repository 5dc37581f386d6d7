"""From signals to a tier, with the reason in words. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    NONE = "none"
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Signals:
    """What routing may look at. strength: 0..1 of the search. characters: of the question.

    foreign: not asked in English. unhelpful_before: the customer's newest thumb in this conversation is down.
    """

    intents: int = 1
    small_talk: bool = False
    must_ask_back: bool = False
    orders: int = 0
    documents: int = 0
    strength: float = 0.0
    characters: int = 0
    comparison: bool = False
    complaint: bool = False
    several_steps: bool = False
    foreign: bool = False
    unhelpful_before: bool = False


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a question counts as hard. long_question: characters. many_questions: at once. weak_strength: below it, 0..1."""

    long_question: int = 400
    many_questions: int = 3
    weak_strength: float = 0.5  # below it the passages only half fit, and telling so takes care


@dataclass(frozen=True, slots=True)
class Route:
    tier: Tier
    reason: str


USUAL = Thresholds()


def route(
    signals: Signals, available: Collection[Tier], closed: Mapping[str, str] | None = None, thresholds: Thresholds = USUAL
) -> Route:
    """The tier that words the answer. `available` holds the tiers that can be called now; none of them gives Tier.NONE.

    closed: tiers that may not be called although they could, each with the reason in words (a budget that is used up). The large
    model never stands in for a small one that is closed: that would spend more to save.
    """
    wanted, closed = _wanted(signals, thresholds), closed or {}
    if wanted.tier is Tier.NONE or wanted.tier in available:
        return wanted
    if why := closed.get(wanted.tier):
        if wanted.tier is Tier.LARGE and Tier.SMALL in available:
            return Route(Tier.SMALL, f"{wanted.reason}; {why}, so the small model")
        return Route(Tier.NONE, f"{wanted.reason}; {why}")
    # the other tier is better than none: the facts are checked whoever words them
    other = Tier.SMALL if wanted.tier is Tier.LARGE else Tier.LARGE
    if other in available:
        return Route(other, f"{wanted.reason}; the {wanted.tier} model is not available, so the {other} one")
    return Route(Tier.NONE, f"{wanted.reason}; no model is available")


def passed_over(way: Route, why: str) -> Route:
    """Our own words in place of a model that would only cost time and money. why: in words."""
    return Route(Tier.NONE, f"{way.reason}; {why}, so our own words")


def _wanted(signals: Signals, thresholds: Thresholds) -> Route:
    """What we would choose if every tier were there."""
    if signals.small_talk:
        return Route(Tier.NONE, "small talk needs no model")
    if signals.must_ask_back:
        return Route(Tier.NONE, "a question must be asked back")
    if signals.orders == 0 and signals.documents == 0:
        return Route(Tier.NONE, "nothing was found to answer from")
    if reason := _what_makes_it_hard(signals, thresholds):
        return Route(Tier.LARGE, reason)
    if signals.orders and signals.documents:
        return Route(Tier.SMALL, "one order and one policy")
    return Route(Tier.SMALL, "facts of an order" if signals.orders else "one clear policy question")


def _what_makes_it_hard(signals: Signals, thresholds: Thresholds) -> str:
    """The first reason for the large model, in words; "" if there is none."""
    if signals.complaint:
        return "a complaint wants careful words"
    if signals.unhelpful_before:
        return "the last answer did not help the customer"
    if signals.comparison:
        return "a comparison of several things"
    if signals.several_steps:
        return "several steps that depend on each other"
    if signals.orders and signals.documents > 1:
        return "several policies apply to an order"
    if signals.orders > 1 and signals.documents:
        return "a policy applies to several orders"
    if signals.intents >= thresholds.many_questions:
        return "several questions at once"
    if signals.documents and signals.foreign:
        return "a policy is to be told in another language"
    if signals.documents and not signals.orders and signals.strength < thresholds.weak_strength:
        return "the policies found fit only in part"
    if signals.characters > thresholds.long_question:
        return "a long question"
    return ""
