"""What PostgreSQL, MySQL and SQLite each need so that we only read, never for long, and find an e-mail address exactly.

Their drivers are imported when they are used. A kind of database is chosen by the address: `dialect_of`.
"""

import contextlib
import math
import os
import socket
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from sqlalchemy import URL, ColumnElement, Connection, String, and_, bindparam, collate, func, literal_column, make_url
from sqlalchemy.exc import ArgumentError

_EMAIL = bindparam("email", type_=String)
_EMAIL_BYTES = bindparam("email_bytes", type_=String)


class UnknownAddress(ValueError):
    """ORDERS_DATABASE_URL is none that we can use; str() is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds: of one look-up, and of connecting. zone: of the times that a database turns for us."""

    seconds: float
    zone: ZoneInfo

    @property
    def milliseconds(self) -> int:
        return max(int(self.seconds * 1000), 1)


class Dialect(Protocol):
    """One kind of database."""

    def connect_args(self, limits: Limits) -> dict[str, Any]:
        """What its driver takes beside the address."""
        ...

    def prepare(self, driver_connection: Any, limits: Limits) -> None:
        """What is said to a new connection."""
        ...

    def begin(self, connection: Connection, limits: Limits) -> None:
        """Begin a transaction that cannot write, sees one state of the data, and whose statements are ended after their time."""
        ...

    def cut(self, driver_connection: Any) -> None:
        """Make whoever waits on the connection, in another thread, fail now. The connection is of no use afterwards."""
        ...

    def same_address(self, column: ColumnElement[str], *, ignores_case: bool) -> ColumnElement[bool]:
        """Whether the column is the address that is told, whatever its case; letter for letter, accents and all.

        ignores_case: whether the column's own collation does, so that a plain index serves.
        """
        ...

    def address(self, email: str) -> dict[str, object]:
        """What is told to `same_address`. email: in lower case."""
        ...


