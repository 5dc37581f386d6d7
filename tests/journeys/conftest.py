"""For journeys in this process: no limit is used up by another test, and uploads go to a folder of the test."""

from collections.abc import AsyncIterator

import pytest
from django.core.cache import caches

from chatbot import live, throttling
from tests.chatbot.scripted import Scripted


@pytest.fixture
def fresh_limits() -> None:
    throttling._own_counters.clear()
    caches["default"].clear()


@pytest.fixture
def own_uploads(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    """Answers every question with the same words."""
    scripted = Scripted("It arrives on Tuesday.")
    live.answer_with(scripted)
    yield scripted
    await live.turns().close(grace=0)
