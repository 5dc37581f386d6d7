"""A shop's files into our tables: CSV (`import_files`) or JSON (`import_json`). Safe to run again: the same files give the same state.

Files are streamed and written in batches, each whole or not at all, so memory stays flat whatever the size.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import Error as DatabaseFailed

from database import bulk
from orders.errors import OrdersUnavailable
from orders.importing.csv_files import CsvImport, Progress
from orders.importing.files import open_table
from orders.importing.json_files import import_orders, open_json
from orders.importing.report import Report
from orders.importing.rows import REQUIRED
from orders.importing.spool import Spool
from orders.lookup import forget_shapes

__all__ = ["Report", "import_files", "import_json"]


def _untold(done: int, of: int) -> None:
    """Nobody is told how far it is."""


def import_files(
    *,
    customers: Path | None = None,
    orders: Path | None = None,
    items: Path | None = None,
    shipments: Path | None = None,
    events: Path | None = None,
    progress: Progress = _untold,
) -> Report:
    """Read the CSV files that are given and write what is good in them; the report names the rest by file, line and column.

    progress(lines read, lines in all) is called now and then. Raises ImportRefused, with nothing written, if a file cannot be
    read or lacks a column; OrdersUnavailable if the database fails: what was written before stays, and running it again is safe.
    """
    given = {"customers": customers, "orders": orders, "items": items, "shipments": shipments, "events": events}
    tables = {kind: open_table(Path(path), required=REQUIRED[kind]) for kind, path in given.items() if path}
    return _imported(lambda report, spool: CsvImport(tables, report, spool, progress).run())


def import_json(path: Path, *, progress: Progress = _untold) -> Report:
    """The same for a file of whole orders as JSON, one after the other, in a list, or as {"orders": [...]}.

    An order has the form that docs/orders-import.md describes; the report's column is the place in it ("/items/0/unit_price"), and
    progress is in bytes.
    """
    file = open_json(Path(path))
    return _imported(lambda report, spool: import_orders(file, report, spool, progress))


def _imported(work: Callable[[Report, Spool], None]) -> Report:
    report = Report()
    with _told_as_ours(), bulk.much_to_write(), Spool() as spool:
        work(report, spool)
    report.sort()
    return report


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except DatabaseFailed as error:
        raise OrdersUnavailable("the database failed during an import") from error
    finally:
        forget_shapes()
