"""Documents and confirmed rules as staff leave them, for tests that ask what counts on which day."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from orders.rules_models import OrderRule
from orders.rules_stating import Stated, Words, confirm
from retrieval.models import Chunk, Document, DocumentVersion, State
from tests.console.factories import a_version

WINDOW = "You can return an item within 30 days of delivery."
EXCEPTION = "Swimwear cannot be returned."
TEXT = f"# Returns\n\n{WINDOW} {EXCEPTION}\n"


def policy(text: str = TEXT, *, document: Document | None = None, heading: str = "Returns", **fields: Any) -> DocumentVersion:
    """A version that is published, or in another state, with its text as one passage."""
    version = a_version("Returns", document=document, markdown=text, **fields)
    if version.state == State.READY:
        DocumentVersion.objects.filter(pk=version.pk).update(markdown=text)
        version.refresh_from_db()
    start = text.index("\n\n") + 2
    Chunk.objects.create(
        version=version,
        position=0,
        heading=heading,
        text=text[start:].rstrip(),
        start=start,
        end=len(text.rstrip()),
        vector=bytes(32),
    )
    return version


def replaced_by(version: DocumentVersion, text: str, **fields: Any) -> DocumentVersion:
    """A newer version of the same document; the older one is superseded."""
    DocumentVersion.objects.filter(pk=version.pk).update(state=State.SUPERSEDED)
    return policy(text, document=version.document, **fields)


def rule_beside(version: DocumentVersion, stated: Stated, quote: str = WINDOW, *, follows: OrderRule | None = None) -> OrderRule:
    """A rule that somebody confirmed in the words of a version."""
    words = Words(version.document.slug, version.pk, version.number, version.chunks.get().heading, quote)
    return confirm(stated, words, by="mia", at=timezone.now(), follows=follows)


def days(*, after: int) -> date:
    """The shop's calendar day so many days from now."""
    return timezone.localdate() + timedelta(days=after)
