"""What is kept of the messages that the shop's system sends about orders (`orders/incoming.py`)."""

from django.db import models


class IncomingMessage(models.Model):
    """A message that was stored, so that the same one does nothing the second time. Its text is not kept."""

    message_id = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(db_index=True)
    outcome = models.JSONField(default=dict)  # what was answered

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message_id"], name="one_incoming_message_per_id")]

    def __str__(self) -> str:
        return self.message_id


class RemovedOrder(models.Model):
    """An order that the shop has removed, so that older news of it, which comes late, does not bring it back."""

    number = models.CharField(max_length=64)
    updated_at = models.DateTimeField(null=True, blank=True)  # when the shop removed it, if it says so
    removed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="one_removal_per_number")]

    def __str__(self) -> str:
        return self.number
