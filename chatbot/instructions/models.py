"""The versions of a shop's instructions. Rows are only ever added: the newest is in force, an earlier one comes back as a new one."""

from django.db import models

LONGEST_TEXT, LONGEST_FORBIDDEN = 6000, 3000  # characters


class InstructionsVersion(models.Model):
    """How the shop wanted to be spoken for from a moment on; see `wording.Instructions` for the fields.

    note: why it was changed. restores: the number of the version whose words it brings back.
    """

    number = models.PositiveIntegerField(unique=True)
    text = models.TextField(max_length=LONGEST_TEXT)
    shop_name = models.CharField(max_length=100, blank=True)
    tone = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    forbidden = models.TextField(max_length=LONGEST_FORBIDDEN, blank=True)
    note = models.CharField(max_length=300)
    author = models.CharField(max_length=150)
    restores = models.PositiveIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
