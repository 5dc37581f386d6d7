"""The costs page: sums by whatever is asked, what was saved, what a million questions would cost, and the same as CSV."""

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import ConversationDay
from console import charts
from console.costs import cost_chart
from console.costs_figures import Answered, by_day, each, grouped, projection, savings, total
from console.money import percent, short, usd
from llm import budget_notices, budget_terms
from llm.budget_counting import add
from llm.metering_days import CallSum
from llm.models import Budget, DaySum, Hold, ModelCall, Price
from llm.prices import TokenPrices
from llm.values import Usage
from tests.console.factories import a_conversation

MONDAY = date(2026, 11, 23)
NOBODY = Answered(0, 0, 0, Decimal(0), 0, 0, 0, Usage())


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


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


def a_call(at: datetime, **values) -> ModelCall:
    given = {
        "model": "tiny", "tier": "small", "purpose": "answer", "ending": "finished", "input_tokens": 1_000, "output_tokens": 100,
        "cost_usd": Decimal("0.002"), "total_ms": 900.0,
    } | values  # fmt: skip
    return ModelCall.objects.create(at=at, **given)


def page(client, **query) -> str:
    response = client.get(reverse("console:costs"), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def spent(db):
    now = timezone.now()
    for _ in range(3):
        a_call(now)
    a_call(now - timedelta(days=2), model="grand", tier="large", cost_usd=Decimal("0.5"))
    a_call(now, model="=new()", cost_usd=None, estimated=True)
    a_call(now - timedelta(days=40), cost_usd=Decimal(99))


@pytest.mark.django_db
def test_the_page_shows_what_was_spent_and_names_what_has_no_price(admin_client, spent):
    for number in range(2):
        a_conversation(helpful=True, minutes_ago=120, question=f"Question {number}")
    a_conversation(outcome="no_answer", minutes_ago=120)
    shown = page(admin_client)
    assert "<strong>$0.51</strong><span>spent in 5 calls" in shown
    assert "call without a price: not in these sums" in shown and "without a price</span>" in shown
    assert "=new()" in shown and "$99" not in shown
    assert "<strong>$0.0012</strong><span>per conversation" in shown  # what its answers cost, and no test of an endpoint
    assert "<strong>$0.0018</strong><span>per resolved conversation" in shown and "Resolved: confirmed (a thumb up" in shown
    assert "grand has no price in these days" in shown
    assert 'class="series-1"' in shown and "The same as a table" in shown
    assert len(shown) < 60_000


@pytest.mark.django_db
def test_what_has_no_price_is_nowhere_shown_as_free(admin_client):
    a_call(timezone.now(), cost_usd=None)
    call = {"purpose": "answer", "tier": "small", "model": "new", "heard": "whole", "cost_usd": None}
    a_conversation(cost_usd=Decimal(0), minutes_ago=120, route={"tier": "small", "calls": [call]})
    shown = page(admin_client)
    assert "$0.00" not in shown and "<strong>–</strong><span>spent in 1 call<" in shown
    assert "<strong>–</strong><span>per conversation" in shown and "1 with a call without a price" in shown


@pytest.mark.django_db
def test_a_call_whose_process_died_is_on_the_page_also_while_no_worker_runs(admin_client):
    now = timezone.now()
    Hold.objects.create(
        day=timezone.localdate(), model="tiny", tier="small", scopes=["all"], micros=250_000, input_tokens=9, output_tokens=9,
        at=now - timedelta(minutes=9), until=now - timedelta(minutes=6),
    )  # fmt: skip
    shown = page(admin_client)
    assert "Lost: our process ended" in shown and "<strong>$0.25</strong><span>spent in 1 call<" in shown


@pytest.mark.django_db
def test_days_that_are_not_counted_yet_are_said(admin_client, monkeypatch):
    a_call(timezone.now())
    for ago in (0, 5):
        a_conversation(minutes_ago=60 * 24 * ago)
    assert "not counted yet" not in page(admin_client)  # the page does it itself, as far as half a second goes
    ConversationDay.objects.all().delete()
    monkeypatch.setattr("console.costs.PATIENCE", 0)
    assert "The conversations of 5 of these days are not counted yet." in page(admin_client)


@pytest.mark.django_db
def test_what_was_saved_is_told_once_the_large_model_has_a_price(admin_client, spent):
    Price.objects.create(model="grand", valid_from=date(2026, 1, 1), input_usd=10, cached_usd=1, output_usd=50)
    shown = page(admin_client)
    assert "Every question to grand" in shown and "% less" in shown


@pytest.mark.django_db
def test_without_any_call_the_page_says_so(admin_client):
    shown = page(admin_client)
    assert "No model was called in these days." in shown and "No large model is set up" in shown and "<strong>–</strong>" in shown
    assert "Set up a model" in shown and "No conversation began in these days." in shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"since": "soon"}, "Please give both days as dates"),
        ({"since": "2026-11-10", "until": "2026-11-01"}, "The first day lies behind the last"),
        ({"until": "9999-12-31"}, "Please choose days up to today"),
        ({"since": "0001-01-01"}, "Please choose days up to today"),
        ({"since": "2019-01-01"}, "Shown are the last 800 days"),
    ],
)
def test_days_that_cannot_be_are_answered_in_a_sentence(admin_client, query, sentence):
    assert sentence in page(admin_client, **query)


