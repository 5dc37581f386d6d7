"""Every address of the product, read from the URL configuration, so that no test keeps a list that can be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class Address:
    """route: as it stands in the URL configuration, the included parts put together; names: of what it takes in its path."""

    route: str
    names: tuple[str, ...]
    view: Any

    def path(self, values: dict[str, object]) -> str:
        """The path with these values in the places of the names."""
        path = self.route
        for name, converter in self._converters():
            path = path.replace(converter, str(values[name]))
        return f"/{path}"

    def _converters(self) -> Iterator[tuple[str, str]]:
        for part in self.route.split("<")[1:]:
            placed = part.split(">")[0]
            yield placed.rpartition(":")[2], f"<{placed}>"


def every_address(resolver: URLResolver | None = None, before: str = "") -> Iterator[Address]:
    """Walk the URL configuration, depth first."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(route, tuple(pattern.pattern.converters), pattern.callback)
        else:
            yield from every_address(pattern, route)


def addresses_with_an_id() -> dict[str, Address]:
    """The addresses that take something in their path, by route."""
    return {address.route: address for address in every_address() if address.names}
