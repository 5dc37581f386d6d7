"""Triggers of the write path. A task carries an id; what is to be done stands in the row: a lost or doubled message harms nothing."""

from importlib import import_module

from celery import shared_task
from django.conf import settings

from retrieval import ingestion

# a task that is sent before the product's queue was set up would go to a default broker that nobody runs
import_module(settings.QUEUE_APP)


@shared_task(soft_time_limit=900, time_limit=960)
def ingest_version(version_id: int) -> None:
    """Take an upload as far as it goes. Its own state decides about another try, so the queue is not asked for one."""
    ingestion.advance(version_id)


@shared_task(soft_time_limit=60)
def sweep() -> None:
    """Queue again what was lost; many small tasks, so that the workers share them."""
    for version_id in ingestion.due_versions():
        ingest_version.delay(version_id)
