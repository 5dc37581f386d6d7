"""The door to policies by web address: add, read now, pause, resume, change, remove, and what is due."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from retrieval.errors import NotPossibleNow
from retrieval.models import UNFINISHED, DocumentVersion, GovernedBy, Release, State, WebPage, WebSource
from retrieval.publishing import withdraw
from retrieval.queueing import READ_SOURCE, send
from retrieval.web.addresses import Address, parse_address
from retrieval.web.errors import BadAddress, Forbidden
from retrieval.web.models import NEEDS_A_LOOK, Outcome
from retrieval.web.networks import may_be_reached, networks

__all__ = ["NEEDS_A_LOOK", "BadAddress", "Outcome"]

MAX_SOURCES = 500
MIN_HOURS, MAX_HOURS = 1, 24 * 365
SWEEP_AT_ONCE = 20
WITHDRAWN_WITH = "The address it was taken from was removed."


def add(
    text: str,
    *,
    kind: str = "",
    title: str = "",
    category: str = "",
    governed_by: str = "",
    release: str = "",
    every_hours: int = 24,
    author: Any = None,
    queue: bool = True,
) -> WebSource:
    """Keep an address to be read now and then every so many hours. kind: a value of WebSource.Kind; "" tells it from the name.

    title: of a single page's document, "" for the page's own. Raises BadAddress, Forbidden, NotPossibleNow (there already, or too many).
    """
    address = parse_address(text, ports=frozenset(settings.WEB_SOURCES_PORTS))
    _refuse_private(address)
    _check_hours(every_hours)
    if WebSource.objects.count() >= MAX_SOURCES:
        raise NotPossibleNow(f"No more than {MAX_SOURCES} addresses can be kept. Please remove some, or add a sitemap instead.")
    now = timezone.now()
    source = WebSource(
        address=address.text,
        host=address.host.removeprefix("www."),
        kind=kind or kind_of(address),
        title=title.strip()[:200],
        category=category.strip()[:100],
        governed_by=governed_by or GovernedBy.TODAY,
        release=release or Release.IF_CLEAR,
        every_hours=every_hours,
        next_read_at=now,
        author=author,
    )
    try:
        with transaction.atomic():
            source.save()
            if not source.is_sitemap:
                WebPage.objects.create(source=source, address=source.address, next_read_at=now)
            if queue:
                transaction.on_commit(lambda: send(READ_SOURCE, source.pk))
    except IntegrityError as error:
        raise NotPossibleNow("This address is in the list already.") from error
    return source


def add_or_get(text: str, **about: Any) -> WebSource:
    """Keep an address without asking the queue, or have the one that is kept already read again with everything else as it is.

    Raises BadAddress, Forbidden, NotPossibleNow (paused, or too many).
    """
    address = parse_address(text, ports=frozenset(settings.WEB_SOURCES_PORTS))
    source = WebSource.objects.filter(address=address.text).first()
    if source is None:
        return add(text, queue=False, **about)
    read_now(source, queue=False)
    source.refresh_from_db()
    return source


def is_waiting(source: WebSource) -> bool:
    """Whether it is being read, or to be read, at this moment."""
    now = timezone.now()
    return not source.is_paused and (source.is_being_read(now) or source.next_read_at <= now)


def kind_of(address: Address) -> str:
    """What an address is, by its name: sitemaps are XML files, packed or not."""
    path = address.target.partition("?")[0].lower()
    return WebSource.Kind.SITEMAP if path.endswith((".xml", ".xml.gz")) else WebSource.Kind.PAGE


def read_now(source: WebSource, *, queue: bool = True) -> None:
    """Read all of it at the next opportunity, also what waits after a failure or was left to staff. Raises NotPossibleNow if paused."""
    now = timezone.now()
    with transaction.atomic():
        # the source first, as everywhere: a reading locks it before its pages
        if not WebSource.objects.active().filter(pk=source.pk).update(next_read_at=now, list_at=now, attempts=0):
            raise NotPossibleNow("This address is paused. Please resume it first.")
        WebPage.objects.filter(source=source, is_listed=True).update(next_read_at=now, is_forced=True, attempts=0)
        if queue:
            transaction.on_commit(lambda: send(READ_SOURCE, source.pk))


def pause(source: WebSource) -> None:
    """Read it no more until it is resumed; a reading that is under way stops at its next step. Its documents answer as before."""
    WebSource.objects.filter(pk=source.pk).update(is_paused=True, claimed_by="", claimed_until=None)


def resume(source: WebSource) -> None:
    """Read it again as planned; what has become due in the meantime, now."""
    with transaction.atomic():
        WebSource.objects.filter(pk=source.pk).update(is_paused=False)
        transaction.on_commit(lambda: send(READ_SOURCE, source.pk))


def change(source: WebSource, *, every_hours: int) -> None:
    """Give it another interval, counted from the last reading. Raises NotPossibleNow."""
    _check_hours(every_hours)
    with transaction.atomic():
        stored = WebSource.objects.select_for_update().get(pk=source.pk)
        later = timedelta(hours=every_hours - stored.every_hours)
        stored.every_hours = every_hours
        stored.next_read_at += later
        stored.list_at = stored.list_at + later if stored.list_at else None
        stored.save(update_fields=["every_hours", "next_read_at", "list_at"])
        for page in stored.pages.only("pk", "next_read_at"):
            WebPage.objects.filter(pk=page.pk).update(next_read_at=page.next_read_at + later)


def remove(source: WebSource, *, withdraw_documents: bool = False, author: Any = None) -> int:
    """Forget the address. What was taken from it goes on answering, or is withdrawn with it; return how many versions were."""
    with transaction.atomic():
        versions = list(answering_versions(source).select_related("document")) if withdraw_documents else []
        WebSource.objects.filter(pk=source.pk).delete()
        for version in versions:
            withdraw(version, author=author, reason=WITHDRAWN_WITH)
    return len(versions)


def answering_versions(source: WebSource) -> "QuerySet[DocumentVersion]":
    """What was taken from a source and answers, or will: published, waiting and unfinished versions."""
    documents = WebPage.objects.filter(source=source, document__isnull=False).values("document")
    states = (*UNFINISHED, State.READY, State.PUBLISHED)
    return DocumentVersion.objects.filter(document__in=documents, web_origin__isnull=False, state__in=states).defer("markdown")


def refresh(source_id: int, *, queue: bool = True, **how: Any) -> tuple[bool, list[DocumentVersion]]:
    """Read what is due of a source, see `refreshing.refresh`. queue=False is for callers that call `ingestion.advance` themselves."""
    from retrieval.web import refreshing  # here, so that the HTTP client is loaded where pages are read, not where they are listed
    from retrieval.web.holding import Tools

    how.setdefault("tools", Tools(queue=queue))
    return refreshing.refresh(source_id, **how)


def due_sources() -> list[int]:
    """Ids of sources that are to be read now and that nobody reads, the longest due first, a limited number."""
    return list(WebSource.objects.due(timezone.now()).order_by("next_read_at").values_list("pk", flat=True)[:SWEEP_AT_ONCE])


def with_counts() -> "QuerySet[WebSource]":
    """All sources with the number of their pages (`page_count`) and of those that need a look (`look_count`)."""
    look = Count("pages", filter=Q(pages__outcome__in=NEEDS_A_LOOK), distinct=True)
    return WebSource.objects.defer("robots").annotate(page_count=Count("pages", distinct=True), look_count=look)


def waiting_for_staff(source_ids: Iterable[int]) -> dict[int, set[int]]:
    """The documents of each source that have a version prepared which staff are to decide about: source id → document ids."""
    found: dict[int, set[int]] = {}
    ready = WebPage.objects.filter(source__in=list(source_ids), document__versions__state=State.READY)
    for source_id, document_id in ready.values_list("source", "document").distinct():
        found.setdefault(source_id, set()).add(document_id)
    return found


def _refuse_private(address: Address) -> None:
    """An IP address that is refused is refused at once; names are looked up when the page is read."""
    is_literal = ":" in address.host or address.host.replace(".", "").isdecimal()
    if is_literal and not may_be_reached(address.host, allowed=networks(settings.WEB_SOURCES_ALLOW_PRIVATE)):
        raise Forbidden("This address leads into a private or reserved network, which is not read.")


def _check_hours(every_hours: int) -> None:
    if not MIN_HOURS <= every_hours <= MAX_HOURS:
        raise NotPossibleNow(f"Please read it again every {MIN_HOURS} to {MAX_HOURS} hours.")
