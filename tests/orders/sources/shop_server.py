"""A real HTTP server that is a shop's order API: our own contract, Shopify's or WooCommerce's, well or badly as a test says.

    with ShopServer([order("#W1", "ana@example.com")]) as shop:
        source = shop.asking()
        shop.will(status(503), hangs())
        ...
        shop.asked[0].params["email"]

Orders are plain, in the fields of our own contract; `shop_shapes` puts them into the other two. It runs in a thread with an event loop
of its own, beside whatever loop the test has.
"""

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from orders.sources.http import HttpSource
from orders.sources.http_client import Limits, ShopClient
from orders.sources.http_keys import key_for
from orders.sources.http_shops import KINDS, base_address
from tests.orders.sources import shop_shapes
from tests.orders.sources.shop_behaviours import Asked, Behaviour, Exchange, resets, well

TOKEN, USER, PASSWORD = "tok-of-the-shop", "ck_name", "cs_secret"


@dataclass
class ShopServer:
    """orders: what the shop knows. ignores_filter: it gives everybody's. most: orders it gives at a time, whatever is asked for.

    needs_key: it refuses whoever does not show it. asked: every request so far.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "own"
    ignores_filter: bool = False
    most: int = 1000
    needs_key: bool = True
    asked: list[Asked] = field(default_factory=list)
    usual: Behaviour = well
    tokens: int = 0
    token_seconds: int = 86_399
    source: Any = None
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._script: list[Behaviour] = []
        self.was_asked = threading.Event()
        self._open: set[asyncio.Task[None]] = set()

    def will(self, *behaviours: Behaviour) -> None:
        """Script the next requests, one behaviour each; then all is as usual."""
        self._script = list(behaviours)

    def __enter__(self) -> Self:
        self._loop, self._stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

        async def serve() -> None:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
            self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ready.set()
            await self._stop.wait()
            server.close()
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(serve(),), daemon=True)
        self._thread.start()
        assert ready.wait(5), "the shop's server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        self._loop.close()

    @property
    def base(self) -> str:
        """The address that ORDERS_API_URL names."""
        return f"{self.url}/api" if self.kind == "own" else self.url

    def asking(self, **changes: Any) -> HttpSource:
        """A source that asks this shop, with the key that it wants. client: options of ShopClient."""
        pair = (
            {"user": USER, "password": PASSWORD, "token": ""}
            if self.kind != "own"
            else {"user": "", "password": "", "token": TOKEN}
        )
        key = key_for(self.kind, **{**pair, **changes.pop("key", {})})
        client = ShopClient(base_address(self.base, self.kind), key, changes.pop("limits", Limits()), **changes.pop("client", {}))
        return HttpSource(KINDS[self.kind](), client, **changes)

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """Within it, every connection is reset."""
        self.usual = resets()
        yield
        self.usual = well

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            exchange = Exchange(await _read(reader), writer, self._answer)
            self.asked.append(exchange.asked)
            answering = asyncio.ensure_future((self._script.pop(0) if self._script else self.usual)(exchange))
            self.was_asked.set()
            leaving = asyncio.ensure_future(reader.read())
            try:
                await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for part in (answering, leaving):
                    part.cancel()
                await asyncio.gather(answering, leaving, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        if self.kind == "shopify" and asked.path == "/admin/oauth/access_token":
            right = (asked.body.get("client_id"), asked.body.get("client_secret")) == (USER, PASSWORD)
            self.tokens += right
            return (200, {"access_token": f"{TOKEN}-{self.tokens}", "expires_in": self.token_seconds}) if right else (400, {})
        if self.needs_key and not self._is_key(asked.headers):
            return 401, {"error": "no key"}
        return {"own": self._own, "shopify": self._shopify, "woocommerce": self._woo}[self.kind](asked)

    def _is_key(self, headers: dict[str, str]) -> bool:
        if self.kind == "shopify":
            return headers.get("x-shopify-access-token") in (TOKEN, f"{TOKEN}-{self.tokens}")
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return headers.get("authorization") in (f"Bearer {TOKEN}", f"Basic {basic}")

    def _newest(self) -> list[dict[str, Any]]:
        return sorted(self.orders, key=lambda order: str(order.get("placed_at") or ""), reverse=True)

    def _of(self, email: str) -> list[dict[str, Any]]:
        everybody = self._newest()
        return everybody if self.ignores_filter else [o for o in everybody if str(o.get("email")).strip().lower() == email.lower()]

    def _own(self, asked: Asked) -> tuple[int, Any]:
        limit = min(int(asked.params["limit"]), self.most)
        if asked.path == "/api/order-numbers":
            return 200, {"numbers": [order["number"] for order in self._newest()[:limit]]}
        if asked.path != "/api/orders":
            return 404, {}
        found, start = self._of(asked.params["email"]), int(asked.params.get("cursor", 0))
        following = start + limit if start + limit < len(found) else None
        return 200, {"orders": found[start : start + limit], "next": None if following is None else str(following)}

    def _shopify(self, asked: Asked) -> tuple[int, Any]:
        variables = asked.body["variables"]
        limit, start = variables["first"], int(variables.get("after") or 0)
        if "search" not in variables:
            return 200, {"data": {"orders": {"nodes": [{"name": order["number"]} for order in self._newest()[:limit]]}}}
        if limit > self.most:
            return 200, {"errors": [{"message": "too much", "extensions": {"code": "MAX_COST_EXCEEDED"}}]}
        found = self._of(shop_shapes.email_of_search(variables["search"]))
        page = {"hasNextPage": start + limit < len(found), "endCursor": str(start + limit)}
        nodes = [shop_shapes.shopify(order) for order in found[start : start + limit]]
        return 200, {"data": {"orders": {"pageInfo": page, "nodes": nodes}}}

    def _woo(self, asked: Asked) -> tuple[int, Any]:
        if asked.path != "/wp-json/wc/v3/orders":
            return 404, {}
        limit = min(int(asked.params["per_page"]), self.most)
        found = self._newest()
        if "search" in asked.params and not self.ignores_filter:  # as WooCommerce does: as a part of the address
            found = [o for o in found if asked.params["search"].lower() in str(o.get("email")).lower()]
        start = (int(asked.params.get("page", 1)) - 1) * limit
        return 200, [shop_shapes.woocommerce(order) for order in found[start : start + limit]]


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    return Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, json.loads(body) if body else None)


def order(number: str, email: str, **more: Any) -> dict[str, Any]:
    """A plain order."""
    return {"number": number, "email": email, "status": "shipped", "placed_at": "2026-11-01T10:00:00Z", **more}


def many(count: int, email: str, prefix: str = "#W") -> Iterable[dict[str, Any]]:
    """So many orders of one address, the first the oldest."""
    return [order(f"{prefix}{1000 + n}", email, placed_at=f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}Z") for n in range(count)]
