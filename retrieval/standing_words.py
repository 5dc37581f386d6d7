"""Whether exact words still stand in the version in force, and where: what was concluded from them holds no longer than they do.

Decided in the query that reads them, like everything that answers: state, dates, audience, and the words under the same headings. Words
that moved below another heading may mean something else ("For business customers"), so they count as gone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from django.db.models import CharField, DateField

from database.prepared import PreparedAmong, given
from retrieval.audiences import Audience
from retrieval.choices import GovernedBy
from retrieval.models import Chunk, Document, DocumentVersion
from retrieval.passages import Passage


class Words(NamedTuple):
    """document: its slug. heading: as that of a passage ("Returns > Sale items"). quote: within one passage, letter by letter."""

    document: str
    heading: str
    quote: str


class Standing(NamedTuple):
    """The passage that holds the words, which are passage.text[start:end]."""

    passage: Passage
    start: int
    end: int


_COLUMNS = (
    "pk", "version_id", "version__document__title", "version__document__slug", "version__number", "version__document__category",
    "version__filename", "heading", "text", "start", "end", "page", "context", "version__document__governed_by",
)  # fmt: skip
_DAY = cast("date", given("day", DateField()))  # the ORM takes one for the other
# a turn about an order asks this; which version is in force is decided first, who may read it after that
_in_force = PreparedAmong(
    lambda documents, headings, audiences: Chunk.objects.filter(
        version__in=DocumentVersion.objects.in_force(on=_DAY).filter(document__slug__in=documents, audience__in=audiences),
        heading__in=headings,
    ).values_list(*_COLUMNS),
    CharField(),
)


def where_they_stand(wanted: Iterable[Words], *, on: date, reader: Audience) -> dict[Words, Standing]:
    """Those of the words that stand in what answers this reader on that day; the others are not in the result."""
    asked = list(dict.fromkeys(words for words in wanted if words.quote))
    if not asked:
        return {}
    documents, headings = ({words[place] for words in asked} for place in (0, 1))
    found: dict[Words, Standing] = {}
    for row in _in_force.rows(list(documents), list(headings), list(reader.may_read), day=on):
        passage = _passage(row)
        for words in asked:
            if words not in found and (passage.slug, passage.heading) == (words.document, words.heading):
                start = passage.text.find(words.quote)
                if start >= 0:
                    found[words] = Standing(passage, start, start + len(words.quote))
    return found


def in_version(version_id: int, quote: str, *, heading: str | None = None, at: int | None = None) -> Standing | None:
    """The first passage of one version that holds the words whole; None if no passage does.

    heading: below that one. at: where in the version's text the words begin, when they may stand there several times.
    """
    chunks = Chunk.objects.filter(version=version_id, text__contains=quote)
    if heading is not None:
        chunks = chunks.filter(heading=heading)
    for passage in map(_passage, chunks.values_list(*_COLUMNS)):  # the database may not tell capitals from small letters
        start = passage.text.find(quote) if at is None else at - passage.start
        if start >= 0 and passage.text.startswith(quote, start):
            return Standing(passage, start, start + len(quote))
    return None


def governed_by_order_date(slugs: Collection[str]) -> Mapping[str, bool]:
    """For each document that exists, whether the day of the order decides which of its versions answers."""
    rows = Document.objects.filter(slug__in=slugs).values_list("slug", "governed_by")
    return {slug: governed_by == GovernedBy.ORDER_DATE for slug, governed_by in rows}


def _passage(row: Sequence[Any]) -> Passage:
    """A row of _COLUMNS. Nobody has searched for it, so its score is 0."""
    values: tuple[Any, ...] = (*row[:12], 0.0, *row[12:])  # in the order of the fields
    return Passage(*values)
