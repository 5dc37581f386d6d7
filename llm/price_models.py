"""What a model costs, from a day on."""

from decimal import Decimal

from django.db import models


class Price(models.Model):
    """US dollars per 1,000,000 tokens of a model, from a day of the shop on. Rows are added and never changed.

    endpoint: the name of the one at which the price counts; "" for all that have no price of their own. The newest that has begun
    counts; of two that begin on one day, the one that was added later. Of a model of one's own the row also keeps what its token
    prices were worked out from: dollars per hour of the machine, and the tokens per second that it was measured to read and to write.
    """

    model = models.CharField(max_length=200, db_index=True)
    endpoint = models.CharField(max_length=60, blank=True, default="")
    valid_from = models.DateField()
    input_usd = models.DecimalField(max_digits=12, decimal_places=6)
    cached_usd = models.DecimalField(max_digits=12, decimal_places=6)
    output_usd = models.DecimalField(max_digits=12, decimal_places=6)
    hour_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    input_per_second = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    output_per_second = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True)  # None: before prices were kept in the console
    added_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["model", "-valid_from", "-pk"]
        indexes = [models.Index(fields=["model", "-valid_from"], name="price_of_a_day")]

    @property
    def label(self) -> str:
        """What it is the price of, for people."""
        return f"{self.model} at {self.endpoint}" if self.endpoint else self.model

    @property
    def is_self_hosted(self) -> bool:
        return self.hour_usd is not None

    def amounts(self) -> tuple[Decimal, Decimal, Decimal]:
        """Dollars per 1,000,000 tokens: input, cached input, output."""
        return self.input_usd, self.cached_usd, self.output_usd
