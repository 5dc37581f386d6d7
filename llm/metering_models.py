"""Sums of calls that are kept: of each day, and of each hour. A day that is over is summed up once; its calls need not be read again."""

from django.db import models


class DaySum(models.Model):
    """The calls of one day of the shop of one model, tier, purpose and ending. Amounts are millionths of a US dollar.

    unpriced: calls without a price, whose cost nobody knows and cost_micros does not have; estimated: calls whose tokens we counted.
    """

    day = models.DateField()
    model = models.CharField(max_length=200)
    tier = models.CharField(max_length=10)
    purpose = models.CharField(max_length=40)
    ending = models.CharField(max_length=40)
    calls = models.PositiveIntegerField()
    unpriced = models.PositiveIntegerField()
    estimated = models.PositiveIntegerField()
    input_tokens = models.BigIntegerField()
    cached_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    cost_micros = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "model", "tier", "purpose", "ending"], name="one_sum_per_day_and_kind_of_call")
        ]


class HourSum(models.Model):
    """The calls that ended in one hour: their tokens, how long they took in sum, and how many were under way at the same time."""

    begins = models.DateTimeField(primary_key=True)
    calls = models.PositiveIntegerField()
    input_tokens = models.BigIntegerField()
    cached_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    busy_ms = models.FloatField()
    most_at_once = models.PositiveIntegerField()


class SummedUp(models.Model):
    """How far the days have been summed up; one row. Calls of days before `until` stand in DaySum and HourSum."""

    until = models.DateField()
