"""One page becomes the next version of its document, or a sentence about why it did not.

What counts as a change is the text that we read, not the bytes: pages carry tokens and times that differ with every request. A new
version goes the way of every upload (`receiving.receive`), so that history, superseding and failing are the same.

Nothing here takes text away: a page that is gone, empty, or suddenly short leaves what was published before in force, and staff
decide. Nor does it bring anything back: what staff have withdrawn or replaced by hand is left alone until they ask for the page.
"""

import hashlib
import logging
from dataclasses import dataclass
from typing import Any

from retrieval.errors import RetrievalError, Unchanged
from retrieval.models import DocumentVersion, Release, State, WebOrigin, WebPage, WebSource
from retrieval.receiving import LIVING, receive, title_from
from retrieval.web.addresses import Address, parse_address
from retrieval.web.errors import BadAddress, Gone, NotFetched
from retrieval.web.fetching import Fetched
from retrieval.web.holding import MAX_ATTEMPTS, Tools, holding
from retrieval.web.listing import robots_of
from retrieval.web.models import Outcome
from retrieval.web.schedule import next_reading

logger = logging.getLogger(__name__)

GONE_TIMES = 3  # in a row, until it is taken for more than an accident
WORDS_THAT_COUNT = 50  # a shorter text may well lose most of its words
KEPT_AT_LEAST = 0.3  # of the words; a page that keeps less is rather a notice in its place

NO_TEXT = "No text was found on this page. A page whose text is put in by a script in the browser cannot be read."
NOT_WANTED = "The site asks programs not to read this page (robots.txt), so it is passed over. You can add it as a single page."
STOPPED = f"Reading this page stopped the worker {MAX_ATTEMPTS} times. It may be damaged, or too large to read."
UNEXPECTED = "Something unexpected went wrong while this page was read. The server's log has the cause. It will be tried again."
STILL_ANSWERS = " What was published before still answers."


@dataclass(frozen=True, slots=True)
class _Ending:
    outcome: Outcome
    result: str
    retry_after: float = 0.0
    version: DocumentVersion | None = None

    @property
    def is_failure(self) -> bool:
        return self.outcome in (Outcome.FAILED, Outcome.GONE)


def read_page(held: WebSource, page: WebPage, tools: Tools) -> DocumentVersion | None:
    """Read a page that is due, write down how it went, and return the version that was made of it, if any. Raises ClaimLost."""
    started = tools.now()
    if page.attempts >= MAX_ATTEMPTS:
        return _end(held, page, _Ending(Outcome.FAILED, STOPPED), tools, started)
    page.attempts += 1
    with holding(held, tools):
        page.save(update_fields=["attempts"])
    try:
        ending = _read(held, page, tools)
    except Gone as error:
        ending = _Ending(Outcome.GONE, _gone(page, error.user_message))
    except NotFetched as error:
        ending = _Ending(Outcome.FAILED, error.user_message, retry_after=error.retry_after)
    except RetrievalError as error:  # unreadable, not stored, or an address that is no longer allowed
        ending = _Ending(Outcome.FAILED, error.user_message)
    except (OSError, ValueError, MemoryError):
        logger.exception("page %s of source %s could not be read", page.pk, held.pk)
        ending = _Ending(Outcome.FAILED, UNEXPECTED)
    return _end(held, page, ending, tools, started)


def _read(held: WebSource, page: WebPage, tools: Tools) -> _Ending:
    newest = _newest(page.document_id)
    if not page.is_forced and (reason := _left_to_staff(newest)):
        return _Ending(Outcome.HELD, reason)
    try:
        address = parse_address(page.address, ports=tools.limits.ports)
    except BadAddress as error:
        return _Ending(Outcome.FAILED, error.user_message)
    if not robots_of(held).allow(address):
        return _Ending(Outcome.SKIPPED, NOT_WANTED)
    is_known = newest is not None and _stands_for_the_page(newest, is_forced=page.is_forced)
    known = {"etag": page.etag, "last_modified": page.last_modified} if is_known else {}
    found = tools.fetch(address, limits=tools.limits, **known)
    if found is None:
        return _unchanged(newest)
    digest = hashlib.sha256(found.body).hexdigest()
    if is_known and digest == page.sha256:
        page.etag, page.last_modified = found.etag, found.last_modified
        return _unchanged(newest)
    reading = tools.reading(found.body, address.name)
    if not reading.markdown.strip():
        return _Ending(Outcome.FAILED, NO_TEXT)
    text_digest = hashlib.sha256(reading.markdown.encode("utf-8", "surrogatepass")).hexdigest()
    is_new = page.document_id is None
    same_text = is_known and text_digest == page.text_sha256
    page.etag, page.last_modified, page.sha256, page.text_sha256 = found.etag, found.last_modified, digest, text_digest
    if same_text:
        return _unchanged(newest)
    return _store(held, page, address, found, reading, tools, is_new=is_new)


