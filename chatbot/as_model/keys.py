"""API keys: made, found, revoked. The database is asked for each call, so that a revoked key is refused at once in every process."""

import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Q

from chatbot.as_model.models import ApiKey
from chatbot.conversations import hash_of
from database.prepared import Prepared, given

BEGINNING = "wab"
USED_EVERY = timedelta(minutes=1)  # how exactly the last use is kept: a row written with each call would be a queue
_FORM = re.compile(rf"{BEGINNING}_([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}", re.ASCII)
_NOBODY = "0" * 12


class NameTaken(Exception):
    """A key with that name is in use."""


def make_key(name: str, *, per_minute: int, expires_at: datetime | None, by: str, at: datetime) -> tuple[ApiKey, str]:
    """Return a new row and the key itself, which is kept nowhere. per_minute: questions. Raises NameTaken."""
    prefix = secrets.token_hex(6)
    key = f"{BEGINNING}_{prefix}_{secrets.token_urlsafe(32)}"
    try:
        with transaction.atomic():
            row = ApiKey.objects.create(
                name=name,
                prefix=prefix,
                key_hash=hash_of(key),
                per_minute=per_minute,
                expires_at=expires_at,
                made_by=by,
                made_at=at,
            )
    except IntegrityError as error:
        raise NameTaken(name) from error
    return row, key


def revoke_key(pk: int, *, by: str, at: datetime) -> bool:
    """Let the key open nothing any more; False if it was revoked before, or never was."""
    return bool(ApiKey.objects.filter(pk=pk, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by))


def find_key(key: str, *, at: datetime) -> ApiKey | None:
    """The row of a key that is good at that moment; None for a wrong, revoked or expired one, after the same steps."""
    form = _FORM.fullmatch(key)
    rows = _by_prefix.rows(prefix=form[1] if form else _NOBODY)
    found = ApiKey.from_db(connection.alias, _COLUMNS, rows[0]) if rows else None
    is_right = hmac.compare_digest(found.key_hash if found else hash_of(""), hash_of(key))
    if found is None or not is_right or not found.is_good(at=at):
        return None
    if found.last_used_at is None or found.last_used_at <= at - USED_EVERY:
        older = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at)
        ApiKey.objects.filter(older, pk=found.pk).update(last_used_at=at)
    return found


_COLUMNS = [field.attname for field in ApiKey._meta.concrete_fields]
_by_prefix = Prepared(lambda: ApiKey.objects.filter(prefix=given("prefix", CharField())).order_by().values_list(*_COLUMNS))
