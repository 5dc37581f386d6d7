"""The steps of versions in the database, for one or for many in one transaction: a statement costs more than most of its rows.

Each takes what it is about for several versions and returns a result for each, in order; a result that is an exception is that of its
version alone. If the whole raises, nothing was changed, and each version can be tried by itself.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from retrieval import publishing, releasing
from retrieval.history import write_down_each
from retrieval.models import Document, DocumentVersion, State
from retrieval.publishing import Prepared
from retrieval.receiving import title_from
from retrieval.rows import update_each

MAX_ATTEMPTS = 3  # per step
LEASE = timedelta(seconds=90)  # a worker not heard of for so long has died; its work is taken over


class ClaimLost(Exception):
    """Somebody else holds the version now, or it was withdrawn."""


def lease() -> timedelta:
    """How long a claim holds without a sign of life: longer than one file may take to read."""
    return max(LEASE, timedelta(seconds=settings.READING_TIMEOUT_SECONDS + 30))


def take_up(version_ids: Sequence[int]) -> list[DocumentVersion | None]:
    """Claim the versions that are due, and begin to read those not read yet. None: at rest, withdrawn, or somebody holds it.

    Every claim counts as an attempt; what was tried too often is claimed, but not begun.
    """
    now, token = timezone.now(), secrets.token_hex(16)
    with transaction.atomic():
        due = DocumentVersion.objects.due(now).filter(pk__in=version_ids).select_related("document").order_by("pk")
        # of many callers one wins each row, and nobody waits for another
        held = {version.pk: version for version in due.select_for_update(of=("self",), skip_locked=True)}
        claimed = DocumentVersion.objects.filter(pk__in=held)
        claimed.update(claimed_by=token, claimed_until=now + lease(), attempts=F("attempts") + 1)
        for version in held.values():
            version.claimed_by, version.claimed_until, version.attempts = token, now + lease(), version.attempts + 1
        to_read = [v for v in held.values() if v.state in (State.RECEIVED, State.READING) and v.attempts <= MAX_ATTEMPTS]
        DocumentVersion.objects.filter(pk__in=[version.pk for version in to_read]).update(state=State.READING, state_at=now)
        for version in to_read:
            version.state, version.state_at = State.READING, now
        write_down_each([(version.pk, "") for version in to_read], State.READING, at=now)
    return [held.pop(pk, None) for pk in version_ids]  # who asks twice holds it once


def keep_text(read: Sequence[tuple[DocumentVersion, Any]]) -> list[ClaimLost | None]:
    """Store what was read of claimed versions (each with its `reading.Reading`) and go on to embedding."""
    now = timezone.now()
    until = now + lease()
    with transaction.atomic():
        ours = publishing.still_held([held for held, _ in read], State.READING)
        kept = [(held, reading) for held, reading in read if held.pk in ours]
        update_each(
            DocumentVersion,
            ["state", "state_at", "markdown", "pages", "attempts", "claimed_until"],
            ["pk"],
            # the next step has its own attempts, this one counted as its first
            ((State.EMBEDDING, now, reading.markdown, reading.pages, 1, until, held.pk) for held, reading in kept),
        )
        write_down_each([(held.pk, " ".join(reading.notices)) for held, reading in kept], State.EMBEDDING, at=now)
        titled = [(held.document, title) for held, reading in kept if (title := _better_title(held, reading))]
        update_each(Document, ["title"], ["pk", "title"], ((title, document.pk, document.title) for document, title in titled))
    for held, reading in kept:
        held.state, held.state_at, held.attempts, held.claimed_until = State.EMBEDDING, now, 1, until
        held.markdown, held.pages = reading.markdown, reading.pages
    for document, title in titled:
        document.title = title
    return [None if held.pk in ours else ClaimLost() for held, _ in read]


def publish(prepared: Sequence[Prepared]) -> list[ClaimLost | None]:
    """Let claimed, prepared versions answer."""
    return [None if published else ClaimLost() for published in publishing.publish_all(prepared)]


def settle(prepared: Sequence[Prepared]) -> list[Exception | None]:
    """Publish claimed, prepared versions or keep them ready, as the `release` of each says. Each is compared, and has its own
    transaction."""
    return [_settled(one) for one in prepared]


def as_they_stand(version_ids: Sequence[int]) -> list[DocumentVersion | DocumentVersion.DoesNotExist]:
    """The versions as they are now, each with its document; the text is loaded when somebody asks for it."""
    found = DocumentVersion.objects.select_related("document").defer("markdown").in_bulk(version_ids)
    return [found.get(pk) or DocumentVersion.DoesNotExist() for pk in version_ids]


def _settled(one: Prepared) -> Exception | None:
    try:
        return None if releasing.settle(one.version, one.chunks, one.recipe) else ClaimLost()
    except Exception as error:
        return error


def _better_title(held: DocumentVersion, reading: Any) -> str:
    """The title that the file itself states, unless somebody has given the document one."""
    return (reading.title or "").strip()[:200] if held.document.title == title_from(held.filename) else ""
