"""Signed identity that is altered, kept, carried over or made by the wrong people; over HTTP, as an attacker would."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone

from tests.attacks.asking import SECRET, arrive, ask, refused, somebody, token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("loaded", [("fashion", "local")], indirect=True)]
UNKNOWN = "who.is.this@example.net"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def handmade(email: str, header: dict[str, Any], secret: str = SECRET) -> str:
    body = {"email": email, "exp": timezone.now().timestamp() + 300}
    start = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(body).encode())}"
    return f"{start}.{b64(hmac.new(secret.encode(), start.encode(), 'sha256').digest())}"


def other_address(token: str, email: str) -> str:
    head, body, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "==")) | {"email": email}
    return f"{head}.{b64(json.dumps(said).encode())}.{signature}"


def soon(**delta: float) -> Any:
    return timezone.now() + timedelta(**delta)


TOKENS = {
    "the attacker's with the victim's address": lambda email: other_address(token_for("mallory@example.com"), email),
    "alg none": lambda email: jwt.encode({"email": email, "exp": soon(minutes=5)}, None, "none"),
    "alg NONE": lambda email: handmade(email, {"alg": "NONE"}),
    "no alg": lambda email: handmade(email, {}),
    "RS256 over an HMAC": lambda email: handmade(email, {"alg": "RS256"}),
    "HS384": lambda email: jwt.encode({"email": email, "exp": soon(minutes=5)}, SECRET * 2, "HS384"),
    "a wrong key": lambda email: handmade(email, {"alg": "HS256"}, "another-" + SECRET),
    "an empty key": lambda email: handmade(email, {"alg": "HS256"}, ""),
    "our own key's name": lambda email: handmade(email, {"alg": "HS256"}, "IDENTITY_SECRET"),
    "its own key": lambda email: handmade(email, {"alg": "HS256", "jwk": {"kty": "oct", "k": b64(b"x" * 32)}}, "x" * 32),
    "expired": lambda email: token_for(email, exp=soon(seconds=-1)),
    "long expired": lambda email: token_for(email, exp=soon(days=-30)),
    "for years": lambda email: token_for(email, exp=soon(days=3650)),
    "without an end": lambda email: jwt.encode({"email": email}, SECRET, "HS256"),
    "from tomorrow on": lambda email: token_for(email, nbf=soon(days=1), exp=soon(hours=25)),
    "made tomorrow": lambda email: token_for(email, iat=soon(hours=2), exp=soon(hours=3)),
    "an address nobody proved": lambda email: token_for(email, email_verified=False),
    "for somebody else": lambda email: token_for(email, aud="https://elsewhere.example"),
    "no address": lambda email: token_for("", sub=email),
    "two addresses": lambda email: jwt.encode({"email": [email], "exp": soon(minutes=5)}, SECRET, "HS256"),
    "a dot at the end": lambda email: token_for(f"{email}."),
    "a Cyrillic letter": lambda email: token_for(email.replace("e", "\u0435", 1)),
    "something unseen": lambda email: token_for(email.replace("@", "\u200b@")),
    "a full-width sign": lambda email: token_for(email.replace("@", "\uff20")),
    "without its signature": lambda email: token_for(email).rpartition(".")[0] + ".",
    "two parts": lambda email: token_for(email).rpartition(".")[0],
    "with an end of line": lambda email: token_for(email).replace(".", ".\n", 1),
    "a plus address": lambda email: token_for(email.replace("@", "+x@")),
}


async def test_a_token_that_the_shop_did_not_mean_shows_nothing(shop):
    for name, made in TOKENS.items():
        customer = await somebody()
        response = await customer.post("identify", {"token": made(shop.target.values["email"])})
        if name == "a plus address":  # a right proof, of an address that has no orders
            assert response.status_code == 200
        else:
            assert response.status_code == 422 and response.json()["error"]["code"] == "identity_refused", name
        assert not shop.leaks((await ask(customer, "Where is my order?")).text), name


async def test_a_token_is_no_use_in_a_second_conversation(shop):
    """Also not at the same moment, in the victim's name, or with fields beside it."""
    email = shop.target.values["email"]
    victim, token = await somebody(), token_for(email)
    assert (await victim.post("identify", {"token": token})).status_code == 200
    for more in ({}, {"email": email}, {"email": email, "code": "123456"}, {"identifier_hash": "0" * 64}):
        await refused(await somebody(), {"token": token} | more, shop)
    fresh, crowd = token_for(email), [await somebody() for _ in range(6)]
    statuses = [r.status_code for r in await asyncio.gather(*(c.post("identify", {"token": fresh}) for c in crowd))]
    assert sorted(statuses) == [200] + [422] * 5


