"""Shops with a database of their own for the tests of views, and one with an API."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from tests.orders.sources.shop_server import ShopServer, order
from tests.orders.sources.sql_shops import SqlShop, a_shop, mariadb_server, postgresql_database, sqlite_address


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs PostgreSQL belongs to the run that has it; a hundred skipped tests would hide those that are skipped for a reason."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    elsewhere = [
        item for item in items if NEEDS_POSTGRESQL & set(getattr(item, "fixturenames", ())) or "TestPostgreSQL" in item.nodeid
    ]
    elsewhere += [item for item in items if "any_shop" in getattr(item, "fixturenames", ()) and "[postgresql" in item.nodeid]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


NEEDS_POSTGRESQL = {"postgresql_shop"}


@pytest.fixture(scope="session")
def new_mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Gives addresses of empty databases."""
    with mariadb_server(tmp_path_factory.mktemp("m")) as new_database:
        if new_database is None:
            pytest.skip("MariaDB is not installed (Debian: mariadb-server-core, mariadb-client-core)")
        yield new_database


@pytest.fixture(scope="module")
def postgresql_address() -> Iterator[str]:
    with postgresql_database() as address:
        if not address:
            pytest.skip("this run has no PostgreSQL; the other has")
        yield address


@pytest.fixture
def postgresql_shop(db: None) -> Iterator[SqlShop]:
    """One connection, one thread."""
    with postgresql_database() as address:
        if not address:
            pytest.skip("this run has no PostgreSQL; the other has")
        with a_shop(address, seconds=1.0, connections=1) as shop:
            yield shop


@pytest.fixture
def sqlite_shop(tmp_path) -> Iterator[SqlShop]:
    with a_shop(sqlite_address(tmp_path)) as shop:
        yield shop


def _address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return sqlite_address(tmp_path_factory.mktemp("s"))
    return (
        request.getfixturevalue("postgresql_address") if request.param == "postgresql" else request.getfixturevalue("new_mariadb")()
    )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.django_db), "mysql"], scope="module")
def any_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlShop]:
    """In each kind of database. Nothing of it may be changed for good."""
    with a_shop(_address(request, tmp_path_factory), seconds=1.0) as shop:
        shop.kind = request.param
        yield shop


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    with ShopServer([order("#W1", "ana@example.com")]) as server:
        yield server
