"""Letters to customers, sent outside the request: how long the mail server takes is nobody's business who asked."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

log = logging.getLogger(__name__)

_postmen = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail")
_under_way: set[Future[None]] = set()


def send_code(email: str, code: str, *, minutes: int, deliver: bool) -> None:
    """Send the letter with a one-time code, soon. deliver=False does all but send it, so that both take the same time here."""
    told = {"shop_name": settings.SHOP_NAME, "shop_email": settings.SHOP_EMAIL, "code": code, "minutes": minutes}
    letter = EmailMessage(
        subject=" ".join(f"{settings.SHOP_NAME}: your sign-in code is {code}".split()),
        body=render_to_string("orders/code.txt", told),
        to=[email],
    )
    job = _postmen.submit(_send if deliver else _keep, letter)
    _under_way.add(job)
    job.add_done_callback(_under_way.discard)


def finish(seconds: float = 10) -> None:
    """Wait until the letters written so far are sent, at most that long."""
    wait(list(_under_way), timeout=seconds)


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except Exception:  # whatever the mail server did, the log must say it: nobody else will
        log.exception("a letter with a sign-in code could not be sent to an address at %s", letter.to[0].rpartition("@")[2])


def _keep(letter: EmailMessage) -> None:
    """No orders under this address: nobody is written to, or we would be a way to send letters to strangers."""
