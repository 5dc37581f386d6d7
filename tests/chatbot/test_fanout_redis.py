"""Listening to other processes through Redis begins with the first watcher and ends with the last, however quickly they come and go."""

import asyncio
from uuid import uuid4

import pytest
from django.conf import settings

from chatbot import fanout

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not settings.REDIS_URL, reason="needs REDIS_URL: python -m tests.servers pytest"),
]


async def test_watchers_that_come_and_go_leave_no_listener_behind():
    before = asyncio.all_tasks()
    for place in range(150):
        with fanout.changes().watching(uuid4()):
            # at every moment of a connection that is being made
            await asyncio.sleep(place % 25 / 1000)
    left = asyncio.all_tasks() - before
    _, going_on = await asyncio.wait(left, timeout=2) if left else (left, set())
    assert going_on == set()
