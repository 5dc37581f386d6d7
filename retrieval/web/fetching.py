"""One page by its address, safely. The only importer of the HTTP client.

The client below (httpcore) knows no proxies of the environment, no cookies, no redirects and no unpacking. It gets its connections
from us: the host is looked up once, every address of the answer is checked, and the connection is made to a checked address, so that
nobody can change the answer between the check and the connection. The certificate is checked against the host's name as always.
Each redirect is read and checked as strictly as the first address. One deadline holds for the whole page, redirects included.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore2
from django.conf import settings
from django.utils import timezone

from retrieval.web.addresses import Address, follow, is_same_site
from retrieval.web.bodies import CUT_SHORT, check_type, collect, in_utf8, media_type
from retrieval.web.connecting import Resolve, checked_addresses, resolve
from retrieval.web.errors import BadAddress, Gone, NotFetched
from retrieval.web.networks import Network, may_be_reached, networks

NAME = "WhereaboutsBot"  # in robots.txt, and the beginning of the user agent
MAX_REDIRECTS = 5
CONNECT_SECONDS = 5.0
MAX_TAG = 500  # characters of an ETag that are kept; a longer one is not
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost, and where it may go."""

    ports: frozenset[int]
    allowed: tuple[Network, ...]
    seconds: float
    max_bytes: int
    agent: str

    @classmethod
    def of_settings(cls) -> "Limits":
        contact = "".join(character for character in settings.SHOP_EMAIL if character.isascii() and character.isprintable())
        return cls(
            ports=frozenset(settings.WEB_SOURCES_PORTS),
            allowed=tuple(networks(settings.WEB_SOURCES_ALLOW_PRIVATE)),
            seconds=settings.WEB_TIMEOUT_SECONDS,
            max_bytes=settings.MAX_UPLOAD_MB * 1024 * 1024,
            agent=f"{NAME}/1.0 (reads a shop's own policy pages; contact: {contact})",
        )


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it came, unpacked. address: where it was found in the end. etag, last_modified: as the site wrote them, or "".

    is_public: whether it came from the public Internet, not from a network that the shop has allowed.
    """

    address: Address
    body: bytes
    kind: str
    etag: str
    last_modified: str
    is_public: bool = False


class _Stream(httpcore2.NetworkStream):
    """A connection on which no step outlasts the deadline of the whole page."""

    def __init__(self, inner: httpcore2.NetworkStream, left: Callable[[], float]) -> None:
        self._inner, self._left = inner, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._left()), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Connections(httpcore2.NetworkBackend):
    """Connections to checked IP addresses only."""

    def __init__(self, limits: Limits, left: Callable[[], float], ask: Resolve) -> None:
        self._limits, self._left, self._ask, self._tcp = limits, left, ask, httpcore2.SyncBackend()
        self.is_public = False  # whether the connection leads into the public Internet

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = checked_addresses(
            host, port, allowed=self._limits.allowed, seconds=min(CONNECT_SECONDS, self._left()), ask=self._ask
        )
        for position, address in enumerate(addresses, 1):
            try:
                stream = self._tcp.connect_tcp(address, port, min(CONNECT_SECONDS, self._left()))
                self.is_public = may_be_reached(address)
                return _Stream(stream, self._left)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if position == len(addresses):
                    raise
        raise httpcore2.ConnectError("no address")  # checked_addresses never gives an empty list

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None) -> Any:
        raise httpcore2.ConnectError("not a network")


def fetch(
    address: Address,
    *,
    limits: Limits,
    etag: str = "",
    last_modified: str = "",
    sitemap: bool = False,
    any_type: bool = False,
    ask: Resolve = resolve,
) -> Fetched | None:
    """Load a page, or None if the site says that it is the one with that ETag or date.

    Raises NotFetched (Gone, Forbidden) with a sentence for staff. any_type: for robots.txt, whatever a site calls it.
    """
    until = time.monotonic() + limits.seconds

    def left() -> float:
        rest = until - time.monotonic()
        if rest <= 0:
            raise httpcore2.ReadTimeout("the deadline of the page")
        return rest

    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"User-Agent": limits.agent, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
    headers |= {name: value for name, value in conditions.items() if value}
    visited = {address.text}
    try:
        for _ in range(MAX_REDIRECTS + 1):
            backend = _Connections(limits, left, ask)
            with httpcore2.ConnectionPool(network_backend=backend, max_connections=1) as pool:
                answer = _answer(pool, address, headers, limits, is_conditional=bool(etag or last_modified), sitemap=sitemap, any_type=any_type)  # fmt: skip
            if not isinstance(answer, Address):
                return replace(answer, is_public=backend.is_public) if answer else None
            if not is_same_site(address, answer):
                # checked all the same, so that the sentence about private networks comes first
                checked_addresses(answer.host, answer.port, allowed=limits.allowed, seconds=min(CONNECT_SECONDS, left()), ask=ask)
                raise NotFetched(
                    f"The site sends us on to another one, {answer.host}. If that is right, please add that address instead."
                )
            if answer.text in visited:
                raise NotFetched("The site sends us round in a circle. Please check the address in a browser.")
            visited.add(answer.text)
            address = answer
        raise NotFetched(f"The site sends us on more than {MAX_REDIRECTS} times. Please add the address where the page really is.")
    except BadAddress as error:
        raise NotFetched(error.user_message) from error
    except httpcore2.TimeoutException as error:
        raise NotFetched(
            f"{address.host} did not deliver the page within {limits.seconds:g} seconds. It will be tried again."
        ) from error
    except httpcore2.ConnectError as error:
        raise NotFetched(_no_connection(error, address)) from error
    except httpcore2.ProtocolError as error:
        raise NotFetched(CUT_SHORT) from error
    except (httpcore2.NetworkError, OSError) as error:
        raise NotFetched(f"The connection to {address.host} broke off. It will be tried again.") from error


def _answer(
    pool: httpcore2.ConnectionPool, address: Address, headers: Mapping[str, str], limits: Limits, *, is_conditional: bool,
    sitemap: bool, any_type: bool,
) -> Fetched | Address | None:  # fmt: skip
    """One request: the page, the address it moved to, or None for unchanged."""
    url = httpcore2.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.target)
    sent = [("Host", address.place), *headers.items()]
    with pool.stream("GET", url, headers=sent) as response:
        said = _headers(response.headers)
        if response.status in _REDIRECTS:
            if not said.get("location"):
                raise NotFetched("The site says that the page has moved, but not where to.")
            return follow(address, said["location"], ports=limits.ports)
        if response.status == 304 and is_conditional:
            return None
        _check_status(response.status, said)
        kind, charset = media_type(said)
        if not any_type:
            check_type(kind, sitemap=sitemap)
        body = collect(response.iter_stream(), encoding=said.get("content-encoding", ""), limit=limits.max_bytes)
        if not body.strip() and not any_type:
            raise NotFetched("The page is empty.")
        tag, date = said.get("etag", ""), said.get("last-modified", "")
        return Fetched(
            address, in_utf8(body, kind, charset), kind, tag if len(tag) <= MAX_TAG else "", date if len(date) <= MAX_TAG else ""
        )


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by lower-case name; of several with one name the first. Only what can be printed: it may be sent back one day."""
    found: dict[str, str] = {}
    for name, value in raw:
        text = value.decode("latin-1")
        found.setdefault(name.decode("latin-1").lower(), text if text.isascii() and text.isprintable() else "")
    return found


