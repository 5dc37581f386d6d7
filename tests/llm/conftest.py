from collections.abc import AsyncIterator
from datetime import date

import pytest

from llm.client import Limits, ModelClient
from llm.models import Price
from llm.routing import Tier
from tests.fake_openai import FakeOpenAI, says


@pytest.fixture
async def fake_openai() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        yield server


@pytest.fixture
async def client(fake_openai: FakeOpenAI) -> AsyncIterator[ModelClient]:
    """A client of the scripted server whose patience is a fraction of a second, so that waiting tests are quick."""
    client = ModelClient(
        "tiny", Tier.SMALL, fake_openai.base_url, "sk-secret", Limits(first_token=1.5, total=4.0, stall=0.5, pause=0.02)
    )
    yield client
    await client.aclose()


@pytest.fixture
async def tiers() -> AsyncIterator[tuple[dict[Tier, ModelClient], FakeOpenAI]]:
    """Both tiers on a server that answers; prices such that one call costs about half a cent at most."""
    async with FakeOpenAI(says("You can return it within 45 days.")) as server:
        made = {
            tier: ModelClient(name, tier, server.base_url, "sk-secret", Limits(first_token=1.5, total=4.0, stall=0.5, pause=0.02))
            for tier, name in ((Tier.SMALL, "tiny"), (Tier.LARGE, "grand"))
        }
        for name in ("tiny", "grand"):
            await Price.objects.acreate(model=name, valid_from=date(2026, 1, 1), input_usd=10, cached_usd=1, output_usd=10)
        yield made, server
        for model in made.values():
            await model.aclose()
