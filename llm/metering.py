"""What a call used, in tokens and money, written down when it ends, whatever its ending."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from django.db import DatabaseError, transaction
from django.utils import timezone

from database.lanes import in_database
from llm.budget_counting import Changes
from llm.budget_holding import Held, give_back
from llm.models import ModelCall, Price
from llm.prices import MILLION, SMALLEST, price_on_day
from llm.values import Usage

log = logging.getLogger(__name__)


class PriceList(Protocol):
    """US dollars per 1,000,000 tokens; a Price row is one."""

    @property
    def input_usd(self) -> Decimal: ...
    @property
    def cached_usd(self) -> Decimal: ...
    @property
    def output_usd(self) -> Decimal: ...


class FinishedCall(Protocol):
    """The figures of a call after its end; llm.calling.Call is one."""

    @property
    def model(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def usage(self) -> Usage: ...
    @property
    def ending(self) -> str: ...
    @property
    def first_token_ms(self) -> float | None: ...
    @property
    def total_ms(self) -> float: ...
    @property
    def error(self) -> str: ...


class FinishedReply(FinishedCall, Protocol):
    """A reply, for which several endpoints may have been called; llm.client.Reply is one. It may carry `held`, see budget_guard."""

    @property
    def calls(self) -> Sequence[FinishedCall]: ...


def cost_of(usage: Usage, price: PriceList) -> Decimal:
    """US dollars, to a millionth. Cached tokens are a part of the input and cost their own price."""
    fresh = usage.input - usage.cached
    total = fresh * price.input_usd + usage.cached * price.cached_usd + usage.output * price.output_usd
    return (total / MILLION).quantize(SMALLEST, rounding=ROUND_HALF_EVEN)


async def price_on(model: str, day: date, *, endpoint: str = "") -> Price | None:
    """The price of a model on that day: the newest that has begun, the endpoint's own before the model's; None if none has."""
    return await in_database(price_on_day, model, day, endpoint=endpoint)


async def record_call(reply: FinishedReply, *, at: datetime, purpose: str = "answer", subject: str = "") -> ModelCall:
    """The same as `record_calls`, for one who must know that it is written; return the last call, which is the one that spoke."""
    return (await _written(reply, at, purpose, subject))[-1]


async def record_calls(reply: FinishedReply, *, at: datetime, purpose: str = "answer", subject: str = "") -> list[ModelCall]:
    """Store each call of a reply with its cost, whatever its ending, in the order in which they were made.

    at: when it was made (aware); its day is that of the shop. cost_usd is None without a price. What the reply held back of the
    budgets is given back in the same transaction in which what it cost is counted. If the database fails, nothing is returned and
    nothing raised: the customer has their answer, and the hold stays, by which `budget_holding.meter_lost` finds the call.
    """
    try:
        return await _written(reply, at, purpose, subject)
    except DatabaseError:
        log.exception(
            "calls of the model %s could not be written down; they are metered by what was held back for them", reply.model
        )
        return []


async def _written(reply: FinishedReply, at: datetime, purpose: str, subject: str) -> list[ModelCall]:
    held = getattr(reply, "held", None)
    writing = asyncio.ensure_future(in_database(_record, reply.calls or (reply,), held, at, purpose, subject))
    return await asyncio.shield(writing)  # a customer who leaves now does not take the record with them


def _record(calls: Iterable[FinishedCall], held: Held | None, at: datetime, purpose: str, subject: str) -> list[ModelCall]:
    day = timezone.localtime(at).date()
    with transaction.atomic():
        rows = [_row(call, day, at, purpose, subject) for call in calls]
        changes = Changes()
        scopes = give_back(held, changes) if held is not None else ()
        for row in rows:
            changes.spend(row, day=day, scopes=scopes)
        changes.write()
    return rows


def _cost(usage: Usage, price: Price | None) -> Decimal | None:
    """None: nobody knows. What used no token costs nothing, with a price and without."""
    if price is not None:
        return cost_of(usage, price)
    return None if usage.input or usage.output else Decimal(0)


def _row(call: FinishedCall, day: date, at: datetime, purpose: str, subject: str) -> ModelCall:
    price = price_on_day(call.model, day, endpoint=call.endpoint)
    return ModelCall.objects.create(
        at=at,
        model=call.model,
        tier=str(call.tier),
        endpoint=call.endpoint,
        purpose=purpose,
        subject=subject,
        ending=call.ending,
        input_tokens=call.usage.input,
        cached_tokens=call.usage.cached,
        output_tokens=call.usage.output,
        estimated=call.usage.estimated,
        cost_usd=_cost(call.usage, price),
        first_token_ms=call.first_token_ms,
        total_ms=call.total_ms,
        error=call.error[:2000],
    )
