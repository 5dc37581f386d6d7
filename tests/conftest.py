"""Fixtures for every room: the running product, its demo sign-ins, and a browser."""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.emptying import _rows_are_deleted as _rows_are_deleted  # for every test
from tests.ending import pytest_configure as pytest_configure  # pytest calls it here

# what is asked there goes through queries that tests/orders and tests/chatbot try on both databases
ONCE = ("tests/attacks/", "tests/shops/", "tests/journeys/test_other_shops.py", "tests/journeys/test_strangers.py")
DATABASE = {"db", "transactional_db", "django_db_serialized_rollback", "django_db_reset_sequences"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what each test needs, and run browser tests last.

    `once`: hundreds of questions that need not be asked on every database. `database`: pytest-django refuses the database to any test
    without that mark, so the others cannot differ from one database to the next. Playwright keeps an event loop running in this thread from its first test on, and Django refuses the ORM in such a
    thread.
    """
    for item in items:
        if item.nodeid.startswith(ONCE):
            item.add_marker("once")
        needed = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or needed & DATABASE:
            item.add_marker("database")
        for fixture, mark in (("live_url", "product"), ("browser", "browser")):
            if fixture in needed:
                item.add_marker(mark)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    """An empty folder of collected files: pages need none of them here, and WhiteNoise warns when the folder is missing."""
    from django.conf import settings

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """At the end, let go of the connections that pools and threads still hold: PostgreSQL drops no database in use."""
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(others)
        connection.close()
        connection.close_pool()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder that tests/settings.py made for this run."""
    folder = Path(os.environ.get("DATA_DIR", ""))
    if folder.name.startswith("whereabouts-tests-"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def copy_models() -> Callable[[Path], None]:
    """Puts the exported embedding model into a DATA_DIR: it is the same for every one, and takes a while to make."""
    from django.conf import settings

    from retrieval import embedding

    embedding.prepare()
    only_whole = shutil.ignore_patterns(".*")  # no lock, and nothing that another run is writing
    return lambda data_dir: shutil.copytree(settings.MODELS_DIR, data_dir / "models", ignore=only_whole)


@pytest.fixture(scope="session")
def live_data_dir(copy_models: Callable[[Path], None]) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="whereabouts-live-"))
    copy_models(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def live_url(live_data_dir: Path) -> Iterator[str]:
    """Address of a product of its own, started as `make run` starts it: web, worker, demo shop, composed answers.

    One for the whole run; limits are lifted so that many tests may ask. It believes one proxy, so that each page (see `page`)
    can come from a network address of its own.
    """
    port = servers.free_port()
    settings = {"TURNS_PER_MINUTE": "1000", "TURNS_PER_MINUTE_PER_ADDRESS": "10000", "TRUSTED_PROXIES": "1"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        if address := os.environ.get(f"LIVE_{name}"):
            settings[name] = address
    with servers.running_product(live_data_dir, port, **settings):
        yield f"http://localhost:{port}"


@pytest.fixture(scope="session")
def demo_accounts(live_url: str, live_data_dir: Path) -> dict[str, Any]:
    """The demo's sign-ins: {"staff": [{"role", "username", "password"}…], "customers": [{"email", "name", "about"}…]}."""
    return json.loads((live_data_dir / "demo_accounts.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def chromium() -> str:
    path = servers.find_chromium()
    if path is None:
        reason = "NO BROWSER: Chromium was not found, so nothing in a browser was tested. Install it (apt-get install chromium)."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """One Chromium for the whole run, driven with Playwright's synchronous interface.

    Playwright keeps an event loop running in this thread, in which Django refuses the ORM: a test with `page` speaks to the
    product over HTTP only. The product has a database of its own anyway.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(servers.CHROMIUM_FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, live_url: str) -> Iterator[Any]:
    """A fresh page with cookies of its own; paths are relative to the product (`page.goto("/")`).

    An uncaught error in a script of ours fails the test. Each page is another customer's, as far as limits by address go.
    """
    address = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"
    context = browser.new_context(
        base_url=live_url, locale="en-GB", timezone_id="UTC", extra_http_headers={"X-Forwarded-For": address}
    )
    context.set_default_timeout(10_000)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, f"scripts of the page failed: {errors}"
