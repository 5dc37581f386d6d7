"""For journeys in this process: no limit is used up by another test, and uploads go to a folder of the test."""

from collections.abc import AsyncIterator

import pytest
from django.core.cache import caches

from chatbot import live, throttling
from chatbot.answering import answer_turn
from tests.factories import make_passage
from tests.fakes import FakeOrders, FakePolicies, fake_services


@pytest.fixture
def fresh_limits() -> None:
    throttling._own_counters.clear()
    caches["default"].clear()


@pytest.fixture
def own_uploads(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
async def composed_answers() -> AsyncIterator[None]:
    """Real turns, composed without a model, over one policy and no orders; only the two searches are stand-ins."""
    policies = FakePolicies(make_passage("An umbrella may be returned within 30 days of delivery.", document="Returns"))
    services = fake_services(FakeOrders(), policies)
    live.answer_with(lambda question: answer_turn(question, services))
    yield
    await live.turns().close(grace=0)
