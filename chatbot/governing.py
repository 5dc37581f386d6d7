"""Which day's version of a policy answers for an order: today's, or that of the day it was placed. Each document says which."""

import asyncio
from datetime import date

from chatbot.composing.choosing import choose
from chatbot.services import Services
from chatbot.turn import Understanding
from chatbot.understanding.clauses import BOTH
from orders.lookup import OrdersFound
from retrieval.audiences import Audience
from retrieval.search import Passage, SearchResult

BY_ORDER_DATE = "order date"


async def as_governed(
    searches: tuple[SearchResult, ...],
    meaning: Understanding,
    found: OrdersFound,
    today: date,
    services: Services,
    *,
    who: Audience,
) -> tuple[SearchResult, ...]:
    """Return the searches with the passages of documents governed by the order date as they stood on that day.

    Asks again only for a wish about one order that was placed before today, and only where such a document was found.
    """
    governed = any(p.governed_by == BY_ORDER_DATE for search in searches for p in search.passages)
    choice = choose(meaning, found)
    if not governed or choice.ask or len(choice.orders) != 1 or not meaning.intents & BOTH:
        return searches
    placed = choice.orders[0].placed_at
    if placed is None or placed.date() >= today:
        return searches
    again = [services.search(query, as_of=placed.date(), k=services.top_k, context="", reader=who) for query in meaning.queries]
    return tuple(_merged(now, then) for now, then in zip(searches, await asyncio.gather(*again), strict=True))


def _merged(now: SearchResult, then: SearchResult) -> SearchResult:
    """Documents governed by today from the one search, those governed by the order date from the other, best first."""
    kept: list[Passage] = [p for p in now.passages if p.governed_by != BY_ORDER_DATE]
    kept += [p for p in then.passages if p.governed_by == BY_ORDER_DATE]
    kept.sort(key=lambda p: -p.score)
    return SearchResult(tuple(kept), max(now.strength, then.strength) if kept else 0.0, now.timings_ms)
