"""Triggers of the write path. A task carries an id; what is to be done stands in the row: a lost or doubled message harms nothing."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from retrieval import ingestion, pipeline, reembedding
from retrieval.index import log
from retrieval.queueing import INGEST, READ_SOURCE, REEMBED, send, send_to_queue
from retrieval.web import sources

LONGEST_WAIT = 2.0  # seconds that a worker sleeps for a site, with uploads behind it; what a site asks beyond is left to the sweep


@shared_task(name=INGEST, soft_time_limit=900, time_limit=960)
def ingest_version(version_id: int) -> None:
    """Take an upload as far as it goes, and fresh ones that wait along with it: their own tasks then find nothing left to do.

    The state of a version decides about another try, so the queue is not asked for one.
    """
    for _ in pipeline.advance_all(pipeline.with_those_waiting(version_id)):
        pass


@shared_task(name=REEMBED, soft_time_limit=900, time_limit=960)
def reembed() -> None:
    """Give documents that answer vectors of today's model and chunker, as far as time and fresh uploads allow."""
    reembedding.bring_up_to_date()


@shared_task(name=READ_SOURCE, soft_time_limit=900, time_limit=960)
def read_source(source_id: int) -> None:
    """Read a little of a web address, and make room for what else waits before the rest of it is read."""
    is_more, _ = sources.refresh(source_id, longest_wait=LONGEST_WAIT)
    if is_more:
        send(READ_SOURCE, source_id)


@shared_task(soft_time_limit=60)
def sweep() -> None:
    """Queue again what was lost (many small tasks, so that the workers share them), and cut the index log to what is still read."""
    for version_id in ingestion.due_versions():
        send_to_queue(version_id)
    for source_id in sources.due_sources():
        send(READ_SOURCE, source_id)
    log.trim(now=timezone.now())
    if reembedding.is_due():
        send(REEMBED, lapses=settings.SWEEP_INTERVAL_SECONDS)  # the next sweep asks again