def _check_status(status: int, said: Mapping[str, str]) -> None:
    """Raise the right NotFetched for everything but 200."""
    if status == 200:
        return
    if status in (404, 410):
        raise Gone(f"The site says that this page does not exist (status {status}).", status=status)
    wait = 0.0
    if status in (401, 403, 407, 451):
        sentence = f"The site does not show us this page (status {status}). Pages behind a sign-in cannot be read."
    elif status in (429, 503):
        sentence = f"The site asks us to come back later (status {status})."
        wait = _seconds(said.get("retry-after", ""))
    elif status >= 500:
        sentence = f"The site has a problem of its own (status {status}). It will be tried again."
    else:
        sentence = f"The site answered in a way that is not a page (status {status})."
    raise NotFetched(sentence, retry_after=wait, status=status)


def _seconds(text: str) -> float:
    """Retry-After, a number of seconds or a date, as seconds from now; 0 if it says neither."""
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max((parsedate_to_datetime(text) - timezone.now()).total_seconds(), 0.0)
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0


def _no_connection(error: Exception, address: Address) -> str:
    reasons: list[BaseException | None] = [error, error.__cause__, error.__context__]
    if any(isinstance(reason, ssl.SSLError) for reason in reasons) or "SSL" in str(error) or "CERTIFICATE" in str(error):
        return f"The secure connection to {address.host} could not be made: its certificate is not valid, or it speaks no https."
    return f"{address.host} could not be reached. It will be tried again."
