"""Renting a model or running one, from the shop's own traffic. Every assumption stands in the address, so that it can be shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chatbot.counting import conversation_days
from console import charts
from console.access import console_page
from console.costs import usd_tick
from console.money import short, usd
from console.roles import ADMINISTRATORS
from llm.metering_days import day_sums, hours
from llm.prices import prices_on
from llm.rent_or_build import DAYS_OF_A_MONTH, BreakEven, Comparison, Own, Rented, Traffic, compare, own_line, rented_line

MEASURED_DAYS = 30
MOST_RENTED = 6
EXAMPLE = Traffic(questions=1_000_000, input=900, output=100, peak=4.0)
OUR_OWN = Own("our own", Decimal("2.00"), 10_000.0, 1_000.0, utilisation=0.5, staff_usd=Decimal(2_000))
_TRAFFIC = ("questions", "input", "cached", "output", "peak", "at_once")


@dataclass
class Given:
    """What stands in the address, read with bounds. problems: what could not be read, in sentences."""

    data: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def number(self, name: str, label: str, default: float, low: float, high: float) -> float:
        text = self.data.get(name, "").strip().replace(",", "")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.problems.append(f"{label} must be a number from {low:,g} to {high:,g}.")
            return default
        return value

    def usd(self, name: str, label: str, default: Decimal, high: float = 1_000_000) -> Decimal:
        return Decimal(f"{self.number(name, label, float(default), 0, high):.6f}").normalize()

    def share(self, name: str, label: str, default: float | None) -> float | None:
        """A percentage as a share, 0..1; None if there is none."""
        percent = self.number(name, label, -1 if default is None else 100 * default, 0.1, 100)
        return None if percent < 0 else percent / 100

    def name(self, name: str, default: str) -> str:
        return (self.data.get(name, default).strip() or default)[:80]


@console_page("GET", roles=ADMINISTRATORS)
def rent_or_build(request: HttpRequest) -> HttpResponse:
    """The comparison, drawn and in words, above the form with everything that it rests on."""
    today = timezone.localdate()
    measured = measured_traffic(today)
    given = Given(request.GET)
    traffic = _traffic(given, measured or EXAMPLE)
    rented, own = _rented(given, today), _own(given, _usual_own(today))
    found = compare(rented, own, traffic) if rented else []
    context = {
        "measured": measured,
        "days": MEASURED_DAYS,
        "traffic": {name: _shown(getattr(traffic, name)) for name in _TRAFFIC},
        "rented": _rows(rented),
        "own": own,
        "own_values": _own_values(own),
        "machines": own.machines_for(traffic),
        "own_month": usd(own.of_month(traffic)),
        "own_per_right": usd(found[0].own_per_right_usd) if found and found[0].own_per_right_usd else "",
        "comparisons": [(one, usd(one.month_usd), _verdict(one), _per_right(one)) for one in found],
        "chart": chart(rented, own, traffic, found),
        "questions": short(traffic.questions),
        "problem": " ".join(given.problems),
    }
    return render(request, "console/costs/rent_or_build.html", context)


def measured_traffic(today: date, days: int = MEASURED_DAYS) -> Traffic | None:
    """The traffic of so many days that are over, as of a month; None without a call in them."""
    last = today - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    sums, of_hours = day_sums(first, last), hours(first, last)
    calls = sum(one.calls for one in sums)
    if not calls:
        return None
    begun = min(one.day for one in sums)
    span = (last - begun).days + 1  # a shop that began a week ago has had one week
    questions = sum(day.questions - day.spared - day.cached for day in conversation_days(begun, last)) or calls
    busiest = max(hour.input_tokens + hour.output_tokens for hour in of_hours)
    usual = sum(hour.input_tokens + hour.output_tokens for hour in of_hours) / (24 * span)
    return Traffic(
        questions=round(questions * DAYS_OF_A_MONTH / span),
        input=round(sum(one.input_tokens for one in sums) / questions, 1),
        cached=round(sum(one.cached_tokens for one in sums) / questions, 1),
        output=round(sum(one.output_tokens for one in sums) / questions, 1),
        peak=round(max(busiest / usual, 1.0), 1) if usual else 1.0,
        at_once=float(max(hour.most_at_once for hour in of_hours)),
    )


def _traffic(given: Given, usual: Traffic) -> Traffic:
    tokens = given.number("input", "Input tokens of a question", usual.input, 0, 10_000_000)
    cached = given.number("cached", "Cached input tokens", usual.cached, 0, 10_000_000)
    if cached > tokens:
        given.problems.append("Cached tokens are a part of the input, so there cannot be more of them.")
        cached = tokens
    return Traffic(
        questions=given.number("questions", "Questions a month", usual.questions, 0, 1e12),
        input=tokens,
        cached=cached,
        output=given.number("output", "Output tokens of a question", usual.output, 0, 10_000_000),
        peak=given.number("peak", "The busiest hour", usual.peak, 1, 10_000),
        at_once=given.number("at_once", "Calls at once", usual.at_once, 0, 1_000_000),
    )


def _rented(given: Given, today: date) -> list[Rented]:
    """Those of the address; without any, those that have a price today and are rented."""
    if any(f"r{n}_name" in given.data for n in range(MOST_RENTED)):
        kept = [n for n in range(MOST_RENTED) if given.data.get(f"r{n}_name", "").strip()]
        return [_rented_at(given, n) for n in kept]
    rows = [row for row in prices_on(today).values() if not row.is_self_hosted]
    return [
        Rented(row.model, row.input_usd.normalize(), row.cached_usd.normalize(), row.output_usd.normalize())
        for row in rows[:MOST_RENTED]
    ]


def _rented_at(given: Given, n: int) -> Rented:
    name = given.name(f"r{n}_name", "a model")
    usd_in = given.usd(f"r{n}_in", f"The input price of {name}", Decimal(0))
    cached = given.usd(f"r{n}_cached", f"The cached price of {name}", usd_in)
    usd_out = given.usd(f"r{n}_out", f"The output price of {name}", Decimal(0))
    return Rented(name, usd_in, cached, usd_out, given.share(f"r{n}_right", f"The right answers of {name}", None))


def _usual_own(today: date) -> Own:
    """The model on a machine of the shop's own that has a price today; without one, an example."""
    row = next((row for row in prices_on(today).values() if row.is_self_hosted), None)
    if row is None or row.hour_usd is None or not (row.input_per_second and row.output_per_second):
        return OUR_OWN
    return replace(
        OUR_OWN,
        name=row.model[:80],
        hour_usd=row.hour_usd.normalize(),
        input_per_second=float(row.input_per_second),
        output_per_second=float(row.output_per_second),
    )


