"""Identity that the shop's own site has signed: a JWT, or the HMAC of an e-mail address. docs/identity.md is for the shop.

The algorithm follows from the key, never from the token: HS256 from a secret, RS256 or ES256 from a public key, nothing else.
A token is good for one conversation, the one it was first shown in, until it expires or that conversation is signed out.
"""

import hashlib
import hmac
import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.db import Error as DatabaseFailed

from database.lanes import in_database
from orders.emails import canonical
from orders.errors import EmailRefused, IdentityRefused, OrdersUnavailable
from orders.identity_models import UsedToken
from orders.viewer import Method, Viewer

log = logging.getLogger(__name__)

LEEWAY = timedelta(seconds=60)  # between the shop's clock and ours, for when a token begins to count
LONGEST_TOKEN = 8192  # characters
MIN_RSA_BITS = 2048
_THREE_PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
_SIGNATURE_ONLY = {"verify_signature": True} | dict.fromkeys(
    ("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub", "verify_jti"), False
)


@dataclass(frozen=True, slots=True)
class Trust:
    """What is believed. keys: (algorithm, key), each of them good; audience, issuer: what a token must name, "" for anything.

    longest: how far ahead a token may expire. hashes: whether the HMAC of an address, which never expires, is believed as well.
    """

    keys: tuple[tuple[str, Any], ...]
    audience: str = ""
    issuer: str = ""
    longest: timedelta = timedelta(days=1)
    hashes: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(key for algorithm, key in self.keys if algorithm == "HS256")


@dataclass(frozen=True, slots=True)
class Signed:
    """A token that is right: whose it is, until when, and the hash of what its signature covers."""

    email: str
    expires_at: datetime
    token_hash: str


def trusted() -> Trust:
    """What the settings say is believed. Raises ValueError for a public key that cannot be used; the start-up checks have said so."""
    keys = [("HS256", secret) for secret in secrets_of(settings.IDENTITY_SECRET)]
    return Trust(
        keys=(*keys, *public_keys(settings.IDENTITY_PUBLIC_KEY)),
        audience=settings.IDENTITY_AUDIENCE,
        issuer=settings.IDENTITY_ISSUER,
        longest=timedelta(minutes=settings.IDENTITY_TOKEN_MINUTES),
        hashes=settings.IDENTITY_HASH,
    )


def secrets_of(values: list[str]) -> list[str]:
    return [value.strip() for value in values if value.strip()]


@cache
def public_keys(text: str) -> tuple[tuple[str, Any], ...]:
    """The keys of a PEM text (its line breaks may be written as \\n) or of a file with one. Raises ValueError in words."""
    text = text.strip().replace("\\n", "\n")
    if not text:
        return ()
    if "-----BEGIN" not in text:
        try:
            text = Path(text).read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"it is neither a key nor a file that can be read: {text}") from error
    blocks = [match[0] for match in _PEM.finditer(text)]
    if not blocks:
        raise ValueError("there is no key in it")
    return tuple(map(_public_key, blocks))


def _public_key(pem: str) -> tuple[str, Any]:
    if "PRIVATE" in pem.splitlines()[0]:
        raise ValueError("it is a private key, which belongs to the shop's site alone")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("the key cannot be read") from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA_BITS:
            raise ValueError(f"the RSA key has {key.key_size} bits and needs {MIN_RSA_BITS}")
        return "RS256", key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256", key
    raise ValueError("the key is of another kind than RSA or P-256")


# --- what is signed -----------------------------------------------------------------------------------------------------------
def read_token(token: str, *, trust: Trust, at: datetime) -> Signed:
    """Return what a token says if it is right at that moment. Raises IdentityRefused, whose text is the reason, for logs."""
    claims = _claims(token, trust)
    expires_at = _checked_times(claims, trust.longest, at)
    audience, named = trust.audience, claims.get("aud")
    if named is not None and not (isinstance(named, str | list) and audience in (named if isinstance(named, list) else [named])):
        raise IdentityRefused("aud names somebody else")
    if audience and named is None:
        raise IdentityRefused("aud is missing")
    if trust.issuer and claims.get("iss") != trust.issuer:
        raise IdentityRefused("iss is another")
    if "email_verified" in claims and claims["email_verified"] is not True:
        raise IdentityRefused("email_verified is not true")
    email = _email(claims.get("email"))
    return Signed(email, expires_at, hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest())


