"""REQUESTS_WEBHOOK_URL and REQUESTS_WEBHOOK_SECRET: whether messages about requests can go out, and be believed. Pure."""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

from orders.requests_signing import key_of
from orders.sources.http_settings import Problem

LEAST_BYTES = 24  # of a key in base64, as Standard Webhooks asks for
LEAST_CHARACTERS = 32
LEAST_VARIETY = 8  # different bytes
_HINT = "Give a random text of 50 characters, or whsec_ and 32 random bytes in base64; your system checks with the same."


def problems(*, url: str, secrets: Sequence[str], in_use: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the two. in_use: secrets that are used for something else."""
    if url and not _is_web_address(url):
        yield Problem(60, "REQUESTS_WEBHOOK_URL is not a web address.", "Write it as https://shop.example/hooks/requests.")
    elif url and urlsplit(url).scheme == "http" and not _is_near(urlsplit(url).hostname or ""):
        message = "REQUESTS_WEBHOOK_URL begins with http: names and addresses of customers would go there for everybody to read."
        yield Problem(60, message, "Use https, unless it is in a network of your own.", stops=False)
    if url and not secrets:
        yield Problem(61, "REQUESTS_WEBHOOK_URL is set, but REQUESTS_WEBHOOK_SECRET is not.", _HINT)
    for secret in secrets:
        try:
            key = key_of(secret)
        except ValueError as problem:
            yield Problem(62, f"REQUESTS_WEBHOOK_SECRET cannot be used: {problem}.", _HINT)
            continue
        if len(key) < (LEAST_BYTES if secret.startswith("whsec_") else LEAST_CHARACTERS) or len(set(key)) < LEAST_VARIETY:
            yield Problem(63, "REQUESTS_WEBHOOK_SECRET is too easy to guess.", _HINT)
        elif secret in in_use:
            yield Problem(64, "REQUESTS_WEBHOOK_SECRET is a secret that is used for something else.", _HINT)


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname)
    except ValueError:  # for example an unclosed [
        return False


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or a name or an address that only a private network has."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".internal", ".local", ".lan"))
