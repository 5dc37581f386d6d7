"""The task queue. A task is a trigger; what must be done stands in the database."""

import os
import warnings
from typing import Any

from celery import Celery, signals
from celery.platforms import SecurityWarning

from config import filesystem_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# it warns of running as root, for the sake of pickled messages; ours are JSON with a number in it
warnings.filterwarnings("ignore", category=SecurityWarning)

NICENESS = 5  # of 19: preparing goes on at about a third of the speed while others want the processor, at full speed otherwise

filesystem_broker.register()
app = Celery("whereabouts")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["retrieval", "orders", "chatbot"])


@signals.worker_init.connect
def forget_earlier_worker(**_: Any) -> None:
    from config.queue import WORKER_MARK

    WORKER_MARK.unlink(missing_ok=True)


@signals.worker_ready.connect
def tell_worker_is_ready(**_: Any) -> None:
    """`config.run` waits for this file before it says that everything is ready."""
    from config.queue import WORKER_MARK

    WORKER_MARK.touch()


@signals.worker_process_init.connect
def leave_the_group(**_: Any) -> None:
    """A supervisor ends the worker's whole process group; the pool must outlive that signal to finish its task in order."""
    os.setpgrp()


@signals.beat_embedded_init.connect
def end_with_the_worker(**_: Any) -> None:
    """The scheduler is a process of its own: without this it would go on for ever after its worker was killed."""
    import threading
    import time

    worker = os.getppid()

    def watch() -> None:
        while os.getppid() == worker:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, name="end-with-the-worker", daemon=True).start()


@signals.worker_process_init.connect
def stand_back(**_: Any) -> None:
    """A customer who waits for an answer comes before a document that is being prepared."""
    os.nice(NICENESS)


@signals.worker_process_init.connect
def load_ahead(**_: Any) -> None:
    """Load the embedding model beside the first wait for work, so that the first upload does not wait for it.

    In a thread: a pool process that is not up within seconds is taken for dead.
    """
    import threading

    threading.Thread(target=_load_model, name="load-ahead", daemon=True).start()


def _load_model() -> None:
    import logging

    try:
        from retrieval.embedding import embedder

        embedder()
    except Exception:  # the task that needs it will meet the same, and say so to staff
        logging.getLogger(__name__).exception("the embedding model could not be loaded ahead")
