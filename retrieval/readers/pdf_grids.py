"""Tables that are drawn with lines: cells from where the lines are, also those over several columns or rows. Pure.

Coordinates as in `pdf_glyphs.py`. Where the lines do not make cells that are rectangles, or what they divide does not read like a
table, there is none: its text stays in the flow of the page.
"""

import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import NamedTuple

from retrieval.readers.pdf_cells import Cell, Table, in_one_head
from retrieval.readers.pdf_drawn import Box, Drawn, Line
from retrieval.readers.pdf_glyphs import Glyph
from retrieval.readers.pdf_lines import Row, Run, rows, runs

_SAME = 2.5  # points: lines closer than that are one, drawn twice or in pieces
_TOUCH = 3.0  # points: ends of lines that meet
_MOST_LINES, _MOST_MEETINGS = 1500, 150_000  # on one page; beyond that it is a drawing
_MOST_COLUMNS = 60
_LONGEST_CELL = 1500  # characters; longer ones are columns of a page that is laid out with a table
_REPEATED = 80  # characters; a longer cell stands only where it begins, not in each row and column that it spans
_CUT = 0.01  # of the letters: where lines run through more words, they are not those of a table
_FILLED = 0.3  # of the cells; emptier ones are diagrams and pads of boxes


class _Region(NamedTuple):
    """A cell: rows first to last and columns left to right of the grid, all included."""

    first: int
    left: int
    last: int
    right: int


class _Grid(NamedTuple):
    xs: list[float]
    ys: list[float]
    regions: list[_Region]


def take_tables(glyphs: Sequence[Glyph], drawn: Drawn) -> list[Run]:
    """The runs of a page; the text of each table is in the runs that stand for its lines, which name the table."""
    left = list(glyphs)
    found: list[Run] = []
    for grid in _grids(drawn.across, drawn.down):
        if any(_crosses(box, grid) for box in drawn.curves):
            continue  # a drawing
        inside: dict[_Region, list[Glyph]] = {region: [] for region in grid.regions}
        outside: list[Glyph] = []
        before: tuple[Glyph, _Region | None] | None = None
        cut = 0
        home = {place: region for region in grid.regions for place in _places(region)}
        for glyph in left:
            row = bisect_right(grid.ys, glyph.base - 0.3 * glyph.size) - 1
            column = bisect_right(grid.xs, (glyph.x0 + glyph.x1) / 2) - 1
            region = home.get((row, column))
            (outside if region is None else inside[region]).append(glyph)
            cut += before is not None and before[1] is not region and _in_one_word(before[0], glyph)
            before = glyph, region
        lines = {region: rows(runs(letters)) for region, letters in inside.items()}
        table = _table(grid, lines) if cut <= _CUT * sum(map(len, inside.values())) else None
        if table is None:
            continue
        left = outside
        for line in rows(run for part in lines.values() for text in part for run in text.runs):
            found.append(Run(line.text, grid.xs[0], grid.xs[-1], line.base, line.size, False, table))
    return runs(left) + found


def _crosses(box: Box, grid: _Grid) -> bool:
    """Whether something bent runs through several cells; not around all of them, nor within one, such as a tick."""
    (left, *_, right), (top, *_, bottom) = grid.xs, grid.ys
    inside = box.x0 > left - _TOUCH and box.x1 < right + _TOUCH and box.y0 > top - _TOUCH and box.y1 < bottom + _TOUCH
    around = box.x0 < left + _TOUCH and box.x1 > right - _TOUCH and box.y0 < top + _TOUCH and box.y1 > bottom - _TOUCH
    if around or not inside:
        return False
    sides = ((grid.xs, box.x0, box.x1), (grid.ys, box.y0, box.y1))
    return any(bisect_right(edges, end - _TOUCH) - bisect_right(edges, start + _TOUCH) > 0 for edges, start, end in sides)


def _in_one_word(before: Glyph, glyph: Glyph) -> bool:
    apart = glyph.x0 - before.x1
    solid = before.char.isalnum() and glyph.char.isalnum()
    return solid and abs(before.base - glyph.base) < 1 and -0.3 * glyph.size < apart < 0.1 * glyph.size


