"""The costs page: sums by whatever is asked, what was saved, what a million questions would cost, and the same as CSV."""

import csv
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import ConversationDay
from console.costs_figures import Answered
from llm import budget_notices, budget_terms
from llm.budget_counting import add
from llm.models import Budget, DaySum, Hold, ModelCall, Price
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
