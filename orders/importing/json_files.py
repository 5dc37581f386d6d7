"""Orders from a JSON file, one after the other: a list, objects on lines of their own, or what the shop's programme answers with.

The file is read in pieces, so its size does not matter; one order may be 4 MB.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orders.errors import ImportRefused
from orders.importing.ahead import read_ahead
from orders.importing.csv_files import BATCH, PROGRESS_ROWS, Progress
from orders.importing.files import Row, checked_lines
from orders.importing.parts import OrderParts
from orders.importing.plain_orders import PlainReader, order_parts
from orders.importing.report import Problem, Report
from orders.importing.spool import Spool
from orders.importing.writing import write_orders

MAX_ORDER = 4 * 1024 * 1024  # characters
_PIECE = 1024 * 1024
_OPENING = re.compile(r'\s*(?:\[|\{\s*"orders"\s*:\s*\[)')
_BETWEEN = re.compile(r"[\s,]*")


def _no_number(written: str) -> Any:
    raise ValueError(written)


# numbers stay as they are written, so that 0.1 is not 0.1000000000000000055
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number)


@dataclass(frozen=True, slots=True)
class JsonFile:
    """size: in bytes, which tell how far an import is: a list may be one line."""

    path: Path
    size: int


@dataclass(slots=True)
class Found:
    """One value of the file, or why there is none, the line it begins at, and how many bytes were read until it was found."""

    line: int
    read: int
    value: Any = None
    problem: str = ""


def open_json(path: Path) -> JsonFile:
    """Raises ImportRefused, in words, if the file is missing, empty, not UTF-8 or does not begin like JSON."""
    checked_lines(path)
    with path.open(encoding="utf-8-sig") as file:
        start = file.read(1000).lstrip()
    if not start.startswith(("[", "{")):
        raise ImportRefused(f"{path.name} is not JSON: it must begin with [ or {{.")
    return JsonFile(path, path.stat().st_size)


def import_orders(file: JsonFile, report: Report, spool: Spool, progress: Progress) -> None:
    for batch in read_ahead(_batches(file, report, spool, progress)):
        for number in write_orders(list(batch.values()), report).older:
            if row := batch[number].row:
                told = Problem(file.path.name, row.line, "/updated_at", "What is stored of this order is newer: left as it is.")
                report.warn(told)
    progress(file.size, file.size)


def _batches(file: JsonFile, report: Report, spool: Spool, progress: Progress) -> Iterator[dict[str, OrderParts]]:
    reader = PlainReader(file.path.name, report)
    batch: dict[str, OrderParts] = {}
    for count, found in enumerate(values(file.path)):
        if count % PROGRESS_ROWS == 0:
            progress(min(found.read, file.size), file.size)
        parts = _read(reader, found)
        if parts is None:
            continue
        if met := spool.seen_before(file.path.name, [(parts.number, count)]):
            reader.at, reader.row = "", Row(found.line, {})
            reader.refuse("order_number", f"“{parts.number}” is order {met[count] + 1} of this file and again order {count + 1}.")
            continue
        batch[parts.number] = parts
        if len(batch) >= BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch


def decoded(text: str) -> Any:
    """A JSON text with its numbers as they are written. Raises ValueError for what is none, RecursionError if it is nested too deep."""
    value, end = _DECODER.raw_decode(text, len(text) - len(text.lstrip()))
    if text[end:].strip():
        raise ValueError("something follows it")
    return value


def values(path: Path) -> Iterator[Found]:
    """The values of the file, in order. After one that cannot be read, it goes on in the next line where each has its own."""
    with path.open(encoding="utf-8-sig") as file:
        text, line = file.read(max(_PIECE, 200)), 1  # enough to see how it begins
        opening = _OPENING.match(text)
        place = opening.end() if opening else 0
        line += text.count("\n", 0, place)
        while True:
            between = _BETWEEN.match(text, place)
            assert between is not None  # it may be empty
            line += text.count("\n", place, between.end())
            place = between.end()
            if place == len(text):
                text, place = file.read(_PIECE), 0
                if text:
                    continue
                if opening:
                    yield Found(line, path.stat().st_size, problem="The list is not closed: the file seems to be cut off here.")
                return
            if opening and text[place] == "]":
                return
            found, end, text, place = _next(text, place, line, file)
            if found.problem:
                end = -1 if opening else text.find("\n", place)
                if end < 0:
                    found.problem += " The rest of the file was not read."
            yield found
            if end < 0:
                return
            line += text.count("\n", place, end)
            text, place = (text[end:], 0) if end > _PIECE else (text, end)


def _next(text: str, place: int, line: int, file: Any) -> tuple[Found, int, str, int]:
    """(the value that begins there, where it ends, the text, where it begins now): read on until it is whole."""
    while True:
        try:
            value, end = _DECODER.raw_decode(text, place)
            if end < len(text):  # a number could go on
                return Found(line, file.buffer.tell(), value), end, text, place
        except RecursionError:
            return Found(line, file.buffer.tell(), problem="It is nested too deep."), place, text, place
        except ValueError as error:
            value, end = error, -1
        is_cut = end >= 0 or _is_cut(value, len(text))
        more = file.read(_PIECE) if is_cut and len(text) - place <= MAX_ORDER else ""
        if not more:
            if end < 0:
                return Found(line, file.buffer.tell(), problem=_said(value, len(text) - place if is_cut else 0)), place, text, place
            return Found(line, file.buffer.tell(), value), end, text, place
        text, place = text[place:] + more, 0


def _is_cut(error: ValueError, length: int) -> bool:
    """Whether a value may only seem broken because the text ends within it."""
    return isinstance(error, json.JSONDecodeError) and (error.msg.startswith("Unterminated") or error.pos > length - 16)


def _said(error: object, size: int) -> str:
    if size > MAX_ORDER:
        return f"This is not JSON, or an order is longer than {MAX_ORDER // 1024 // 1024} MB."
    where = f" ({error.msg.lower()})" if isinstance(error, json.JSONDecodeError) else ""
    return f"This is not valid JSON{where}."


def _read(reader: PlainReader, found: Found) -> OrderParts | None:
    if found.problem:
        reader.at, reader.row = "", Row(found.line, {})
        reader.refuse("", found.problem)
        return None
    return order_parts(reader, found.line, found.value)
