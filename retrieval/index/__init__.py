"""Indexes of passages. `current()` is the one of this process, by SEARCH_BACKEND; heavy imports wait for the first search."""

import os
import threading

from django.conf import settings

from retrieval.index.backend import Index

_lock = threading.Lock()
_made: dict[tuple[int, str], Index] = {}


def current() -> Index:
    """The index of this process and backend. After a fork the child makes its own: threads of an index do not survive it."""
    key = (os.getpid(), settings.SEARCH_BACKEND)
    found = _made.get(key)
    if found is None:
        with _lock:
            found = _made.get(key)
            if found is None:
                _made.clear()
                found = _made[key] = _make(settings.SEARCH_BACKEND)
    return found


def _make(backend: str) -> Index:
    if backend == "postgres":
        from retrieval.index.postgres import PostgresIndex

        return PostgresIndex()
    from retrieval.index.local import LocalIndex

    return LocalIndex(settings.DATA_DIR / "index")
