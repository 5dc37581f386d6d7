"""What every index answers, whatever it is made of. Plain values; an index knows chunk ids, terms and vectors, never texts to show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

HEAD_BOOST = 0.3  # a term in a title or heading counts this much once more


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunk ids with their scores: dense is a cosine, lexical a BM25 score or near it. Only versions in force on the day.

    frequency: in how many chunks each asked term occurs; size: how many chunks there are.
    """

    dense: Mapping[int, float] = field(default_factory=dict)
    lexical: Mapping[int, float] = field(default_factory=dict)
    frequency: Mapping[str, int] = field(default_factory=dict)
    size: int = 0


class Index(Protocol):
    """A searchable set of chunks that follows the database. Every method may be called from several threads."""

    def candidates(
        self,
        terms: Mapping[str, float],
        vector: Any,
        *,
        recipe: str,
        as_of: date,
        limit: int,
        audiences: Collection[str] | None = None,
    ) -> Candidates:
        """Find the best chunks by terms (each with its weight) and by vector (None: by terms alone), at most `limit` of each.

        Sees everything that was committed before the call. recipe: how the vector was made; others are not compared with it.
        audiences: leave out versions that are for none of these, so that they take no places; None: for anybody. What may be shown
        is decided again where the text is read.
        """

    def rebuild(self) -> int:
        """Make the index anew from the database; return the number of chunks in it."""

    def wait(self) -> None:
        """Until what is done beside the searches (a snapshot, large blocks laid out anew) is done: for commands, which end then."""


def head_terms(title: str, heading: str) -> str:
    """The words over a chunk, without the title said twice."""
    return heading if heading.casefold().startswith(title.casefold()) else f"{title} {heading}"


def top(scores: Sequence[tuple[int, float]], limit: int) -> dict[int, float]:
    """The best entries of a list of (chunk id, score), best first; the lower id first among equals."""
    return dict(sorted(scores, key=lambda entry: (-entry[1], entry[0]))[:limit])
