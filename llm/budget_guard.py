"""Models that keep within the budgets: what a turn is given instead of the models themselves.

purse = await Budgets().open(visitor, models, today=today)
purse.models[Tier.SMALL].reply(messages)   # held back before it is sent, settled by `metering.record_call`
purse.closed                               # the tiers that may not be called, each with the reason in words
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from django.db import DatabaseError
from django.utils import timezone

from database.lanes import in_database
from llm.budget_counting import NETWORK, VISITOR, micros, used
from llm.budget_holding import Held, Wish, hold
from llm.budget_notices import note
from llm.budget_terms import Terms, terms
from llm.budgets import KEY, MONTH, Limit, Standing, closed_tiers, of_network, room_today
from llm.budgets import VISITOR as EACH_VISITOR
from llm.counting import estimate_messages
from llm.errors import ModelError
from llm.routing import Tier
from llm.values import ChatMessage, Usage

if TYPE_CHECKING:
    from llm.client import ModelClient, Reply

GRACE = timedelta(seconds=120)  # how long after its time-out a call is waited for before its process is taken for dead
NO_LIMIT = 2**62  # micros
UNREADABLE = "the budgets could not be read"

log = logging.getLogger(__name__)


class OverBudget(ModelError):
    """Nothing was sent, because a budget has no room for it."""

    kind = "over_budget"


@dataclass(frozen=True, slots=True)
class Purse:
    """What one turn may spend: the models with a guard before each, and the tiers that are closed, with the reason in words."""

    models: Mapping[Tier, "ModelClient"]
    closed: Mapping[str, str] = field(default_factory=dict)


class NoBudgets:
    """Every model may be called as often as asked. For shops without models, and for tests that are about something else."""

    async def open(
        self, visitor: str, models: Mapping[Tier, "ModelClient"], *, today: date, network: str = "", key: str = ""
    ) -> Purse:
        return Purse(models)


class Budgets(NoBudgets):
    """The budgets of the database."""

    async def open(
        self, visitor: str, models: Mapping[Tier, "ModelClient"], *, today: date, network: str = "", key: str = ""
    ) -> Purse:
        """What a turn of that visitor may spend today. visitor, network: keyed hashes; a network "" is not counted.

        key: the beginning of the API key it came with, "" for none. What a key spends is counted with and without a budget for it.
        One query, none at all without budgets or models.

        If the database does not answer, every tier is closed: what cannot be counted is not spent.
        """
        if not models:
            return Purse(models)
        try:
            known, standings, rooms = await in_database(_standings, visitor, network, key, today)
        except DatabaseError:
            log.exception("the budgets could not be read, so no model is called")
            closed = {str(tier): UNREADABLE for tier in models}
            return Purse({tier: _guarded(model, {}, Terms(today, ()), UNREADABLE) for tier, model in models.items()}, closed)
        closed, counted = closed_tiers(standings, [str(tier) for tier in models]), {KEY + key: NO_LIMIT} if key else {}
        guarded = {
            tier: _guarded(model, counted | _of(rooms, str(tier)), known, closed.get(str(tier), ""))
            for tier, model in models.items()
        }
        return Purse(guarded, closed)


def _standings(visitor: str, network: str, key: str, today: date) -> tuple[Terms, list[Standing], list[tuple[Limit, str, int]]]:
    """What counts, how far each budget is used up, and by limit and heading what today's counter may come to."""
    known = terms(today)
    limits = [limit for limit in known.limits if limit.key in ("", key)]
    if not limits:
        return known, [], []
    concerned = [(limit, VISITOR + visitor if limit.scope == EACH_VISITOR else limit.scope) for limit in limits]
    if network:
        concerned += [(of_network(limit), NETWORK + network) for limit in limits if limit.scope == EACH_VISITOR]
    counted = used({heading for _, heading in concerned}, today)
    standings, rooms = [], []
    for limit, heading in concerned:
        of_today, of_month = counted.get(heading, (0, 0))
        standing = Standing(limit, of_month if limit.period == MONTH else of_today)
        note(standing, heading, today=today)
        standings.append(standing)
        rooms.append((limit, heading, room_today(limit, of_today=of_today, of_month=of_month)))
    return known, standings, rooms


