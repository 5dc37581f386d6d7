"""The shop's own status words, as staff said once what they mean, and those that came in answers and mean nothing to us yet."""

from django.db import models

from orders.records import Status

LONGEST = 100  # characters of a status word; a source cuts it there


class Of(models.TextChoices):
    """Whose state a word tells: the shop says it of an order, the carrier of a parcel."""

    ORDER = "order"
    PARCEL = "parcel"


class StatusWord(models.Model):
    """What a word means in this shop. It counts before the words that we know ourselves. key: as `statuses.word_key` has it."""

    of = models.CharField(max_length=10, choices=Of.choices)
    key = models.CharField(max_length=LONGEST)
    written = models.CharField(max_length=LONGEST)
    status = models.CharField(max_length=30, choices=[(str(s), str(s)) for s in Status if s is not Status.UNKNOWN])
    decided_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["of", "key"]
        constraints = [models.UniqueConstraint(fields=["of", "key"], name="one_meaning_per_status_word")]

    def __str__(self) -> str:
        return f"{self.of} “{self.written}”: {self.status}"


class SeenStatusWord(models.Model):
    """A word without a meaning in orders that customers asked about, for sources whose orders are not in our tables. seen: how often."""

    of = models.CharField(max_length=10, choices=Of.choices)
    key = models.CharField(max_length=LONGEST)
    written = models.CharField(max_length=LONGEST)
    seen = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen", "key"]
        constraints = [models.UniqueConstraint(fields=["of", "key"], name="one_row_per_seen_status_word")]

    def __str__(self) -> str:
        return f"{self.of} “{self.written}”"