def _own(given: Given, usual: Own) -> Own:
    return Own(
        name=given.name("own_name", usual.name),
        hour_usd=given.usd("hour_usd", "The price of an hour", usual.hour_usd),
        input_per_second=given.number("read", "Tokens read in a second", usual.input_per_second, 0.01, 1e9),
        output_per_second=given.number("write", "Tokens written in a second", usual.output_per_second, 0.01, 1e9),
        utilisation=given.share("utilisation", "Utilisation", usual.utilisation) or usual.utilisation,
        at_once=given.number("own_at_once", "Calls at once on a machine", usual.at_once, 0, 1_000_000),
        staff_usd=given.usd("staff_usd", "People", usual.staff_usd, 10_000_000),
        machines=int(given.number("machines", "The least machines", usual.machines, 1, 100_000)),
        quality=given.share("own_right", "The right answers of your own model", None),
    )


def _verdict(one: Comparison) -> str:
    """What follows for one rented model, in a sentence."""
    found = one.break_even
    if found == BreakEven(None, None):
        return "A model of your own costs more at every volume: a full machine saves less than it costs."
    if found.lasting is None or found.first is None:
        return f"A model of your own costs less around {short(found.first or 0)} questions a month, and more where more machines are needed."
    if found.first >= found.lasting * 0.999:
        return f"Break-even at {short(found.lasting)} questions a month: from there on a model of your own costs less."
    return (
        f"Break-even at {short(found.first)} questions a month; from {short(found.lasting)} on a model of your own costs less "
        "whatever another machine adds."
    )


def _per_right(one: Comparison) -> str:
    return usd(one.per_right_usd) if one.per_right_usd is not None else ""


def chart(rented: Sequence[Rented], own: Own, traffic: Traffic, found: Sequence[Comparison]) -> dict[str, Any]:
    """The cost of a month against its questions: a line for each rented model, a staircase for one's own, and where you are."""
    crossings = [one.break_even.first for one in found if one.break_even.first is not None]
    until = max([traffic.questions * 1.5, 1_000.0, *(c * 1.3 for c in crossings if c <= 20 * max(traffic.questions, 1_000.0))])
    x_ticks = charts.ticks(until)
    until = x_ticks[-1]
    stairs = [(point.questions, point.usd) for point in own_line(own, traffic, until)]
    lines = [[(point.questions, point.usd) for point in rented_line(model, traffic, until)] for model in rented]
    # a model that is far dearer than the rest may leave the picture, so that the crossing can be seen
    tops = sorted([stairs[-1][1], *(line[-1][1] for line in lines)])
    top = max(min(tops[-1], 3 * tops[0]), float(own.of_month(traffic)))
    ticks = charts.y_ticks(top)
    top = ticks[-1].value
    return {
        "own": charts.polyline(stairs, until, top),
        "rented": [(n, model.name, _cut(line, until, top)) for n, (model, line) in enumerate(zip(rented, lines, strict=True))],
        "now": charts.x_of(traffic.questions, until),
        "y": [(tick.at, usd_tick(tick.value)) for tick in ticks],
        "x": [(charts.x_of(value, until), short(value)) for value in x_ticks],
        "crossings": [charts.x_of(c, until) for c in crossings if c <= until],
    }


def _cut(line: Sequence[tuple[float, float]], until: float, top: float) -> str:
    """A straight line from nothing, ended where it leaves the picture."""
    (_, _), (x, y) = line
    end = (x * top / y, top) if y > top else (x, y)
    return charts.polyline([(0.0, 0.0), end], until, top)


def _rows(rented: Sequence[Rented]) -> list[dict[str, Any]]:
    """The fields of each rented model, and two empty rows to add to them."""
    rows: list[dict[str, Any]] = []
    for n in range(min(len(rented) + 2, MOST_RENTED)):
        model = rented[n] if n < len(rented) else None
        row: dict[str, Any] = {"n": n, "name": model.name if model else ""}
        if model:
            row |= {"input": f"{model.input_usd:f}", "cached": f"{model.cached_usd:f}", "output": f"{model.output_usd:f}"}
            row["right"] = "" if model.quality is None else _shown(100 * model.quality)
        rows.append(row)
    return rows


def _own_values(own: Own) -> dict[str, str]:
    return {
        "hour": f"{own.hour_usd:f}",
        "read": _shown(own.input_per_second),
        "write": _shown(own.output_per_second),
        "utilisation": _shown(100 * own.utilisation),
        "at_once": _shown(own.at_once),
        "staff": f"{own.staff_usd:f}",
        "right": "" if own.quality is None else _shown(100 * own.quality),
    }


def _shown(value: float) -> str:
    """A number as it stands in a field."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
