"""A site of our own for each test, and the limits under which it may be read."""

from collections.abc import Iterator

import pytest

from retrieval.web.fetching import Limits
from retrieval.web.networks import networks
from tests.retrieval.web.reading import Reader
from tests.retrieval.web.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as started:
        yield started


@pytest.fixture
def limits(site: Site) -> Limits:
    """Loopback is allowed, as WEB_SOURCES_ALLOW_PRIVATE would; 1 MB, 5 seconds."""
    allowed = tuple(networks(["127.0.0.1"]))
    return Limits(
        ports=frozenset({80, 443, site.port}), allowed=allowed, seconds=5.0, max_bytes=1024 * 1024, agent="WhereaboutsBot/test"
    )


@pytest.fixture
def reader(site: Site, limits: Limits, settings, tmp_path) -> Reader:
    """Loopback may be read, and nothing waits."""
    settings.WEB_SOURCES_ALLOW_PRIVATE, settings.WEB_SOURCES_PORTS = ["127.0.0.1"], [80, 443, site.port]
    settings.WEB_DELAY_SECONDS = 0.0
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return Reader(site, limits)
