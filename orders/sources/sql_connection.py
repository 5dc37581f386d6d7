"""The shop's database: read in transactions that cannot write, in bounded time, over a bounded number of connections.

With the other sql_* modules the only importer of SQLAlchemy. Drivers wait in threads of their own, as many as there are connections.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from orders.sources.sql_dialects import Dialect, Limits, dialect_of
from orders.sources.sql_faults import TooSlow, as_ours

T = TypeVar("T")

GRACE = 0.3  # seconds a server gets to end a statement by itself, and to say so
STALE = 1800  # seconds after which a connection is opened anew: firewalls forget silent ones


class ShopDatabase:
    """Opened at its first use. One in each process."""

    def __init__(self, address: str, limits: Limits, *, connections: int) -> None:
        """address: see `dialect_of`, which raises UnknownAddress."""
        self._url, self.dialect = dialect_of(address)
        self._limits, self._connections = limits, connections
        self._call_of_thread = threading.local()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What the work gives, in one transaction. Raises OrdersUnavailable with a sentence for staff, after `limits.seconds` at most."""
        call = _Call(self.dialect)
        waiting = asyncio.get_running_loop().run_in_executor(self._threads, self._read, work, call)
        try:
            return await asyncio.wait_for(waiting, self._limits.seconds + GRACE)
        except TimeoutError as error:
            call.cut()
            raise TooSlow(f"The order database did not answer within {self._limits.seconds:g} s.") from error

    def _read(self, work: Callable[[Connection], T], call: "_Call") -> T:
        self._call_of_thread.now = call
        try:
            try:
                return self._in_transaction(work, call)
            except DBAPIError as error:
                if not error.connection_invalidated or call.is_cut:
                    raise
            # the connection had died while nobody used it, and reading twice changes nothing
            return self._in_transaction(work, call)
        except Exception as error:
            raise as_ours(error, self._limits.seconds) from error
        finally:
            call.is_done()

    def _in_transaction(self, work: Callable[[Connection], T], call: "_Call") -> T:
        with self._engine.connect() as connection:
            try:
                call.waits_on(connection.connection.dbapi_connection)
                self.dialect.begin(connection, self._limits)
                result = work(connection)
                connection.rollback()  # here, where it can be cut
                return result
            finally:
                call.is_done()

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine(
            self._url,
            connect_args=self.dialect.connect_args(self._limits),
            pool_size=self._connections,
            max_overflow=0,
            pool_timeout=self._limits.seconds,
            pool_recycle=STALE,
            hide_parameters=True,  # they are addresses of customers, and errors go to the log
        )

        @event.listens_for(engine, "connect", insert=True)  # before the library asks it for its version
        def prepare(driver_connection: Any, _record: Any) -> None:
            self._call_of_thread.now.waits_on(driver_connection)
            self.dialect.prepare(driver_connection, self._limits)

        return engine

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._connections, thread_name_prefix="orders-sql")

    def close(self) -> None:
        """Close what is open and not in use."""
        self._engine.dispose()
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Call:
    """One call's connection, so that a call that takes too long can be cut from another thread."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._lock = threading.Lock()
        self._driver_connection: Any = None
        self.is_cut = False

    def waits_on(self, driver_connection: Any) -> None:
        """Raises TooSlow if the call was cut before it had a connection."""
        with self._lock:
            if self.is_cut:
                raise TooSlow("The call was given up while it waited for a connection.")
            self._driver_connection = driver_connection

    def is_done(self) -> None:
        """The connection goes back to the others: it must not be cut any more."""
        with self._lock:
            self._driver_connection = None

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            if self._driver_connection is not None:
                self._dialect.cut(self._driver_connection)
