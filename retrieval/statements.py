"""The sentences, list items and table rows of a text, each with where it stands and the periods it names. Pure.

For whoever draws conclusions from a policy: what they conclude is theirs, the reading of sentences and figures is here.
"""

from dataclasses import dataclass

from retrieval.blocks import Kind as BlockKind
from retrieval.blocks import blocks
from retrieval.plaintext import plain
from retrieval.sentences import Unit, units
from retrieval.stated import Kind, figures

_DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Period:
    """least and most are the same unless a range was written. unit: "day", "working day" or "month". after: the words behind it."""

    least: int
    most: int
    unit: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """markdown[start:end] is the statement; text: its bare words. place: the headings above it, outermost first.

    lead: the sentence that leads a list item in, or ""; it begins at lead_start. cells: of a table row, each with the head of its column.
    """

    start: int
    end: int
    text: str
    place: tuple[str, ...] = ()
    lead: str = ""
    lead_start: int = 0
    cells: tuple[tuple[str, str], ...] = ()
    periods: tuple[Period, ...] = ()


def statements(markdown: str) -> list[Statement]:
    """Everything a text states, in reading order; headings and code state nothing."""
    levels = {block.body: block.level for block in blocks(markdown) if block.kind is BlockKind.HEADING}
    headings: list[tuple[int, str]] = []
    head: list[str] = []
    lead = last = ""
    lead_start = last_start = 0
    found: list[Statement] = []
    for span in units(markdown):
        raw = markdown[span.start : span.end]
        if span.unit is Unit.HEADING:
            level = levels.get(span.start, 1)
            headings = [(known, name) for known, name in headings if known < level] + [(level, plain(raw))]
            lead = last = ""
        elif span.unit is Unit.TABLE_HEAD:
            head = _cells(raw)
        elif span.unit in (Unit.SENTENCE, Unit.ITEM, Unit.TABLE_ROW):
            if span.unit is Unit.ITEM and last.endswith(":"):
                lead, lead_start = last, last_start
            elif span.unit is not Unit.ITEM:
                lead = ""
            cells = tuple(_with_heads(_cells(raw), head)) if span.unit is Unit.TABLE_ROW else ()
            text = plain(raw)
            place = tuple(name for _, name in headings)
            found.append(Statement(span.start, span.end, text, place, lead, lead_start if lead else 0, cells, tuple(periods(text))))
            last, last_start = (text, span.start) if span.unit is Unit.SENTENCE else ("", 0)
    return found


def periods(text: str) -> list[Period]:
    """The periods of days, weeks, working days and months that a sentence names; what is counted in hours is not among them."""
    found = []
    for figure in figures(text):
        if figure.kind is not Kind.PERIOD:
            continue
        unit, scale = ("day", _DAY) if figure.unit == "minute" else (figure.unit, 1)
        low, high = figure.low / scale, figure.high / scale
        is_hours = figure.unit == "minute" and "hour" in figure.text.lower()
        if low != low.to_integral_value() or high != high.to_integral_value() or high < 1 or is_hours:
            continue
        found.append(Period(int(low), int(high), unit, text[text.find(figure.text) + len(figure.text) :]))
    return found


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in row.strip().strip("|").split("|")]


def _with_heads(cells: list[str], head: list[str]) -> list[tuple[str, str]]:
    return [(head[at] if at < len(head) else "", cell) for at, cell in enumerate(cells)]
