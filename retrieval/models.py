"""Documents, their versions, their chunks, and the log that index replicas follow.

The database is the truth: text, spans and vectors stand here; every index is a replica made from it.
"""

import secrets
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from retrieval.audiences import Audience
from retrieval.choices import GovernedBy, Release
from retrieval.versions import Period
from retrieval.web.models import WebOrigin, WebPage, WebSource

__all__ = [
    "UNFINISHED", "Chunk", "Document", "DocumentVersion", "Finding", "GovernedBy", "IndexChange", "Release", "State", "VersionEvent",
    "WebOrigin", "WebPage", "WebSource",
]  # fmt: skip


class Document(models.Model):
    """One policy over time. `slug` is its public address and never changes."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=100, blank=True)
    governed_by = models.CharField(max_length=20, choices=GovernedBy.choices, default=GovernedBy.TODAY)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class State(models.TextChoices):
    """The life of a version. Work goes on in the first three; the rest are at rest.

    READY is prepared and waits for a person. SCHEDULED is a name, never stored: a published version whose first day is still to
    come. Its dates make it answer from midnight on, in every process, with nothing running that could be late; see `state_on`.
    """

    RECEIVED = "received"
    READING = "reading"
    EMBEDDING = "embedding"
    READY = "ready"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


UNFINISHED = (State.RECEIVED, State.READING, State.EMBEDDING)


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def published(self) -> Self:
        """Versions that answer on the days of their period; superseded and withdrawn ones answer on no day."""
        return self.filter(state=State.PUBLISHED)

    def covering(self, *, on: date) -> Self:
        """Published versions whose dates include that calendar day."""
        return self.published().filter(
            Q(effective_from__isnull=True) | Q(effective_from__lte=on),
            Q(effective_until__isnull=True) | Q(effective_until__gt=on),
        )

    def in_force(self, *, on: date) -> Self:
        """The version of each document that answers on that calendar day: of those that cover it, the one uploaded last."""
        later = DocumentVersion.objects.covering(on=on).filter(document=OuterRef("document"), number__gt=OuterRef("number"))
        return self.covering(on=on).exclude(Exists(later))

    def readable_by(self, reader: Audience) -> Self:
        """Versions that such a reader may be answered from. Narrow `in_force` with it, never the other way round: an internal
        version in force silences the public one before it."""
        return self.filter(audience__in=reader.may_read)

    def due(self, at: datetime) -> Self:
        """Versions with work left that nobody holds at that moment, or whose holder has not been heard of in time."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=at), state__in=UNFINISHED)

    def held_by(self, version: "DocumentVersion") -> Self:
        """The version itself, as long as the given claim on it stands and nobody ended its work."""
        return self.filter(pk=version.pk, claimed_by=version.claimed_by, state__in=UNFINISHED)


