"""A shop's API over the wire: one question, one JSON value. The only importer of the HTTP client in this room.

    client = ShopClient("https://shop.example/api", Bearer(token), Limits())
    value = await client.ask(Question("/orders", params=(("email", email),)), until=client.clock() + 5)

What goes over the wire names a customer, so no address, header or body is ever written to a log or into an error.
"""

import asyncio
import logging
import os
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2
from django.utils import timezone

from orders.sources.http_bodies import MAX_BYTES, BadBody, TooLarge, Unpacker, parsed
from orders.sources.http_questions import Question, ShopFailed
from orders.sources.http_retrying import MENDS_ITSELF, pause_before, seconds_asked_for

log = logging.getLogger(__name__)

_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PARSED_ASIDE = 256 * 1024  # bytes from which parsing would hold up other customers, and is given to a thread


class Key(Protocol):
    """What proves to the shop who asks."""

    async def headers(self, client: "ShopClient", until: float) -> Mapping[str, str]:
        """The headers to send. Raises ShopFailed if the key cannot be had."""
        ...

    def refused(self) -> bool:
        """The shop refused these headers; whether new ones can be had, so that asking again makes sense."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """connect: seconds for a connection; connections: at the same time; max_bytes: of one answer, unpacked."""

    connect: float = 2.0
    connections: int = 20
    max_bytes: int = MAX_BYTES


class ShopClient:
    """Safe to keep for the life of the process. clock: seconds that only grow, in which `until` is meant."""

    def __init__(
        self,
        base_url: str,
        key: Key,
        limits: Limits = Limits(),
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.clock = clock
        self._base, self._key, self._limits, self._chance = base_url.rstrip("/"), key, limits, chance
        self._clients: dict[asyncio.AbstractEventLoop, httpx2.AsyncClient] = {}

    async def ask(self, question: Question, *, until: float) -> Any:
        """The answer's JSON, asked for again where that is safe and there is time. Raises ShopFailed and nothing else."""
        attempt, renewed = 1, False
        while True:
            try:
                return await self._once(question, await self._key.headers(self, until), until)
            except ShopFailed as failure:
                if failure.status == 401 and not renewed and self._key.refused():
                    renewed = True  # a key that ran out; a wrong one is refused a second time
                    continue
                attempt += 1
                left = until - self.clock()
                asked_for = failure.retry_after
                pause = pause_before(attempt, asked_for=asked_for, left=left, chance=self._chance)
                if not (failure.may_mend and question.repeatable) or pause is None:
                    raise
                log.info("the shop's order API: %s; asking again in %.2f s", failure.why, pause)
                await asyncio.sleep(pause)

    async def ask_unsigned(self, question: Question, *, until: float) -> Any:
        """As `ask`, once and without the key: for getting one."""
        return await self._once(question, {}, until)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        if client := self._clients.pop(asyncio.get_running_loop(), None):
            await client.aclose()

    async def _once(self, question: Question, headers: Mapping[str, str], until: float) -> Any:
        left = until - self.clock()
        if left <= 0:
            raise ShopFailed("there was no time left to ask it")
        try:
            async with asyncio.timeout(left):
                body, content_type = await self._loaded(question, headers, left)
                if len(body) > _PARSED_ASIDE:
                    return await asyncio.to_thread(parsed, body, content_type)
                return parsed(body, content_type)
        except BadBody as bad:
            raise ShopFailed(f"its answer cannot be read: {bad}", of_one=isinstance(bad, TooLarge)) from None
        except TimeoutError:
            raise ShopFailed("it did not answer in time") from None
        except httpx2.TimeoutException as error:
            # a connection that is not made in time may be made at once the next time
            raise ShopFailed("it did not answer in time", may_mend=isinstance(error, httpx2.ConnectTimeout)) from error
        except httpx2.ProtocolError as error:
            # its text repeats what was sent or came: a header with the key, or the beginning of somebody's order
            mends = not isinstance(error, httpx2.LocalProtocolError)
            raise ShopFailed(f"it does not speak HTTP as it should ({type(error).__name__})", may_mend=mends) from None
        except httpx2.TransportError as error:
            if _is_about_the_certificate(error):
                raise ShopFailed("its certificate is not valid, so that nothing was sent") from error
            raise ShopFailed(f"the connection failed ({type(error).__name__})", may_mend=True) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
            raise ShopFailed(f"it could not be asked ({type(error).__name__})") from error

    async def _loaded(self, question: Question, headers: Mapping[str, str], left: float) -> tuple[bytes, str]:
        """(body, content type) of an answer with status 200, after redirects within the same host."""
        client = self._client()
        url = httpx2.URL((_root(self._base) if question.from_root else self._base) + question.path, params=question.params or None)
        sent = {"User-Agent": "Whereabouts", "Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        timeout = httpx2.Timeout(left, connect=min(self._limits.connect, left))
        for _ in range(_MOST_REDIRECTS + 1):
            method = "GET" if question.body is None else "POST"
            async with client.stream(method, url, json=question.body, headers=sent, timeout=timeout) as response:
                if response.status_code in _REDIRECTS:
                    url = _followed(url, response, question)
                    continue
                _check(response)
                unpacker = Unpacker(response.headers.get("content-encoding", ""), limit=self._limits.max_bytes)
                async for piece in response.aiter_raw():
                    unpacker.feed(piece)
                return unpacker.whole(), response.headers.get("content-type", "")
        raise ShopFailed(f"it sends us on more than {_MOST_REDIRECTS} times")

    def _client(self) -> httpx2.AsyncClient:
        """The connections of the running event loop: they cannot be shared between loops."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            for ended in [other for other in self._clients if other.is_closed()]:
                del self._clients[ended]  # of a command or a task: its connections ended with its loop
            client = httpx2.AsyncClient(
                verify=_authorities(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")),
                trust_env=False,  # no proxy and no password of the environment comes between
                follow_redirects=False,
                limits=httpx2.Limits(max_connections=self._limits.connections, keepalive_expiry=30.0),
            )
            client.cookies.jar.set_policy(
                DefaultCookiePolicy(allowed_domains=[])
            )  # nothing of one customer's answer goes along with the next
            self._clients[loop] = client
        return self._clients[loop]


@cache
def _authorities(file: str, folder: str) -> ssl.SSLContext:
    """Who vouches for certificates, which are always checked: the machine's authorities, or a shop's own in that file or folder.

    Reading them takes a tenth of a second, so it is done once.
    """
    return httpx2.create_ssl_context()


def _is_about_the_certificate(error: BaseException | None) -> bool:
    for _ in range(10):
        if error is None or isinstance(error, ssl.SSLCertVerificationError):
            break
        error = error.__cause__ or error.__context__
    return isinstance(error, ssl.SSLCertVerificationError)


def _check(response: httpx2.Response) -> None:
    """Raise ShopFailed for everything but 200."""
    status = response.status_code
    if status == 200:
        return
    if status in (401, 403):
        raise ShopFailed(f"it refuses our key (status {status})", status=status)
    retry_after = seconds_asked_for(response.headers.get("retry-after", ""), now=timezone.now())
    raise ShopFailed(f"it answered with status {status}", may_mend=status in MENDS_ITSELF, retry_after=retry_after, status=status)


def _followed(url: httpx2.URL, response: httpx2.Response, question: Question) -> httpx2.URL:
    """Where a redirect leads, if the key may go there: the same host, and never from https to http."""
    if question.body is not None:
        raise ShopFailed(
            f"it sends a question that was posted elsewhere (status {response.status_code})", status=response.status_code
        )
    location = response.headers.get("location", "")
    if not location:
        raise ShopFailed("it sends us on without saying where to", status=response.status_code)
    try:
        target = url.join(location)
    except httpx2.InvalidURL:
        raise ShopFailed("it sends us on to what is no address") from None
    upgraded = url.scheme == "http" and target.scheme == "https" and (url.port, target.port) == (None, None)
    if target.host != url.host or not (upgraded or (target.scheme, target.port) == (url.scheme, url.port)) or target.userinfo:
        raise ShopFailed("it sends us on to another host, which does not get our key", status=response.status_code)
    return target


def _root(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"
