"""Small stand-ins for the rooms below a turn; each keeps what it was asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chatbot.services import Services
from llm.routing import Tier
from orders.errors import OrdersUnavailable
from orders.lookup import OrdersFound, Wanted
from orders.records import OrderRecord
from orders.references import Shapes, key_of, learn
from orders.viewer import Viewer
from retrieval.audiences import Audience
from retrieval.search import Passage, SearchResult


class FakeOrders:
    """The orders of one customer, behind a door that opens to nobody else."""

    def __init__(self, *records: OrderRecord, owner: str = "maya@example.com") -> None:
        self.records, self.owner = records, owner
        self.asked: list[tuple[Wanted, Viewer]] = []
        self.down = False

    async def find(self, wanted: Wanted, *, viewer: Viewer, at: datetime) -> OrdersFound:
        self.asked.append((wanted, viewer))
        if self.down:
            raise OrdersUnavailable("the fake is down")
        mine = self.records if viewer.is_verified(at=at) and viewer.email == self.owner else ()
        if not wanted.references:
            return OrdersFound(mine, len(mine))
        keys = {key_of(r): r for r in wanted.references}
        found = tuple(r for r in mine if key_of(r.number) in keys)
        missing = tuple(said for key, said in keys.items() if key not in {key_of(r.number) for r in found})
        return OrdersFound(found, len(found), missing, narrowed=True)

    async def shapes(self) -> Shapes:
        return learn([r.number for r in self.records] or ["#K100"])


class FakePolicies:
    """Gives the same passages to every query."""

    def __init__(self, *passages: Passage, strength: float = 0.9) -> None:
        self.result = SearchResult(passages, strength if passages else 0.0)
        self.asked: list[tuple[str, date, str]] = []
        self.broken = False

    async def search(
        self, query: str, *, as_of: date, k: int, context: str = "", reader: Audience = Audience.EVERYONE
    ) -> SearchResult:
        self.asked.append((query, as_of, context))
        if self.broken:
            raise RuntimeError("the fake is broken")
        return self.result


def fake_services(orders: FakeOrders | None = None, policies: FakePolicies | None = None, **values: Any) -> Services:
    orders, policies = orders or FakeOrders(), policies or FakePolicies()
    models: Mapping[Tier, Any] = {}
    made = Services(
        find_orders=orders.find,
        known_shapes=orders.shapes,
        search=policies.search,
        models=models,
        shop="Kite & Co",
        minimum_strength=0.4,
        top_k=6,
    )
    return replace(made, **values)
