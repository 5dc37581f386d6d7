"""Triggers of what waits in the tables of this room. A lost or doubled message harms nothing: the next one does the same."""

from asgiref.sync import async_to_sync
from celery import shared_task
from django.utils import timezone

from orders import incoming, letters, requests_outbox


@shared_task(soft_time_limit=120, time_limit=150)
def write_due_letters() -> None:
    """Write the sign-in codes whose web process died, or whose order system or mail server did not answer."""
    async_to_sync(letters.write_due)(at=timezone.now())


@shared_task(soft_time_limit=120, time_limit=150)
def forget_old_messages() -> None:
    """Drop what is kept of the shop's messages about orders longer than they can come again."""
    incoming.forget_old(at=timezone.now())


@shared_task(soft_time_limit=300, time_limit=330)
def send_request_messages() -> None:
    """Tell the shop's system what became of requests, as far as it does not know yet."""
    async_to_sync(requests_outbox.deliver_due)(at=timezone.now())
