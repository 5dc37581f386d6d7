"""Prices in dollars: the one of a day, that of a machine of one's own, and new ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from llm.price_models import Price

MILLION = Decimal(1_000_000)
SECONDS_OF_AN_HOUR = Decimal(3600)
SMALLEST = Decimal("0.000001")  # US dollars; the precision of every column of money
DEAREST = Decimal(100_000)  # US dollars per 1,000,000 tokens, and per hour of a machine


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """US dollars per 1,000,000 tokens. As a price list it serves wherever a Price row does."""

    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal


@dataclass(frozen=True, slots=True)
class Machine:
    """A model of one's own: dollars per hour, and tokens per second as measured. Cached input costs it nothing worth counting."""

    hour_usd: Decimal
    input_per_second: Decimal
    output_per_second: Decimal

    def token_prices(self) -> TokenPrices:
        """What its tokens cost while it is busy: an hour's dollars over the tokens of an hour."""
        return TokenPrices(self._per_million(self.input_per_second), Decimal(0), self._per_million(self.output_per_second))

    def _per_million(self, per_second: Decimal) -> Decimal:
        each = self.hour_usd / SECONDS_OF_AN_HOUR / per_second
        return (each * MILLION).quantize(SMALLEST, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class PriceBook:
    """The prices in force on a day: of models wherever they are called, and those of single endpoints, by endpoint and model."""

    of_models: Mapping[str, Price] = field(default_factory=dict)
    of_endpoints: Mapping[tuple[str, str], Price] = field(default_factory=dict)

    def of(self, model: str, *, endpoint: str = "") -> Price | None:
        """The price of a call: the endpoint's own, else the model's; None if there is neither."""
        return self.of_endpoints.get((endpoint, model)) or self.of_models.get(model)

    def all(self) -> list[Price]:
        """Every price, those of models first."""
        return [*self.of_models.values(), *self.of_endpoints.values()]


def price_book(day: date) -> PriceBook:
    """All prices in force on that day of the shop."""
    rows = list(Price.objects.filter(valid_from__lte=day).order_by("valid_from", "pk"))
    return PriceBook(
        {row.model: row for row in rows if not row.endpoint}, {(row.endpoint, row.model): row for row in rows if row.endpoint}
    )


def price_on_day(model: str, day: date, *, endpoint: str = "") -> Price | None:
    """The price of a model on that day of the shop, as `PriceBook.of` finds it; None if none has begun."""
    rows = Price.objects.filter(model=model, endpoint__in={"", endpoint}, valid_from__lte=day)
    return rows.order_by("-endpoint", "-valid_from", "-pk").first()


def prices_on(day: date, models: Collection[str] | None = None) -> dict[str, Price]:
    """The prices in force on that day that count wherever a model is called, by model: of all models that have one, or of those named."""
    rows = Price.objects.filter(endpoint="", valid_from__lte=day).order_by("valid_from", "pk")
    if models is not None:
        rows = rows.filter(model__in=models)
    return {row.model: row for row in rows}


def rename_endpoint(before: str, after: str) -> None:
    """Let the prices of an endpoint go with its name."""
    Price.objects.filter(endpoint=before).update(endpoint=after)


def add_price(
    model: str,
    prices: TokenPrices,
    *,
    endpoint: str = "",
    valid_from: date,
    machine: Machine | None = None,
    by: str,
    at: datetime,
    today: date,
) -> Price:
    """Add a price from a day on, at one endpoint or wherever the model is called.

    Raises ValueError if that day is over: calls that were made keep what they cost.
    """
    if valid_from < today:
        raise ValueError("a price cannot begin in the past")
    return Price.objects.create(
        model=model,
        endpoint=endpoint,
        valid_from=valid_from,
        input_usd=prices.input_usd,
        cached_usd=prices.cached_usd,
        output_usd=prices.output_usd,
        hour_usd=machine.hour_usd if machine else None,
        input_per_second=machine.input_per_second if machine else None,
        output_per_second=machine.output_per_second if machine else None,
        added_at=at,
        added_by=by,
    )