def check_hash(email: str, given: str, *, trust: Trust) -> str:
    """Return the address, in its one form, if `given` is the HMAC-SHA256 of that form in hexadecimal. Raises IdentityRefused."""
    if not trust.hashes:
        raise IdentityRefused("identifier_hash is switched off")
    email, given = _email(email), given.strip().lower()
    if not _HEX_64.fullmatch(given):
        raise IdentityRefused("identifier_hash is not 64 hexadecimal digits")
    right = [hmac.compare_digest(hmac.new(key.encode(), email.encode(), "sha256").hexdigest(), given) for key in trust.secrets]
    if not any(right):
        raise IdentityRefused("identifier_hash does not fit the address")
    return email


def _claims(token: str, trust: Trust) -> Mapping[str, Any]:
    """What the token says, once its signature has been found right."""
    if len(token) > LONGEST_TOKEN or not _THREE_PARTS.fullmatch(token):
        raise IdentityRefused("not a token")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError) as error:
        raise IdentityRefused("its header cannot be read") from error
    if "crit" in header or "b64" in header:
        raise IdentityRefused("its header asks for something that is not supported")
    for algorithm, key in trust.keys:
        if algorithm != header.get("alg"):
            continue
        try:
            claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=_SIGNATURE_ONLY)  # type: ignore[arg-type]
            return claims
        except jwt.InvalidSignatureError:
            continue  # another key may fit
        except (jwt.PyJWTError, RecursionError, ValueError) as error:
            raise IdentityRefused("it cannot be read") from error
    raise IdentityRefused(f"no key of ours fits (alg {str(header.get('alg'))[:20]!r})")


def _checked_times(claims: Mapping[str, Any], longest: timedelta, at: datetime) -> datetime:
    """When the token expires."""
    now, leeway = at.timestamp(), LEEWAY.total_seconds()
    for name in ("nbf", "iat"):
        if name in claims and _seconds(claims[name], name) > now + leeway:
            raise IdentityRefused(f"{name} lies ahead")
    if "exp" not in claims:
        raise IdentityRefused("exp is missing")
    expires = _seconds(claims["exp"], "exp")
    if expires <= now:
        raise IdentityRefused("it has expired")
    if expires > now + longest.total_seconds() + leeway:
        raise IdentityRefused("exp lies too far ahead")
    return datetime.fromtimestamp(expires, tz=at.tzinfo)


def _seconds(value: Any, name: str) -> float:
    try:
        if not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value):
            return value
    except OverflowError:  # a whole number of hundreds of digits
        pass
    raise IdentityRefused(f"{name} is not a moment")


def _email(value: Any) -> str:
    try:
        if not isinstance(value, str):
            raise EmailRefused("there is none")
        return canonical(value)
    except EmailRefused as error:
        raise IdentityRefused(f"email: {error}") from error


# --- who it makes somebody ------------------------------------------------------------------------------------------------------
async def use_token(signed: Signed, *, scope: str, at: datetime) -> Viewer:
    """The customer that a token names, in the conversation it was first shown in. Raises IdentityRefused in any other."""
    try:
        await in_database(_bind, signed, scope, at)
    except DatabaseFailed as error:
        log.exception("a signed token could not be written down")
        raise OrdersUnavailable("the database failed while a token was used") from error
    return _signed_in(signed.email, Method.SIGNED, at)


def use_hash(email: str, *, at: datetime) -> Viewer:
    """The customer whose address was signed."""
    return _signed_in(email, Method.HASH, at)


def end_tokens(scope: str, at: datetime) -> None:
    """Let no token that was used in that conversation count again: its customer has signed out."""
    UsedToken.objects.filter(scope=scope, ended_at__isnull=True).update(ended_at=at)


def _signed_in(email: str, method: Method, at: datetime) -> Viewer:
    return Viewer(email, method, at + timedelta(hours=settings.SIGN_IN_HOURS))


def _bind(signed: Signed, scope: str, at: datetime) -> None:
    UsedToken.objects.filter(expires_at__lt=at).delete()
    used, _ = UsedToken.objects.get_or_create(
        token_hash=signed.token_hash, defaults={"scope": scope, "expires_at": signed.expires_at}
    )
    if used.scope != scope:
        raise IdentityRefused("it was used in another conversation")
    if used.ended_at is not None:
        raise IdentityRefused("its conversation was signed out")
