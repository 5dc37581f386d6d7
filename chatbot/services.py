"""What a turn works with, handed in so that tests can hand in their own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from django.conf import settings

from chatbot.composing.choosing import Choice
from chatbot.instructions.versions import instructions_in_force
from chatbot.instructions.wording import AS_INSTALLED, Instructions
from chatbot.requesting.standing_alone import StandingAlone
from chatbot.requesting.turning import NoRequests, Requesting
from chatbot.rules_in_force import rulings_for
from chatbot.turn import Ruling, Understanding
from llm import client
from llm.budget_guard import Budgets, NoBudgets
from llm.client import ModelClient
from llm.routing import Tier
from orders.lookup import OrdersFound, Wanted, find_orders, known_shapes
from orders.references import Shapes
from orders.viewer import Viewer
from retrieval.audiences import Audience
from retrieval.search import SearchResult, search


class FindOrders(Protocol):
    def __call__(self, wanted: Wanted, *, viewer: Viewer, at: datetime) -> Awaitable[OrdersFound]: ...


class Search(Protocol):
    def __call__(self, query: str, *, as_of: date, k: int, context: str, reader: Audience) -> Awaitable[SearchResult]: ...


class FindRulings(Protocol):
    def __call__(
        self, meaning: Understanding, choice: Choice, *, today: date, reader: Audience
    ) -> Awaitable[tuple[Ruling, ...]]: ...


async def no_rulings(meaning: Understanding, choice: Choice, *, today: date, reader: Audience) -> tuple[Ruling, ...]:
    """For a shop that has stated no rules."""
    return ()


async def as_installed() -> Instructions:
    """For a shop that has written no instructions of its own."""
    return AS_INSTALLED


@dataclass(frozen=True)
class Services:
    """minimum_strength: below it the policies are said not to answer (0..1). top_k: passages asked for."""

    find_orders: FindOrders
    known_shapes: Callable[[], Awaitable[Shapes]]
    search: Search
    models: Mapping[Tier, ModelClient]
    shop: str
    minimum_strength: float
    top_k: int
    rulings_for: FindRulings = no_rulings
    requests: NoRequests = field(default_factory=NoRequests)  # what customers ask to be done
    instructions: Callable[[], Awaitable[Instructions]] = as_installed
    budgets: NoBudgets = field(default_factory=NoBudgets)  # what may be spent on models


def services(*, stands_alone: bool = False) -> Services:
    """The product's own. stands_alone: for a question whose conversation ends with its answer."""
    return Services(
        find_orders=find_orders,
        known_shapes=known_shapes,
        search=search,
        models=client.configured(),
        shop=settings.SHOP_NAME,
        minimum_strength=settings.SEARCH_MIN_STRENGTH,
        top_k=settings.SEARCH_TOP_K,
        rulings_for=rulings_for,
        instructions=instructions_in_force,
        budgets=Budgets(),
        requests=StandingAlone(settings.SHOP_EMAIL) if stands_alone else Requesting(find_orders, settings.SHOP_NAME),
    )
