"""A source is read: its list if that is due, then its pages that are due. A little at a time, so that uploads never wait long.

The rows say what is due, and each page's row is written when the page is done. So a reading that is killed goes on with the page it
was at, a reading that is done twice finds nothing to do, and a page that stops the worker is given up after a few times.
"""

import logging
import math
import time
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Min, Q, QuerySet

from retrieval.models import DocumentVersion, WebPage, WebSource
from retrieval.web import listing
from retrieval.web.errors import ClaimLost
from retrieval.web.holding import Tools, holding, lease
from retrieval.web.models import NEEDS_A_LOOK, Outcome
from retrieval.web.page_reading import UNEXPECTED, read_page
from retrieval.web.schedule import FIRST_RETRY

logger = logging.getLogger(__name__)

SLICE_SECONDS = 1.0  # after that much work a reading makes room for others; a page that was begun is finished


def refresh(
    source_id: int, *, tools: Tools | None = None, slice_seconds: float = SLICE_SECONDS, longest_wait: float = math.inf
) -> tuple[bool, list[DocumentVersion]]:
    """Read what is due of a source; return whether more is due at once, and the versions that were made.

    longest_wait: seconds between two pages that are waited here; a site that asks for more is due again after them.
    Does nothing for a source that is paused, removed, not due, or whose site somebody asks already.
    """
    tools = tools or Tools()
    held = WebSource.objects.due(tools.now()).claim(source_id, at=tools.now(), lease=lease())
    made: list[DocumentVersion] = []
    pause = 0.0
    if held is None:
        return False, made
    try:
        try:
            pause = _read(held, tools, made, until=time.monotonic() + slice_seconds, longest_wait=longest_wait)
        except ClaimLost:
            raise
        except Exception:  # a fault of ours; without a pause it would be met again with every sweep
            logger.exception("source %s could not be read", held.pk)
            _put_off(held, tools)
        return _let_go(held, tools, pause), made
    except ClaimLost:
        logger.info("source %s was paused, removed or taken over while it was read", source_id)
        return False, made


def _read(held: WebSource, tools: Tools, made: list[DocumentVersion], *, until: float, longest_wait: float) -> float:
    """Return the seconds for which the site is to be left alone, 0 if that was waited or nothing is left to do."""
    if held.is_sitemap and (held.list_at is None or held.list_at <= tools.now()):
        listing.list_pages(held, tools)
        if (delay := _delay(held)) > longest_wait:
            return delay
        tools.wait(delay)
    while (page := _due(held, tools).first()) is not None:
        version = read_page(held, page, tools)
        if version is not None:
            made.append(version)
        if not _due(held, tools).exists():
            break
        if (delay := _delay(held)) > longest_wait:
            return delay
        tools.wait(delay)
        if time.monotonic() >= until:
            break
    return 0.0


def _due(held: WebSource, tools: Tools) -> "QuerySet[WebPage]":
    """Pages to be read now, those that staff wait for first."""
    pages = WebPage.objects.filter(source=held.pk, is_listed=True, next_read_at__lte=tools.now()).select_related("document")
    return pages.order_by(F("is_forced").desc(), "next_read_at", "pk")


def _delay(held: WebSource) -> float:
    return max(settings.WEB_DELAY_SECONDS, listing.robots_of(held).delay)


def _put_off(held: WebSource, tools: Tools) -> None:
    """After a fault of ours: everything that is due becomes due a little later, and says so."""
    now = tools.now()
    later, failed = now + FIRST_RETRY, {"outcome": Outcome.FAILED, "result": UNEXPECTED}
    with holding(held, tools):
        due = WebPage.objects.filter(source=held.pk, is_listed=True, next_read_at__lte=now)
        due.update(next_read_at=later, attempts=0, failures=F("failures") + 1, **failed)
        overdue = WebSource.objects.filter(Q(list_at__isnull=True) | Q(list_at__lte=now), pk=held.pk, kind=WebSource.Kind.SITEMAP)
        overdue.update(list_at=later, attempts=0, failures=F("failures") + 1, **failed)
    held.refresh_from_db(fields=["list_at", "failures", "outcome", "result"])


def _let_go(held: WebSource, tools: Tools, pause: float) -> bool:
    """Give the source back with the day it is due next, not before the pause in seconds, and a sentence about how it stands; True if
    that is now."""
    now = tools.now()
    with holding(held, tools):
        pages = held.pages.filter(is_listed=True)
        moments = [pages.aggregate(first=Min("next_read_at"))["first"], held.list_at if held.is_sitemap else None]
        due = min((moment for moment in moments if moment), default=now + timedelta(hours=held.every_hours))
        due = max(due, now + timedelta(seconds=pause))
        outcome, result = _summary(held)
        WebSource.objects.filter(pk=held.pk).update(
            next_read_at=due, last_read_at=now, outcome=outcome, result=result[:500], claimed_by="", claimed_until=None
        )
    return due <= now


def _summary(held: WebSource) -> tuple[str, str]:
    """How a source stands after a reading: a page as its page, a sitemap in numbers, unless its list could not be read."""
    if not held.is_sitemap:
        page = held.pages.get()
        return page.outcome, page.result
    if held.failures:
        return Outcome.FAILED, held.result
    counts = Counter(held.pages.values_list("outcome", flat=True))
    total = held.pages.filter(is_listed=True).count()
    said = ", ".join(f"{counts[value]} {label}" for value, label in Outcome.choices if counts[value])
    sentence = f"{total} page{'' if total == 1 else 's'} listed: {said}."
    fresh = Outcome.CHANGED if counts[Outcome.NEW] or counts[Outcome.CHANGED] else Outcome.UNCHANGED
    fresh = Outcome.NONE if counts[Outcome.NONE] else fresh  # not up to date before all of it was read once
    worst = next((outcome for outcome in NEEDS_A_LOOK if counts[outcome]), fresh)
    return worst, f"{sentence} {held.remarks}".strip()
