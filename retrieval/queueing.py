"""Send work to the queue. By the task's name, so that those who send need not know those who work."""

import logging
from importlib import import_module

from django.conf import settings

logger = logging.getLogger(__name__)

INGEST = "retrieval.tasks.ingest_version"
READ_SOURCE = "retrieval.tasks.read_source"
REEMBED = "retrieval.tasks.reembed"


def send_to_queue(version_id: int) -> None:
    """Ask a worker to take the version. A broker that is down costs seconds, not the upload: the sweep finds the row."""
    send(INGEST, version_id)


def send(task: str, *row_id: int, lapses: float | None = None) -> None:
    """Ask a worker to do a task, on a row if it is about one. Never fails: what is due stands in rows, and the sweep finds it.

    lapses: seconds after which nobody need do it any more.
    """
    try:
        from celery import current_app

        # a task that is sent before the product's queue was set up would go to a default broker that nobody runs
        import_module(settings.QUEUE_APP)
        current_app.send_task(task, args=list(row_id), expires=lapses)
    except Exception:  # brokers fail in their own ways, and none of them may fail an upload that is stored
        logger.exception("%s %s could not be queued; the sweep will find it", task, row_id)