@pytest.mark.django_db
def test_the_csv_has_a_line_for_every_kind_of_call_and_no_formula(admin_client, spent):
    response = admin_client.get(reverse("console:costs-csv"))
    assert response["Content-Type"].startswith("text/csv") and "attachment" in response["Content-Disposition"]
    lines = list(csv.DictReader(response.content.decode().splitlines()))
    assert {(line["model"], line["calls"], line["cost_usd"]) for line in lines} == {
        ("tiny", "3", "0.006000"),
        ("grand", "1", "0.500000"),
        ("'=new()", "1", ""),
    }


@pytest.mark.django_db
def test_days_that_are_over_are_read_from_their_sums(admin_client, django_assert_max_num_queries):
    today = timezone.localdate()
    DaySum.objects.bulk_create(
        DaySum(
            day=today - timedelta(days=n), model=f"model {m}", tier="small", purpose="answer", ending="finished", calls=10_000, unpriced=0,
            estimated=0, input_tokens=9_000_000, cached_tokens=0, output_tokens=900_000, cost_micros=3_000_000,
        )
        for n in range(1, 30)
        for m in range(3)
    )  # fmt: skip
    from llm.models import SummedUp

    SummedUp.objects.create(pk=1, until=today)
    with django_assert_max_num_queries(45):
        shown = page(admin_client)
    assert "spent in 870k calls" in shown


@pytest.mark.django_db
def test_a_budget_that_runs_out_is_told_to_administrators_and_to_nobody_else(admin_client, staff_client):
    now = datetime.now(UTC)
    Budget.objects.create(scope="all", period="day", limit_usd=Decimal(10), changed_at=now)
    add(["all"], timezone.localdate(), spent=8_500_000)
    told = "The daily budget for all models is used up to 85 %."
    assert told in page(admin_client)
    assert told in admin_client.get("/console/").content.decode()
    assert "budget" not in staff_client.get("/console/").content.decode()
    assert staff_client.get(reverse("console:costs")).status_code == 404


@pytest.mark.django_db
def test_a_turn_without_a_price_is_not_shown_as_free(admin_client, staff_client):
    unpriced = {"purpose": "answer", "tier": "small", "model": "new", "reason": "asked", "ending": "finished", "cost_usd": None}
    free = a_conversation(cost_usd=Decimal(0), route={"tier": "small", "reason": "asked", "calls": [unpriced]})
    some = a_conversation(
        cost_usd=Decimal("0.002"), route={"tier": "small", "reason": "asked", "calls": [unpriced, unpriced | {"cost_usd": "0.002"}]}
    )
    paid = a_conversation(cost_usd=Decimal("0.002"))
    shown = [staff_client.get(f"/console/conversations/{talk.pk}/").content.decode() for talk in (free, some, paid)]
    assert "not known: the model has no price" in shown[0] and "$0.002000, and 1 call without a price" in shown[1]
    assert "$0.002000</dd>" in shown[2]
    assert "calls that have no price" not in admin_client.get("/console/").content.decode()
    a_call(timezone.now(), cost_usd=None)
    assert "calls that have no price" in admin_client.get("/console/").content.decode()
