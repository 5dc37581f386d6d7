"""Signatures of messages between us and the shop's system, after standardwebhooks.com. Pure.

`webhook-signature` is "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". Several secrets are in use while they are
changed: we sign with each of them, and believe each of them.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)  # how far the clocks may differ, and how long a message that somebody caught can be shown again
LONGEST_ID = 100
_PREFIX = "whsec_"
_SCHEME = "v1,"


class NotSigned(Exception):
    """A message that nobody who knows the secret sent just now; str(error) is the reason, for the log."""


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64 after "whsec_", the text itself otherwise. Raises ValueError."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("what follows whsec_ is not base64") from error


def headers_for(body: bytes, *, message_id: str, at: datetime, secrets: Sequence[str]) -> dict[str, str]:
    """The headers that go with a body sent at that moment. Raises ValueError without a secret."""
    if not secrets:
        raise ValueError("a message cannot be signed without a secret")
    moment = str(int(at.timestamp()))
    signed = " ".join(_signature(body, message_id, moment, secret) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": moment, "webhook-signature": signed}


def check(body: bytes, headers: Mapping[str, str], *, at: datetime, secrets: Sequence[str]) -> str:
    """Return the id of a message that was signed with one of the secrets within the tolerance. Raises NotSigned."""
    message_id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not secrets:
        raise NotSigned("no secret is set")
    if not message_id.isascii() or not message_id.isprintable() or not 1 <= len(message_id) <= LONGEST_ID:
        raise NotSigned("it has no id")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        raise NotSigned("it has no timestamp")
    shown = [part.encode() for part in headers.get("webhook-signature", "").split(" ")[:10]]
    known = [_signature(body, message_id, moment, secret).encode() for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in known for other in shown):
        raise NotSigned("its signature is not ours")
    if abs(at.timestamp() - int(moment)) > TOLERANCE.total_seconds():
        raise NotSigned("it is too old, or a clock is wrong")
    return message_id


def _signature(body: bytes, message_id: str, moment: str, secret: str) -> str:
    signed = hmac.new(key_of(secret), b".".join((message_id.encode(), moment.encode(), body)), hashlib.sha256).digest()
    return _SCHEME + base64.b64encode(signed).decode()
