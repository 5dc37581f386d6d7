"""A shop's CSV files into our tables. The rows of one order are brought together on disk (`spool`), so memory stays flat."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from orders.importing import rows as parse
from orders.importing.ahead import read_ahead
from orders.importing.customers import write_customers
from orders.importing.files import Row, Table
from orders.importing.keys import key_of
from orders.importing.parcels import write_events
from orders.importing.parts import OrderParts
from orders.importing.reader import Reader
from orders.importing.report import Problem, Report
from orders.importing.spool import Spool
from orders.importing.writing import write_orders

BATCH = 2000  # orders in one transaction
PROGRESS_ROWS = 1000  # between two reports of progress
Part = TypeVar("Part", parse.ItemRow, parse.ShipmentRow)
Counted = TypeVar("Counted", parse.CustomerRow, parse.OrderRow)
Progress = Callable[[int, int], None]


class _Batch(NamedTuple):
    """Orders that are written together, and the rows of their items and parcels as they stand in the files, by kind and number."""

    parts: dict[str, OrderParts]
    rows: dict[str, dict[str, list[Row]]]


class CsvImport:
    """One run over the files, in the order in which they need each other."""

    def __init__(self, tables: dict[str, Table], report: Report, spool: Spool, progress: Progress) -> None:
        self.tables, self.report, self.spool, self.progress = tables, report, spool, progress
        self.readers = {kind: Reader(table.name, report) for kind, table in tables.items()}
        self.all_lines = sum(table.lines for table in tables.values())
        self.lines_before = 0  # of the files read to their end

    def run(self) -> None:
        self._customers()
        for kind in ("items", "shipments"):
            self._pile(kind, "order_number", lambda cell: cell)
        self._pile("events", "tracking_number", key_of)
        for batch in read_ahead(chain(self._orders(), self._parts_of_known_orders())):
            self._write(batch)
        self._events()
        self.progress(self.all_lines, self.all_lines)

    def _rows(self, kind: str) -> Iterator[Row]:
        table = self.tables.get(kind)
        if table is None:
            return
        for count, row in enumerate(table.rows()):
            if count % PROGRESS_ROWS == 0:
                self.progress(min(self.lines_before + row.line, self.all_lines), self.all_lines)
            yield row
        self.lines_before += table.lines

    def _customers(self) -> None:
        if reader := self.readers.get("customers"):
            parsed = (found for row in self._rows("customers") if (found := parse.customer_row(reader, row)))
            while batch := list(islice(parsed, BATCH)):
                names = [("customer_id" if row.has_id else "email", row.customer_id, row.line) for row in batch]
                fresh = self._fresh(reader, batch, names)
                write_customers(fresh, self.report)

    def _pile(self, kind: str, column: str, name_of: Callable[[str], str]) -> None:
        """Put the rows of a file where their order, or their parcel, will take them from."""
        for row in self._rows(kind):
            reader = self.readers[kind]
            name = name_of(" ".join(row.get(column).split()))
            if reader.begin(row) and not name:
                reader.refuse(column, "This cell is empty.")
            if reader.good:
                self.spool.put(kind, name, row)

    def _orders(self) -> Iterator[_Batch]:
        if reader := self.readers.get("orders"):
            parsed = (found for row in self._rows("orders") if (found := parse.order_row(reader, row)))
            while batch := list(islice(parsed, BATCH)):
                fresh = self._fresh(reader, batch, [("order_number", row.number, row.line) for row in batch])
                yield self._with_parts({row.number: OrderParts(row.number, row) for row in fresh})

    def _parts_of_known_orders(self) -> Iterator[_Batch]:
        """Items and parcels of orders that are not in the file of orders, or were refused there."""
        for numbers in self.spool.left(("items", "shipments"), BATCH):
            yield self._with_parts({number: OrderParts(number) for number in numbers})

    def _with_parts(self, batch: dict[str, OrderParts]) -> _Batch:
        raw = {kind: self.spool.take(kind, list(batch)) if kind in self.tables else {} for kind in ("items", "shipments")}
        for number, rows in raw["items"].items():
            batch[number].items = items = self._items(rows)
            batch[number].spoiled = len(items) < len(rows)
        for number, rows in raw["shipments"].items():
            batch[number].shipments = shipments = self._shipments(rows)
            batch[number].spoiled |= len(shipments) < len(rows)
        return _Batch(batch, raw)

    def _write(self, batch: _Batch) -> None:
        """Meanwhile the next batch is read in another thread, so nothing of what reading uses is touched but the report."""
        left = write_orders(list(batch.parts.values()), self.report)
        for number in left.older & batch.parts.keys():
            if row := batch.parts[number].row:
                self._tell(
                    self.report.warn, "orders", row.line, "updated_at", "What is stored of this order is newer: left as it is."
                )
        for number in left.unknown:
            for kind in ("items", "shipments"):
                for part in batch.rows[kind].get(number, ()):
                    if not part.problem:
                        self._tell(self.report.refuse, kind, part.line, "order_number", f"There is no order “{number[:64]}”.")

    def _tell(self, tell: Callable[[Problem], None], kind: str, line: int, column: str, reason: str) -> None:
        tell(Problem(self.tables[kind].name, line, column, reason))

    def _items(self, rows: list[Row]) -> list[parse.ItemRow]:
        reader = self.readers["items"]
        found = [item for row in rows if (item := parse.item_row(reader, row))]
        return each_once(reader, "line", found, lambda item: "" if item.position is None else str(item.position))

    def _shipments(self, rows: list[Row]) -> list[parse.ShipmentRow]:
        reader = self.readers["shipments"]
        found = [shipment for row in rows if (shipment := parse.shipment_row(reader, row))]
        return each_once(reader, "tracking_number", found, lambda shipment: key_of(shipment.tracking_number))

    def _events(self) -> None:
        reader = self.readers.get("events")
        for keys in self.spool.left(("events",), BATCH):
            assert reader is not None  # rows come only from a file that was opened
            raw = self.spool.take("events", keys)
            good = {key: [event for row in rows if (event := parse.event_row(reader, row))] for key, rows in raw.items()}
            spoiled = {key for key, rows in raw.items() if len(good[key]) < len(rows)}
            for key in write_events({key: events for key, events in good.items() if events}, spoiled, self.report):
                for row in raw[key]:
                    if reader.begin(row):
                        reader.refuse("tracking_number", "No parcel with this number is known.")

    def _fresh(self, reader: Reader, rows: list[Counted], names: list[tuple[str, str, int]]) -> list[Counted]:
        """The rows without those whose name an earlier row of the file has; these are refused. names: (column, name, line) of each."""
        again: dict[int, int] = {}
        for column in sorted({column for column, _, _ in names}):
            of_column = [(name, line) for which, name, line in names if which == column]
            again |= self.spool.seen_before(f"{reader.file} {column}", of_column)
        for column, name, line in names if again else ():
            if line in again:
                refuse_second(reader, column, name, again[line], line)
        return [row for row in rows if row.line not in again] if again else rows


def each_once(reader: Reader, column: str, rows: list[Part], name_of: Callable[[Part], str]) -> list[Part]:
    """The rows of one order without those that repeat a name; a row whose name is "" repeats nothing."""
    first: dict[str, int] = {}
    kept = []
    for row in rows:
        name = name_of(row)
        if name and first.setdefault(name, row.line) != row.line:
            refuse_second(reader, column, name, first[name], row.line)
        else:
            kept.append(row)
    return kept


def refuse_second(reader: Reader, column: str, name: str, first: int, line: int) -> None:
    reader.row = Row(line, {})
    reader.refuse(column, f"“{name[:64]}” stands in line {first} and again in line {line}; line {first} was taken.")