def _of(rooms: Sequence[tuple[Limit, str, int]], tier: str) -> dict[str, int]:
    """By heading, the tightest room that concerns calls of a tier."""
    tightest: dict[str, int] = {}
    for limit, heading, room in rooms:
        if limit.tier in ("", tier):
            tightest[heading] = min(room, tightest.get(heading, room))
    return tightest


def _guarded(model: "ModelClient", rooms: Mapping[str, int], known: Terms, closed: str) -> "ModelClient":
    """The model behind its guard, which has all that a turn asks of a model."""
    return cast("ModelClient", GuardedModel(model, rooms, known, closed))


class GuardedModel:
    """A model that is asked only within the budgets. closed: why it may not be called in this turn, "" if it may."""

    def __init__(self, model: "ModelClient", rooms: Mapping[str, int], known: Terms, closed: str) -> None:
        self._model, self._rooms, self._known, self._closed = model, rooms, known, closed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    @property
    def is_available(self) -> bool:
        return not self._closed and self._model.is_available

    def reply(self, messages: Sequence[ChatMessage]) -> "Reply":
        wish = self._wish(messages)
        patience = timedelta(seconds=self._model.limits.total) + GRACE
        return cast("Reply", GuardedReply(self._model.reply(messages), wish, self._rooms, self._known.day, patience, self._closed))

    def _wish(self, messages: Sequence[ChatMessage]) -> Wish:
        """The most the reply may cost: at the dearest of the endpoints that may come to speak."""
        from llm.metering import cost_of  # which needs this room's tables

        read = estimate_messages(messages)
        costs = []
        for client in self._model.candidates:
            if price := self._known.prices.of(client.name, endpoint=client.endpoint):
                costs.append(micros(cost_of(Usage(input=read, output=client.limits.answer_tokens), price)))
        written = max(client.limits.answer_tokens for client in self._model.candidates)
        return Wish(self._model.name, str(self._model.tier), max(costs, default=None), read, written)


class GuardedReply:
    """A reply that is held back from the budgets when its first piece is asked for. `held` is settled by `metering.record_call`."""

    def __init__(self, reply: "Reply", wish: Wish, rooms: Mapping[str, int], day: date, patience: timedelta, closed: str) -> None:
        self.held: Held | None = None
        self._reply, self._wish, self._rooms, self._day, self._patience, self._closed = reply, wish, rooms, day, patience, closed
        self._refused = ""
        self._pieces: AsyncGenerator[str, None] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reply, name)

    @property
    def ending(self) -> str:
        return OverBudget.kind if self._refused else self._reply.ending

    @property
    def error(self) -> str:
        return self._refused or self._reply.error

    async def __aenter__(self) -> Self:
        await self._reply.__aenter__()
        return self

    def __aiter__(self) -> AsyncIterator[str]:
        if self._pieces is None:
            self._pieces = self._run()
        return self._pieces

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pieces is not None:
            await self._pieces.aclose()
        await self._reply.__aexit__(kind, error, trace)

    async def _run(self) -> AsyncGenerator[str, None]:
        if self._closed:
            self._refused = self._closed
            raise OverBudget(self._closed)
        now = timezone.now()
        holding = asyncio.ensure_future(
            in_database(hold, self._wish, self._rooms, day=self._day, at=now, until=now + self._patience)
        )
        try:
            made = await asyncio.shield(holding)
        except DatabaseError as error:  # what cannot be counted is not spent; the answer is composed
            log.exception("a call could not be held back from the budgets, so it is not made")
            self._refused = UNREADABLE
            raise OverBudget(UNREADABLE) from error
        except asyncio.CancelledError:  # the customer left in this moment: what is held all the same must be given back
            with suppress(DatabaseError):  # then nothing is held
                made = await holding
                self.held = made if isinstance(made, Held) else None
            raise
        if isinstance(made, str):
            self._refused = f"no room is left in the budget under {made.partition(':')[0]}"
            raise OverBudget(self._refused)
        self.held = made
        async with aclosing(cast("AsyncGenerator[str, None]", self._reply.__aiter__())) as pieces:
            async for piece in pieces:
                yield piece
