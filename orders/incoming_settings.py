"""ORDERS_WEBHOOK_SECRET: whether messages about orders can come in, and be believed. Pure."""

from collections.abc import Collection, Iterator, Sequence

from orders.requests_settings import LEAST_BYTES, LEAST_CHARACTERS, LEAST_VARIETY
from orders.requests_signing import key_of
from orders.sources.http_settings import Problem

_HINT = "Give a random text of 50 characters, or whsec_ and 32 random bytes in base64; your system signs with the same."


def problems(*, secrets: Sequence[str], source: str, in_use: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the setting. source: ORDERS_SOURCE; in_use: secrets that are used for something else."""
    for secret in secrets:
        try:
            key = key_of(secret)
        except ValueError as problem:
            yield Problem(70, f"ORDERS_WEBHOOK_SECRET cannot be used: {problem}.", _HINT)
            continue
        if len(key) < (LEAST_BYTES if secret.startswith("whsec_") else LEAST_CHARACTERS) or len(set(key)) < LEAST_VARIETY:
            yield Problem(71, "ORDERS_WEBHOOK_SECRET is too easy to guess: who knows it can write orders.", _HINT)
        elif secret in in_use:
            yield Problem(72, "ORDERS_WEBHOOK_SECRET is a secret that is used for something else.", _HINT)
    if secrets and source != "local":
        message = (
            "ORDERS_WEBHOOK_SECRET is set, but orders are not kept here (ORDERS_SOURCE is not local): messages will be refused."
        )
        yield Problem(73, message, "Take the secret out, or set ORDERS_SOURCE=local.", stops=False)
