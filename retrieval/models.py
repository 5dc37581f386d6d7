"""Documents, their versions, their chunks, and the log that index replicas follow.

The database is the truth: text, spans and vectors stand here; every index is a replica made from it.
"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class Document(models.Model):
    """One policy over time. `slug` is its public address and never changes."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class State(models.TextChoices):
    """The life of a version. Work goes on in the first three; the rest are at rest."""

    RECEIVED = "received"
    READING = "reading"
    EMBEDDING = "embedding"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


UNFINISHED = (State.RECEIVED, State.READING, State.EMBEDDING)


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def published(self) -> Self:
        """Versions that may answer on some date: superseded ones answer for the days they were in force."""
        return self.filter(state=State.PUBLISHED)

    def in_force(self, *, on: date) -> Self:
        """Published versions whose dates cover that calendar day."""
        return self.published().filter(
            Q(effective_from__isnull=True) | Q(effective_from__lte=on),
            Q(effective_until__isnull=True) | Q(effective_until__gt=on),
        )


class DocumentVersion(models.Model):
    """One upload of a document, from file to published text.

    In force from `effective_from` (included) until `effective_until` (not included); None is open.
    `markdown` is the text that chunks and citations point into; `recipe` names model, dimension and chunker of its vectors.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to="policies/%Y/%m/", max_length=300)
    filename = models.CharField(max_length=255)  # as uploaded; shown, never used as a path
    size = models.PositiveIntegerField(default=0)  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    note = models.CharField(max_length=500, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RECEIVED, db_index=True)
    state_at = models.DateTimeField()
    reason = models.TextField(blank=True)  # for staff: why it failed or was withdrawn
    attempts = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)  # a worker holds it until then
    claimed_by = models.CharField(max_length=64, blank=True)
    markdown = models.TextField(blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    recipe = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["document_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.document.title} v{self.number}"


class Chunk(models.Model):
    """A piece of a version's markdown: text == version.markdown[start:end]. vector: float32 little-endian bytes, unit length."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)  # "Returns > Sale items"
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True, blank=True)
    vector = models.BinaryField()

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="one_chunk_per_position")]


class IndexChange(models.Model):
    """The log: version entered (added) or left the searchable set. Replicas read it in order of id."""

    class Action(models.TextChoices):
        ADDED = "added"
        REMOVED = "removed"

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="index_changes")
    action = models.CharField(max_length=10, choices=Action.choices)
    at = models.DateTimeField(auto_now_add=True)
