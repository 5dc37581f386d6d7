"""The tables of this room: one row for every call of a model, whatever its ending; prices, budgets and sums have modules of their own."""

from django.db import models

from llm.budget_models import Budget as Budget  # Django looks for the tables of a room in this module
from llm.budget_models import BudgetNotice as BudgetNotice
from llm.budget_models import Hold as Hold
from llm.budget_models import Spending as Spending
from llm.endpoint_models import ModelEndpoint as ModelEndpoint
from llm.metering_models import DaySum as DaySum
from llm.metering_models import HourSum as HourSum
from llm.metering_models import SummedUp as SummedUp
from llm.price_models import Price as Price


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
