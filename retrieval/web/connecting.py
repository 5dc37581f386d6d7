"""From a host name to IP addresses that have been checked, once, within a time limit. The connection is made to these and no others."""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Sequence

from retrieval.web.errors import Forbidden, NotFetched
from retrieval.web.networks import Network, may_be_reached

MAX_ADDRESSES = 16  # of one host; nobody needs to try more

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """All IP addresses that the machine's resolver gives for a host. Raises OSError."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def checked_addresses(
    host: str, port: int, *, allowed: Sequence[Network] = (), seconds: float, ask: Resolve = resolve
) -> list[str]:
    """The IP addresses of a host, if every one of them may be reached. An answer that mixes in a private one is not trusted at all.

    Raises Forbidden, or NotFetched if there is no such host or no answer within `seconds`.
    """
    found = _asked(ask, host, port, seconds)
    if not found:
        raise NotFetched(_unknown(host))
    if not all(may_be_reached(address, allowed=allowed) for address in found):
        raise Forbidden(
            f"“{host}” leads into a private or reserved network, which is not read. An administrator can allow a network in "
            "WEB_SOURCES_ALLOW_PRIVATE."
        )
    return found[:MAX_ADDRESSES]


def _asked(ask: Resolve, host: str, port: int, seconds: float) -> list[str]:
    """The resolver knows no time limit of its own, so it answers in a thread that is left behind when it takes too long."""
    answer: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answer.put(ask(host, port))
        except Exception as error:  # handed to the one who waits
            answer.put(error)

    threading.Thread(target=work, name="resolve", daemon=True).start()
    said: Sequence[str] | Exception | None = None
    with contextlib.suppress(queue.Empty):
        said = answer.get(timeout=seconds)
    if said is None:
        raise NotFetched(f"The name server did not say within {seconds:g} seconds where “{host}” is. It will be tried again.")
    if isinstance(said, OSError | UnicodeError):
        raise NotFetched(_unknown(host)) from said
    if isinstance(said, Exception):
        raise said
    return list(said)


def _unknown(host: str) -> str:
    return f"There is no site named “{host}”, or it cannot be found at the moment. Please check the address."
