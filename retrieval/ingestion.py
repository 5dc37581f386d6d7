"""The write path: received → reading → embedding → published, or ready for a person to decide. Each step is safe to run twice, late, or after a kill.

The row is the memory: `advance` claims it, looks at its state and goes on from there. Whoever loses the claim (withdrawn, lease run
out, another worker) stops without a trace. `sweep` in `tasks.py` brings back what was left lying.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from retrieval import publishing, together
from retrieval.errors import RetrievalError, Unreadable
from retrieval.history import write_down
from retrieval.models import Chunk, DocumentVersion, Release, State
from retrieval.preparing import Parts, Steps, ToRead, ToWrite, batches, done_at_once, embedded
from retrieval.publishing import Prepared, change_audience, discard, is_unfinished, release, withdraw
from retrieval.queueing import send_to_queue
from retrieval.receiving import receive, receive_all, shown_name
from retrieval.together import MAX_ATTEMPTS, ClaimLost, lease

__all__ = [
    "Parts", "advance", "change_audience", "discard", "is_unfinished", "receive", "receive_all", "release", "retry", "send_to_queue", "shown_name", "sweep", "withdraw",
]  # fmt: skip

logger = logging.getLogger(__name__)

QUEUE_GRACE = timedelta(seconds=5)  # a fresh upload is the queue's; the sweep takes only what the queue has left lying
SWEEP_AT_ONCE = 50
Told = Callable[[DocumentVersion], None]

STOPPED = {
    State.READING: "Reading this file stopped the reader {n} times. It may be damaged, or too large to read.",
    State.EMBEDDING: "Preparing this text for search was cut off {n} times. Please try again, or split the document.",
}
UNEXPECTED = "Something unexpected went wrong {n} times while this file was being prepared. The server's log has the cause."


def advance(version: DocumentVersion | int, *, parts: Parts | None = None) -> DocumentVersion:
    """Take a version as far as it goes now and return it as it stands then: published, ready, failed, or waiting for another try.

    Does nothing to a version at rest, or one that somebody else holds.
    """
    parts = parts or Parts.real()
    return done_at_once(steps(version if isinstance(version, int) else version.pk, parts), parts)


def steps(pk: int, parts: Parts, told: Told | None = None) -> Steps[DocumentVersion]:
    """`advance` as steps: yields what takes long, or is cheaper for many versions together, and is sent the result.

    told: is given the version each time that more of a long text is embedded.
    """
    held = yield ToWrite(together.take_up, pk)
    if held is not None:
        try:
            yield from _run(held, parts, told)
        except ClaimLost:
            logger.info("version %s was taken over or withdrawn while it was being prepared", pk)
        except Unreadable as error:
            _fail(held, error.user_message)
        except Exception as error:
            logger.exception("version %s could not be prepared (attempt %s)", pk, held.attempts)
            _pause(held, error)
    return (yield ToWrite(together.as_they_stand, pk))


def retry(version: DocumentVersion, *, author: Any = None) -> DocumentVersion:
    """Start a failed version again from its file, and queue it. Raises NotPossibleNow in any other state."""
    with transaction.atomic():
        version = publishing.retry(version, author=author)
        transaction.on_commit(lambda: send_to_queue(version.pk))
    return version


def due_versions(*, grace: timedelta = QUEUE_GRACE) -> list[int]:
    """Ids of versions with work that nobody does: lost by the queue, or by a worker that died. Oldest first, a limited number."""
    now = timezone.now()
    waiting = DocumentVersion.objects.due(now).filter(state_at__lte=now - grace)
    return list(waiting.order_by("state_at").values_list("pk", flat=True)[:SWEEP_AT_ONCE])


def sweep() -> list[DocumentVersion]:
    """Do here and now what the queue or a dead worker has left lying, and return those versions as they stand then."""
    return [advance(pk) for pk in due_versions(grace=timedelta(0))]


def _run(held: DocumentVersion, parts: Parts, told: Told | None) -> Steps[None]:
    if held.attempts > MAX_ATTEMPTS:
        raise Unreadable(STOPPED.get(State(held.state), STOPPED[State.READING]).format(n=MAX_ATTEMPTS))
    if held.state == State.READING:
        reading = yield from _read(held)
        yield ToWrite(together.keep_text, (held, reading))
    recipe = parts.embedder().recipe
    chunks: list[Chunk] = []
    waiting = batches(held)
    total = sum(map(len, waiting))
    for batch in waiting:
        chunks += yield from embedded(held, batch)
        if len(chunks) < total:  # a sign of life; the last one is the publication itself
            _step(held, claimed_until=timezone.now() + lease(), chunks_done=len(chunks), chunks_total=total)
            if told is not None:
                told(held)
    if not chunks:
        raise Unreadable("No text was found in this file. If it is a scan, please upload a version with text.")
    # what is to be compared with the others first takes a transaction of its own
    write = together.publish if held.release == Release.AT_ONCE else together.settle
    yield ToWrite(write, Prepared(held, chunks, recipe))
    logger.info("version %s of %s is prepared, with %s chunks", held.number, held.document.slug, len(chunks))


def _read(held: DocumentVersion) -> Steps[Any]:
    try:
        reading = yield ToRead(held.file, held.filename, held.size)
        if reading.recognisable:  # takes minutes, so it gets a lease of its own
            _step(held, claimed_until=timezone.now() + timedelta(seconds=settings.READING_OCR_SECONDS + 30))
            reading = yield ToRead(held.file, held.filename, held.size, recognise=True)
    except FileNotFoundError as error:
        raise Unreadable("The uploaded file is no longer on the server. Please upload it again.") from error
    return reading


def _step(held: DocumentVersion, **changes: Any) -> None:
    """Write to a version that is still ours, and keep our copy in step. Raises ClaimLost."""
    if not DocumentVersion.objects.held_by(held).update(**changes):
        raise ClaimLost
    for name, value in changes.items():
        setattr(held, name, value)


def _fail(held: DocumentVersion, reason: str) -> None:
    """Put a version to rest with a sentence for staff. What answered before goes on answering."""
    now = timezone.now()
    mine = DocumentVersion.objects.held_by(held)
    with transaction.atomic():
        if mine.update(state=State.FAILED, state_at=now, reason=reason, claimed_by="", claimed_until=None):
            write_down(held.pk, State.FAILED, at=now, reason=reason)


def _pause(held: DocumentVersion, error: Exception) -> None:
    """Let go of a version until a later try, or for good after the last one."""
    if held.attempts >= MAX_ATTEMPTS:
        _fail(held, error.user_message if isinstance(error, RetrievalError) else UNEXPECTED.format(n=MAX_ATTEMPTS))
        return
    later = timezone.now() + timedelta(seconds=2**held.attempts)
    DocumentVersion.objects.held_by(held).update(claimed_by="", claimed_until=later)
