"""What a recorded turn asked of the documents and did not get. Pure.

Traces are kept for months and outlive the code that wrote them: a part that is missing or has another shape counts as nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.turn import Outcome

LONGEST = 500  # characters of a text that is kept


@dataclass(frozen=True, slots=True)
class Gap:
    """One stand-alone query without an answer. position: which of the turn's, from 0; strength: of what was found, if known."""

    position: int
    text: str
    strength: float | None


def gaps(outcome: str, understanding: Any, evidence: Any) -> list[Gap]:
    """What the customer was told the policies do not answer; none for questions about orders, or when the search itself failed."""
    trace, meant = _dict(evidence), _dict(understanding)
    recorded = trace.get("unanswered")
    if isinstance(recorded, list):
        found = [(str(_dict(entry).get("query") or ""), _dict(entry).get("strength")) for entry in recorded]
    elif outcome == Outcome.NO_ANSWER:  # a trace from before the queries were written down one by one
        found = [(str(query), trace.get("strength")) for query in _list(meant.get("queries")) or [meant.get("query") or ""]]
    else:
        return []
    return [Gap(place, _kept(text), _share(strength)) for place, (text, strength) in enumerate(found) if text.strip()]


def asked(understanding: Any, evidence: Any) -> Gap | None:
    """All that a turn asked of the documents, in one; None if nothing. For an answer that the customer says did not help."""
    text = str(_dict(understanding).get("query") or "").strip()
    return Gap(0, _kept(text), _share(_dict(evidence).get("strength"))) if text else None


def _kept(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _share(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1 else None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
