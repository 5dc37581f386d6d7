"""Letters of a PDF page to lines in reading order: runs of text, columns, and the lines that repeat on every page. Pure."""

import re
import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from retrieval.readers.pdf_cells import Table
from retrieval.readers.pdf_glyphs import Glyph

GAP = 1.0  # of the letter size: a wider gap in a line separates columns or cells; words of justified text stay under it
SPACE = 0.15  # of the letter size: a gap that is a blank although none is written
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_PAGE_NUMBER = re.compile(r"(?:page|seite|p\.)?\s*[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*(?:of|von|/)\s*\d{1,4})?", re.IGNORECASE)


class Run(NamedTuple):
    """Text that stands together on one line. table: of which the line is one; then it reaches from side to side of the table."""

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    table: Table | None = None


class Row(NamedTuple):
    """Runs on one baseline, from left to right."""

    base: float
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return " ".join(run.text for run in self.runs)

    @property
    def x0(self) -> float:
        return self.runs[0].x0

    @property
    def x1(self) -> float:
        return self.runs[-1].x1

    @property
    def size(self) -> float:
        return max(self.runs, key=lambda run: len(run.text)).size

    @property
    def bold(self) -> bool:
        return all(run.bold for run in self.runs if any(map(str.isalnum, run.text)))


def runs(glyphs: Sequence[Glyph]) -> list[Run]:
    """Join letters into runs; text drawn twice at the same place (a poor man's bold or shadow) counts once."""
    lines: list[list[Glyph]] = []
    seen: set[tuple[str, int, int]] = set()
    for stretch in sorted(_stretches(glyphs), key=lambda stretch: (stretch[0].base, stretch[0].x0)):
        drawn = ("".join(glyph.char for glyph in stretch), round(stretch[0].x0 / 3), round(stretch[0].base / 3))
        if drawn in seen:
            continue
        seen.add(drawn)
        home = _line_of(lines, stretch)
        if home is None:
            lines.append(list(stretch))
        else:
            home.extend(stretch)
    return [run for line in lines for run in _cut(line)]


