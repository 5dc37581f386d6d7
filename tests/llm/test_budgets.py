"""Budgets: how far one is used up, which tiers may still be called, and why not, in words."""

import pytest

from llm.budgets import Limit, Standing, closed_tiers, room_today

BOTH = ["small", "large"]


def standing(scope: str, used: int, period: str = "day", warn: int = 80) -> Standing:
    return Standing(Limit(scope, period, 1_000, warn), used)


@pytest.mark.parametrize(
    ("used", "level", "percent"), [(0, "fine", 0), (799, "fine", 79), (800, "warning", 80), (999, "warning", 99), (1_000, "used up", 100), (1_500, "used up", 150)]
)  # fmt: skip
def test_a_budget_warns_at_its_share_and_is_used_up_at_its_limit(used, level, percent):
    assert (standing("all", used).level, standing("all", used).percent) == (level, percent)


def test_a_budget_of_nothing_is_used_up_at_once():
    assert Standing(Limit("all", "day", 0), 0).level == "used up"


@pytest.mark.parametrize(
    ("scope", "used", "closed"),
    [
        ("all", 100, {}),
        ("all", 850, {"large": "the daily budget for all models is used up to 85 %, which spares the large model"}),
        ("all", 1_000, dict.fromkeys(BOTH, "the daily budget for all models is used up")),
        ("tier:large", 900, {}),
        ("tier:large", 1_000, {"large": "the daily budget for large is used up"}),
        ("tier:small", 1_200, {"small": "the daily budget for small is used up"}),
        ("visitor", 1_000, dict.fromkeys(BOTH, "this visitor's daily budget is used up")),
    ],
)
def test_first_the_large_model_is_spared_then_nothing_is_spent(scope, used, closed):
    assert closed_tiers([standing(scope, used)], BOTH) == closed


def test_where_there_is_no_small_model_the_large_one_goes_on_until_the_budget_is_used_up():
    assert closed_tiers([standing("all", 900)], ["large"]) == {}
    assert set(closed_tiers([standing("all", 1_000)], ["large"])) == {"large"}


def test_the_large_model_is_not_spared_for_a_small_one_that_is_closed_itself():
    assert closed_tiers([standing("all", 900), standing("tier:small", 1_000)], BOTH) == {
        "small": "the daily budget for small is used up"
    }


def test_what_is_used_up_is_the_reason_rather_than_what_is_nearly_so():
    closed = closed_tiers([standing("all", 900), standing("tier:large", 1_000, "month")], BOTH)
    assert closed == {"large": "the monthly budget for large is used up"}


def test_a_month_leaves_for_today_what_its_other_days_have_left():
    assert room_today(Limit("all", "day", 1_000), of_today=300, of_month=5_000) == 1_000
    assert room_today(Limit("all", "month", 6_000), of_today=300, of_month=5_000) == 1_300
