"""What may answer, and the log of it. Every change is one transaction, under one lock, with its rows in `IndexChange`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from retrieval.errors import NotPossibleNow
from retrieval.history import write_down, write_down_each
from retrieval.models import UNFINISHED, Audience, Chunk, Document, DocumentVersion, Finding, IndexChange, State
from retrieval.versions import Period, settle, without

_LOCK = 0x5768_6572  # any number that only this room uses
_ROWS_AT_ONCE = 500
NOT_WAITING = "This version does not wait for a decision any more."


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed version with what was made of its text, unsaved."""

    version: DocumentVersion
    chunks: list[Chunk]
    recipe: str


def publish(version: DocumentVersion, chunks: list[Chunk], recipe: str) -> bool:
    """Put the chunks of a claimed version in place and let it answer; False if the claim is gone and nothing was changed.

    Earlier versions give way as `versions.py` says. A version that a newer upload has overtaken goes straight to superseded.
    """
    return publish_all([Prepared(version, chunks, recipe)])[0]


def publish_all(prepared: Sequence[Prepared]) -> list[bool]:
    """`publish` for many versions in one transaction, with a result for each."""
    with changing_documents():
        ours = still_held([one.version for one in prepared], State.EMBEDDING)
        mine = [one for one in prepared if one.version.pk in ours]
        only_ones = _only_versions(mine)
        _publish_only_versions([one for one in mine if one.version.pk in only_ones])
        for one in sorted(mine, key=lambda one: one.version.number):
            if one.version.pk not in only_ones:
                _put_in_place(one.version, one.chunks, one.recipe, State.PUBLISHED, findings=())
                _let_answer(one.version)
    return [one.version.pk in ours for one in prepared]


def still_held(versions: Sequence[DocumentVersion], state: State) -> set[int]:
    """The ids of those whose claims still stand, in that state, and will to the end of the caller's transaction."""
    rows = DocumentVersion.objects.filter(pk__in=[version.pk for version in versions], state=state).order_by("pk")
    holders = dict(rows.select_for_update().values_list("pk", "claimed_by"))
    return {version.pk for version in versions if holders.get(version.pk) == version.claimed_by}


def keep_ready(
    version: DocumentVersion, chunks: list[Chunk], recipe: str, *, reason: str, findings: Iterable[Finding] = ()
) -> bool:
    """Put the chunks of a claimed version in place and let it wait for a person, who reads why; False if the claim is gone.

    It answers nothing yet, and what answered before goes on.
    """
    with changing_documents():
        if not _put_in_place(version, chunks, recipe, State.READY, reason=reason, findings=findings):
            return False
        write_down(version.pk, State.READY, at=version.state_at, reason=reason)
    return True


def release(version: DocumentVersion, *, author: Any = None, withdrawing: Iterable[DocumentVersion] = ()) -> DocumentVersion:
    """Publish a version that waited for a decision and, in the same moment, withdraw others that it stands against.

    Raises NotPossibleNow if it does not wait (any more); then nothing was changed.
    """
    with changing_documents():
        now = timezone.now()
        waiting = DocumentVersion.objects.filter(pk=version.pk, state=State.READY)
        if not waiting.update(state=State.PUBLISHED, state_at=now, reason=""):
            raise NotPossibleNow(NOT_WAITING)
        for other in withdrawing:
            withdraw(other, author=author, reason=f"It was replaced by “{version.document.title}”, version {version.number}.")
        version.refresh_from_db()
        _let_answer(version, by=author)
    version.refresh_from_db()
    return version


def last_change() -> int:
    """The end of the log: as long as it stays, nothing that may answer has changed."""
    return IndexChange.objects.aggregate(last=Max("pk"))["last"] or 0


def replace_chunks(versions: Sequence[DocumentVersion], chunks: Sequence[Chunk]) -> None:
    """Exchange all chunks of some versions. Inside a transaction of the caller."""
    Chunk.objects.filter(version__in=versions).delete()
    Chunk.objects.bulk_create(chunks, batch_size=_ROWS_AT_ONCE)


def reindex(version: DocumentVersion, chunks: list[Chunk], recipe: str) -> bool:
    """Exchange the chunks of a version that answers already, for a new recipe; False if it answers no more."""
    with changing_documents():
        if not DocumentVersion.objects.published().filter(pk=version.pk).update(recipe=recipe):
            return False
        replace_chunks([version], chunks)
        _log(IndexChange.Action.ADDED, version.pk)
    return True


def discard(version: DocumentVersion, *, author: Any = None, reason: str = "") -> DocumentVersion:
    """Withdraw a version that waits for a decision, and so has answered nobody.

    Raises NotPossibleNow if it does not wait (any more): what a colleague has just published is not taken away by this.
    """
    with changing_documents():
        if not DocumentVersion.objects.select_for_update().filter(pk=version.pk, state=State.READY).exists():
            raise NotPossibleNow(NOT_WAITING)
        return withdraw(version, author=author, reason=reason)


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
        write_down(current.pk, State.WITHDRAWN, at=now, reason=reason.strip(), by=author)
        if was_answering:
            _log(IndexChange.Action.REMOVED, current.pk)
            _apply(current.document_id, without(others, current.number, today=timezone.localdate()))
    return current


