"""The application of the web process, as a server calls it."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, reset_queries

from config.handler import Handler
from database import lanes


@pytest.fixture
def application():
    """Made as `config.asgi` makes it; what it changes in Django's signals is put back."""
    made = Handler()
    made.load_middleware(is_async=True)
    yield made
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    request_started.connect(reset_queries)


async def called(application, path: str) -> int:
    """Post nothing to that path and return the status."""
    sent: list[dict] = []
    body = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive():
        found = next(body, None)
        if found is None:
            await asyncio.Event().wait()  # the client stays
        return found

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(b"host", b"testserver")], "client": ("203.0.113.9", 5000), "server": ("testserver", 80), "http_version": "1.1",
    }  # fmt: skip
    await application(scope, receive, send)
    return sent[0]["status"]


async def in_lane(lane, work):
    async def ask():
        lanes.enter(lane)
        return await sync_to_async(work)()

    return await asyncio.create_task(ask())


@pytest.mark.django_db(transaction=True)
async def test_a_call_of_the_api_leaves_no_connection_behind_that_could_outlive_the_server_s_restart(application):
    assert await called(application, "/api/v1/conversations") == 201
    every = [lanes.next_lane() for _ in range(lanes.LANES)]
    kept = [await in_lane(lane, lambda: connection.connection is not None) for lane in every]
    assert not any(kept) or lanes.connections_stay()
    for lane in every:
        await in_lane(lane, lambda: connection.close())  # that of its own thread
