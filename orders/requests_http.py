"""One message to the shop's system over HTTP. Its address is the operator's, so it may be in the shop's own network.

Redirects are not followed and nothing of the reply is read: whoever answers there learns no more than the message itself.
"""

import asyncio
import re
import ssl
from functools import cache

import httpx2

SECONDS = 10.0  # for the whole of one try
_CONNECT = 4.0


class NotTaken(Exception):
    """The message was not taken. str(error) is for staff and the log and names no customer; retry_after: seconds that were asked for."""

    def __init__(self, reason: str, *, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


async def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Return when the message was taken with a status from 200 to 299. Raises NotTaken."""
    sent = {"Content-Type": "application/json", "User-Agent": "Whereabouts", **headers}
    try:
        async with asyncio.timeout(SECONDS), _client() as client, client.stream("POST", url, content=body, headers=sent) as reply:
            status, wait = reply.status_code, reply.headers.get("retry-after", "")
    except (TimeoutError, httpx2.TimeoutException):
        raise NotTaken("it did not answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError) as error:
        # the error's own text may hold the address with a password in it
        raise NotTaken(f"the connection failed ({type(error).__name__})") from None
    if 300 <= status < 400:
        raise NotTaken(f"it sends us elsewhere (status {status}), which we do not follow")
    if not 200 <= status < 300:
        raise NotTaken(f"it answered with status {status}", retry_after=int(wait) if re.fullmatch(r"[0-9]{1,6}", wait) else 0)


def _client() -> httpx2.AsyncClient:
    # trust_env: no proxy and no password of the environment comes between
    timeout = httpx2.Timeout(SECONDS, connect=_CONNECT)
    return httpx2.AsyncClient(verify=_authorities(), follow_redirects=False, trust_env=False, timeout=timeout)


@cache
def _authorities() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes longer than everything else about a message."""
    return httpx2.create_ssl_context()