def retry(version: DocumentVersion, *, author: Any = None) -> DocumentVersion:
    """Start a failed version again from its file. Raises NotPossibleNow in any other state."""
    with changing_documents():
        now = timezone.now()
        again = DocumentVersion.objects.filter(pk=version.pk, state=State.FAILED).update(
            state=State.RECEIVED, state_at=now, reason="", attempts=0, claimed_by="", claimed_until=None
        )
        if not again:
            raise NotPossibleNow("Only a version that failed can be tried again.")
        write_down(version.pk, State.RECEIVED, at=now, reason="Tried again.", by=author)
    version.refresh_from_db()
    return version


def is_unfinished(version: DocumentVersion) -> bool:
    """Whether work on it is still to be done."""
    return version.state in UNFINISHED


def change_audience(version: DocumentVersion, audience: Audience, *, author: Any = None) -> DocumentVersion:
    """Say anew who may be answered from a version and read it, at once and in every process, whatever state it is in."""
    with changing_documents():
        if DocumentVersion.objects.filter(pk=version.pk).exclude(audience=audience).update(audience=audience):
            _log_if_answering(version.pk)
            version.refresh_from_db()
            stands = version.state_on(timezone.localdate())
            write_down(version.pk, stands, at=timezone.now(), reason=f"From now on for {audience.label}.", by=author)
    return version


def _put_in_place(
    version: DocumentVersion, chunks: list[Chunk], recipe: str, state: State, *, reason: str = "", findings: Iterable[Finding]
) -> bool:
    """Store what was prepared and end the claim; False if it is gone."""
    now = timezone.now()
    mine = DocumentVersion.objects.held_by(version).filter(state=State.EMBEDDING)
    if not mine.update(state=state, state_at=now, reason=reason, recipe=recipe, claimed_by="", claimed_until=None):
        return False
    version.state_at = now
    replace_chunks([version], chunks)
    keep_findings(version, findings)
    return True


def _only_versions(prepared: Sequence[Prepared]) -> set[int]:
    """The ids of versions that have no other beside them in their documents, so that nothing needs to give way."""
    versions = [one.version for one in prepared]
    documents = Counter(version.document_id for version in versions)
    others = DocumentVersion.objects.filter(document__in=documents).exclude(pk__in=[version.pk for version in versions])
    crowded = set(others.order_by().values_list("document_id", flat=True))
    alone = [version for version in versions if documents[version.document_id] == 1 and version.document_id not in crowded]
    return {version.pk for version in alone if version.effective_until == version.stated_until}


def _publish_only_versions(prepared: Sequence[Prepared]) -> None:
    """What `_put_in_place` and `_let_answer` do, for versions that are the only ones of their documents."""
    now = timezone.now()
    for recipe in {one.recipe for one in prepared}:
        rows = DocumentVersion.objects.filter(pk__in=[one.version.pk for one in prepared if one.recipe == recipe])
        rows.update(state=State.PUBLISHED, state_at=now, published_at=now, reason="", recipe=recipe)
        rows.update(claimed_by="", claimed_until=None)
    versions = [one.version for one in prepared]
    Finding.objects.filter(version__in=versions).delete()
    replace_chunks(versions, [chunk for one in prepared for chunk in one.chunks])
    _log(IndexChange.Action.ADDED, *(version.pk for version in versions))
    for state in (State.PUBLISHED, State.SCHEDULED):
        write_down_each([(version.pk, "") for version in versions if _begins_as(version, now) == state], state, at=now)


def _begins_as(version: DocumentVersion, now: datetime) -> State:
    to_come = version.effective_from is not None and version.effective_from > timezone.localdate(now)
    return State.SCHEDULED if to_come else State.PUBLISHED


def keep_findings(version: DocumentVersion, findings: Iterable[Finding]) -> None:
    """Exchange what the review of a version has found."""
    Finding.objects.filter(version=version).delete()
    Finding.objects.bulk_create(findings)


def _let_answer(version: DocumentVersion, *, by: Any = None) -> None:
    """Give a version that has just become published its place among the others of its document."""
    newer = DocumentVersion.objects.filter(document=version.document_id, number__gt=version.number)
    # a newer correction counts even when it was withdrawn since: to withdraw it must not bring an older text up
    if overtaken := newer.filter(published_at__isnull=False, effective_from__isnull=True).order_by("number").first():
        _supersede(version.pk, by=overtaken.number)
    _apply(version.document_id, settle(_published(version.document_id)))
    answering = DocumentVersion.objects.published().filter(pk=version.pk)
    if answering.update(published_at=version.state_at):
        _log(IndexChange.Action.ADDED, version.pk)
        write_down(version.pk, _begins_as(version, version.state_at), at=version.state_at, by=by)


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
            _supersede(version.pk, by=max(versions))
            if version.published_at is not None:
                _log(IndexChange.Action.REMOVED, version.pk)
        elif (period.end, period.stated_end) != (version.effective_until, version.stated_until):
            version.effective_until, version.stated_until = period.end, period.stated_end
            version.save(update_fields=["effective_until", "stated_until"])
            if version.published_at is not None:
                _log(IndexChange.Action.REDATED, version.pk)


def _supersede(version_id: int, *, by: int) -> None:
    """by: the number of the version that took its place."""
    now = timezone.now()
    DocumentVersion.objects.filter(pk=version_id).update(state=State.SUPERSEDED, state_at=now)
    write_down(version_id, State.SUPERSEDED, at=now, reason=f"Version {by} took its place.")


def _log_if_answering(version_id: int) -> None:
    if DocumentVersion.objects.published().filter(pk=version_id).exists():
        _log(IndexChange.Action.REDATED, version_id)


def _log(action: IndexChange.Action, *version_ids: int) -> None:
    IndexChange.objects.bulk_create(IndexChange(version_id=pk, action=action) for pk in version_ids)
