"""Sign-in by a one-time code, sent to the address the orders were placed with.

Nobody learns from here whether an address is a customer's, or whether an order is theirs: the same is written down and answered
for all of them, and what differs happens afterwards (`letters.py`). All limits are counted in the database, so they hold across
processes and restarts. Limits are checked after the try was written down, so parallel tries cannot slip under them.
"""

import hmac
import logging
import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseFailed
from django.db.models import F, Q, QuerySet

from database.lanes import in_database
from orders import letters
from orders.emails import canonical
from orders.errors import CodeRefused, EmailRefused, OrdersUnavailable, TooManyCodes
from orders.identity_models import OneTimeCode, WrongTry
from orders.viewer import Method, Viewer

log = logging.getLogger(__name__)

CODE_LIFE = timedelta(minutes=10)
TRIES_PER_CODE = 5
WINDOW = timedelta(hours=1)  # in which the limits below are counted
CODES_PER_EMAIL = 5
CODES_PER_SCOPE = 5
CODES_PER_ADDRESS = 20
WRONG_TRIES_PER_EMAIL = 15
WRONG_TRIES_PER_ADDRESS = 30
KEPT = timedelta(days=1)  # then nothing is counted by them any more and they are deleted
LONGEST_NUMBER = 100  # characters of an order number


async def request_code(email: str, *, scope: str, address: str, at: datetime, order_number: str = "") -> str | None:
    """Have a new code sent to that e-mail address; any older one of this scope and address is void. Known or not: the same reply.

    scope: the conversation, at most 64 characters; address: the network address that asks. order_number: if it is given, the code
    is sent only where that order was placed with this address. Returns the code only in the demo.
    Raises EmailRefused for what is no e-mail address, TooManyCodes over a limit, OrdersUnavailable if the database fails.
    """
    email = canonical(email)
    number = "".join(c for c in order_number if c.isprintable()).strip()[:LONGEST_NUMBER]
    if order_number and not number:
        number = "?"  # something was typed, and it names no order
    try:
        # a demo shows the code, so the letter is written here and now, and not by a sweep that runs in this moment
        due_at = at + letters.LEASE if settings.DEMO else at
        wish = await in_database(_keep_wish, email, number, scope, address, at, due_at)
        if not settings.DEMO:
            letters.soon()
            return None
        code = await letters.write(wish, at=at, due_by=due_at)
    except DatabaseFailed as error:
        log.exception("a one-time code could not be stored")
        raise OrdersUnavailable("the database failed while a code was stored") from error
    log.warning("DEMO: the one-time code for %s is %s", email, code)
    return code


async def confirm_code(email: str, code: str, *, scope: str, address: str, at: datetime) -> Viewer:
    """Return the verified customer if that is the newest code sent to this address in this scope.

    Raises CodeRefused, in the same words for wrong, used, expired, tried too often and never sent; TooManyCodes over a limit.
    """
    try:
        email = canonical(email)
    except EmailRefused as error:
        raise CodeRefused("not an e-mail address") from error
    typed = "".join(c for c in unicodedata.normalize("NFKC", code[:40]) if c.isalnum())
    if not (len(typed) == 6 and typed.isascii() and typed.isdigit()):
        raise CodeRefused("not six digits")
    try:
        used = await in_database(_use_code, email, typed, scope, address, at)
    except DatabaseFailed as error:
        log.exception("a one-time code could not be checked")
        raise OrdersUnavailable("the database failed while a code was checked") from error
    method = Method.ORDER if used.order_number else Method.CODE
    return Viewer(email, method, at + timedelta(hours=settings.SIGN_IN_HOURS))


def _keep_wish(email: str, order_number: str, scope: str, address: str, at: datetime, due_at: datetime) -> int:
    """Write down that a code is wanted, and when its letter is due; return the id of the row."""
    OneTimeCode.objects.filter(created_at__lt=at - KEPT).delete()
    WrongTry.objects.filter(at__lt=at - KEPT).delete()
    row = OneTimeCode.objects.create(
        email=email,
        scope=scope,
        address=address,
        order_number=order_number,
        created_at=at,
        expires_at=at + CODE_LIFE,
        letter_due_at=due_at,
    )
    recent = OneTimeCode.objects.filter(created_at__gt=at - WINDOW)
    limits = [(Q(email=email), CODES_PER_EMAIL), (Q(scope=scope), CODES_PER_SCOPE), (Q(address=address), CODES_PER_ADDRESS)]
    wait = max(_wait(recent.filter(same), most, "created_at", at) for same, most in limits)
    if wait:
        row.delete()  # a refused wish must not make the wait longer
        raise TooManyCodes(wait)
    OneTimeCode.objects.filter(email=email, scope=scope, used_at__isnull=True).exclude(pk=row.pk).update(used_at=at)
    return row.pk


def _use_code(email: str, code: str, scope: str, address: str, at: datetime) -> OneTimeCode:
    """Use up the code, once; return its row. Raises CodeRefused or TooManyCodes."""
    alive = OneTimeCode.objects.filter(email=email, scope=scope, used_at__isnull=True, expires_at__gt=at, created_at__lte=at)
    row = alive.order_by("-pk").first()
    # written down as wrong first and taken back if it was right; a guess at nothing counts for the guesser's address only
    attempt = WrongTry.objects.create(email=email if row else "", address=address, at=at)
    recent = WrongTry.objects.filter(at__gt=at - WINDOW)
    wait = max(
        _wait(recent.filter(address=address), WRONG_TRIES_PER_ADDRESS, "at", at),
        _wait(recent.filter(email=email), WRONG_TRIES_PER_EMAIL, "at", at),
    )
    if wait:
        attempt.delete()
        raise TooManyCodes(wait)
    this = OneTimeCode.objects.filter(pk=row.pk if row else 0, used_at__isnull=True, expires_at__gt=at)
    # the conditional update claims one of the tries, so parallel guesses share the five
    claimed = this.filter(tries__lt=TRIES_PER_CODE).update(tries=F("tries") + 1)
    expected = row.code_hash if row else ""
    right = hmac.compare_digest(expected, letters.hash_of(code, email=email, scope=scope))
    if not (row and claimed and right and this.filter(code_hash=expected).update(used_at=at)):
        raise CodeRefused("wrong, used, expired, tried too often or never sent")
    attempt.delete()
    return row


def _wait(rows: QuerySet, most: int, field: str, at: datetime) -> int:
    """Seconds until fewer than `most` rows are inside the window; 0 if there are not more than that now."""
    newest = list(rows.order_by(f"-{field}").values_list(field, flat=True)[: most + 1])
    if len(newest) <= most:
        return 0
    # the new row is one of them and will not stay, so the wait is for the oldest of the `most` before it
    return max(int((newest[-1] + WINDOW - at).total_seconds()) + 1, 1)
