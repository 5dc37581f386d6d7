"""Budgets, and what counts against them. Amounts are whole millionths of a US dollar, so that adding them never rounds."""

import uuid

from django.db import models


class Budget(models.Model):
    """What may be spent in a day or a calendar month of the shop: on all calls, on those of a tier, for one visitor, or for an API key.

    scope: one of Scope, or "key:" and the beginning of the API key.
    """

    class Scope(models.TextChoices):
        ALL = "all", "all models"
        SMALL = "tier:small", "the small tier"
        LARGE = "tier:large", "the large tier"
        VISITOR = "visitor", "each visitor"

    class Period(models.TextChoices):
        DAY = "day", "day"
        MONTH = "month", "month"

    scope = models.CharField(max_length=20, choices=Scope.choices)
    period = models.CharField(max_length=10, choices=Period.choices)
    limit_usd = models.DecimalField(max_digits=14, decimal_places=6)
    warn_percent = models.PositiveSmallIntegerField(default=80)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["scope", "period"]
        constraints = [models.UniqueConstraint(fields=["scope", "period"], name="one_budget_per_scope_and_period")]


class Spending(models.Model):
    """What was spent on one day of the shop under one heading, and what calls in flight may still cost.

    scope: "all", "tier:small", "tier:large", "key:" and the beginning of an API key, or "visitor:" or "network:" and a keyed hash,
    which tells nobody who that is.
    """

    day = models.DateField()
    scope = models.CharField(max_length=90)
    spent_micros = models.BigIntegerField(default=0)
    held_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "day"], name="one_spending_per_scope_and_day")]


class Hold(models.Model):
    """A call in flight, written before anything is sent and removed when the call is metered.

    micros: the most it may cost, held back from the budgets of `scopes` (none: no budget is concerned); None without a price.
    input_tokens, output_tokens: what that was worked out from. After `until` its process is taken for dead, and the call for made.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField()
    model = models.CharField(max_length=200)
    tier = models.CharField(max_length=10)
    scopes = models.JSONField()
    micros = models.BigIntegerField(null=True)
    input_tokens = models.PositiveIntegerField()
    output_tokens = models.PositiveIntegerField()
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)


class BudgetNotice(models.Model):
    """A budget came to its warning, or was used up, in a period: written once, by whoever saw it first.

    begins: the first day of the period; scope: as in Spending.
    """

    class Level(models.TextChoices):
        WARNING = "warning", "nearly used up"
        USED_UP = "used up", "used up"

    scope = models.CharField(max_length=90)
    period = models.CharField(max_length=10)
    begins = models.DateField(db_index=True)
    level = models.CharField(max_length=10, choices=Level.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "period", "begins", "level"], name="one_notice_per_budget_and_level")
        ]