class DocumentVersion(models.Model):
    """One upload of a document, from file to published text.

    In force from `effective_from` (included) until `effective_until` (not included); None is open. `stated_until` is the end
    given at upload, `effective_until` the one that holds: a later version may have set it, see `versions.py`.
    `markdown` is the text that chunks and citations point into; `recipe` names model, dimension and chunker of its vectors.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to="policies/%Y/%m/", max_length=300)
    filename = models.CharField(max_length=255, db_index=True)  # as uploaded; shown, never used as a path
    size = models.PositiveIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    note = models.CharField(max_length=500, blank=True)
    audience = models.CharField(max_length=20, choices=Audience.choices, default=Audience.EVERYONE)
    release = models.CharField(max_length=20, choices=Release.choices, default=Release.AT_ONCE)
    effective_from = models.DateField(null=True, blank=True)
    effective_until = models.DateField(null=True, blank=True)
    stated_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RECEIVED, db_index=True)
    state_at = models.DateTimeField()
    reason = models.TextField(blank=True)  # for staff: why it failed or was withdrawn
    attempts = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)  # a worker holds it until then
    claimed_by = models.CharField(max_length=64, blank=True)
    markdown = models.TextField(blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    recipe = models.CharField(max_length=200, blank=True)
    chunks_done = models.PositiveIntegerField(default=0)  # embedded so far of chunks_total, while a long text is being embedded
    chunks_total = models.PositiveIntegerField(default=0)
    reembeddings = models.PositiveIntegerField(default=0)  # begun for a new recipe and not ended; see reembedding.py
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["document_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.document.title} v{self.number}"

    @property
    def has_been_read(self) -> bool:
        """Whether there may be a text to show: its file was read. One that was withdrawn early may have none."""
        return bool(self.published_at) or self.state in (State.EMBEDDING, State.READY, State.WITHDRAWN)

    def state_on(self, day: date) -> State:
        """The state as people mean it on that calendar day: a published version is scheduled until its first day."""
        is_to_come = self.state == State.PUBLISHED and self.effective_from is not None and self.effective_from > day
        return State.SCHEDULED if is_to_come else State(self.state)

    def progress(self, at: datetime) -> "tuple[int, float] | None":
        """While it is being embedded: percent done, and about how many seconds are left at the speed so far; None if unknown."""
        if self.state != State.EMBEDDING or not self.chunks_done or not self.chunks_total:
            return None
        passed = max((at - self.state_at).total_seconds(), 0.0)
        left = passed * (self.chunks_total - self.chunks_done) / self.chunks_done
        return 100 * self.chunks_done // self.chunks_total, left

    @property
    def period(self) -> Period:
        """Its days, as the rules in `versions.py` see them."""
        return Period(
            self.number, self.effective_from, self.stated_until, self.effective_until, superseded=self.state == State.SUPERSEDED
        )


class VersionEvent(models.Model):
    """One step in the life of a version, written in the transaction that made it. `by`: a user's name, kept when the user is gone.

    state may be SCHEDULED: the moment at which a version with a first day in the future was published.
    """

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="events")
    state = models.CharField(max_length=20, choices=State.choices)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["version_id", "pk"]


class Finding(models.Model):
    """Something in a version that staff should see before it answers: what another version says about the same. See `review.py`.

    Spans point into the markdown of `version` and of `other`. differences: what differs, as [[here, there], …] in words; share: how
    much of this version's text stands in the other (0..1), for repetitions.
    """

    class Kind(models.TextChoices):
        CONTRADICTION = "contradiction"
        REPETITION = "repetition"
        SAME_TEXT = "same text"

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="findings")
    other = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    heading = models.CharField(max_length=500, blank=True)
    other_start = models.PositiveIntegerField(default=0)
    other_end = models.PositiveIntegerField(default=0)
    other_heading = models.CharField(max_length=500, blank=True)
    differences = models.JSONField(default=list)
    share = models.FloatField(default=0.0)

    class Meta:
        ordering = ["version_id", "pk"]


class Chunk(models.Model):
    """A piece of a version's markdown: text == version.markdown[start:end]. vector: float32 little-endian bytes, unit length.

    context: words from elsewhere in the text that the piece needs to be understood (the head of its table); never quoted.
    """

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)  # "Returns > Sale items"
    text = models.TextField()
    context = models.TextField(blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True, blank=True)
    vector = models.BinaryField()

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_chunk_per_position")]


def random_key() -> str:
    return secrets.token_hex(8)


class IndexChange(models.Model):
    """The log: a version entered the searchable set, left it, or got other dates. Replicas read it in order of id.

    Rows are written under one lock (see `publishing.py`), so that a lower id is never seen after a higher one.
    `key` tells a replica whether this is still the log it has read: after a restore the same id may mean another change.
    """

    class Action(models.TextChoices):
        ADDED = "added"
        REMOVED = "removed"
        REDATED = "redated"

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="index_changes")
    action = models.CharField(max_length=10, choices=Action.choices)
    key = models.CharField(max_length=16, default=random_key, editable=False)
    at = models.DateTimeField(auto_now_add=True)
