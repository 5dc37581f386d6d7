"""A sitemap becomes rows, one for each of its pages. Pages that it no longer names stay, are not read again, and are reported."""

from dataclasses import dataclass, field

from django.conf import settings

from retrieval.models import WebPage, WebSource
from retrieval.web.addresses import Address, is_same_site, parse_address
from retrieval.web.errors import BadAddress, NotFetched
from retrieval.web.fetching import NAME
from retrieval.web.holding import MAX_ATTEMPTS, Tools, holding
from retrieval.web.models import Outcome
from retrieval.web.robots import Robots, parse_robots
from retrieval.web.schedule import next_reading
from retrieval.web.sitemaps import parse_sitemap

MAX_SITEMAPS = 20  # of one index
STOPPED = f"Reading this sitemap stopped the worker {MAX_ATTEMPTS} times. It may be too large."
NO_LONGER_LISTED = (
    "The sitemap no longer names this page, so it is not read any more. Its last text still answers: withdraw the document if the "
    "policy is gone."
)


@dataclass(slots=True)
class _Listed:
    """What a sitemap and those it names list. passed_over: of other sites, or not web addresses."""

    pages: dict[str, Address] = field(default_factory=dict)
    passed_over: int = 0
    is_cut: bool = False
    etag: str = ""
    last_modified: str = ""


def list_pages(held: WebSource, tools: Tools) -> None:
    """Bring the rows of a sitemap's pages in step with it, and write down how that went. Raises ClaimLost; OSError and the like."""
    started = tools.now()
    if held.attempts >= MAX_ATTEMPTS:
        failed(held, tools, STOPPED)
        return
    held.attempts += 1
    with holding(held, tools):
        held.save(update_fields=["attempts"])
    try:
        address = parse_address(held.address, ports=tools.limits.ports)
        robots = _robots(address, tools)
        listed = _listed(held, address, tools)
    except NotFetched as error:
        failed(held, tools, error.user_message, retry_after=error.retry_after)
        return
    except BadAddress as error:  # the ports that are allowed have changed
        failed(held, tools, error.user_message)
        return
    held.robots, held.attempts, held.failures = robots, 0, 0
    held.list_at = next_reading(started, every_hours=held.every_hours)
    with holding(held, tools):
        if listed is not None:
            _write(held, list(listed.pages), tools)
            held.remarks, held.etag, held.last_modified = _remarks(listed)[:300], listed.etag, listed.last_modified
        held.save(update_fields=["robots", "attempts", "failures", "list_at", "remarks", "etag", "last_modified"])


def failed(held: WebSource, tools: Tools, reason: str, *, retry_after: float = 0.0) -> None:
    """Write down that the list could not be read; it is tried again ever later. The pages known so far go on being read."""
    held.failures += 1
    held.attempts, held.outcome, held.result = 0, Outcome.FAILED, reason[:500]
    held.list_at = next_reading(tools.now(), every_hours=held.every_hours, failures=held.failures, retry_after=retry_after)
    with holding(held, tools):
        held.save(update_fields=["failures", "attempts", "outcome", "result", "list_at"])


def robots_of(held: WebSource) -> Robots:
    """What the site asked for when the sitemap was last read. A single page was asked for by a person, and robots.txt is not for people."""
    return parse_robots(held.robots.encode(), name=NAME) if held.is_sitemap else Robots(None, NAME)


def _robots(address: Address, tools: Tools) -> str:
    """The site's robots.txt; "" if it has none. Raises NotFetched if the site cannot say: then nothing is walked through (RFC 9309)."""
    where = Address(address.scheme, address.host, address.port, "/robots.txt")
    try:
        found = tools.fetch(where, limits=tools.limits, any_type=True)
    except NotFetched as error:
        if 400 <= error.status < 500 and error.status != 429:
            return ""
        raise
    tools.wait(settings.WEB_DELAY_SECONDS)
    return found.body[: 100 * 1024].decode("utf-8", "replace").replace("\0", "")


def _listed(held: WebSource, address: Address, tools: Tools) -> _Listed | None:
    """What is listed now, or None if the site says that nothing has changed."""
    known = {"etag": held.etag, "last_modified": held.last_modified}
    found = tools.fetch(address, limits=tools.limits, sitemap=True, **known)
    if found is None:
        return None
    listed, most = _Listed(), settings.WEB_SITEMAP_MAX_PAGES
    first = parse_sitemap(found.body, max_entries=most, max_bytes=tools.limits.max_bytes)
    _take(listed, first.pages, address, most, tools.limits.ports)
    listed.is_cut |= first.is_cut or len(first.sitemaps) > MAX_SITEMAPS
    if not first.sitemaps:  # an index that has not changed says nothing about the sitemaps that it names
        listed.etag, listed.last_modified = found.etag, found.last_modified
    for location in list(first.sitemaps)[:MAX_SITEMAPS]:
        if len(listed.pages) >= most:
            listed.is_cut = True
            break
        where = _place(location, address, tools.limits.ports)
        if where is None:
            listed.passed_over += 1
            continue
        tools.wait(settings.WEB_DELAY_SECONDS)
        with holding(held, tools):
            pass  # a sign of life
        part = parse_sitemap(
            tools.fetch(where, limits=tools.limits, sitemap=True).body, max_entries=most, max_bytes=tools.limits.max_bytes
        )
        _take(listed, part.pages, address, most, tools.limits.ports)
        listed.is_cut |= part.is_cut
    if not listed.pages:
        raise NotFetched("This sitemap names no page of its own site.")
    return listed


def _take(listed: _Listed, locations: dict[str, None], site: Address, most: int, ports: frozenset[int]) -> None:
    for location in locations:
        where = _place(location, site, ports)
        if where is None:
            listed.passed_over += 1
        elif len(listed.pages) < most:
            listed.pages.setdefault(where.text, where)
        elif where.text not in listed.pages:
            listed.is_cut = True


def _place(location: str, site: Address, ports: frozenset[int]) -> Address | None:
    """Where an entry leads, if it is of the sitemap's own site: a sitemap speaks for no other."""
    try:
        where = parse_address(location, ports=ports)
    except BadAddress:
        return None
    return where if is_same_site(site, where) else None


def _remarks(listed: _Listed) -> str:
    remarks = []
    if listed.is_cut:
        remarks.append(f"The sitemap lists more than is read: the first {len(listed.pages)} pages are.")
    if listed.passed_over:
        many = f"{listed.passed_over} entries that lead" if listed.passed_over > 1 else "One entry that leads"
        remarks.append(f"{many} to another site or nowhere {'are' if listed.passed_over > 1 else 'is'} passed over.")
    return " ".join(remarks)


def _write(held: WebSource, addresses: list[str], tools: Tools) -> None:
    now = tools.now()
    known = {page.address: page for page in held.pages.all()}
    fresh = [WebPage(source=held, address=address, next_read_at=now) for address in addresses if address not in known]
    WebPage.objects.bulk_create(fresh, batch_size=200)
    named = set(addresses)
    back = [page.pk for address, page in known.items() if address in named and not page.is_listed]
    gone = [page.pk for address, page in known.items() if address not in named and page.is_listed]
    held.pages.filter(pk__in=back).update(is_listed=True, next_read_at=now, outcome=Outcome.NONE, result="")
    held.pages.filter(pk__in=gone).update(is_listed=False, outcome=Outcome.GONE, result=NO_LONGER_LISTED)