def _places(region: _Region) -> Iterable[tuple[int, int]]:
    return product(range(region.first, region.last + 1), range(region.left, region.right + 1))


# --- lines to cells -----------------------------------------------------------------------------------------------------


def _grids(across: Sequence[Line], down: Sequence[Line]) -> list[_Grid]:
    flat, upright = _merged(across), _merged(down)
    if max(len(flat), len(upright)) > _MOST_LINES or len(flat) * len(upright) > _MOST_MEETINGS:
        return []
    group = list(range(len(flat) + len(upright)))
    find, join = _sets(group)
    for (a, one), (b, two) in product(enumerate(flat), enumerate(upright, len(flat))):
        if _reaches(one, two.at) and _reaches(two, one.at):
            join(a, b)
    parts: dict[int, tuple[list[Line], list[Line]]] = {}
    for number, line in enumerate([*flat, *upright]):
        parts.setdefault(find(number), ([], []))[number >= len(flat)].append(line)
    grids = [_grid(*part) for part in parts.values()]
    return [grid for grid in grids if grid is not None]


def _merged(lines: Sequence[Line]) -> list[Line]:
    """Lines drawn in pieces, or twice beside each other, as one."""
    found: list[Line] = []
    for bundle in _bundles(sorted(lines)):
        at = statistics.fmean(line.at for line in bundle)
        start: float | None = None
        end = 0.0
        for line in sorted(bundle, key=lambda line: line.start):
            if start is None or line.start > end + _TOUCH:
                if start is not None:
                    found.append(Line(at, start, end))
                start, end = line.start, line.end
            end = max(end, line.end)
        if start is not None:
            found.append(Line(at, start, end))
    return found


