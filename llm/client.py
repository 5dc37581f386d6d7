"""Stream a reply from any OpenAI-compatible server. The package for the wire is imported with the first call: it is heavy.

    async with configured()[Tier.SMALL].reply(messages) as reply:
        async for piece in reply:
            ...
    await record_call(reply, ...)

Leaving the `async with` early closes the connection to the server, so that it stops writing what nobody reads.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from llm.breaker import Breaker
from llm.counting import estimate_messages, estimate_tokens
from llm.experience import Experience
from llm.limits import Limits
from llm.queueing import Room
from llm.replying import Reply
from llm.routing import Tier
from llm.values import ChatMessage, Usage
from llm.warming import warm_up

if TYPE_CHECKING:
    from llm.connection import Connection
    from llm.endpoints import Endpoint

__all__ = [
    "ChatMessage",
    "Limits",
    "ModelClient",
    "Reply",
    "Usage",
    "client_of",
    "configured",
    "estimate_messages",
    "estimate_tokens",
    "warm_up",
]


@dataclass(slots=True, eq=False)
class ModelClient:
    """The model of a tier: one endpoint, and those to fail over to.

    Safe to keep for the life of the process: breaker, experience, queue and connections remember across calls. endpoint: its name in the console.
    key_variable: the name of the variable the key came from. others: asked in this order when this one fails before its first word.
    """

    name: str
    tier: Tier
    base_url: str
    api_key: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    breaker: Breaker = field(default_factory=lambda: Breaker(time.monotonic))
    experience: Experience = field(default_factory=Experience)
    endpoint: str = ""
    key_variable: str = "OPENAI_API_KEY"
    others: tuple["ModelClient", ...] = ()
    room: Room = None  # type: ignore[assignment]  # made from the limits
    _connections: WeakKeyDictionary[asyncio.AbstractEventLoop, "Connection"] = field(default_factory=WeakKeyDictionary, repr=False)

    def __post_init__(self) -> None:
        self.room = self.room or Room(self.limits.concurrent)

    @property
    def candidates(self) -> tuple["ModelClient", ...]:
        """This endpoint and those after it."""
        return (self, *self.others)

    @property
    def is_available(self) -> bool:
        """Whether a call made now would be tried; routing leaves out a tier whose breakers are all open."""
        return any(not client.breaker.is_open for client in self.candidates)

    def reply(self, messages: Sequence[ChatMessage]) -> Reply:
        """Ask for a reply; nothing is sent before the first piece is asked for."""
        return Reply(self, messages)

    def followed_by(self, *others: "ModelClient") -> "ModelClient":
        """The same endpoint, with others to fail over to; breaker, queue and connections stay shared."""
        return replace(self, others=others) if others else self

    def connection(self) -> "Connection":
        """The connection pool of the running event loop: pools cannot be shared between loops."""
        from llm.connection import Connection

        loop = asyncio.get_running_loop()
        if loop not in self._connections:
            made = Connection(self.name, self.base_url, self.api_key, self.limits, key_variable=self.key_variable)
            self._connections[loop] = made
        return self._connections[loop]

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        if connection := self._connections.pop(asyncio.get_running_loop(), None):
            await connection.aclose()


_clients: dict["Endpoint", ModelClient] = {}


def configured() -> dict[Tier, ModelClient]:
    """The model of each tier that has one. Each reply asks the tier's endpoints in order, until one speaks.

    The same endpoint gives the same client, so that its breaker remembers; one that was changed begins anew. An endpoint whose breaker
    is open stands behind those whose is not.
    """
    from llm import endpoints

    known = endpoints.current()
    for gone in _clients.keys() - set(known):  # what still runs keeps its client until it ends
        del _clients[gone]
    tiers: dict[Tier, list[ModelClient]] = {}
    for endpoint in known:
        tiers.setdefault(endpoint.tier, []).append(_kept(endpoint))
    return {tier: _in_order(clients) for tier, clients in tiers.items()}


def client_of(endpoint: "Endpoint") -> ModelClient:
    """A client of that endpoint alone, with a breaker and a queue of its own: for tests of the connection."""
    return ModelClient(
        endpoint.model,
        endpoint.tier,
        endpoint.base_url,
        endpoint.api_key,
        endpoint.limits,
        endpoint=endpoint.name,
        key_variable=endpoint.key_variable,
    )


def _kept(endpoint: "Endpoint") -> ModelClient:
    if endpoint not in _clients:
        _clients[endpoint] = client_of(endpoint)
    return _clients[endpoint]


def _in_order(clients: list[ModelClient]) -> ModelClient:
    if len(clients) == 1:
        return clients[0]
    first, *others = sorted(clients, key=lambda client: client.breaker.is_open)
    return first.followed_by(*others)
