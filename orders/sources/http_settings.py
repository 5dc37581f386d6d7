"""Whether the settings of the shop's API can work, and are safe. Pure; nothing of a setting is repeated, it may hold a secret."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from orders.sources.http_shops import KINDS

_LOCAL_ENDINGS = (".local", ".internal", ".lan", ".home.arpa", ".localhost")


class Problem(NamedTuple):
    """number: of the start-up check. stops: whether the start is refused, or only warned about."""

    number: int
    message: str
    hint: str
    stops: bool = True


def problems(*, url: str, kind: str, token: str, user: str, password: str) -> Iterator[Problem]:
    """What is wrong with ORDERS_API_URL, _KIND, _TOKEN, _USER and _PASSWORD, worst first."""
    if kind not in KINDS:
        yield Problem(41, "ORDERS_API_KIND names a kind that does not exist.", f"Use one of: {', '.join(sorted(KINDS))}.")
    if not url:
        hint = "Give the address of the shop's order API; docs/orders-http.md says what it must do."
        yield Problem(40, "ORDERS_SOURCE is http, but ORDERS_API_URL is not set.", hint)
        return
    yield from _address(url)
    if any(not secret.isascii() or not secret.isprintable() or secret != secret.strip() for secret in (token, user, password)):
        hint = "Copy the key again: it must be letters, digits and signs without spaces around them."
        yield Problem(43, "ORDERS_API_TOKEN, ORDERS_API_USER or ORDERS_API_PASSWORD has a sign that cannot be sent.", hint)
    if bool(user) != bool(password):
        yield Problem(44, "Of ORDERS_API_USER and ORDERS_API_PASSWORD only one is set.", "Set both, or neither and a token.")
    elif not token and not user and kind in ("shopify", "woocommerce"):
        what = {
            "shopify": "Set ORDERS_API_USER and ORDERS_API_PASSWORD to the app's client id and secret, or ORDERS_API_TOKEN to its token.",
            "woocommerce": "Set ORDERS_API_USER and ORDERS_API_PASSWORD to the consumer key and secret.",
        }
        yield Problem(45, f"ORDERS_API_KIND is {kind}, but there is no key to ask it with.", what[kind])
    elif not token and not user and not _is_private(url):
        hint = "Set ORDERS_API_TOKEN, or ORDERS_API_USER and ORDERS_API_PASSWORD, and let the API ask for it."
        message = "There is no key for ORDERS_API_URL: whoever finds that address can read every customer's orders."
        yield Problem(10, message, hint, stops=False)


def _address(url: str) -> Iterator[Problem]:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # for example an unclosed [
        usable = False
    if not usable or any(sign.isspace() for sign in url):
        yield Problem(42, "ORDERS_API_URL is not a web address.", "Write it with https, such as https://shop.example/api.")
    elif parts.username or parts.password or parts.query or parts.fragment:
        hint = "Write the address alone; a key belongs into ORDERS_API_TOKEN, or ORDERS_API_USER and ORDERS_API_PASSWORD."
        yield Problem(42, "ORDERS_API_URL has more in it than an address.", hint)
    elif parts.scheme == "http" and not _is_private(url):
        message = "ORDERS_API_URL begins with http: the key and customers' orders would cross the Internet for anybody to read."
        yield Problem(46, message, "Write it with https; plain http is accepted for this machine and for private networks.")


def _is_private(url: str) -> bool:
    """Whether the host is this machine or one of a private network, as far as its name tells."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
    return (address.is_private and not address.is_unspecified) or address.is_loopback
