"""A shop's site that signs who its customer is: its keys, its tokens and its hashes, well made and handmade."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from orders.signed_identity import Trust, public_keys

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET, OLDER, FOREIGN = "new-" + "kX7mQ2pL9vRt4Wz8" * 3, "old-" + "Jd0sRandomEnough" * 3, "his-" + "91xvBqLmZpW7tYh2" * 3
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
EMAIL = "ana@example.com"


def pem(key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def trust(**values) -> Trust:
    return Trust(**{"keys": (("HS256", SECRET), ("HS256", OLDER), *public_keys(pem(RSA) + pem(EC)))} | values)


def claims(**changed) -> dict:
    """Those of a good token; None takes one out."""
    good = {"email": EMAIL, "iat": NOW.timestamp() - 5, "exp": NOW.timestamp() + 300, "jti": uuid4().hex}
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(key=SECRET, algorithm="HS256", headers=None, **changed) -> str:
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers=headers)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def handmade(header: dict, body: dict, secret: str = SECRET) -> str:
    """A token that no library would write."""
    start = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(body).encode())}"
    return f"{start}.{b64(hmac.new(secret.encode(), start.encode(), 'sha256').digest())}"


def altered(token: str, **changed) -> str:
    """The token with other claims under the same signature."""
    head, body, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "==")) | changed
    return f"{head}.{b64(json.dumps(said).encode())}.{signature}"


def hash_of(email: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), email.encode(), hashlib.sha256).hexdigest()
