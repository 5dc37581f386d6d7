"""Requests within a turn: what is being put together is gone on with, a wish begins one, and nothing is filed without a clear yes.

go_on   before anything else is looked up: whether the message belongs to a request, and what is said to it
begin   after the answer is composed: whether its question was a wish, and what it is asked back
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import date

from chatbot.composing.choosing import Choice
from chatbot.requesting.beginning import Beginning
from chatbot.requesting.going_on import Going, GoingOn
from chatbot.requesting.showing import RulingOn, Showing
from chatbot.rules_in_force import find_rules, ruling
from chatbot.turn import Draft, Evidence, Question, Ruling, Understanding
from database.lanes import in_database
from orders.lookup import OrdersFound
from orders.records import OrderRecord
from orders.rules import Topic
from retrieval.audiences import Audience


class NoRequests:
    """For a bot that only answers."""

    async def go_on(self, question: Question) -> Going | None:
        """What is said to a message that belongs to a request; None for one that does not."""
        return None

    async def begin(
        self, question: Question, meaning: Understanding, evidence: Evidence, choice: Choice, draft: Draft
    ) -> tuple[Draft, bool]:
        """The answer, and whether it must be said in these words."""
        return draft, False


class Requesting(NoRequests):
    """For a shop that wants to be asked."""

    def __init__(self, find_orders: Callable[..., Awaitable[OrdersFound]], shop: str, ruling_on: RulingOn | None = None) -> None:
        showing = Showing(ruling_on or _ruling_on, shop)
        self._going_on, self._beginning = GoingOn(find_orders, showing), Beginning(showing)

    async def go_on(self, question: Question) -> Going | None:
        return await self._going_on.go_on(question)

    async def begin(
        self, question: Question, meaning: Understanding, evidence: Evidence, choice: Choice, draft: Draft
    ) -> tuple[Draft, bool]:
        return await self._beginning.begin(question, meaning, evidence, choice, draft)


async def _ruling_on(topic: Topic, order: OrderRecord, lines: Collection[int] | None, today: date, who: Audience) -> Ruling:
    """What the confirmed rules say of these items of an order today."""

    def found() -> Ruling:
        rules = find_rules([topic], [order], today=today, reader=who)[order.number]
        return ruling(topic, order, rules, on=today, lines=sorted(lines) if lines is not None else None)

    return await in_database(found)
