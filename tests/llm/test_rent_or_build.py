"""Renting against running a model of one's own: published sums, whole machines, and where the lines cross."""

from decimal import Decimal
from math import inf, isclose

import pytest

from llm.rent_or_build import DAYS_OF_A_MONTH, BreakEven, Own, Rented, Traffic, break_even, compare, own_line, rented_line


def rented(usd_in, usd_out="0", cached="0", **values) -> Rented:
    return Rented("a model", Decimal(usd_in), Decimal(cached), Decimal(usd_out), **values)


def own(**values) -> Own:
    given = {"hour_usd": Decimal(2), "input_per_second": 10_000.0, "output_per_second": 1_000.0, "utilisation": 0.5} | values
    return Own("our own", **given)


@pytest.mark.parametrize(("usd", "month"), [("0.15", 150), ("30", 30_000)])
def test_published_a_million_queries_of_a_thousand_tokens(usd, month):
    traffic = Traffic(questions=1_000_000, input=1_000, output=0)
    assert rented(usd, usd).of_month(traffic) == month


def test_published_tokens_of_a_day_at_two_prices():
    a_day = Traffic(questions=1, input=1_200_000, output=800_000)
    assert rented("75", "150").of_month(a_day) == 210
    a_month = Traffic(questions=DAYS_OF_A_MONTH, input=1_200_000, output=800_000)
    assert rented("75", "150").of_month(a_month) == 6_300


def test_published_requests_of_a_day_priced_by_the_thousand_tokens():
    traffic = Traffic(questions=100_000, input=500, output=0)
    usd_a_million = Decimal("0.02") * 1_000
    assert rented(usd_a_million).of_month(traffic) == 1_000


def test_cached_input_costs_its_own_price_and_keeps_no_machine_busy():
    traffic = Traffic(questions=1_000, input=1_000, cached=600, output=100)
    assert rented("10", "20", "1").of_question(traffic) == Decimal("0.0066")
    assert isclose(own().seconds_of_question(traffic), 400 / 10_000 + 100 / 1_000)


def test_machines_are_whole_and_carry_the_busiest_hour():
    quiet = Traffic(questions=1_000, input=1_000, output=100)
    assert own().machines_for(quiet) == 1
    # 0.2 s each, one a second on average, four times that at the peak, half of the machine may be planned with
    busy = Traffic(questions=730 * 3600, input=1_000, output=100, peak=4)
    assert own().machines_for(busy) == 2
    assert own(machines=3).machines_for(busy) == 3
    assert own(at_once=8).machines_for(Traffic(1_000, 1_000, 100, at_once=50)) == 7


def test_a_month_of_ones_own_is_its_machines_and_its_people():
    assert own(staff_usd=Decimal(500)).of_month(Traffic(1_000, 1_000, 100)) == 2 * 730 + 500


def cost_at(model: Own, traffic: Traffic, questions: float) -> float:
    return float(model.of_month(traffic.times(questions)))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"staff_usd": Decimal(3_000)},
        {"staff_usd": Decimal(20_000)},
        {"machines": 3},
        {"hour_usd": Decimal(5), "staff_usd": Decimal(8_000)},
        {"at_once": 4.0},
    ],
    ids=str,
)
def test_break_even_is_where_ones_own_first_costs_no_more_and_lasting_where_it_stays_so(values):
    traffic = Traffic(questions=100_000, input=1_000, output=100, peak=3, at_once=0.2 if "at_once" in values else 0)
    model, hired = own(**values), rented("2", "8")
    each = float(hired.of_question(traffic))
    found = break_even(hired, model, traffic)
    assert found.first is not None and found.lasting is not None and found.first <= found.lasting
    volumes = [found.lasting * step / 200 for step in range(1, 1200)]
    cheaper = [q for q in volumes if cost_at(model, traffic, q) <= q * each]
    assert min(cheaper) >= found.first * 0.999 and min(cheaper) <= max(found.first, found.lasting / 200) * 1.02
    assert all(cost_at(model, traffic, q) <= q * each * 1.000001 for q in volumes if q >= found.lasting * 1.0001)
    dearer_before = found.lasting == found.first or cost_at(model, traffic, found.lasting * 0.999) > found.lasting * 0.999 * each
    assert dearer_before


def test_a_machine_that_carries_too_little_is_never_cheaper():
    traffic = Traffic(questions=100_000, input=1_000, output=100)
    assert break_even(rented("0.01", "0.01"), own(), traffic) == BreakEven(None, None)
    assert break_even(rented("0", "0"), own(), traffic) == BreakEven(None, None)


def test_the_lines_of_the_chart_meet_the_sums():
    traffic = Traffic(questions=1_000_000, input=1_000, output=200, peak=4)
    model, hired = own(staff_usd=Decimal(100)), rented("1", "2")
    until = 5_000_000.0
    stairs = own_line(model, traffic, until)
    assert stairs[0].usd == cost_at(model, traffic, 1) and stairs[-1].questions == until
    assert isclose(stairs[-1].usd, cost_at(model, traffic, until))
    assert [p.questions for p in stairs] == sorted(p.questions for p in stairs)
    assert isclose(rented_line(hired, traffic, until)[-1].usd, float(hired.of_month(traffic.times(until))))
    assert len(own_line(model, traffic, 1e12)) < 1_000


def test_traffic_without_tokens_needs_no_further_machine():
    nothing = Traffic(questions=0, input=0, output=0)
    assert own().questions_on(1, nothing) == inf and own().machines_for(nothing) == 1
    assert [p.usd for p in own_line(own(), nothing, 10.0)] == [1460.0, 1460.0]


def test_each_rented_model_stands_beside_ones_own_with_what_a_right_answer_costs():
    traffic = Traffic(questions=1_000_000, input=1_000, output=0)
    cheap, dear = rented("0.15", quality=0.5), rented("30")
    first, second = compare([cheap, dear], own(quality=0.8), traffic)
    assert (first.month_usd, second.month_usd) == (150, 30_000)
    assert not first.own_is_cheaper and second.own_is_cheaper
    assert first.per_right_usd == Decimal("0.0003") and second.per_right_usd is None
    assert first.own_per_right_usd == Decimal(1460) / 800_000
