"""The cost/quality curve of the routing as a small SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 20, 48  # around the plot; names stand to the right of their points
INK, PALE, GOAL = "#1f2937", "#9ca3af", "#dcfce7"


@dataclass(frozen=True, slots=True)
class Point:
    """cost: share of the tokens of "everything large"; correct: share of the questions. Both 0..1 (cost may be more). marked: named in bold."""

    name: str
    cost: float
    correct: float
    marked: bool = False


def picture(points: Sequence[Point], *, most_cost: float, least_correct: float) -> str:
    """The points, points of one place under one name, and the field in which the goal is reached."""
    right = max(1.0, *(point.cost for point in points)) * 1.05
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(cost: float) -> float:
        return LEFT + plot_width * cost / right

    def y(correct: float) -> float:
        return TOP + plot_height * (1 - correct)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect x="{LEFT}" y="{TOP}" width="{x(most_cost) - LEFT:.1f}" height="{max(y(least_correct) - TOP, 2):.1f}" fill="{GOAL}"/>',
        f'<path d="M{LEFT} {TOP}V{y(0):.1f}H{WIDTH - RIGHT}" fill="none" stroke="{INK}"/>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        drawn.append(_text(LEFT - 8, y(share) + 4, f"{share:.0%}", anchor="end"))
        drawn.append(_text(x(share), HEIGHT - BOTTOM + 16, f"{share:.0%}", anchor="middle"))
    drawn.append(_text(LEFT + plot_width / 2, HEIGHT - 10, "tokens, of those of the large model for everything", anchor="middle"))
    drawn.append(
        f'<text transform="translate(14 {TOP + plot_height / 2:.0f}) rotate(-90)" text-anchor="middle" fill="{INK}">answers that are right</text>'
    )
    taken: list[float] = []  # heights of names
    for (cost, correct), same in sorted(_by_place(points).items(), key=lambda entry: (-entry[0][1], entry[0][0])):
        marked = any(point.marked for point in same)
        drawn.append(
            f'<circle cx="{x(cost):.1f}" cy="{y(correct):.1f}" r="{5 if marked else 3.5}" fill="{INK if marked else PALE}"/>'
        )
        height = _free(y(correct) + 4, taken)
        taken.append(height)
        drawn.append(_text(x(cost) + 9, height, ", ".join(point.name for point in same), bold=marked))
    return "\n".join([*drawn, "</svg>\n"])


def _by_place(points: Sequence[Point]) -> dict[tuple[float, float], list[Point]]:
    places: dict[tuple[float, float], list[Point]] = {}
    for point in points:
        places.setdefault((round(point.cost, 3), round(point.correct, 3)), []).append(point)
    return places


def _free(height: float, taken: Sequence[float]) -> float:
    """The first height at or below this one where no other name stands."""
    while any(abs(height - other) < 12 for other in taken):
        height += 3
    return height


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}"{weight}>{escape(text)}</text>'
