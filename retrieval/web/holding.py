"""What a reading works with, and the claim that every step of it is made under."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from retrieval.models import WebSource
from retrieval.web.errors import ClaimLost
from retrieval.web.fetching import Limits, fetch

MAX_ATTEMPTS = 3  # readings of one page that were begun and never ended: it stops the worker


@dataclass(frozen=True, slots=True)
class Tools:
    """The machinery of a reading: the way into the web, the reader of files, the clock, and patience."""

    fetch: Callable[..., Any] = fetch
    read: Callable[[bytes, str], Any] | None = None
    now: Callable[[], datetime] = timezone.now
    wait: Callable[[float], None] = time.sleep
    limits: Limits = field(default_factory=Limits.of_settings)
    queue: bool = True  # False: the caller takes new versions further itself

    def reading(self, body: bytes, name: str) -> Any:
        """The text of a page. Raises Unreadable, OSError."""
        if self.read is not None:
            return self.read(body, name)
        from retrieval.reading import read

        return read(body, name)


@contextmanager
def holding(held: WebSource, tools: Tools) -> Iterator[None]:
    """A transaction in which the source is still ours; the claim is renewed with it. Raises ClaimLost."""
    with transaction.atomic():
        # an update, so that pausing or removing the source waits for what is written here
        if not WebSource.objects.held_by(held).update(claimed_until=tools.now() + lease()):
            raise ClaimLost
        yield


def lease() -> timedelta:
    """How long a claim holds without a sign of life: longer than loading and reading one page may take."""
    return timedelta(seconds=settings.WEB_TIMEOUT_SECONDS + settings.READING_TIMEOUT_SECONDS + 60)
