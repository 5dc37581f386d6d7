"""Whether exact words still stand in the version in force, and where: what was concluded from them holds no longer than they do.

Decided in the query that reads them, like everything that answers: state, dates, audience, and the words under the same headings. Words
that moved below another heading may mean something else ("For business customers"), so they count as gone.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

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


def where_they_stand(wanted: Iterable[Words], *, on: date, reader: Audience) -> dict[Words, Standing]:
    """Those of the words that stand in what answers this reader on that day; the others are not in the result."""
    asked = list(dict.fromkeys(words for words in wanted if words.quote))
    if not asked:
        return {}
    in_force = DocumentVersion.objects.in_force(on=on).readable_by(reader)
    chunks = Chunk.objects.filter(
        version__in=in_force.filter(document__slug__in={words.document for words in asked}),
        heading__in={words.heading for words in asked},
    )
    found: dict[Words, Standing] = {}
    for chunk in chunks.select_related("version__document").defer("vector", "version__markdown"):
        for words in asked:
            if words not in found and (chunk.version.document.slug, chunk.heading) == (words.document, words.heading):
                start = chunk.text.find(words.quote)
                if start >= 0:
                    found[words] = Standing(_passage(chunk), start, start + len(words.quote))
    return found


def in_version(version_id: int, quote: str, *, heading: str | None = None, at: int | None = None) -> Standing | None:
    """The first passage of one version that holds the words whole; None if no passage does.

    heading: below that one. at: where in the version's text the words begin, when they may stand there several times.
    """
    chunks = Chunk.objects.filter(version=version_id, text__contains=quote).select_related("version__document")
    if heading is not None:
        chunks = chunks.filter(heading=heading)
    for chunk in chunks.defer("vector", "version__markdown"):  # the database may not tell capitals from small letters
        start = chunk.text.find(quote) if at is None else at - chunk.start
        if start >= 0 and chunk.text.startswith(quote, start):
            return Standing(_passage(chunk), start, start + len(quote))
    return None


def governed_by_order_date(slugs: Collection[str]) -> Mapping[str, bool]:
    """For each document that exists, whether the day of the order decides which of its versions answers."""
    rows = Document.objects.filter(slug__in=slugs).values_list("slug", "governed_by")
    return {slug: governed_by == GovernedBy.ORDER_DATE for slug, governed_by in rows}


def _passage(chunk: Chunk) -> Passage:
    version, document = chunk.version, chunk.version.document
    return Passage(
        chunk_id=chunk.pk,
        version_id=version.pk,
        document=document.title,
        slug=document.slug,
        version=version.number,
        category=document.category,
        source=version.filename,
        heading=chunk.heading,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        score=0.0,  # nobody has searched for it
        context=chunk.context,
        governed_by=document.governed_by,
    )