class PostgreSQL:
    def connect_args(self, limits: Limits) -> dict[str, Any]:
        return {
            "connect_timeout": max(math.ceil(limits.seconds), 2),  # seconds; its least is 2
            "tcp_user_timeout": limits.milliseconds,
            "application_name": "whereabouts",
            "prepare_threshold": None,  # poolers between may give us another server connection for each transaction
        }

    def prepare(self, driver_connection: Any, limits: Limits) -> None:
        """Nothing: a pooler between would forget it, so all is said with each transaction."""

    def begin(self, connection: Connection, limits: Limits) -> None:
        connection.exec_driver_sql(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
            f"SET LOCAL statement_timeout = {limits.milliseconds}; SET LOCAL lock_timeout = {limits.milliseconds}"
        )

    def cut(self, driver_connection: Any) -> None:
        # a second descriptor of the same socket, so that closing ours takes nothing away from the thread that waits
        with contextlib.suppress(OSError, ValueError), socket.socket(fileno=os.dup(driver_connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)

    def same_address(self, column: ColumnElement[str], *, ignores_case: bool) -> ColumnElement[bool]:
        folded = func.lower(column)
        # The first finds it by the index; a collation under which accents do not count cannot pass the second. A letter from elsewhere
        # that becomes one of ours (the Kelvin sign a k) takes more bytes than ours, and cannot pass the third.
        return and_(folded == _EMAIL, collate(folded, "C") == _EMAIL, func.octet_length(column) == func.octet_length(_EMAIL))

    def address(self, email: str) -> dict[str, object]:
        return {"email": email}


class MySQL:
    """MySQL and MariaDB."""

    def connect_args(self, limits: Limits) -> dict[str, Any]:
        seconds = max(math.ceil(limits.seconds), 1)
        return {
            "connect_timeout": seconds,
            "read_timeout": seconds + 1,  # the server's own time-out comes first and tells more
            "write_timeout": seconds,
            "charset": "utf8mb4",
            "local_infile": False,
        }

    def prepare(self, driver_connection: Any, limits: Limits) -> None:
        with driver_connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if "mariadb" in str(driver_connection.get_server_info()).lower():
                cursor.execute("SET SESSION max_statement_time = %s", (limits.seconds,))
            else:
                cursor.execute("SET SESSION max_execution_time = %s", (limits.milliseconds,))
            self._tell_zone(cursor, limits.zone)

    def begin(self, connection: Connection, limits: Limits) -> None:
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def cut(self, driver_connection: Any) -> None:
        """Nothing: its driver gives up by itself after `read_timeout`."""

    def same_address(self, column: ColumnElement[str], *, ignores_case: bool) -> ColumnElement[bool]:
        # Most collations here take "jose@" and "josé@" for one. They may find, but bytes decide: those of the address in small letters,
        # and how many they were before, for a letter from elsewhere that becomes one of ours (the Kelvin sign a k) took more.
        def as_bytes(text: ColumnElement[str]) -> ColumnElement[str]:
            return func.hex(func.convert(text.op("USING")(literal_column("utf8mb4"))))

        found = column == _EMAIL if ignores_case else func.lower(column) == _EMAIL
        as_long = func.char_length(as_bytes(column)) == func.char_length(_EMAIL_BYTES)
        return and_(found, as_bytes(func.lower(column)) == _EMAIL_BYTES, as_long)

    def address(self, email: str) -> dict[str, object]:
        return {"email": email, "email_bytes": email.encode().hex().upper()}

    @staticmethod
    def _tell_zone(cursor: Any, zone: ZoneInfo) -> None:
        """TIMESTAMP columns come in the zone of the session."""
        from pymysql.err import MySQLError

        try:
            cursor.execute("SET SESSION time_zone = %s", ("+00:00" if zone.key in ("UTC", "Etc/UTC") else zone.key,))
        except MySQLError:  # a server without the tables of zones: its times come in its own, which is the shop's
            return


class SQLite:
    def connect_args(self, limits: Limits) -> dict[str, Any]:
        return {"timeout": limits.seconds, "isolation_level": None}  # seconds it waits for a writer; transactions are begun by us

    def prepare(self, driver_connection: sqlite3.Connection, limits: Limits) -> None:
        driver_connection.execute("PRAGMA query_only = ON")

    def begin(self, connection: Connection, limits: Limits) -> None:
        connection.exec_driver_sql("BEGIN")

    def cut(self, driver_connection: Any) -> None:
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
            driver_connection.interrupt()

    def same_address(self, column: ColumnElement[str], *, ignores_case: bool) -> ColumnElement[bool]:
        return func.lower(column) == _EMAIL  # compared byte by byte: what a function gives has no collation

    def address(self, email: str) -> dict[str, object]:
        return {"email": email}


_DIALECTS: Mapping[str, tuple[str, Dialect]] = {
    "postgresql": ("postgresql+psycopg", PostgreSQL()),
    "postgres": ("postgresql+psycopg", PostgreSQL()),
    "mysql": ("mysql+pymysql", MySQL()),
    "mariadb": ("mariadb+pymysql", MySQL()),
    "sqlite": ("sqlite", SQLite()),
}


def dialect_of(address: str) -> tuple[URL, Dialect]:
    """The address as the library takes it, and its kind. Raises UnknownAddress."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise UnknownAddress("It is no address of a database.") from error
    kind = url.drivername.partition("+")[0]
    if kind not in _DIALECTS:
        raise UnknownAddress(f"“{kind}” is no kind of database that orders can be read from.")
    driver, dialect = _DIALECTS[kind]
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UnknownAddress("A SQLite address needs a file, such as sqlite:////srv/shop/orders.sqlite3.")
        url = url.set(database=f"file:{quote(url.database)}").update_query_dict({"mode": "ro", "uri": "true"})
    elif url.host and "%" in url.host:  # the folder of a socket, as in postgresql://user@%2Frun%2Fpostgresql/shop
        url = url.set(host=unquote(url.host))
    return url.set(drivername=driver), dialect
