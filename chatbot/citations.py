"""Citations: from a passage's exact words to a numbered reference with an address that shows them marked."""

from urllib.parse import quote as url_quote

from chatbot.turn import Cited
from retrieval.search import Passage


def policy_url(slug: str, version: int, start: int, end: int) -> str:
    """The public page of a version, opened at the words markdown[start:end]. Stable for ever: versions never change."""
    return f"/policies/{url_quote(slug)}/{version}/?from={start}&to={end}#cited"


def cite(n: int, passage: Passage, start: int, end: int) -> Cited:
    """Cite passage.text[start:end], both counted from the passage's own beginning."""
    if not 0 <= start < end <= len(passage.text):
        raise ValueError(f"span {start}:{end} is not within the passage's {len(passage.text)} characters")
    first, last = passage.start + start, passage.start + end
    return Cited(
        n=n,
        document=passage.document,
        version=passage.version,
        heading=passage.heading,
        quote=passage.text[start:end],
        url=policy_url(passage.slug, passage.version, first, last),
        slug=passage.slug,
        start=first,
        end=last,
    )
