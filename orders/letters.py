"""Letters with one-time codes: written after whoever asked has had their reply, from the row that the wish left.

So nobody can tell from the time a reply takes whether an address is a customer's, however slow the shop's order system or the mail
server is; and a wish is not lost with the process that took it: the sweep finds letters that are due and writes them.
The code is made here and is in no row; only its hash is stored. A letter that is written again has a new code.
"""

import asyncio
import contextvars
import logging
import secrets
from datetime import datetime, timedelta

from django.db import Error as DatabaseFailed
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from database import lanes
from database.lanes import in_database
from orders import mailing
from orders.errors import OrdersUnavailable
from orders.identity_models import OneTimeCode
from orders.sources.configured import source

log = logging.getLogger(__name__)

PAUSE = 0.25  # seconds until the letters of this process are written: by then the reply has left
LEASE = timedelta(minutes=1)  # after which a letter that was begun and not sent is written again
MOST_TRIES = 3
AT_ONCE = 100  # letters of one round; the next round takes the others

_under_way: set["asyncio.Task[None]"] = set()


def soon() -> None:
    """Have the letters that are due written in this process, a moment from now."""
    # a context of its own: that of a page's request is torn down with the request, together with its database thread
    context = contextvars.Context()
    context.run(lanes.enter, lanes.next_lane())
    task = asyncio.get_running_loop().create_task(_after_a_pause(), context=context)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def finish() -> None:
    """Wait until the letters that were to be written soon are written."""
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(task for task in _under_way if task.get_loop() is loop))


async def write_due(*, at: datetime) -> int:
    """Write every letter that is due; return how many were. Safe to run twice, late, and in several processes at once."""
    due = await in_database(_due, at)
    for pk in due:
        await write(pk, at=at)
    return len(due)


async def write(pk: int, *, at: datetime, due_by: datetime | None = None) -> str | None:
    """Make the code of one row and send it, if it may be sent. Return the code; None if the letter was not ours to write.

    due_by: also a letter that is due only then, for whoever wrote it down for later so that no sweep takes it from them.
    The code is made either way, so that a row of an address that gets no letter looks and acts like any other.
    """
    wish = await in_database(_claim, pk, at, due_by or at)
    if wish is None:
        return None
    try:
        is_theirs = await _is_theirs(wish)
    except OrdersUnavailable:
        log.exception("whether a sign-in code may be sent could not be looked up; try %d of %d", wish.letters, MOST_TRIES)
        return None
    code = f"{secrets.randbelow(1_000_000):06d}"
    await in_database(_keep_hash, wish, code)
    minutes = max(round((wish.expires_at - at).total_seconds() / 60), 1)
    if not is_theirs or await mailing.send_code(wish.email, code, minutes=minutes):
        await in_database(_is_done, pk)
    return code


def hash_of(code: str, *, email: str, scope: str) -> str:
    """What is stored of a code: keyed, so that the million codes there are cannot be tried on a stolen table."""
    return salted_hmac("orders.verification", f"{scope}\n{email}\n{code}", algorithm="sha256").hexdigest()


async def _after_a_pause() -> None:
    await asyncio.sleep(PAUSE)
    try:
        await write_due(at=timezone.now())
    except DatabaseFailed:
        log.exception("sign-in codes could not be written; the sweep will try again")


async def _is_theirs(wish: OneTimeCode) -> bool:
    """Whether that address may be written to: only customers are, or we would be a way to send letters to strangers."""
    if wish.order_number:
        return await source().placed(wish.order_number, email=wish.email)
    return await source().knows(wish.email)


def _due(at: datetime) -> list[int]:
    waiting = OneTimeCode.objects.filter(letter_due_at__lte=at, expires_at__gt=at, used_at__isnull=True, letters__lt=MOST_TRIES)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _claim(pk: int, at: datetime, due_by: datetime) -> OneTimeCode | None:
    """A conditional update, so that one process writes a letter."""
    due = OneTimeCode.objects.filter(
        pk=pk, letter_due_at__lte=due_by, expires_at__gt=at, used_at__isnull=True, letters__lt=MOST_TRIES
    )
    if not due.update(letter_due_at=at + LEASE, letters=F("letters") + 1):
        return None
    return OneTimeCode.objects.filter(pk=pk).first()


def _keep_hash(wish: OneTimeCode, code: str) -> None:
    OneTimeCode.objects.filter(pk=wish.pk).update(code_hash=hash_of(code, email=wish.email, scope=wish.scope))


def _is_done(pk: int) -> None:
    OneTimeCode.objects.filter(pk=pk).update(letter_due_at=None)
