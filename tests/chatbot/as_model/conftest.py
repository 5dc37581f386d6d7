"""Programs with a key, and what answers them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import jwt
import openai
import pytest
from asgiref.sync import sync_to_async
from django.core.cache import caches
from django.core.handlers.asgi import ASGIHandler
from django.utils import timezone

from chatbot import live, throttling
from chatbot.answering import answer_turn
from chatbot.as_model.keys import make_key
from chatbot.requesting.standing_alone import StandingAlone
from tests.chatbot.as_model.calling import Program
from tests.chatbot.scripted import Scripted
from tests.factories import make_passage
from tests.fakes import FakeOrders, FakePolicies, fake_services

SECRET = "model-kX7mQ2pL9vRt4Wz8-kX7mQ2pL9vRt4Wz8"
MakeKey = Callable[..., Awaitable[str]]


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    throttling._own_counters.clear()
    caches["default"].clear()


@pytest.fixture
async def make() -> MakeKey:
    """Makes a key and gives it away, as the console does once."""

    async def made(name: str = "Help centre", **values: Any) -> str:
        known = {"per_minute": 1000, "expires_at": None, "by": "mia", "at": timezone.now()}
        return (await sync_to_async(make_key)(name, **known | values))[1]

    return made


@pytest.fixture
async def program(make: MakeKey, async_client: Any) -> Program:
    return Program(async_client, await make())


@pytest.fixture
async def scripted() -> Any:
    answer = Scripted()
    live.answer_with(answer)
    yield answer
    await live.turns().close(grace=0)


@pytest.fixture
async def shop(settings: Any) -> Any:
    """`shop(*orders, **services)`: real turns, composed, over one policy and Maya's orders; gives the stand-ins."""
    settings.IDENTITY_SECRET = [SECRET]

    def opened(*orders: Any, **values: Any) -> tuple[FakeOrders, FakePolicies]:
        store = FakeOrders(*orders)
        policies = FakePolicies(make_passage("An umbrella may be returned within 30 days of delivery.", document="Returns"))
        asked = replace(fake_services(store, policies, **values), requests=StandingAlone("help@kite.example"))
        live.answer_with(lambda question: answer_turn(question, asked))
        return store, policies

    yield opened
    await live.turns().close(grace=0)


@pytest.fixture
def signed() -> Callable[..., str]:
    """What the shop's site signs of a customer."""

    def token(email: str = "maya@example.com", *, ends: float = 300, secret: str = SECRET) -> str:
        return jwt.encode({"email": email, "exp": timezone.now().timestamp() + ends}, secret, "HS256")

    return token


@pytest.fixture
async def official(make: MakeKey) -> Any:
    """The official client, speaking to the application of the web process."""
    transport = httpx2.ASGITransport(app=ASGIHandler())
    async with (
        httpx2.AsyncClient(transport=transport) as wire,
        openai.AsyncOpenAI(base_url="http://testserver/v1", api_key=await make(), http_client=wire, max_retries=0) as client,
    ):
        yield client
