"""A change of the embedding model or the chunker: published versions get new chunks and vectors while the old ones answer.

One version after the other, each in one transaction, so that a kill at any moment leaves every version whole, with one recipe. The
sweep begins it (`tasks.py`), fresh uploads go first, and what one process has in hand another leaves alone.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from retrieval import publishing
from retrieval.errors import EmbeddingFailed
from retrieval.models import UNFINISHED, DocumentVersion, IndexChange
from retrieval.preparing import Parts, batches, done_at_once, embedded

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=90)  # without a sign of life, as for an upload
PAUSE = timedelta(minutes=10)  # before a version that failed is tried again
LATELY, MEASURED = timedelta(minutes=10), 100  # how far back, and how many versions, the speed is measured over
AFTER_PUBLISHING = timedelta(seconds=5)


def stale_versions(*, every: bool = False, parts: Parts | None = None) -> Iterator[DocumentVersion]:
    """Published versions whose vectors were made with another recipe than today's; with `every`, all of them."""
    versions = DocumentVersion.objects.published().select_related("document").order_by("pk")
    return (versions if every else versions.exclude(recipe=_today(parts))).iterator()


def remaining(*, parts: Parts | None = None) -> tuple[int, int]:
    """How many published versions are still to be embedded anew, and how many there are."""
    published = DocumentVersion.objects.published()
    return published.exclude(recipe=_today(parts)).count(), published.count()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the published versions have come. left: still to be embedded anew; stuck: given up after MAX_ATTEMPTS, they answer
    as before; seconds: about how long the rest takes, None while that is not known.
    """

    published: int
    left: int
    stuck: int
    seconds: float | None

    @property
    def done(self) -> int:
        return self.published - self.left - self.stuck


def progress(*, at: datetime, parts: Parts | None = None) -> Progress:
    """How far it is at that moment, and how long the rest takes at the speed of the last minutes. Raises EmbeddingFailed."""
    stale, published = remaining(parts=parts)
    if not stale:
        return Progress(published, left=0, stuck=0, seconds=None)
    recipe = _today(parts)
    tried_in_vain = DocumentVersion.objects.published().exclude(recipe=recipe).filter(reembeddings__gte=MAX_ATTEMPTS)
    stuck = min(tried_in_vain.exclude(claimed_until__gt=at, claimed_by__gt="").count(), stale)  # not while one is being tried
    each = _seconds_each(recipe, at)
    return Progress(published, stale - stuck, stuck, None if each is None else each * (stale - stuck))


def _seconds_each(recipe: str, at: datetime) -> float | None:
    """How long a version took lately, by the log of the index; None if fewer than two were embedded anew."""
    changes = IndexChange.objects.filter(action=IndexChange.Action.ADDED, at__gt=at - LATELY, version__recipe=recipe)
    # what was published for the first time comes into the log too, in the moment of its publishing
    anew = changes.filter(at__gt=F("version__published_at") + AFTER_PUBLISHING)
    moments = list(anew.order_by("-pk").values_list("at", flat=True)[:MEASURED])
    return (moments[0] - moments[-1]).total_seconds() / (len(moments) - 1) if len(moments) > 1 else None


def reembed(version: DocumentVersion, *, parts: Parts | None = None) -> bool:
    """Make the chunks and vectors of a published version anew with the recipe of today; False if it answers no more.

    The old ones answer until the new ones are there. Raises EmbeddingFailed.
    """
    parts = parts or Parts.real()
    chunks = []
    for batch in batches(version):
        chunks += done_at_once(embedded(version, batch), parts)
        if version.claimed_by:
            _in_hand(version).update(claimed_until=timezone.now() + LEASE)
    answers = publishing.reindex(version, chunks, parts.embedder().recipe)
    DocumentVersion.objects.filter(pk=version.pk).update(reembeddings=0)
    return answers


def bring_up_to_date(*, parts: Parts | None = None, seconds: float = 600.0) -> int:
    """Embed stale versions anew until none is left, an upload waits, or the time is over; return how many it was, at least one.

    A version that fails keeps answering as it did, and is tried again later, a few times. Raises EmbeddingFailed only if the model
    cannot be loaded.
    """
    parts = parts or Parts.real()
    until, done = time.monotonic() + seconds, 0
    while (version := _next(_today(parts))) is not None:
        try:
            done += reembed(version, parts=parts)
            _in_hand(version).update(claimed_by="", claimed_until=None)
        except Exception:
            logger.exception("%s could not be embedded anew (attempt %s); it answers as before", version, version.reembeddings)
            _in_hand(version).update(claimed_by="", claimed_until=timezone.now() + PAUSE)
        if time.monotonic() > until or _uploads_wait():
            break
    if done:
        left, published = remaining(parts=parts)
        logger.info("%s of %s published documents have vectors of today's model", published - left, published)
    return done


def is_due() -> bool:
    """Whether there is something for `bring_up_to_date` to do now; not while the model cannot be loaded."""
    try:
        return _due(_today(None), timezone.now()).exists()
    except EmbeddingFailed:
        return False


def _today(parts: Parts | None) -> str:
    return (parts or Parts.real()).embedder().recipe


def _due(recipe: str, now: datetime) -> QuerySet[DocumentVersion]:
    free = DocumentVersion.objects.published().filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
    return free.exclude(recipe=recipe).filter(reembeddings__lt=MAX_ATTEMPTS)


def _next(recipe: str) -> DocumentVersion | None:
    """Take the next stale version in hand. Every taking counts as an attempt, also one that ended this process."""
    while True:
        now = timezone.now()
        due = _due(recipe, now)
        pk = due.order_by("pk").values_list("pk", flat=True).first()
        if pk is None:
            return None
        token = secrets.token_hex(16)
        if due.filter(pk=pk).update(claimed_by=token, claimed_until=now + LEASE, reembeddings=F("reembeddings") + 1):
            return DocumentVersion.objects.select_related("document").get(pk=pk)


def _in_hand(version: DocumentVersion) -> QuerySet[DocumentVersion]:
    return DocumentVersion.objects.published().filter(pk=version.pk, claimed_by=version.claimed_by)


def _uploads_wait() -> bool:
    return DocumentVersion.objects.due(timezone.now()).filter(state__in=UNFINISHED).exists()
