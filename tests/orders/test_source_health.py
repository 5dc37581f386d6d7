"""How the source of orders is, for many who ask at once."""

import asyncio

from orders import lookup
from orders.health import SourceHealth


async def test_many_who_ask_how_the_source_is_cause_one_look(monkeypatch):
    looks = []

    class Slow:
        async def check(self):
            looks.append(1)
            await asyncio.sleep(0.01)
            return SourceHealth()

    monkeypatch.setattr("orders.sources.configured.source", Slow)
    monkeypatch.setattr(lookup, "_memory", lookup._Memory())
    impatient = asyncio.ensure_future(lookup.source_health())
    await asyncio.sleep(0)
    impatient.cancel()
    found = await asyncio.gather(*(lookup.source_health() for _ in range(20)))
    assert len(looks) == 1 and all(health is found[0] for health in found)
