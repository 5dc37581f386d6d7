"""What follows a model's call that fell short: another try, by whom, and why. Pure.

A sentence that the evidence does not hold is repaired once by the model that wrote it, then the larger model is asked, if it may be
called; after that the composed answer says the rest. What is wrong with the server is not repaired: the composed answer is there at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from llm.purposes import Purpose as Purpose
from llm.routing import Route, Tier

LEAST_SECONDS = 3.0  # that must be left of the turn for another call: with less the customer waits for nothing
NONSENSE = frozenset({"empty", "repeating", "thinking_aloud", "tool_call"})  # a model's endings that another model may do better
TOO_LONG = "context_overflow"


class Ending(StrEnum):
    """How a call ended for the answer."""

    WHOLE = "whole"
    NOT_HELD = "a sentence is not held by the evidence"
    NO_EVIDENCE = "the reply rests on no evidence"
    WRONG_LANGUAGE = "the reply is in another language than the question"
    NONSENSE = "the reply is none"
    TOO_LONG = "the prompt is too long for the model"
    CUT = "the reply was cut"
    FAILED = "the model failed"
    LATE = "the time for the answer was over"

    @property
    def tells_of_the_model(self) -> bool:
        """Whether it shows what the model can do, and not how its server is or how long the prompt was."""
        return self not in (Ending.TOO_LONG, Ending.CUT, Ending.FAILED, Ending.LATE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call: by which tier, why in words, and with which share of the token budget."""

    purpose: Purpose
    tier: Tier
    reason: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """How a call ended. sentence: the one that was held back, and why it was."""

    ending: Ending = Ending.WHOLE
    sentence: str = ""
    why: str = ""

    @property
    def in_words(self) -> str:
        return f"{self.ending}: {self.why}" if self.why else str(self.ending)


def first(way: Route) -> Attempt:
    """The call that the routing chose."""
    return Attempt(Purpose.ANSWER, way.tier, way.reason)


def after(tried: Sequence[Attempt], heard: Heard, *, larger_is_ready: bool, seconds_left: float) -> Attempt | None:
    """The next call after the last of those tried; None where the answer is whole, or the composed one must say the rest."""
    last, purposes = tried[-1], {one.purpose for one in tried}
    if heard.ending is Ending.WHOLE or seconds_left < LEAST_SECONDS:
        return None
    if heard.ending is Ending.TOO_LONG and last.share == 1.0:
        return replace(last, reason=f"{last.reason}; again with half the evidence: {heard.ending}", share=0.5)
    if heard.ending is Ending.NOT_HELD and last.purpose is Purpose.ANSWER:
        return Attempt(Purpose.REPAIR, last.tier, heard.in_words, last.share)
    may_help = heard.ending in (Ending.NOT_HELD, Ending.NO_EVIDENCE, Ending.NONSENSE, Ending.TOO_LONG)
    if may_help and larger_is_ready and last.tier is Tier.SMALL and Purpose.ESCALATION not in purposes:
        return Attempt(Purpose.ESCALATION, Tier.LARGE, heard.in_words)
    return None
