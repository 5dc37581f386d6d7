"""API keys, and what was sent with one."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class ApiKey(models.Model):
    """A key for programs. Of the key itself only a hash is stored; `prefix` finds its row and may be shown.

    It belongs to the shop and not to who made it: it stays good when they leave. A revoked key is kept, so that its calls keep a name.
    """

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    key_hash = models.CharField(max_length=64)
    per_minute = models.PositiveIntegerField()  # questions
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(Lower("name"), condition=Q(revoked_at__isnull=True), name="one_living_api_key_per_name")
        ]

    def is_good(self, *, at: datetime) -> bool:
        """Whether the key opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class ApiCall(models.Model):
    """What came with a question over the OpenAI-compatible interface; it goes with its turn.

    history: [{"role", "text"}…] as the caller sent it. Nothing shows that the bot ever said what stands there under its name.
    """

    turn = models.OneToOneField("chatbot.Turn", on_delete=models.CASCADE, primary_key=True, related_name="api_call")
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="calls")
    history: Any = models.JSONField(default=list)
