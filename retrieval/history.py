"""The life of each version as a time line: one row per step, written in the transaction that makes the step.

What is stored is what happened; what the calendar does by itself (a first day comes, a last day passes) is worked out when the
line is read, so that it is true at midnight without any process.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from retrieval.models import DocumentVersion, State, VersionEvent

ENDED = "ended"  # no state: a published version whose last day is over


@dataclass(frozen=True, slots=True)
class Step:
    """What a version became, when, and why. state: a value of State, or ENDED; by: a user's name, "" for the program itself."""

    state: str
    at: datetime
    reason: str = ""
    by: str = ""


def write_down(version_id: int, state: State, *, at: datetime, reason: str = "", by: Any = None) -> None:
    """Write down a step. by: the user, if a person made it. Inside the transaction of the caller."""
    VersionEvent.objects.create(version_id=version_id, state=state, at=at, reason=reason, by=str(by or "")[:150])


def write_down_each(versions: Sequence[tuple[int, str]], state: State, *, at: datetime, by: Any = None) -> None:
    """Write down one step of many versions, each (its id, the reason). Inside the transaction of the caller."""
    told_by = str(by or "")[:150]
    VersionEvent.objects.bulk_create(
        VersionEvent(version_id=pk, state=state, at=at, reason=reason, by=told_by) for pk, reason in versions
    )


def time_line(version: DocumentVersion, events: Iterable[VersionEvent], *, now: datetime) -> list[Step]:
    """All steps up to now, oldest first, those of the calendar among them. Pure.

    A version was published on its first day only if it was still to be, and ended on its last day only if nothing ended it before.
    """
    steps = [Step(event.state, event.at, event.reason, event.by) for event in sorted(events, key=lambda event: event.pk)]
    decided = next((step.at for step in steps if step.state in (State.SUPERSEDED, State.WITHDRAWN)), None)
    scheduled = next((step for step in steps if step.state == State.SCHEDULED), None)
    began = next((step.at for step in steps if step.state == State.PUBLISHED), None)
    until = min(now, decided) if decided else now
    if scheduled and version.effective_from:
        first = _midnight(version.effective_from)
        if scheduled.at <= first <= until:
            began = first
            steps.append(Step(State.PUBLISHED, first, "Its first day has come."))
    if began and version.effective_until:
        last = max(_midnight(version.effective_until), began)
        if last <= until:
            steps.append(Step(ENDED, last, "Its last day is over. It answers only for what happened before."))
    return sorted(steps, key=lambda step: step.at)


def _midnight(day: date) -> datetime:
    """The moment at which a day begins in the shop's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
