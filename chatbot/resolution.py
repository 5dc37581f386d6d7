"""Whether a conversation was resolved: one ladder, in one place, each step with its definition. Pure.

It is what the records of today allow. A judge's verdict will stand between "confirmed" and "assumed" once there is one.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chatbot.turn import Outcome

SILENCE = timedelta(hours=1)  # of a customer who has what they wanted, or has given up
COMING_BACK = timedelta(days=7)


class Step(StrEnum):
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"
    ABANDONED = "abandoned"
    REOPENED = "reopened"
    HANDED_OFF = "handed off"
    RUNNING = "running"


DEFINITIONS: dict[Step, str] = {
    Step.CONFIRMED: "the customer gave the last answer a thumb up",
    Step.ASSUMED: "the last question was answered, no thumb went down, and the customer was silent for an hour",
    Step.ABANDONED: "the last question was not answered, or got a thumb down, and the customer left",
    Step.REOPENED: "the customer had an answer, was silent for an hour or longer, and asked again within 7 days",
    Step.HANDED_OFF: "a person was asked for, or took over",
    Step.RUNNING: "the last question is less than an hour old",
}
RESOLVED = frozenset({Step.CONFIRMED, Step.ASSUMED})
DEFINITION = (
    "Resolved: confirmed (a thumb up at the end) or assumed (answered, no thumb down, silent for an hour), without a person."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a conversation. helpful: the customer's thumb, None without one."""

    at: datetime
    outcome: str
    is_finished: bool
    helpful: bool | None = None

    @property
    def is_answered(self) -> bool:
        return self.is_finished and self.outcome == Outcome.ANSWERED


def step_of(asked: Sequence[Asked], *, with_a_person: bool, now: datetime) -> Step:
    """The step of a conversation with these questions, oldest first. with_a_person: it was taken to, or by, support staff."""
    if with_a_person or any(one.outcome == Outcome.HANDED_OFF for one in asked):
        return Step.HANDED_OFF
    last = asked[-1]
    if now - last.at < SILENCE:
        return Step.RUNNING
    if any(before.is_answered and SILENCE <= after.at - before.at <= COMING_BACK for before, after in itertools.pairwise(asked)):
        return Step.REOPENED
    if not last.is_answered or last.helpful is False:
        return Step.ABANDONED
    return Step.CONFIRMED if last.helpful else Step.ASSUMED