def _store(
    held: WebSource, page: WebPage, address: Address, found: Fetched, reading: Any, tools: Tools, *, is_new: bool
) -> _Ending:  # fmt: skip
    """Hand the page to ingestion as the next version. The page's row goes with it in one transaction."""
    loss = "" if page.is_forced else _loss(page.document_id, reading.markdown)
    about: dict[str, Any] = {"document": page.document}
    if is_new:
        title = "" if held.is_sitemap else held.title
        about = {"title": title, "category": held.category, "governed_by": held.governed_by}
    with holding(held, tools):
        try:
            version = receive(
                found.body,
                address.name,
                author=held.author,
                note=f"Taken from {found.address.text}"[:500],
                release=Release.BY_HAND if loss else held.release,
                queue=tools.queue,
                **about,
            )
        except Unchanged as same:
            page.document = same.version.document
            page.save(update_fields=["document", "etag", "last_modified", "sha256", "text_sha256"])
            return _unchanged(same.version)
        WebOrigin.objects.create(version=version, address=found.address.text, fetched_at=tools.now(), is_public=found.is_public)
        page.document = version.document
        page.save(update_fields=["document", "etag", "last_modified", "sha256", "text_sha256"])
    title = version.document.title
    if title == title_from(version.filename) and reading.title:
        title = reading.title.strip()[:200]  # which ingestion is going to give it
    made = f"version {version.number} of “{title}”"
    if loss:
        return _Ending(Outcome.HELD, f"{loss} It is kept as {made} and waits for your decision.{STILL_ANSWERS}", version=version)
    if is_new:
        return _Ending(Outcome.NEW, f"Read for the first time: {made}.", version=version)
    return _Ending(Outcome.CHANGED, f"The page has changed: {made}.", version=version)


def _end(held: WebSource, page: WebPage, ending: _Ending, tools: Tools, started: Any) -> DocumentVersion | None:
    page.attempts, page.last_read_at = 0, started
    page.failures = page.failures + 1 if ending.is_failure else 0
    page.outcome, page.result = ending.outcome, ending.result[:500]
    page.next_read_at = next_reading(
        started, every_hours=held.every_hours, failures=page.failures, retry_after=ending.retry_after
    )  # fmt: skip
    page.is_forced = False
    with holding(held, tools):
        page.save()
    return ending.version


def _unchanged(newest: DocumentVersion | None) -> _Ending:
    state = newest.state if newest else ""
    if newest and state == State.READY:
        return _Ending(Outcome.HELD, f"Nothing has changed. Version {newest.number} still waits for your decision.")
    if newest and state == State.FAILED:
        return _Ending(Outcome.HELD, f"Nothing has changed. Version {newest.number} could not be published; its document says why.")
    return _Ending(Outcome.UNCHANGED, "Nothing has changed.")


def _stands_for_the_page(newest: DocumentVersion, *, is_forced: bool) -> bool:
    """Whether the newest version is what was last taken from the page, so that an unchanged page needs no new one.

    A version that failed is tried again only when the page has changed, or when staff ask for it.
    """
    is_alive = newest.state in LIVING or (newest.state == State.FAILED and not is_forced)
    return is_alive and hasattr(newest, "web_origin")


def _newest(document_id: int | None) -> DocumentVersion | None:
    versions = DocumentVersion.objects.filter(document=document_id) if document_id else DocumentVersion.objects.none()
    return versions.select_related("web_origin", "document").defer("markdown").order_by("-number").first()


def _left_to_staff(newest: DocumentVersion | None) -> str:
    """Why the page is not read by itself, or ""."""
    if newest is None:
        return ""
    if newest.state == State.WITHDRAWN:
        return f"Version {newest.number} was withdrawn, so the page is not taken over again. “Read now” brings it back."
    if not hasattr(newest, "web_origin"):
        return (
            f"Version {newest.number} of “{newest.document.title}” was uploaded as a file, so the page does not replace it. “Read now” "
            "takes the page again."
        )
    return ""


def _loss(document_id: int | None, text: str) -> str:
    """A sentence if the page has lost so much text that it may be another page in its place; "" if not."""
    published = DocumentVersion.objects.published().filter(document=document_id) if document_id else DocumentVersion.objects.none()
    before = published.order_by("-number").values_list("markdown", flat=True).first()
    had, has = len((before or "").split()), len(text.split())
    if had < WORDS_THAT_COUNT or has >= had * KEPT_AT_LEAST:
        return ""
    return f"The page has lost most of its text ({had} words before, {has} now)."


def _gone(page: WebPage, said: str) -> str:
    times = page.failures + 1 if page.outcome == Outcome.GONE else 1
    if page.document_id is None:
        return said
    if times < GONE_TIMES:
        return f"{said}{STILL_ANSWERS} It will be tried again."
    return f"{said} That was so {times} times in a row.{STILL_ANSWERS} Please withdraw the document if the policy is gone."
