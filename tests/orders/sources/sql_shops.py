"""Shops with a database of their own, from which views give orders: in SQLite, in PostgreSQL, in MariaDB."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from sqlalchemy import create_engine, event, text

from orders.sources.breaker import Breaker
from orders.sources.sql import SqlSource
from orders.sources.sql_connection import ShopDatabase
from orders.sources.sql_dialects import Limits, dialect_of
from orders.sources.sql_views import ORDERS, PARTS, View
from tests.orders.sources.contract_orders import orders

UTC = ZoneInfo("UTC")
_numbers = count()
TYPES = {
    "order_id": "INTEGER", "line": "INTEGER", "quantity": "INTEGER",
    "total": "DECIMAL(12,2)", "unit_price": "DECIMAL(12,2)", "amount": "DECIMAL(12,2)",
    "placed_at": "TIMESTAMP NULL", "shipped_at": "TIMESTAMP NULL", "delivered_at": "TIMESTAMP NULL", "at": "TIMESTAMP NULL",
    "estimated_delivery": "DATE",
}  # fmt: skip


class SqlShop:
    """address: of a database in which we may make tables; `given`: the address that the source is given, if it is another."""

    def __init__(self, address: str, given: str = "", *, seconds: float = 5.0, connections: int = 2) -> None:
        url, _ = dialect_of(address)
        if address.startswith("sqlite"):
            url = address
        self._engine = create_engine(url)
        if self._engine.dialect.name == "mysql":
            event.listen(self._engine, "connect", lambda driver, _: driver.cursor().execute("SET time_zone = '+00:00'"))
        self.address, self.limits = given or address, Limits(seconds, UTC)
        self.database = ShopDatabase(given or address, self.limits, connections=connections)
        self.source = SqlSource(self.database, zone=UTC, shown=UTC, currency="", breaker=Breaker(rest=0.0))

    def run(self, *statements: str, rows: Sequence[dict[str, Any]] = ()) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                if rows:
                    connection.execute(text(statement), list(rows))
                else:
                    connection.execute(text(statement.replace(":", "\\:")))

    def fill(self, orders: Sequence[dict[str, Any]]) -> None:
        """Tables as a programme of the shop's own would have them, and the views over them."""
        tables = {view: list[dict[str, Any]]() for view in (ORDERS, *PARTS)}
        for order_id, order in enumerate(orders, 1):
            tables[ORDERS].append({"order_id": order_id} | {n: v for n, v in order.items() if not isinstance(v, list)})
            for view in PARTS:
                parts = order.get(view.part, ())
                if view.part == "events":
                    parts = [
                        e | {"tracking_number": s["tracking_number"]}
                        for s in order.get("shipments", ())
                        for e in s.get("events", ())
                    ]
                tables[view] += [{"order_id": order_id} | part for part in parts]
        for view, rows in tables.items():
            self.make_table(view, rows)

    def make_table(self, view: View, rows: Sequence[dict[str, Any]] = (), without: Sequence[str] = ()) -> None:
        columns = [name for name in (*view.required, *view.optional) if name not in without]
        quoted = {name: self._engine.dialect.identifier_preparer.quote(name) for name in columns}
        typed = ", ".join(f"{quoted[name]} {TYPES.get(name, 'VARCHAR(250)')}" for name in columns)
        self.run(f"CREATE TABLE shop_{view.part} ({typed})")
        if rows:
            places = ", ".join(f":{name}" for name in columns)
            said = [{name: self._stored(row.get(name)) for name in columns} for row in rows]
            self.run(f"INSERT INTO shop_{view.part} ({', '.join(quoted.values())}) VALUES ({places})", rows=said)
        self.run(f"CREATE VIEW {view.name} AS SELECT * FROM shop_{view.part}")

    def _stored(self, value: Any) -> Any:
        if isinstance(value, dict):
            return json.dumps(value)
        if isinstance(value, datetime):
            return value.replace(tzinfo=None) if self._engine.dialect.name != "sqlite" else value.strftime("%Y-%m-%d %H:%M:%S")
        if self._engine.dialect.name == "sqlite" and isinstance(value, (Decimal, date)):
            return str(value)
        return value

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        await sync_to_async(self.run)(f"DROP VIEW {ORDERS.name}")
        try:
            yield
        finally:
            await sync_to_async(self.run)(f"CREATE VIEW {ORDERS.name} AS SELECT * FROM shop_orders")

    def close(self) -> None:
        self.database.close()
        self._engine.dispose()


def sqlite_address(folder: Path) -> str:
    path = folder / "the shop's orders.sqlite3"
    sqlite3.connect(path).close()
    return f"sqlite:///{path}"


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The address of an empty database on the server of the test run; "" if it runs on SQLite."""
    from django.conf import settings

    here = settings.DATABASES["default"]
    if not here["ENGINE"].endswith("postgresql"):
        yield ""
        return
    name = f"shop_{os.getpid()}_{next(_numbers)}"
    user, password, host, port = here["USER"], here["PASSWORD"], here["HOST"], here["PORT"]
    sign_in = f"{quote(user)}:{quote(password)}@" if password else f"{quote(user)}@"
    where = f"?host={quote(host, safe='')}" if host.startswith("/") else ""
    place = "" if where else f"{host}:{port or 5432}"
    server = create_engine(dialect_of(f"postgresql://{sign_in}{place}/postgres{where}")[0], isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"postgresql://{sign_in}{place}/{name}{where}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@contextmanager
def mariadb_server(folder: Path) -> Iterator[Callable[[], str] | None]:
    """A MariaDB server of our own, reachable by socket only: gives the address of an empty database; None where none is installed."""
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd")
    if not install or not server or not shutil.which("my_print_defaults"):
        yield None
        return
    data, wire = folder / "mariadb", folder / "m.sock"
    options = ["--no-defaults", f"--datadir={data}"]
    subprocess.run(
        [install, *options, "--auth-root-authentication-method=normal", "--skip-test-db"], check=True, capture_output=True
    )
    quick = ["--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-log-bin"]
    user = ["--user=root"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [server, *options, *user, *quick, f"--socket={wire}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        with socket.socket(socket.AF_UNIX) as probe:
            while probe.connect_ex(str(wire)) != 0:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("MariaDB did not start")
                time.sleep(0.1)
        root = create_engine(dialect_of(f"mysql://root@localhost/?unix_socket={wire}")[0])
        names = count()

        def new_database() -> str:
            name = f"shop{next(names)}"
            with root.begin() as connection:  # with the collation that WordPress gives its tables
                connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"))
            return f"mysql://root@localhost/{name}?unix_socket={wire}"

        yield new_database
        root.dispose()
    finally:
        process.terminate()
        process.wait()


@contextmanager
def a_shop(address: str, **options: Any) -> Iterator[SqlShop]:
    """A shop with the orders of the contract in an empty database."""
    shop = SqlShop(address, **options)
    try:
        shop.fill(orders())
        yield shop
    finally:
        shop.close()


def seen_through(shop: SqlShop, address: str, *, seconds: float = 0.5, connections: int = 1) -> SqlShop:
    """The same shop, read at another address: as another user, or through a server between."""
    made = object.__new__(SqlShop)
    made._engine, made.limits = shop._engine, replace(shop.limits, seconds=seconds)
    made.database = ShopDatabase(address.replace("postgresql+psycopg", "postgresql"), made.limits, connections=connections)
    made.source = type(shop.source)(made.database, zone=UTC, shown=UTC, currency="", breaker=shop.source._breaker)
    return made
