"""The read path: a query and a day to ranked passages, each checked against the versions in force."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as search returns it: text == the version's markdown[start:end]. score is comparable within one result only."""

    chunk_id: int
    version_id: int
    document: str
    slug: str
    version: int
    category: str
    source: str
    heading: str
    text: str
    start: int
    end: int
    page: int | None
    score: float
    dense: float | None = None
    lexical: float | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first. strength: calibrated probability (0..1) that they answer the query. timings_ms: by stage."""

    passages: tuple[Passage, ...] = ()
    strength: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)


async def search(query: str, *, as_of: date, k: int = 6, context: str = "") -> SearchResult:
    """Return the k best passages of the versions in force on `as_of`.

    context: what was said before, newest last, for follow-up questions; "" if nothing was. An empty query gives no passages.
    Falls back to words alone when the embedding model fails; never raises for an empty index.
    """
    raise NotImplementedError
