"""What may answer, and the log of it. Every change is one transaction, under one lock, with its rows in `IndexChange`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from retrieval.errors import NotPossibleNow
from retrieval.models import UNFINISHED, Chunk, Document, DocumentVersion, IndexChange, State
from retrieval.versions import Period, settle, without

_LOCK = 0x5768_6572  # any number that only this room uses
_ROWS_AT_ONCE = 500


@contextmanager
def changing_documents() -> Iterator[None]:
    """A transaction in which nobody else changes what may answer.

    Without the lock PostgreSQL could commit log row 8 before row 7, and a replica that has read 8 would never see 7. SQLite has
    one writer at a time by itself.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def publish(version: DocumentVersion, chunks: list[Chunk], recipe: str) -> bool:
    """Put the chunks of a claimed version in place and let it answer; False if the claim is gone and nothing was changed.

    Earlier versions give way as `versions.py` says. A version that a newer upload has overtaken goes straight to superseded.
    """
    with changing_documents():
        now = timezone.now()
        mine = DocumentVersion.objects.held_by(version).filter(state=State.EMBEDDING)
        if not mine.update(state=State.PUBLISHED, state_at=now, reason="", recipe=recipe, claimed_by="", claimed_until=None):
            return False
        replace_chunks(version, chunks)
        newer = DocumentVersion.objects.filter(document=version.document_id, number__gt=version.number)
        # a newer correction counts even when it was withdrawn since: to withdraw it must not bring an older text up
        if newer.filter(published_at__isnull=False, effective_from__isnull=True).exists():
            _supersede(version.pk)
        _apply(version.document_id, settle(_published(version.document_id)))
        if DocumentVersion.objects.published().filter(pk=version.pk).update(published_at=now):
            _log(version.pk, IndexChange.Action.ADDED)
    return True


def replace_chunks(version: DocumentVersion, chunks: list[Chunk]) -> None:
    """Exchange all chunks of a version. Inside a transaction of the caller."""
    Chunk.objects.filter(version=version).delete()
    Chunk.objects.bulk_create(chunks, batch_size=_ROWS_AT_ONCE)


def reindex(version: DocumentVersion, chunks: list[Chunk], recipe: str) -> bool:
    """Exchange the chunks of a version that answers already, for a new recipe; False if it answers no more."""
    with changing_documents():
        if not DocumentVersion.objects.published().filter(pk=version.pk).update(recipe=recipe):
            return False
        replace_chunks(version, chunks)
        _log(version.pk, IndexChange.Action.ADDED)
    return True


def withdraw(version: DocumentVersion, *, author: Any = None, reason: str = "") -> DocumentVersion:
    """Take a version out of every answer, at once and for good; what is being ingested stops. Again is no error.

    Raises NotPossibleNow for a version that failed: it has never answered.
    """
    with changing_documents():
        now = timezone.now()
        current = DocumentVersion.objects.select_for_update().get(pk=version.pk)
        if current.state == State.WITHDRAWN:
            return current
        if current.state == State.FAILED:
            raise NotPossibleNow("This version was never published, so there is nothing to withdraw.")
        was_answering = current.state == State.PUBLISHED
        others = [period for period in _published(current.document_id) if period.number != current.number]
        by = f"Withdrawn by {author}" if author else "Withdrawn"
        current.state, current.state_at, current.reason = (
            State.WITHDRAWN,
            now,
            f"{by}: {reason.strip()}" if reason.strip() else f"{by}.",
        )
        current.claimed_by, current.claimed_until = "", None
        current.save(update_fields=["state", "state_at", "reason", "claimed_by", "claimed_until"])
        if was_answering:
            _log(current.pk, IndexChange.Action.REMOVED)
            _apply(current.document_id, without(others, current.number, today=timezone.localdate()))
    return current


def retry(version: DocumentVersion) -> DocumentVersion:
    """Start a failed version again from its file. Raises NotPossibleNow in any other state."""
    with changing_documents():
        again = DocumentVersion.objects.filter(pk=version.pk, state=State.FAILED).update(
            state=State.RECEIVED, state_at=timezone.now(), reason="", attempts=0, claimed_by="", claimed_until=None
        )
    if not again:
        raise NotPossibleNow("Only a version that failed can be tried again.")
    version.refresh_from_db()
    return version


def is_unfinished(version: DocumentVersion) -> bool:
    """Whether work on it is still to be done."""
    return version.state in UNFINISHED


def _published(document_id: int) -> list[Period]:
    # the row lock keeps two publications of one document apart even where the advisory lock does not exist
    Document.objects.select_for_update().get(pk=document_id)
    return [version.period for version in DocumentVersion.objects.published().filter(document=document_id)]


def _apply(document_id: int, periods: list[Period]) -> None:
    """Write settled periods back, and log each version whose place changed."""
    versions = {version.number: version for version in DocumentVersion.objects.published().filter(document=document_id)}
    for period in periods:
        version = versions.get(period.number)
        if version is None:
            continue
        if period.superseded:
            _supersede(version.pk)
            if version.published_at is not None:
                _log(version.pk, IndexChange.Action.REMOVED)
        elif (period.end, period.stated_end) != (version.effective_until, version.stated_until):
            version.effective_until, version.stated_until = period.end, period.stated_end
            version.save(update_fields=["effective_until", "stated_until"])
            if version.published_at is not None:
                _log(version.pk, IndexChange.Action.REDATED)


def _supersede(version_id: int) -> None:
    DocumentVersion.objects.filter(pk=version_id).update(state=State.SUPERSEDED, state_at=timezone.now())


def _log(version_id: int, action: IndexChange.Action) -> None:
    IndexChange.objects.create(version_id=version_id, action=action)
