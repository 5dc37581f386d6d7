"""The source that `ORDERS_SOURCE` names, one in each process."""

from collections.abc import Callable
from functools import cache

from django.conf import settings

from orders.sources.source import Source


def _local() -> Source:
    from orders.sources.local import LocalSource

    return LocalSource()


def _http() -> Source:
    from orders.sources.http import HttpSource

    return HttpSource.of_settings()


def _sql() -> Source:
    from orders.sources.sql import configured

    return configured()


SOURCES: dict[str, Callable[[], Source]] = {"local": _local, "http": _http, "sql": _sql}  # a source is imported when it is used


def source() -> Source:
    """Raises KeyError for a name that does not exist; the start-up checks have said so before."""
    return _made(settings.ORDERS_SOURCE)


@cache
def _made(name: str) -> Source:
    return SOURCES[name]()
