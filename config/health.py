"""`/health`: the process lives. `/health/ready`: each thing an answer needs, by name. Only names and 'ok', never a secret.

Orders are named too, but a shop's order system that is down takes no process out of service: policies still answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from config import queue, warmup
from orders.lookup import source_health

SPARED = {"orders"}
CHECK_SECONDS = 3.0  # a dependency that does not answer in this time is down


class Probes:
    """The first middleware: answers the two addresses for whoever can reach the process.

    A load balancer calls by number and over plain HTTP; the host check and the redirect to https are not meant for it.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        answer = ADDRESSES.get(request.path_info)
        if answer is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        return answer(request) if iscoroutinefunction(self) else async_to_sync(answer)(request)


async def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


async def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part is ok, or all but those that can be done without ("limited"); else 503 with the parts that are not."""
    checks = dependencies()
    states = await asyncio.gather(*(_state_of(check) for check in checks.values()))
    parts = dict(zip(checks, states, strict=True))
    missing = {name for name, state in parts.items() if state != "ok"}
    serves = missing <= SPARED
    status = "ok" if not missing else "limited" if serves else "not ready"
    response = JsonResponse({"status": status, "parts": parts}, status=200 if serves else 503)
    add_never_cache_headers(response)
    return response


ADDRESSES = {"/health": alive, "/health/ready": ready}


def dependencies() -> dict[str, Callable[[], Awaitable[bool]]]:
    """What this process needs, with a question that tells whether it is there."""
    checks: dict[str, Callable[[], Awaitable[bool]]] = {
        "database": sync_to_async(database_answers),
        "migrations": sync_to_async(migrations_are_applied),
        "queue": sync_to_async(queue.can_take_work, thread_sensitive=False),
        "embedding": warmup.embedding_is_ready,
        "index": warmup.index_is_ready,
        "orders": orders_answer,
    }
    if settings.REDIS_URL:
        checks["redis"] = sync_to_async(queue.redis_answers, thread_sensitive=False)
    return checks


async def orders_answer() -> bool:
    return (await source_health()).answers


async def _state_of(check: Callable[[], Awaitable[bool]]) -> str:
    try:
        return "ok" if await asyncio.wait_for(check(), CHECK_SECONDS) else "not ready"
    except TimeoutError:
        return "no answer"


def database_answers() -> bool:
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        return False


_applied = False


def migrations_are_applied() -> bool:
    """Whether the tables are those this code expects; asked until it is so, then remembered for the life of the process."""
    global _applied
    if not _applied:
        try:
            _applied = not unapplied_migrations()
        except DatabaseError:
            return False
    return _applied


def unapplied_migrations() -> list[str]:
    """Names of migrations that `migrate` would run now. Raises DatabaseError if the database does not answer."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
