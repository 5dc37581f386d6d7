"""Models of which nobody knows what they cost: their calls are counted as unknown, and no budget holds them."""

from collections.abc import Iterable
from datetime import date

from llm import endpoints
from llm.metering_days import models_called
from llm.prices import PriceBook, price_book


def unpriced_models(today: date) -> list[str]:
    """The models that are set up or were called in the last 30 days, and of which a call of today may find no price."""
    served = [(one.name, one.model) for one in endpoints.current()]
    return without_price({*models_called(today), *(model for _, model in served)}, price_book(today), served)


def without_price(models: Iterable[str], book: PriceBook, served: Iterable[tuple[str, str]]) -> list[str]:
    """Of these models, those that have no price at one of their endpoints. served: endpoint and model, for all that are set up. Pure.

    Of a model that is called no more, any price is enough: nobody can say where it was called.
    """
    places, found = list(served), []
    for model in set(models):
        at = [endpoint for endpoint, name in places if name == model] or [row.endpoint for row in book.all() if row.model == model]
        if not at or any(book.of(model, endpoint=endpoint) is None for endpoint in at):
            found.append(model)
    return sorted(found)
