"""Passages, and how they are read from the database: each checked against the versions in force in the query that reads it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from retrieval.audiences import Audience
from retrieval.index.fusion import Ranked, Why
from retrieval.models import State
from retrieval.ranking import best_first


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as search returns it: text == the version's markdown[start:end]. score is comparable within one result only.

    context: words from elsewhere in the document that the text needs to be understood (the head of its table); never to be quoted.
    governed_by: a value of models.GovernedBy, of its document. why: where the score comes from, with the rank in each engine.
    """

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
    context: str = ""
    governed_by: str = "today"
    why: Why = field(default_factory=Why)

    @property
    def dense(self) -> float | None:
        """Cosine to the question; None if the vectors did not name it."""
        return self.why.dense

    @property
    def lexical(self) -> float | None:
        """Share of the best score that terms could give; None if they did not name it."""
        return self.why.lexical


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first. strength: calibrated probability (0..1) that they answer the query. timings_ms: by stage.

    parts: those of a long query, in which it was read beside the whole; `why.part` of a passage is a number in it.
    unknown: share of the query's telling words, 0..1, that stand in no document, not even as a synonym.
    """

    passages: tuple[Passage, ...] = ()
    strength: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    unknown: float = 0.0


# By hand, because building this query takes the ORM longer than the database needs to answer it. A version that a newer one covers
# for some days is left out by the index already, so state, dates and audience are what is left to check.
# state || '': so that SQLite begins with the few chunks asked for, not with the index of all that is published.
_LOAD = """
    SELECT c.id, v.id, d.title, d.slug, v.number, d.category, v.filename, c.heading, c.text, c.start, c."end", c.page, c.context, d.governed_by
    FROM retrieval_chunk c
    JOIN retrieval_documentversion v ON v.id = c.version_id
    JOIN retrieval_document d ON d.id = v.document_id
    WHERE v.state || '' = %s AND (v.effective_from IS NULL OR v.effective_from <= %s)
      AND (v.effective_until IS NULL OR v.effective_until > %s) AND v.audience IN ({readable}) AND c.id IN ({marks})
"""


def load(ranked: Sequence[Ranked], *, as_of: date, reader: Audience, weighed: Callable[[Why, str], Why]) -> list[Passage]:
    """The passages of a ranking, best first, as far as they answer this reader on that day: checked in the very query that reads
    them. weighed: the last word on a score, from what it was and the document's title."""
    if not ranked:
        return []
    order = {entry.chunk_id: entry.why for entry in ranked}
    day = as_of.isoformat()
    with connection.cursor() as cursor:
        statement = _LOAD.format(marks=_marks(order), readable=_marks(reader.may_read))
        cursor.execute(statement, [State.PUBLISHED, day, day, *reader.may_read, *order])
        rows = cursor.fetchall()
    whys = [weighed(order[row[0]], row[2]) for row in rows]
    # by position: the columns stand in the order of the fields, and naming them costs more than reading them
    values = [(*row[:12], why.score, *row[12:], why) for row, why in zip(rows, whys, strict=True)]
    return best_first([Passage(*each) for each in values])


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
