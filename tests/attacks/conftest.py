"""A shop under attack: real orders behind the real door, in each of the sources; only the policies are a stand-in."""

from dataclasses import replace

import pytest

from chatbot import live
from chatbot.answering import answer_turn
from chatbot.services import services
from orders import lookup, status_words
from orders.lookup import forget_shapes
from tests.attacks.asking import SECRET
from tests.attacks.shop import asked_of, load, look_at, plain_orders
from tests.factories import make_passage
from tests.fakes import FakePolicies
from tests.orders.sources.shop_server import ShopServer
from tests.orders.sources.sql_shops import SqlShop, sqlite_address

POLICY = "What was bought may be sent back within 30 days of delivery, unworn and with its label."


@pytest.fixture
def limits(settings):
    """None in the way of an attacker, but for those of codes."""
    settings.TURNS_PER_MINUTE = settings.TURNS_PER_MINUTE_PER_ADDRESS = 1_000_000
    settings.IDENTITY_SECRET = [SECRET]


@pytest.fixture
def unhurried(monkeypatch):
    """Nothing is read again because time has passed: what is asked of the database depends on the question alone."""
    monkeypatch.setattr(lookup, "SHAPES_AGE", 1e9)
    monkeypatch.setattr(status_words, "AGE", 1e9)


@pytest.fixture
def loaded(request, transactional_db, limits, unhurried, settings, monkeypatch, tmp_path):
    """One shop in one source: `@pytest.mark.parametrize("loaded", [("demo", "local")], indirect=True)`."""
    name, kind = request.param
    load(name)
    forget_shapes()
    shop = look_at(name, kind)
    if kind == "local":
        yield shop
    elif kind == "sql":
        source = SqlShop(sqlite_address(tmp_path))
        source.fill(plain_orders())
        with asked_of(source.source, settings, monkeypatch):
            yield shop
        source.close()
    else:
        with ShopServer(plain_orders(), kind=kind) as server, asked_of(server.asking(seconds=60.0), settings, monkeypatch):
            yield shop
    forget_shapes()


@pytest.fixture
async def shop(loaded):
    policies = FakePolicies(make_passage(POLICY, document="Returns"))
    whole = replace(services(), search=policies.search, models={})
    live.answer_with(lambda question: answer_turn(question, whole))
    yield loaded
    await live.turns().close(grace=0)
