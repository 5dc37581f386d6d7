"""Letters to customers. The mail server is spoken to in threads of its own, however long it takes."""

import asyncio
import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

log = logging.getLogger(__name__)

_postmen = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail")


async def send_code(email: str, code: str, *, minutes: int) -> bool:
    """Send the letter with a one-time code; return whether the mail server took it."""
    told = {"shop_name": settings.SHOP_NAME, "shop_email": settings.SHOP_EMAIL, "code": code, "minutes": minutes}
    letter = EmailMessage(
        subject=" ".join(f"{settings.SHOP_NAME}: your sign-in code is {code}".split()),
        body=render_to_string("orders/code.txt", told),
        to=[email],
    )
    return await asyncio.wrap_future(_postmen.submit(_send, letter))


def _send(letter: EmailMessage) -> bool:
    try:
        letter.send()
    except Exception as error:  # whatever the mail server did, the log must say it: nobody else will
        domain = letter.to[0].rpartition("@")[2]
        log.error("a letter with a sign-in code could not be sent to an address at %s: %s", domain, _without_people(error))
        return False
    return True


def _without_people(error: Exception) -> str:
    """What went wrong. A mail server repeats the customer's address in its complaints, so of those only the codes are told."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{type(error).__name__} {sorted({code for code, _ in error.recipients.values()})}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    told = isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
    return f"{type(error).__name__}{f' {error}' if told else ''}"
