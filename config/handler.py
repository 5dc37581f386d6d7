"""Django's way from a request to a response, with database threads that stay for the API.

Django gives each request a thread of its own, and with it a new connection. A page may keep its thread busy, so it has one to itself.
A call of the API asks the database little, so all of them share the lanes of the turns.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core import signals
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections, connections, reset_queries

from config.page_middleware import API
from database import lanes

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Handler(ASGIHandler):
    """The application of the web process."""

    def __init__(self) -> None:
        super().__init__()
        # Both run in a thread before and after each request. Here lanes look after their connections, and a page's thread closes its own.
        signals.request_started.disconnect(close_old_connections)
        signals.request_finished.disconnect(close_old_connections)
        if not settings.DEBUG:
            signals.request_started.disconnect(reset_queries)  # statements are only kept for developers

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"].startswith(API):
            lanes.enter(lanes.next_lane())
            try:
                await self.handle(scope, receive, send)
            finally:  # not every step of a call gives its connection back, and one that is kept would outlive its server
                await lanes.release_database()
            return
        async with ThreadSensitiveContext() as own:
            try:
                await self.handle(scope, receive, send)
            finally:
                if own in SyncToAsync.context_to_thread_executor:  # something ran in its thread
                    await sync_to_async(connections.close_all)()
