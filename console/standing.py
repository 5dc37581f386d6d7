"""What the state of a document version means to staff, in a word and a colour. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from retrieval.audiences import Audience
from retrieval.history import ENDED
from retrieval.models import UNFINISHED, DocumentVersion, State


@dataclass(frozen=True, slots=True)
class Standing:
    """label: shown; tone: good, warn, bad, info or quiet; answers: whether customers are answered from it today."""

    label: str
    tone: str
    explanation: str
    is_unfinished: bool = False
    answers: bool = False


_AT_WORK = {
    State.RECEIVED: ("Waiting", "The file is stored and waits for its turn."),
    State.READING: ("Reading", "The text is being taken out of the file."),
    State.EMBEDDING: ("Preparing", "The text is being prepared for search."),
}
_AT_REST = {
    State.READY: ("Please decide", "warn", "It is prepared, and answers once somebody publishes it."),
    State.SUPERSEDED: ("Replaced", "quiet", "A newer version took its place. It answers no more questions."),
    State.WITHDRAWN: ("Withdrawn", "quiet", "It answers no more questions."),
    State.FAILED: ("Failed", "bad", "It could not be published. What was published before goes on answering."),
}


def standing(version: DocumentVersion, *, today: date) -> Standing:
    """How a version stands on that day."""
    state = State(version.state)
    if state in UNFINISHED:
        label, explanation = _AT_WORK[state]
        return Standing(label, "info", explanation, is_unfinished=True)
    if state is not State.PUBLISHED:
        return Standing(*_AT_REST[state])
    if version.state_on(today) is State.SCHEDULED and version.effective_from:
        return Standing("Scheduled", "info", f"Published. It answers from {day(version.effective_from)}.")
    if version.effective_until and version.effective_until <= today:
        explanation = f"It applied until {day(version.effective_until)}, and answers only for what happened before."
        return Standing("Ended", "quiet", explanation)
    return Standing("Published", "good", _ANSWERED[Audience(version.audience)], answers=True)


_ANSWERED = {
    Audience.EVERYONE: "Customers are answered from it.",
    Audience.CUSTOMERS: "Customers who have signed in are answered from it, and nobody else.",
    Audience.STAFF: "It is for staff alone: no customer is answered from it.",
}
_STEPS = {
    State.RECEIVED: ("Received", "info"),
    State.READING: ("Reading", "info"),
    State.EMBEDDING: ("Preparing", "info"),
    State.READY: ("Waiting for a decision", "warn"),
    State.SCHEDULED: ("Scheduled", "info"),
    State.PUBLISHED: ("Published", "good"),
    State.SUPERSEDED: ("Replaced", "quiet"),
    State.WITHDRAWN: ("Withdrawn", "quiet"),
    State.FAILED: ("Failed", "bad"),
    ENDED: ("Ended", "quiet"),
}


def step_words(state: str) -> tuple[str, str]:
    """The word and the tone for a step of a version's life; see `retrieval.history`."""
    return _STEPS[state]


def covered_by(number: int) -> Standing:
    """How a published version stands while a later one applies to the same day."""
    return Standing("Covered", "quiet", f"Published, but version {number} answers for as long as it applies.")


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def file_size(size: int) -> str:
    """A size in bytes as people say it: "840 bytes", "12 kB", "3.4 MB"."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 999_500 else f"{size / 1_000_000:.1f} MB"


def progress_words(version: DocumentVersion, at: datetime) -> str:
    """How far the preparing of a long text is: "40% done, about 2 minutes left"; "" while that is not known."""
    known = version.progress(at)
    if known is None:
        return ""
    percent, seconds = known
    return f"{percent}% done, about {time_left(seconds)} left"


def time_left(seconds: float) -> str:
    """A time as people say it: "40 s", "12 minutes", "3 hours"."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} minutes" if seconds < 90 * 60 else f"{round(seconds / 3600)} hours"
