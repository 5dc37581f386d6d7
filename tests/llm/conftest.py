from collections.abc import AsyncIterator

import pytest

from llm.client import Limits, ModelClient
from llm.routing import Tier
from tests.fake_openai import FakeOpenAI


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