def _bundles(lines: Sequence[Line]) -> list[list[Line]]:
    found: list[list[Line]] = []
    for line in lines:
        if found and line.at - found[-1][0].at <= _SAME:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _sets(parent: list[int]) -> tuple[Callable[[int], int], Callable[[int, int], None]]:
    """Union and find over the numbers of a list."""

    def find(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(one: int, two: int) -> None:
        parent[find(two)] = find(one)

    return find, join


def _reaches(line: Line, place: float) -> bool:
    return line.start - _TOUCH <= place <= line.end + _TOUCH


def _edges(places: Iterable[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _TOUCH:
            found.append(place)
    return found


def _grid(flat: list[Line], upright: list[Line]) -> _Grid | None:
    """The cells that lines make; None if there are too few for a table, or one is not a rectangle. Open sides count as closed."""
    if len(flat) < 2 or len(flat) + len(upright) < 4:
        return None  # an underlined word, a cross, the axes of a drawing
    xs = _edges([line.at for line in upright] + [min(line.start for line in flat), max(line.end for line in flat)])
    ys = _edges([line.at for line in flat] + [min(line.start for line in upright), max(line.end for line in upright)])
    high, wide = len(ys) - 1, len(xs) - 1
    if high < 2 or wide < 2 or wide > _MOST_COLUMNS:
        return None
    parent = list(range(high * wide))
    find, join = _sets(parent)
    upright_at = [[line for line in upright if abs(line.at - x) <= _TOUCH] for x in xs]
    flat_at = [[line for line in flat if abs(line.at - y) <= _TOUCH] for y in ys]
    for row, column in product(range(high), range(wide)):
        here = row * wide + column
        if column + 1 < wide and not _is_drawn(upright_at[column + 1], ys[row], ys[row + 1]):
            join(here, here + 1)
        if row + 1 < high and not _is_drawn(flat_at[row + 1], xs[column], xs[column + 1]):
            join(here, here + wide)
    members: dict[int, list[tuple[int, int]]] = {}
    for row, column in product(range(high), range(wide)):
        members.setdefault(find(row * wide + column), []).append((row, column))
    regions = []
    for places in members.values():
        lines, columns = [row for row, _ in places], [column for _, column in places]
        region = _Region(min(lines), min(columns), max(lines), max(columns))
        if len(places) != (region.last - region.first + 1) * (region.right - region.left + 1):
            return None
        regions.append(region)
    return _Grid(xs, ys, sorted(regions))


def _is_drawn(lines: Sequence[Line], start: float, end: float) -> bool:
    """Whether one of the lines divides two cells along their whole side."""
    return any(min(line.end, end) - max(line.start, start) >= 0.8 * (end - start) for line in lines)


# --- cells to tables ----------------------------------------------------------------------------------------------------


def _table(grid: _Grid, lines: dict[_Region, list[Row]]) -> Table | None:
    """The table that the cells are; None where they are too empty, too long, or hold several rows of a table each."""
    texts: dict[_Region, Cell] = {region: tuple(row.text for row in part) for region, part in lines.items()}
    filled = [region for region, text in texts.items() if text]
    longest = max((sum(map(len, text)) for text in texts.values()), default=0)
    if len(filled) < max(2, _FILLED * len(texts)) or longest > _LONGEST_CELL or _hides_rows(grid, lines):
        return None
    wide = len(grid.xs) - 1
    caption: Cell = ()
    by_row: list[list[_Region]] = [[] for _ in grid.ys[1:]]
    for region in grid.regions:
        for row in range(region.first, region.last + 1):
            by_row[row].append(region)
    kept = [(row, inside) for row, inside in enumerate(by_row) if any(texts[region] for region in inside)]
    if kept and len(kept[0][1]) == 1:  # a title over all columns
        caption = texts[kept[0][1][0]]
        last = kept[0][1][0].last
        kept = [(row, inside) for row, inside in kept if row > last]
    columns = [
        column
        for column in range(wide)
        if any(texts[region] and region.left <= column <= region.right for _, inside in kept for region in inside)
    ]
    if len(kept) < 2 or len(columns) < 2:
        return None
    cells = [[_said_in(row, column, inside, texts, columns) for column in columns] for row, inside in kept]
    edges = [*(grid.xs[column] for column in columns), grid.xs[columns[-1] + 1]]
    base = min(row.base for part in lines.values() for row in part)
    bold = all(row.bold for region in kept[0][1] for row in lines[region])
    return Table(base, in_one_head(cells, _head_rows(kept, texts, wide)), tuple(edges), caption, bold)


def _said_in(row: int, column: int, inside: Sequence[_Region], texts: dict[_Region, Cell], columns: Sequence[int]) -> Cell:
    """What a cell says there: the same in each row and column that it spans; one over all columns only in the first."""
    region = next(region for region in inside if region.left <= column <= region.right)
    begins = column == max(region.left, columns[0]) and row == region.first
    over_all = region.left <= columns[0] and region.right >= columns[-1]
    once = over_all or sum(map(len, texts[region])) > _REPEATED
    return texts[region] if begins or not once else ()


def _head_rows(kept: Sequence[tuple[int, list[_Region]]], texts: dict[_Region, Cell], wide: int) -> int:
    """How many rows name the columns: more than one where a name spans columns that have names of their own below it."""
    row, first = kept[0]
    if not any(1 < region.right - region.left + 1 < wide and texts[region] for region in first):
        return 1
    last = max(region.last for region in first)
    if last == row and any(not texts[region] for region in first):
        last += 1  # nothing stands above the first column's name
    return min(sum(number <= last for number, _ in kept), len(kept) - 1)


def _hides_rows(grid: _Grid, lines: dict[_Region, list[Row]]) -> bool:
    """Whether lines are drawn between columns but not between rows: all cells of a row have equally many short lines."""
    of_one_row: dict[int, list[tuple[_Region, list[Row]]]] = {}
    for region in grid.regions:
        if region.first == region.last and lines[region]:
            of_one_row.setdefault(region.first, []).append((region, lines[region]))
    for cells in of_one_row.values():
        counts = {len(part) for _, part in cells}
        if len(cells) < 2 or len(counts) > 1 or min(counts) < 3:
            continue
        shares = [
            (line.x1 - line.x0) / (grid.xs[region.right + 1] - grid.xs[region.left]) for region, part in cells for line in part[:-1]
        ]
        if statistics.median(shares) < 0.6:
            return True
    return False
