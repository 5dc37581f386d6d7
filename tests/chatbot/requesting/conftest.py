"""A talk to have with the bot."""

import pytest

from tests.chatbot.requesting.talking import EARLY, Talk
from tests.fakes import FakeOrders


@pytest.fixture
def talk():
    def begin(*orders, rules=(), email="maya@example.com", **values):
        return Talk(FakeOrders(*(orders or (EARLY,))), rules, email, **values)

    return begin