def _stretches(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Letters that follow one another in the file and on the page: they keep the file's order, which is right for any script."""
    found: list[list[Glyph]] = []
    for glyph in glyphs:
        before = found[-1][-1] if found else None
        if before is not None and _follows(before, glyph):
            found[-1].append(glyph)
        elif not glyph.char.isspace():
            found.append([glyph])
    return found


def _follows(before: Glyph, glyph: Glyph) -> bool:
    if abs(before.base - glyph.base) > 0.5 * max(before.size, glyph.size):
        return False
    if _RTL.match(before.char) or _RTL.match(glyph.char):
        return abs(before.x0 - glyph.x1) < GAP * before.size or abs(glyph.x0 - before.x1) < GAP * before.size or glyph.char == " "
    return -0.6 * before.size < glyph.x0 - before.x1 < GAP * before.size


def _line_of(lines: list[list[Glyph]], stretch: list[Glyph]) -> list[Glyph] | None:
    """The line that the stretch goes on, if it is close enough: lines are looked at from the lowest up."""
    first = stretch[0]
    for line in reversed(lines[-12:]):
        last = line[-1]
        if (
            abs(last.base - first.base) <= 0.3 * max(last.size, first.size)
            and -0.3 * last.size < first.x0 - last.x1 < GAP * last.size
        ):
            return line
    return None


def _cut(line: list[Glyph]) -> list[Run]:
    """One line's letters as runs, cut at wide gaps made of blanks."""
    parts: list[list[Glyph]] = [[]]
    solid: Glyph | None = None  # the last letter that is not a blank
    for glyph in line:
        if glyph.char.isspace():
            if solid is not None:
                parts[-1].append(glyph)
            continue
        if solid is not None and glyph.x0 - solid.x1 > 1.8 * glyph.size and not _RTL.match(glyph.char):
            parts.append([])
        parts[-1].append(glyph)
        solid = glyph
    return [run for part in parts if (run := _run(part)) is not None]


def _run(glyphs: list[Glyph]) -> Run | None:
    chars: list[str] = []
    before: Glyph | None = None
    for glyph in glyphs:
        if before is not None and chars[-1] != " " and not glyph.char.isspace() and glyph.x0 - before.x1 > SPACE * glyph.size:
            chars.append(" ")
        chars.append(" " if glyph.char.isspace() else glyph.char)
        if not glyph.char.isspace():
            before = glyph
    text = " ".join("".join(chars).split())
    solid = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not text:
        return None
    size = statistics.mode(round(glyph.size, 1) for glyph in solid)
    base = statistics.median(glyph.base for glyph in solid)
    bold = sum(glyph.bold for glyph in solid) > 0.9 * len(solid)
    return Run(text, min(g.x0 for g in solid), max(g.x1 for g in solid), base, size, bold)


def rows(found: Iterable[Run]) -> list[Row]:
    """Runs in rows from the top down."""
    grouped: list[list[Run]] = []
    for run in sorted(found, key=lambda run: run.base):
        if grouped and run.base - grouped[-1][0].base <= 0.4 * min(run.size, grouped[-1][0].size):
            grouped[-1].append(run)
        else:
            grouped.append([run])
    return [Row(group[0].base, tuple(sorted(group, key=lambda run: run.x0))) for group in grouped]


# --- columns ----------------------------------------------------------------------------------------------------------


def columns(found: list[Run], *, depth: int = 2) -> list[list[Run]]:
    """The page's runs as parts to be read one after another: above a column layout, its left and right side, below it."""
    gutter = _gutter(found) if depth else None
    if gutter is None:
        return [found]
    parts: list[list[Run]] = []
    left: list[Run] = []
    right: list[Run] = []
    across: list[Run] = []

    def settle() -> None:
        for part in (left, right):
            if part:
                parts.extend(columns(list(part), depth=depth - 1))
                part.clear()

    for run in sorted(found, key=lambda run: (run.base, run.x0)):
        if run.x0 < gutter < run.x1:
            settle()
            across.append(run)
            continue
        if across:
            parts.append(across)
            across = []
        (left if run.x1 <= gutter else right).append(run)
    settle()
    if across:
        parts.append(across)
    return parts


def _gutter(found: list[Run]) -> float | None:
    """Where a page of two columns of running text is divided; None for one column, and for tables, whose cells are short."""
    if len(found) < 16:
        return None
    start, end = min(run.x0 for run in found), max(run.x1 for run in found)
    best: tuple[int, float] | None = None
    for percent in range(25, 76):
        x = start + (end - start) * percent / 100
        left, right = [run for run in found if run.x1 <= x], [run for run in found if run.x0 >= x]
        crossing = len(found) - len(left) - len(right)
        if crossing * 3 > len(found) or not (_is_column(left, start, x) and _is_column(right, x, end)):
            continue
        distance = (crossing, abs(percent - 50))
        if best is None or distance < (best[0], abs((best[1] - start) / (end - start) * 100 - 50)):
            best = (crossing, x)
    return best[1] if best else None


def _is_column(found: list[Run], start: float, end: float) -> bool:
    """Whether the runs fill their side with lines of running text, one close under the other."""
    if len(found) < 6 or end <= start:
        return False
    tall = max(run.base for run in found) - min(run.base for run in found)
    if tall > 2.2 * statistics.median(run.size for run in found) * len(found):
        return False  # words beside a text, as in a table of terms
    return statistics.median(run.x1 - run.x0 for run in found) > 0.6 * (end - start)


# --- what repeats on every page ---------------------------------------------------------------------------------------


def without_running_lines(pages: list[list[Row]], heights: list[float]) -> list[list[Row]]:
    """The pages without the headers and footers that repeat, and without page numbers.

    A line is one of them if it stands at the same place on half of the pages with the same words, or with figures that count the
    pages; only from the edge inwards, and never a row of a table: its head repeats too, and the rows of many tables look alike.
    """
    edges = [_edges(page) for page in pages]
    repeated = _repeated(edges)
    places = {(key.where, key.place) for page in edges for key, row in page if key in repeated}
    kept = []
    for page, edge, height in zip(pages, edges, heights, strict=True):
        dropped: set[Row] = set()
        open_edges = {"top", "bottom"}
        for key, row in edge:
            in_margin = row.base < 0.1 * height or row.base > 0.87 * height
            runs_along = key in repeated or (
                in_margin and (key.where, key.place) in places
            )  # the second: left and right pages differ
            if (in_margin and _PAGE_NUMBER.fullmatch(row.text)) or (runs_along and key.where in open_edges):
                dropped.add(row)
            else:
                open_edges.discard(key.where)
        kept.append([row for row in page if row not in dropped])
    return kept


class _Key(NamedTuple):
    """What makes lines of several pages the same: their words, and where they stand."""

    text: str
    where: str
    place: int


def _edges(page: list[Row]) -> list[tuple[_Key, Row]]:
    """The first and the last three rows of a page, each from the edge inwards, without those that go on as a table."""
    found = []
    for where, at in [("top", [0, 1, 2]), ("bottom", [len(page) - 1, len(page) - 2, len(page) - 3])]:
        for number in at:
            inner = number + 1 if where == "top" else number - 1
            if not 0 <= number < len(page) or (where == "bottom" and number < 3):
                continue
            row = page[number]
            if 0 <= inner < len(page) and _lines_up(row, page[inner]):
                break
            found.append((_Key(re.sub(r"\d+", "#", row.text.casefold()), where, round(row.base / 12)), row))
    return found


def _lines_up(row: Row, other: Row) -> bool:
    """Whether two rows close to each other have the same columns, as in a table."""
    if len(row.runs) < 2 or len(row.runs) != len(other.runs) or abs(row.base - other.base) > 3 * row.size:
        return False
    return all(min(one.x1, two.x1) > max(one.x0, two.x0) for one, two in zip(row.runs, other.runs, strict=True))


def _repeated(edges: list[list[tuple[_Key, Row]]]) -> set[_Key]:
    """The lines that half of the pages have, but at least two, with figures that stay or grow with the pages."""
    seen: dict[_Key, dict[int, tuple[int, ...]]] = {}
    for number, page in enumerate(edges):
        for key, row in page:
            seen.setdefault(key, {})[number] = tuple(int(figure) for figure in re.findall(r"\d+", row.text)[:8] if len(figure) < 9)
    often = max(2, (len(edges) + 1) // 2)
    return {key for key, figures in seen.items() if len(figures) >= often and _counts_pages(figures)}


def _counts_pages(figures: dict[int, tuple[int, ...]]) -> bool:
    return all(
        len(set(column)) == 1 or len({figure - page for figure, page in zip(column, figures, strict=True)}) == 1
        for column in zip(*figures.values(), strict=False)
    )
