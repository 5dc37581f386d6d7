"""Sources that are read in a test: a clock that can be set, a reader without a process of its own, and no waiting."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from retrieval.errors import Unreadable
from retrieval.ingestion import advance
from retrieval.models import DocumentVersion, WebPage, WebSource
from retrieval.web import sources
from retrieval.web.fetching import Limits
from retrieval.web.holding import Tools
from tests.retrieval.stand_ins import PlainReading, parts
from tests.retrieval.web.site import Site


def plain_page(body: bytes, name: str) -> PlainReading:
    """What stands in <main>, tags away."""
    text = body.decode()
    if "unreadable" in text:
        raise Unreadable("This page is nested too deeply.")
    found = re.search(r"<main>(.*)</main>", text, re.DOTALL)
    markdown = re.sub(r"<h1>(.*?)</h1>", r"# \1\n\n", found[1] if found else text)
    return PlainReading(re.sub(r"<[^>]+>", "", markdown).strip() + "\n")


@dataclass
class Reader:
    """Reads sources as the worker does, at a time of its own."""

    site: Site
    limits: Limits
    later: timedelta = timedelta(0)
    waited: list[float] = field(default_factory=list)

    def tools(self, **changes: Any) -> Tools:
        now = lambda: timezone.now() + self.later  # noqa: E731
        return replace(Tools(read=plain_page, now=now, wait=self.waited.append, limits=self.limits, queue=False), **changes)

    def add(self, path: str = "/returns", **about: Any) -> WebSource:
        return sources.add(self.site.url(path), queue=False, **about)

    def read(self, source: WebSource, **changes: Any) -> WebSource:
        """Everything that is due now; what was made of it is published."""
        is_more = True
        while is_more:
            is_more, made = sources.refresh(source.pk, tools=self.tools(**changes))
            for version in made:
                advance(version, parts=parts(read=plain_page))
        source.refresh_from_db()
        return source

    def read_later(self, source: WebSource, hours: float = 25, **changes: Any) -> WebSource:
        self.later += timedelta(hours=hours)
        return self.read(source, **changes)


def page_of(source: WebSource) -> WebPage:
    return source.pages.get()


def versions_of(source: WebSource) -> list[tuple[int, str]]:
    """(number, state) of the versions of a single page's document, oldest first."""
    versions = DocumentVersion.objects.filter(document__web_pages__source=source).order_by("number")
    return [(version.number, str(version.state)) for version in versions]
