"""What is drawn on a page of a PDF beside its letters: pictures, coloured areas, and the lines of tables.

Coordinates are in points from the top left of the page, y downwards.
"""

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as c

MAX_OBJECTS = 50_000  # drawn things looked at on one page; a page of text has hundreds
MAX_LINES = 5_000  # sides of boxes and lines of tables on one page
_MAX_STROKES = 1_000  # in one thing; maps and curves have more, tables do not
_SHORTEST = 5.0  # points
_THIN = 3.0  # points: a filled area that is thinner is a line
_SLANT = 0.7  # points that the ends of a straight line may be off
Point = tuple[float, float]


class Box(NamedTuple):
    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


class Line(NamedTuple):
    """A drawn line, straight across or down: where it is, and from where to where it goes."""

    at: float
    start: float
    end: float


class Drawn(NamedTuple):
    coloured: list[Box]  # areas on which white text can be read
    pictures: list[Box]
    rules: list[Box]  # thin horizontal shapes, such as under a heading
    across: list[Line]  # lines, also the sides of boxes
    down: list[Line]
    curves: list[Box]  # around each thing with slanting or bent lines


def nothing_drawn() -> Drawn:
    return Drawn([], [], [], [], [], [])


def drawn_on(page: Any, left: float, top: float) -> Drawn:
    """What is drawn on a page. left, top: of its visible part, in the file's coordinates."""
    found = nothing_drawn()
    x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
    for index in range(min(c.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        thing = c.FPDFPage_GetObject(page, index)
        kind = c.FPDFPageObj_GetType(thing)
        if kind == c.FPDF_PAGEOBJ_TEXT or not c.FPDFPageObj_GetBounds(thing, x0, y0, x1, y1):
            continue
        box = Box(x0.value - left, top - y1.value, x1.value - left, top - y0.value)
        if kind in (c.FPDF_PAGEOBJ_IMAGE, c.FPDF_PAGEOBJ_FORM, c.FPDF_PAGEOBJ_SHADING):
            (found.pictures if kind == c.FPDF_PAGEOBJ_IMAGE else found.coloured).append(box)
        elif kind == c.FPDF_PAGEOBJ_PATH:
            if len(found.across) + len(found.down) + len(found.curves) < MAX_LINES:
                _add_lines(thing, left, top, found)
            if box.y1 - box.y0 <= 3 and box.x1 - box.x0 >= 15:
                found.rules.append(box)
            elif _is_coloured(thing):
                found.coloured.append(box)
    return found


def _is_coloured(thing: Any) -> bool:
    mode, stroke = ctypes.c_int(), c.FPDF_BOOL()
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not c.FPDFPath_GetDrawMode(thing, mode, stroke) or not mode.value:
        return False
    c.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha)
    return alpha.value > 12 and min(red.value, green.value, blue.value) < 235


def _add_lines(thing: Any, left: float, top: float, found: Drawn) -> None:
    """Add the straight lines of a path: those that are stroked, and areas so thin that they are lines. Others make it a curve."""
    strokes = c.FPDFPath_CountSegments(thing)
    mode, stroked = ctypes.c_int(), c.FPDF_BOOL()
    if not 2 <= strokes <= _MAX_STROKES or not c.FPDFPath_GetDrawMode(thing, mode, stroked):
        return
    for points in _strokes(thing, strokes, left, top, bent=bool(stroked.value)):
        xs, ys = [x for x, _ in points], [y for _, y in points]
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        if high <= _THIN and wide >= _SHORTEST and (mode.value or stroked.value):
            found.across.append(Line((min(ys) + max(ys)) / 2, min(xs), max(xs)))
        elif wide <= _THIN and high >= _SHORTEST and (mode.value or stroked.value):
            found.down.append(Line((min(xs) + max(xs)) / 2, min(ys), max(ys)))
        elif stroked.value:
            slanting = any(min(abs(ax - bx), abs(ay - by)) > _SLANT for (ax, ay), (bx, by) in pairwise(points))
            if slanting:
                found.curves.append(Box(min(xs), min(ys), max(xs), max(ys)))
            for (ax, ay), (bx, by) in pairwise(points):
                if abs(ay - by) <= _SLANT and abs(ax - bx) >= _SHORTEST:
                    found.across.append(Line((ay + by) / 2, min(ax, bx), max(ax, bx)))
                elif abs(ax - bx) <= _SLANT and abs(ay - by) >= _SHORTEST:
                    found.down.append(Line((ax + bx) / 2, min(ay, by), max(ay, by)))


def _strokes(thing: Any, count: int, left: float, top: float, *, bent: bool) -> Iterator[list[Point]]:
    """Yield the points of each unbroken part of a path, also those that bend it. bent: go on after the first of these."""
    matrix, x, y = c.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    if not c.FPDFPageObj_GetMatrix(thing, matrix):
        return
    points: list[Point] = []
    for number in range(count):
        part = c.FPDFPath_GetPathSegment(thing, number)
        if not part or not c.FPDFPathSegment_GetPoint(part, x, y):
            return
        kind = c.FPDFPathSegment_GetType(part)
        if kind == c.FPDF_SEGMENT_BEZIERTO and not bent:
            return
        at_x = matrix.a * x.value + matrix.c * y.value + matrix.e - left
        at_y = top - (matrix.b * x.value + matrix.d * y.value + matrix.f)
        if kind == c.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        points.append((at_x, at_y))
        if c.FPDFPathSegment_GetClose(part) and points[0] != points[-1]:
            points.append(points[0])
    if len(points) > 1:
        yield points
