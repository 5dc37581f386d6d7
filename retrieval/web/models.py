"""Web addresses that policies are taken from, their pages, and which version came from where.

What is due stands in `next_read_at`: of a page for the page, of a source for whatever of it is due first. A claim on a source is a
lease, as with versions; one site is asked by one worker at a time, whatever the number of sources on it.
"""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from retrieval.choices import GovernedBy, Release


class Outcome(models.TextChoices):
    """How the last reading of a page or of a sitemap's list ended. The sentence for people stands in `result`."""

    NONE = "", "not read yet"
    NEW = "new", "read for the first time"
    CHANGED = "changed", "changed"
    UNCHANGED = "unchanged", "unchanged"
    HELD = "held", "left to staff"
    FAILED = "failed", "could not be read"
    GONE = "gone", "no longer there"
    SKIPPED = "skipped", "not wanted by the site"


NEEDS_A_LOOK = (Outcome.HELD, Outcome.FAILED, Outcome.GONE)


class WebSourceQuerySet(models.QuerySet["WebSource"]):
    def active(self) -> Self:
        return self.filter(is_paused=False)

    def due(self, at: datetime) -> Self:
        """Sources with something to read that nobody reads at that moment, or whose reader has not been heard of in time."""
        return self.active().filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=at), next_read_at__lte=at)

    def claim(self, source_id: int, *, at: datetime, lease: timedelta) -> "WebSource | None":
        """Take one of these sources for a while, or None: paused, removed, not due, or somebody asks that site already.

        The rows of one site are locked together, so that of many callers one wins.
        """
        host = WebSource.objects.filter(pk=source_id).values_list("host", flat=True).first()
        if host is None:
            return None
        with transaction.atomic():
            of_site = list(WebSource.objects.filter(host=host).select_for_update().order_by("pk").only("pk", "claimed_until"))
            if any(one.claimed_until and one.claimed_until >= at for one in of_site):
                return None
            token = secrets.token_hex(16)
            if not self.filter(pk=source_id).update(claimed_by=token, claimed_until=at + lease):
                return None
        return WebSource.objects.filter(pk=source_id, claimed_by=token).first()

    def held_by(self, source: "WebSource") -> Self:
        """The source itself, as long as the claim stands and it was not paused or removed."""
        return self.active().filter(pk=source.pk, claimed_by=source.claimed_by)


class WebSource(models.Model):
    """An address that staff have added: one page, or a sitemap with its pages.

    etag, last_modified: of the sitemap's list, as the site wrote them. list_at: when that list is due. robots: the site's robots.txt
    as of the last listing. failures: of the list, in a row. attempts: readings of the list that were begun and never ended.
    """

    class Kind(models.TextChoices):
        PAGE = "page", "a page"
        SITEMAP = "sitemap", "a sitemap"

    address = models.CharField(max_length=1000, unique=True)
    host = models.CharField(max_length=255, db_index=True)  # without "www."
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=100, blank=True)
    governed_by = models.CharField(max_length=20, choices=GovernedBy.choices, default=GovernedBy.TODAY)
    release = models.CharField(max_length=20, choices=Release.choices, default=Release.IF_CLEAR)
    every_hours = models.PositiveIntegerField(default=24)
    is_paused = models.BooleanField(default=False)
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=500, blank=True)
    robots = models.TextField(blank=True)
    remarks = models.CharField(max_length=300, blank=True)
    list_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.NONE, blank=True)
    result = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_read_at = models.DateTimeField(db_index=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WebSourceQuerySet.as_manager()

    class Meta:
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address

    @property
    def is_sitemap(self) -> bool:
        return self.kind == self.Kind.SITEMAP

    def is_being_read(self, at: datetime) -> bool:
        return self.claimed_until is not None and self.claimed_until >= at


class WebPage(models.Model):
    """One page of a source, and the document it became.

    sha256: of the bytes; text_sha256: of the text that was read from them, which is what counts as a change. is_listed: whether the
    sitemap still names it. is_forced: staff want it read now, whatever holds it back. attempts: readings begun and never ended.
    """

    source = models.ForeignKey(WebSource, on_delete=models.CASCADE, related_name="pages")
    address = models.CharField(max_length=1000)
    document = models.ForeignKey("retrieval.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="web_pages")
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    is_listed = models.BooleanField(default=True)
    is_forced = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.NONE, blank=True)
    result = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_read_at = models.DateTimeField(db_index=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["source", "address"], name="one_page_per_address")]

    def __str__(self) -> str:
        return self.address


class WebOrigin(models.Model):
    """Where a version was taken from; kept when its source is removed, because citations are.

    is_public: whether anybody could read it there; customers are not shown the address of a page in the shop's own network.
    """

    version = models.OneToOneField("retrieval.DocumentVersion", on_delete=models.CASCADE, related_name="web_origin")
    address = models.CharField(max_length=1000)
    fetched_at = models.DateTimeField()
    is_public = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.address
