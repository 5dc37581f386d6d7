"""Tables in a PDF: rows of several runs whose columns line up. Pure."""

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from retrieval.readers.pdf_cells import Cell, Table
from retrieval.readers.pdf_drawn import Box
from retrieval.readers.pdf_lines import Row, Run

LEADING = 1.5  # of the letter size: lines of one cell are at most so far apart
BULLETS = "•◦▪●○‣⁃∙·■□▫◼◻◆◇❖➢➤►▸▶→✓✔✗✘☐☑❑❒✦❍–—*-"
_MARKER = re.compile(r"[" + BULLETS + r"]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?")


def with_tables(rows: Iterable[Row], rules: Sequence[Box]) -> Iterator[Row | Table]:
    """Yield the rows in order, with each table in the place of its rows; the runs of other rows are joined into one line."""
    plain: list[Row] = []
    known: set[Table] = set()
    for row in rows:
        beside = tuple(run for run in row.runs if run.table is None)
        if beside:
            plain.append(Row(row.base, beside))
        for table in (run.table for run in row.runs if run.table is not None):
            if table not in known:
                known.add(table)
                yield from _with_aligned(plain, rules)
                plain = []
                yield table
    yield from _with_aligned(plain, rules)


def _with_aligned(rows: Sequence[Row], rules: Sequence[Box]) -> Iterator[Row | Table]:
    """Yield the rows in order, those whose runs line up as tables."""
    rows = [_with_marker(row) for row in rows]
    at = 0
    while at < len(rows):
        end = _table_end(rows, at)
        if end:
            yield from _table(rows[at:end], rules)
            at = end
        else:
            yield rows[at]
            at += 1


def _with_marker(row: Row) -> Row:
    """A row whose first run is only a bullet or a number, joined with what it marks."""
    if len(row.runs) < 2 or not _MARKER.fullmatch(row.runs[0].text):
        return row
    mark, text, *others = row.runs
    if text.x0 - mark.x1 > 4 * text.size:
        return row
    joined = text._replace(text=f"{mark.text} {text.text}", x0=mark.x0)
    return Row(row.base, (joined, *others))


def _table_end(rows: Sequence[Row], start: int) -> int:
    """The number of the row after the table that begins at `start`; 0 if none begins there."""
    first = rows[start]
    if len(first.runs) < 2:
        return 0
    full, end = 1, start + 1
    spans = _columns([first])
    while end < len(rows):
        row, above = rows[end], rows[end - 1]
        if row.base - above.base > 3.2 * row.size:
            break
        if len(row.runs) >= 2:
            merged = _columns([*rows[start:end], row])
            if len(merged) < 2:
                break
            spans = merged
            full += 1
        elif not _continues(row, above, spans):
            break
        end += 1
    while end > start and len(rows[end - 1].runs) < 2 and not _continues(rows[end - 1], rows[end - 2], spans):
        end -= 1
    return end if full >= 2 else 0


def _continues(row: Row, above: Row, spans: Sequence[tuple[float, float]]) -> bool:
    """Whether a row with one run is the next line of a cell: it stands in one column, close under the line above."""
    run = row.runs[0]
    touched = [span for span in spans if run.x0 < span[1] and run.x1 > span[0]]
    if row.base - above.base > LEADING * run.size or len(touched) > 1:
        return False
    return bool(touched) and run.x1 <= max(touched[0][1] + 2 * run.size, touched[0][0] + (run.x1 - run.x0))


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Where the columns are: the spans of the fullest rows' runs, joined where they overlap."""
    most = max(len(row.runs) for row in rows)
    spans: list[tuple[float, float]] = []
    for run in sorted((run for row in rows if len(row.runs) == most for run in row.runs), key=lambda run: run.x0):
        if spans and run.x0 < spans[-1][1] - 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], run.x1))
        else:
            spans.append((run.x0, run.x1))
    return spans


def _table(rows: Sequence[Row], rules: Sequence[Box]) -> Iterator[Row | Table]:
    spans = _columns(rows)
    cells: list[list[Cell]] = []
    groups = _logical_rows(rows, rules, spans)
    for group in groups:
        line: list[Cell] = [()] * len(spans)
        for run in (run for row in group for run in row.runs):
            column = _column_of(run, spans)
            line[column] = (*line[column], run.text)
        cells.append(line)
    if len(cells) < 2:
        yield from rows
    else:
        yield Table(rows[0].base, cells, tuple(span[0] for span in spans), bold_head=all(row.bold for row in groups[0]))


def _column_of(run: Run, spans: Sequence[tuple[float, float]]) -> int:
    def away(span: tuple[float, float]) -> float:
        overlap = min(run.x1, span[1]) - max(run.x0, span[0])
        return -overlap if overlap > 0 else abs(run.x0 - span[0])

    return min(range(len(spans)), key=lambda number: away(spans[number]))


def _logical_rows(rows: Sequence[Row], rules: Sequence[Box], spans: Sequence[tuple[float, float]]) -> list[list[Row]]:
    """Rows of text to rows of the table: divided by drawn lines, else by wider gaps, else wherever the first cell is filled."""
    left, right = spans[0][0], spans[-1][1]
    lines = sorted(
        {
            round(rule.y0, 1)
            for rule in rules
            if rows[0].base < rule.y0 < rows[-1].base and rule.x0 < left + 20 and rule.x1 > left + 0.6 * (right - left)
        }
    )
    apart = [below.base - above.base for above, below in pairwise(rows)]
    limit = LEADING * statistics.median(row.size for row in rows)
    ruled = len(lines) >= max(2, len(rows) // 4)
    padded = any(distance > limit for distance in apart)
    groups = [[rows[0]]]
    for above, row in pairwise(rows):
        if ruled:
            new = any(above.base < line <= row.base for line in lines)
        elif padded:
            new = row.base - above.base > limit
        else:
            new = len(row.runs) > 1 and _column_of(row.runs[0], spans) == 0
        if new:
            groups.append([row])
        else:
            groups[-1].append(row)
    return groups
