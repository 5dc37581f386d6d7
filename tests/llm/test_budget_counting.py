"""What is spent and held, counted in the database: by many callers at once, across days, and when a process dies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from llm import budget_notices, budget_terms
from llm.budget_counting import Changes, add, dollars, forget_visitors, micros, used
from llm.budget_holding import Held, Wish, give_back, hold, meter_lost
from llm.models import BudgetNotice, Hold, ModelCall, Spending

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


def spent(scope: str, usd: str, day: date) -> None:
    add([scope], day, spent=micros(Decimal(usd)))


def a_hold(amount: int, rooms: dict[str, int], at=None) -> Held | str:
    now = at or timezone.now()
    return hold(Wish("tiny", "small", amount, 100, 50), rooms, day=TODAY, at=now, until=now + timedelta(minutes=2))


def test_money_is_counted_to_the_millionth():
    for _ in range(10):
        spent("all", "0.000001", TODAY)
    assert used(["all"], TODAY) == {"all": (10, 10)} and dollars(10) == Decimal("0.000010")


def test_a_month_has_the_days_before_and_no_other_month():
    for day, usd in [(date(2026, 10, 31), "5"), (date(2026, 11, 1), "1"), (TODAY, "0.5"), (TODAY + timedelta(days=1), "9")]:
        spent("all", usd, day)
    assert used(["all", "tier:small"], TODAY) == {"all": (500_000, 1_500_000)}


def test_what_a_visitor_spent_is_forgotten_when_no_budget_asks_for_it_any_more():
    for day in (date(2026, 10, 31), TODAY):
        spent("visitor:abc", "1", day)
        spent("network:abc", "1", day)
        spent("all", "1", day)
        BudgetNotice.objects.create(scope="visitor:abc", period="day", begins=day, level="used up", at=timezone.now())
    assert (forget_visitors(TODAY), forget_visitors(TODAY)) == (3, 0)
    assert sorted(Spending.objects.values_list("scope", "day")) == [
        ("all", date(2026, 10, 31)),
        ("all", TODAY),
        ("network:abc", TODAY),
        ("visitor:abc", TODAY),
    ]


def test_what_is_held_is_given_back_once():
    held = a_hold(300, {"all": 1_000})
    assert isinstance(held, Held) and used(["all"], TODAY) == {"all": (300, 300)}
    for _ in range(2):
        changes = Changes()
        assert give_back(held, changes) == ("all",)
        changes.write()
    assert used(["all"], TODAY) == {"all": (0, 0)}


def test_a_refused_call_holds_nothing_anywhere():
    spent("tier:large", "0.001", TODAY)
    assert a_hold(300, {"all": 5_000, "tier:large": 1_000}) == "tier:large"
    assert not Hold.objects.exists() and sum(Spending.objects.values_list("held_micros", flat=True)) == 0


def test_many_at_once_overshoot_by_no_more_than_one_call():
    """Held in the very statement that looks whether there is room: twenty callers, room for ten."""

    def one(_: int) -> Held | str:
        try:
            return a_hold(100, {"all": 1_000})
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(one, range(20)))
    assert sum(isinstance(held, Held) for held in made) == 10
    assert used(["all"], TODAY) == {"all": (1_000, 1_000)}


def test_a_call_whose_process_died_is_metered_with_the_most_it_may_have_cost():
    now = timezone.now()
    a_hold(300, {"all": 1_000}, at=now - timedelta(hours=1))
    a_hold(40, {"all": 1_000}, at=now)
    assert (meter_lost(now), meter_lost(now)) == (1, 0)
    call = ModelCall.objects.get()
    assert (call.ending, call.estimated, call.cost_usd, call.input_tokens) == ("lost", True, Decimal("0.000300"), 100)
    assert Hold.objects.count() == 1
    counted = {row.day: (row.spent_micros, row.held_micros) for row in Spending.objects.filter(scope="all")}
    assert counted.pop(timezone.localdate(now), (0, 0))[0] + counted.get(TODAY, (0, 0))[0] == 300
