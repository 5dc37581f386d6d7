"""Prices with their dates, and one row for every call of a model, whatever its ending."""

from django.db import models

from llm.endpoint_models import ModelEndpoint as ModelEndpoint  # Django looks for the tables of a room in this module


class Price(models.Model):
    """US dollars per 1,000,000 tokens of a model, from a day on; the newest that has begun counts."""

    model = models.CharField(max_length=200, db_index=True)
    valid_from = models.DateField()
    input_usd = models.DecimalField(max_digits=12, decimal_places=6)
    cached_usd = models.DecimalField(max_digits=12, decimal_places=6)
    output_usd = models.DecimalField(max_digits=12, decimal_places=6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "valid_from"], name="one_price_per_day")]


class ModelCall(models.Model):
    """One call. `purpose` is a word ("answer"); `subject` names what it was for (a turn id). cost_usd is None without a price.

    endpoint: its name in the console, "" for the one that the environment names.
    """

    at = models.DateTimeField(db_index=True)
    model = models.CharField(max_length=200, db_index=True)
    tier = models.CharField(max_length=10)
    endpoint = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=40)
    subject = models.CharField(max_length=64, blank=True, db_index=True)
    ending = models.CharField(max_length=40)  # "finished", "cut", "cancelled", or the kind of a ModelError
    input_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    estimated = models.BooleanField(default=False)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    first_token_ms = models.FloatField(null=True, blank=True)
    total_ms = models.FloatField(default=0)
    error = models.TextField(blank=True)
