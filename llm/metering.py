"""What a call used, in tokens and money, written down when it was made."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from llm.models import ModelCall, Price
from llm.values import Usage

_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("0.000001")  # US dollars; the precision of the cost columns


class PriceList(Protocol):
    """US dollars per 1,000,000 tokens; a Price row is one."""

    input_usd: Decimal
    cached_usd: Decimal
    output_usd: Decimal


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
    """A reply, for which several endpoints may have been called; llm.client.Reply is one."""

    @property
    def calls(self) -> Sequence[FinishedCall]: ...


def cost_of(usage: Usage, price: PriceList) -> Decimal:
    """US dollars, to a millionth. Cached tokens are a part of the input and cost their own price."""
    fresh = usage.input - usage.cached
    total = fresh * price.input_usd + usage.cached * price.cached_usd + usage.output * price.output_usd
    return (total / _MILLION).quantize(_SMALLEST, rounding=ROUND_HALF_EVEN)


async def price_on(model: str, day: date) -> Price | None:
    """The price of a model on that day: the newest that has begun; None if none has."""
    return await Price.objects.filter(model=model, valid_from__lte=day).order_by("-valid_from").afirst()


async def record_calls(call: FinishedCall, *, at: datetime, purpose: str = "answer", subject: str = "") -> list[ModelCall]:
    """Store what a reply used; one row for each call that was made."""
    return [await record_call(call, at=at, purpose=purpose, subject=subject)]


async def record_call(reply: FinishedReply, *, at: datetime, purpose: str = "answer", subject: str = "") -> ModelCall:
    """Store each call of a reply with its cost, whatever its ending; return the last one, which is the one that spoke.

    at: when it was made (aware). cost_usd is None without a price.
    """
    rows = [await _record(call, at=at, purpose=purpose, subject=subject) for call in reply.calls or (reply,)]
    return rows[-1]


async def _record(call: FinishedCall, *, at: datetime, purpose: str, subject: str) -> ModelCall:
    price = await price_on(call.model, at.date())
    return await ModelCall.objects.acreate(
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
        cost_usd=cost_of(call.usage, price) if price is not None else None,
        first_token_ms=call.first_token_ms,
        total_ms=call.total_ms,
        error=call.error[:2000],
    )
