"""Charts as numbers: where bars, lines, ticks and labels stand in a picture of our own. Templates draw them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 720.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 12.0, 12.0, 28.0
INNER_WIDTH, INNER_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
FLOOR = TOP + INNER_HEIGHT


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and the number that stands there."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; series: the number of its part, for its colour."""

    x: float
    y: float
    width: float
    height: float
    series: int


def ticks(top: float, *, most: int = 5) -> list[float]:
    """Round numbers from 0 to at least `top`: 1, 2, 2.5 or 5 times a power of ten apart. Of nothing, 0 and 1."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / (most - 1)
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999999)
    return [round(step * n, 12) for n in range(ceil(round(top / step, 9)) + 1)]


def height_of(value: float, top: float) -> float:
    return round(INNER_HEIGHT * value / top, 2) if top > 0 else 0.0


def y_ticks(top: float) -> list[Tick]:
    """Marks of the upright axis; the last is its top."""
    values = ticks(top)
    return [Tick(round(FLOOR - height_of(value, values[-1]), 2), value) for value in values]


def x_of(value: float, until: float) -> float:
    return round(LEFT + INNER_WIDTH * value / until, 2) if until > 0 else LEFT


def bars(stacks: Sequence[Sequence[float]], top: float) -> list[list[Bar]]:
    """One stack of bars for each entry, side by side over the whole width; parts of nothing are left out."""
    slot = INNER_WIDTH / max(len(stacks), 1)
    gap = min(slot * 0.25, 6.0)
    drawn = []
    for n, parts in enumerate(stacks):
        y, stack = FLOOR, []
        for series, value in enumerate(parts):
            if (height := height_of(value, top)) > 0:
                y -= height
                stack.append(Bar(round(LEFT + n * slot + gap / 2, 2), round(y, 2), round(slot - gap, 2), height, series))
        drawn.append(stack)
    return drawn


def middle_of(n: int, count: int) -> float:
    """Where the n-th of so many slots has its middle."""
    return round(LEFT + INNER_WIDTH * (n + 0.5) / max(count, 1), 2)


def polyline(points: Sequence[tuple[float, float]], until: float, top: float) -> str:
    """The points of a line, for an SVG attribute; each is cut off at the top."""
    return " ".join(f"{x_of(x, until)},{round(FLOOR - height_of(min(y, top), top), 2)}" for x, y in points)
