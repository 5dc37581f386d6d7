"""Renting a model or running one, from the shop's own traffic. Every assumption stands in the address, so that it can be shared."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from console import charts
from console.access import console_page
from console.assumptions import FIGURES_OF_TRAFFIC, MOST_RENTED, Given, own_of, rented_of, shown, traffic_of, usual_own
from console.costs import catch_up, usd_tick
from console.measuring import MEASURED_DAYS, in_words, measured
from console.money import short, usd
from console.roles import ADMINISTRATORS
from llm.endpoints import current
from llm.metering_days import day_sums
from llm.models import Price
from llm.prices import price_book
from llm.rent_or_build import BreakEven, Comparison, Own, Rented, Traffic, compare, own_line, rented_line
from llm.server_addresses import is_near


@console_page("GET", roles=ADMINISTRATORS)
def rent_or_build(request: HttpRequest) -> HttpResponse:
    """The comparison, drawn and in words, above the form with everything that it rests on."""
    now = timezone.now()
    today = timezone.localdate(now)
    catch_up(now)
    prices = price_book(today).all()
    machine = next((row for row in prices if row.is_self_hosted), None)
    near = "" if machine else _near_by(prices)
    usual = usual_own(machine, near)
    found = measured(today, machine.model, machine.endpoint) if machine else measured(today, near)
    given = Given(request.GET)
    traffic = traffic_of(given, found.traffic)
    rented, own = rented_of(given, prices, found), own_of(given, usual, found, is_priced=machine is not None)
    compared = compare(rented, own, traffic) if rented else []
    context = {
        "measured": in_words(found, usual.name),
        "has_traffic": found.traffic is not None,
        "began_today": found.traffic is None and _was_asked(today),
        "days": MEASURED_DAYS,
        "traffic": {name: shown(getattr(traffic, name)) for name in FIGURES_OF_TRAFFIC},
        "rented": _rows(rented, given.sources),
        "own": own,
        "own_values": _own_values(own),
        "sources": given.sources,
        "machines": own.machines_for(traffic),
        "own_month": usd(own.of_month(traffic)),
        "own_per_right": usd(compared[0].own_per_right_usd) if compared and compared[0].own_per_right_usd else "",
        "comparisons": [(one, usd(one.month_usd), _verdict(one), _per_right(one)) for one in compared],
        "chart": chart(rented, own, traffic, compared),
        "questions": short(traffic.questions),
        "problem": " ".join(given.problems),
    }
    return render(request, "console/costs/rent_or_build.html", context)


def _near_by(prices: Sequence[Price]) -> str:
    """The first model that is set up on a machine near by and that nobody rents out; "" if there is none."""
    rented = {row.model for row in prices}
    return next((one.model for one in current() if is_near(one.base_url) and one.model not in rented), "")


def _was_asked(day: date) -> bool:
    return any(one.calls for one in day_sums(day, day))


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


def _rows(rented: Sequence[Rented], sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """The fields of each rented model, and an empty row to add one; two where there is none."""
    rows: list[dict[str, Any]] = []
    for n in range(min(len(rented) + 1, MOST_RENTED) if rented else 2):
        model = rented[n] if n < len(rented) else None
        row: dict[str, Any] = {"n": n, "name": model.name if model else ""}
        if model:
            row |= {"input": f"{model.input_usd:f}", "cached": f"{model.cached_usd:f}", "output": f"{model.output_usd:f}"}
            row |= {
                "right": "" if model.quality is None else shown(100 * model.quality),
                "right_from": sources.get(f"r{n}_right", ""),
            }
        rows.append(row)
    return rows


def _own_values(own: Own) -> dict[str, str]:
    return {
        "hour": f"{own.hour_usd:f}",
        "read": shown(own.input_per_second),
        "write": shown(own.output_per_second),
        "utilisation": shown(100 * own.utilisation),
        "at_once": shown(own.at_once),
        "staff": f"{own.staff_usd:f}",
        "right": "" if own.quality is None else shown(100 * own.quality),
    }
