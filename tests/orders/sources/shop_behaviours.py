"""The ways in which a shop's API answers a request, well or badly."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Asked:
    """One request as it came; body: its JSON, if it had any."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def search(self) -> str:
        """What Shopify is asked to look for."""
        return str(((self.body or {}).get("variables") or {}).get("search") or "")


class Exchange:
    """One request, and the ways to answer it."""

    def __init__(self, asked: Asked, writer: asyncio.StreamWriter, normally: Callable[[Asked], tuple[int, Any]]) -> None:
        self.asked, self.writer, self._normally = asked, writer, normally

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int = 200, **headers: str) -> None:
        """Status line and headers; without a length the body ends when the connection does."""
        lines = [f"HTTP/1.1 {status} Scripted", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.write("\r\n".join([*lines, "", ""]).encode())

    async def whole(self, body: bytes, status: int = 200, **headers: str) -> None:
        await self.head(status, **{"Content_Type": "application/json", "Content_Length": str(len(body)), **headers})
        await self.write(body)

    def normal(self) -> tuple[int, bytes]:
        """(status, body) of what the shop says when it is well."""
        status, value = self._normally(self.asked)
        return status, json.dumps(value, default=str).encode()


Behaviour = Callable[[Exchange], Awaitable[None]]


async def well(exchange: Exchange) -> None:
    status, body = exchange.normal()
    await exchange.whole(body, status)


def status(code: int, **headers: str) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.whole(b'{"error": "scripted"}', code, **headers)

    return behave


def says(body: bytes | str | Any, content_type: str = "application/json", **headers: str) -> Behaviour:
    """A body as it stands; values are sent as JSON."""
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()

    async def behave(exchange: Exchange) -> None:
        await exchange.whole(data, Content_Type=content_type, **headers)

    return behave


def sends(data: bytes) -> Behaviour:
    """Bytes that are no HTTP at all, or not quite."""

    async def behave(exchange: Exchange) -> None:
        await exchange.write(data)

    return behave


def late(seconds: float) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await well(exchange)

    return behave


def hangs() -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await asyncio.Event().wait()

    return behave


def resets() -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        sock = exchange.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        exchange.writer.transport.abort()

    return behave


def cut(share: float = 0.5) -> Behaviour:
    """Promises a whole answer and sends a part of it."""

    async def behave(exchange: Exchange) -> None:
        _, body = exchange.normal()
        await exchange.head(Content_Type="application/json", Content_Length=str(len(body)))
        await exchange.write(body[: int(len(body) * share)])

    return behave


def endless(piece: bytes = b'{"number": "#W1"}, ' * 2000) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.head(Content_Type="application/json")
        await exchange.write(b'{"orders": [')
        while True:
            await exchange.write(piece)

    return behave


def redirects(target: str, code: int = 302) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.whole(b"", code, Location=target)

    return behave