def hash_of(email: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), email.encode(), hashlib.sha256).hexdigest()


HASHES = {
    "of the attacker's address": lambda e: (e, hash_of("mallory@example.com")),
    "of capital letters": lambda e: (e, hash_of(e.upper())),
    "of capital letters for capital letters": lambda e: (e.upper(), hash_of(e.upper())),
    "of spaces": lambda e: (e, hash_of(f" {e}")),
    "of a line's end": lambda e: (e, hash_of(f"{e}\n")),
    "of a dot at the end": lambda e: (f"{e}.", hash_of(f"{e}.")),
    "of a dot at the end for none": lambda e: (e, hash_of(f"{e}.")),
    "of a plus address for the plain one": lambda e: (e, hash_of(e.replace("@", "+x@"))),
    "of a lookalike": lambda e: (e.replace("e", "\u0435", 1), hash_of(e.replace("e", "\u0435", 1))),
    "of a lookalike for the real one": lambda e: (e, hash_of(e.replace("e", "\u0435", 1))),
    "of full width": lambda e: (e.replace("e", "\uff45", 1), hash_of(e.replace("e", "\uff45", 1))),
    "of something unseen": lambda e: (e.replace("@", "\u200b@"), hash_of(e.replace("@", "\u200b@"))),
    "without a secret": lambda e: (e, hashlib.sha256(e.encode()).hexdigest()),
    "with an empty secret": lambda e: (e, hash_of(e, "")),
    "with another secret": lambda e: (e, hash_of(e, "another-" + SECRET)),
    "SHA-1": lambda e: (e, hmac.new(SECRET.encode(), e.encode(), hashlib.sha1).hexdigest()),
    "cut": lambda e: (e, hash_of(e)[:32]),
    "nothing": lambda e: (e, ""),
    "zeros": lambda e: (e, "0" * 64),
    "a wildcard": lambda e: (e, "*"),
    "no address": lambda e: ("", hash_of(e)),
    "another address": lambda e: ("mallory@example.com", hash_of(e)),
    "the address twice": lambda e: (f"{e},{e}", hash_of(e)),
}


async def test_a_hash_of_anything_else_is_refused(shop):
    for made in HASHES.values():
        email, given = made(shop.target.values["email"])
        await refused(await somebody(), {"email": email, "identifier_hash": given}, shop)


async def test_all_refusals_of_a_signed_identity_are_the_same(shop):
    email = shop.target.values["email"]
    replies = set()
    for proof in ({"token": TOKENS["expired"](email)}, {"token": TOKENS["a wrong key"](email)}, {"token": "x"},
                  {"email": email, "identifier_hash": "0" * 64}, {"email": UNKNOWN, "identifier_hash": "0" * 64}):  # fmt: skip
        replies.add(await refused(await somebody(), proof, shop))
    assert len(replies) == 1


async def test_who_is_signed_in_cannot_become_somebody_else(shop):
    """The same conversation, every kind of proof but a new sign-in by the shop: nothing of the victim, and still themselves."""
    email = shop.target.values["email"]
    attacker = await arrive(shop.asker)
    for proof in ({"email": email}, {"email": email, "code": "123456"}, {"token": token_for(email)},
                  {"email": email, "identifier_hash": hash_of(email)}):  # fmt: skip
        assert (await attacker.post("identify", proof)).status_code in (409, 422)
        reply = await ask(attacker, "Where is my order?")
        assert not shop.leaks(reply.text) and reply.final["orders"]
