"""The figures of the costs page: sums by whatever is asked, what was saved, and how amounts and axes are written."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from console import charts
from console.costs import cost_chart
from console.costs_figures import Answered, by_day, each, grouped, projection, savings, total
from console.money import percent, short, usd
from llm.metering_days import CallSum
from llm.prices import TokenPrices
from llm.values import Usage

MONDAY = date(2026, 11, 23)
NOBODY = Answered(0, 0, 0, Decimal(0), 0, 0, 0, Usage())


def a_sum(model: str = "tiny", tier: str = "small", day: date = MONDAY, **values) -> CallSum:
    given = {
        "purpose": "answer", "ending": "finished", "calls": 10, "unpriced": 0, "estimated": 0,
        "input_tokens": 10_000, "cached_tokens": 0, "output_tokens": 1_000, "cost_micros": 2_000,
    } | values  # fmt: skip
    return CallSum(day, model, tier, **given)


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "$0.00"), ("1234.5", "$1,234.50"), ("0.15", "$0.15"), ("0.0042", "$0.0042"), ("0.05", "$0.05"), ("0.5", "$0.50"), ("0.000001", "$0.000001"), ("-2", "-$2.00"), (None, "–")],
)  # fmt: skip
def test_amounts_are_shown_with_as_many_places_as_it_takes_to_see_them(amount, words):
    assert usd(None if amount is None else Decimal(amount)) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (950, "950"), (0.25, "0.25"), (12_345, "12.3k"), (4_000_000, "4M"), (2.5e9, "2.5B")]
)
def test_counts_are_shown_short(count, words):
    assert short(count) == words


def test_shares_of_nothing_are_unknown():
    assert percent(1, 4) == 25 and percent(1, 0) is None
    assert each(Decimal(5), 0) is None and projection(Decimal(5), 0) is None
    assert projection(Decimal("0.5"), 1_000) == 500


@pytest.mark.parametrize(("top", "last"), [(0, 1), (7, 8), (10, 10), (0.0013, 0.0015), (99, 100), (101, 150), (4e6, 4e6)])
def test_axes_end_at_round_numbers_that_hold_the_highest_value(top, last):
    values = charts.ticks(top)
    assert values[0] == 0 and values[-1] == pytest.approx(last) and values[-1] >= top * 0.999999
    assert 2 <= len(values) <= 6


def test_bars_stand_upon_each_other_within_the_picture():
    ((low, high), (), (alone,)) = charts.bars([[1.0, 3.0], [0.0, 0.0], [4.0, 0.0]], 4.0)
    assert (low.series, high.series, alone.series) == (0, 1, 0)
    assert low.y == pytest.approx(high.y + high.height) and low.y + low.height == pytest.approx(charts.FLOOR)
    assert high.y == pytest.approx(charts.TOP) and alone.height == charts.INNER_HEIGHT
    assert alone.x + alone.width <= charts.WIDTH - charts.RIGHT


def test_calls_are_grouped_dearest_first_and_those_without_a_price_are_told_apart():
    sums = [a_sum(), a_sum("grand", "large", cost_micros=9_000), a_sum("new", unpriced=10, cost_micros=0)]
    grand, tiny, new = grouped(sums, lambda one: one.model)
    assert (grand.name, grand.usd, tiny.usd) == ("grand", Decimal("0.009"), Decimal("0.002"))
    assert new.all_unpriced and total(sums).unpriced == 10 and total(sums).calls == 30


def test_every_day_is_there_also_those_without_calls():
    days = by_day(
        [a_sum(), a_sum("odd", "elsewhere", cost_micros=500)], MONDAY, MONDAY + timedelta(days=1), ["small", "large", "other"]
    )
    assert [day.calls for day in days] == [20, 0]
    assert days[0].by_tier == (Decimal("0.002"), Decimal(0), Decimal("0.0005"))
    drawn = cost_chart(days)
    assert drawn["classes"] == [0, 2] and len(drawn["days"]) == 2 and cost_chart(days[1:]) == {}


def test_savings_are_those_against_the_large_model_for_every_question():
    large = TokenPrices(Decimal(10), Decimal(1), Decimal(50))
    sums = [a_sum(), a_sum("grand", "large", cost_micros=150_000), a_sum(purpose="rephrase", cost_micros=100)]
    answered = Answered(30, 20, 40, Decimal("0.2"), 0, spared=10, cached=5, cached_usage=Usage(5_000, 0, 500))
    found = savings(sums, answered, "grand", lambda day: large)
    assert found is not None
    assert found.small_usd == Decimal("0.15") - Decimal("0.002")  # 10,000 in and 1,000 out at the large price, less what it cost
    assert found.spared_usd == Decimal("0.15")  # ten answers of the average size
    assert found.cache_usd == Decimal("0.075")
    assert found.all_large_usd == total(sums).usd + found.router_usd + found.cache_usd
    assert found.spent_usd == total(sums).usd and found.mended_usd == 0
    assert savings(sums, answered, "grand", lambda day: None) is None
    assert savings([], NOBODY, "grand", lambda day: large) is None


def test_slips_of_the_small_model_count_against_it_and_what_staff_tried_counts_for_nothing():
    large = TokenPrices(Decimal(10), Decimal(1), Decimal(50))
    slips = [
        a_sum(),
        a_sum(purpose="repair", cost_micros=1_000),
        a_sum("grand", "large", purpose="repair", cost_micros=70_000),  # which the large model alone would have needed as well
        a_sum("grand", "large", purpose="escalation", cost_micros=400_000),
    ]
    ours = [
        a_sum(purpose="trial", cost_micros=5_000),
        a_sum(purpose="test", cost_micros=6_000),
        a_sum("grand", "large", purpose="trial"),
    ]
    found = savings([*slips, *ours], NOBODY, "grand", lambda day: large)
    assert found is not None and found == savings(slips, NOBODY, "grand", lambda day: large)
    assert (found.small_usd, found.mended_usd) == (Decimal("0.148"), Decimal("0.401"))
    assert found.spent_usd == total(slips).usd and found.all_large_usd == found.spent_usd - Decimal("0.253")
    assert found.percent < 0 and found.percent_more == -found.percent


def test_a_call_without_a_price_saves_nothing():
    large = TokenPrices(Decimal(10), Decimal(1), Decimal(50))
    half = savings([a_sum(unpriced=5, cost_micros=1_000)], NOBODY, "grand", lambda day: large)
    none = savings([a_sum(unpriced=10, cost_micros=0)], NOBODY, "grand", lambda day: large)
    assert half is not None and half.small_usd == Decimal("0.074")
    assert none is not None and none.small_usd == 0


def test_what_nobody_knows_is_not_nothing():
    assert replace(NOBODY, unpriced=3).known_usd is None and replace(NOBODY, unpriced=3, usd=Decimal(1)).known_usd == 1
    assert each(None, 5) is None and projection(None, 5) is None
