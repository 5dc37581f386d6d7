"""Prices and budgets: what administrators state there, what is kept of it, and what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import AuditEntry
from llm import budget_notices, budget_terms
from llm.budget_counting import add
from llm.models import Budget, BudgetNotice, ModelCall, Price
from tests.console.money_forms import post, price, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


def test_a_price_is_added_counts_at_once_and_is_kept_in_the_audit(admin_client):
    said = text(price(admin_client))
    assert "From now on, calls of tiny are counted with this price." in said and "counts today" in said and "$0.15" in said
    row = Price.objects.get()
    assert row.amounts() == (Decimal("0.15"), Decimal("0.15"), Decimal("0.6")) and row.added_by
    entry = AuditEntry.objects.get(action="added a price")
    assert entry.subject == "tiny" and "$0.15 / 0.15 / 0.6 per 1,000,000 tokens" in entry.detail
    price(admin_client, input_usd="0.2", cached_usd="0.02")
    assert Price.objects.count() == 2 and text(admin_client.get(reverse("console:prices"))).count("counts today") == 1


def test_a_price_of_a_machine_is_worked_out_from_its_hour_and_its_speed(admin_client):
    price(admin_client, model="ours", kind="own", hour_usd="3.6", output_per_second="1000", input_usd="", output_usd="")
    row = Price.objects.get()
    assert row.is_self_hosted and row.amounts() == (1, 0, 1)
    price(admin_client, model="ours", kind="own", hour_usd="3.6", input_per_second="10000", output_per_second="1000")
    assert Price.objects.latest("pk").amounts() == (Decimal("0.1"), 0, 1)
    assert "10000 tokens/s read" in text(admin_client.get(reverse("console:prices")))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"model": ""}, "Please name the model."),
        ({"valid_from": "soon"}, "Please give the day as a date."),
        ({"valid_from": (timezone.localdate() - timedelta(days=1)).isoformat()}, "A price begins today or later"),
        ({"input_usd": "cheap"}, "Please give prices as numbers"),
        ({"input_usd": "-1"}, "A price cannot be less than 0."),
        ({"input_usd": "1e9"}, "A price cannot be more than 100,000 dollars."),
        ({"output_usd": ""}, "Please give the prices of input and output."),
        ({"kind": "own"}, "Please give the price of an hour"),
        ({"kind": "own", "hour_usd": "1", "output_per_second": "0"}, "A speed must be more than 0"),
        ({"kind": "own", "hour_usd": "100000", "output_per_second": "0.01"}, "1,000,000 tokens cost more than 100,000 dollars"),
        ({"kind": "stolen"}, "Please choose rented or own."),
    ],
)
def test_a_price_that_cannot_be_is_refused_in_a_sentence(admin_client, values, sentence):
    response = price(admin_client, **values)
    assert response.status_code == 400 and sentence in text(response)
    assert not Price.objects.exists() and not AuditEntry.objects.filter(action="added a price").exists()


def test_models_that_are_called_without_a_price_are_named(admin_client):
    call = {"tier": "small", "purpose": "answer", "ending": "finished", "at": timezone.now()}
    ModelCall.objects.create(model="<i>new</i>", **call)
    for page in ("prices", "budgets"):
        assert "&lt;i&gt;new&lt;/i&gt;" in text(admin_client.get(reverse(f"console:{page}")))


def test_a_model_that_is_set_up_without_a_price_is_named_before_it_is_called(admin_client, settings):
    settings.OPENAI_BASE_URL, settings.LLM_SMALL_MODEL = "http://127.0.0.1:9/v1", "unpriced-yet"
    shown = text(admin_client.get(reverse("console:prices")))
    assert "1 model has no price:" in shown and "?model=unpriced-yet" in shown and '<option value="unpriced-yet">' in shown
    price(admin_client, model="unpriced-yet")
    assert "has no price" not in text(admin_client.get(reverse("console:budgets")))


def test_a_budget_is_set_changed_and_removed_and_each_is_kept(admin_client):
    said = text(post(admin_client, "budgets", scope="tier:large", period="day", limit_usd="25", warn_percent=""))
    assert "The daily budget for large is $25.00." in said and ">fine<" in said
    post(admin_client, "budgets", scope="tier:large", period="day", limit_usd="30.5", warn_percent="90")
    assert Budget.objects.get().limit_usd == Decimal("30.5")
    gone = text(post(admin_client, "budget-remove", scope="tier:large", period="day"))
    again = text(post(admin_client, "budget-remove", scope="tier:large", period="day"))
    assert "The daily budget for large is gone." in gone and "There is no such budget any more." in again
    kept = list(AuditEntry.objects.order_by("pk").values_list("action", "subject", "detail"))
    assert kept == [
        ("set a budget", "the daily budget for large", "$25.00, warning at 80 %"),
        ("set a budget", "the daily budget for large", "$25.00, warning at 80 % → $30.50, warning at 90 %"),
        ("removed a budget", "the daily budget for large", "$30.50"),
    ]


def test_the_page_tells_how_far_each_budget_is_used_up(admin_client):
    now, today = timezone.now(), timezone.localdate()
    for scope in ("all", "tier:large", "visitor"):
        Budget.objects.create(scope=scope, period="month", limit_usd=Decimal(10), changed_at=now)
    add(["all"], today, spent=4_000_000, held=500_000)
    add(["tier:large"], today, spent=12_000_000)
    for scope in ("visitor:abc", "network:abc"):
        BudgetNotice.objects.create(scope=scope, period="month", begins=today.replace(day=1), level="used up", at=now)
    shown = text(admin_client.get(reverse("console:budgets")))
    assert "$4.50" in shown and "45 %" in shown and ">used up<" in shown
    assert (
        "the small model answers in its place" in shown
        and "1 visitor used it up this month. 1 network used up that of 10." in shown
    )
    assert "abc" not in shown


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"scope": "visitors"}, "Please choose what the budget is for."),
        ({"period": "year"}, "Please choose a day or a month."),
        ({"limit_usd": ""}, "Please give the amount in dollars"),
        ({"limit_usd": "NaN"}, "Please give the amount in dollars"),
        ({"limit_usd": "-1"}, "A budget cannot be less than 0."),
        ({"warn_percent": "101"}, "as a whole number from 1 to 100"),
    ],
)
def test_a_budget_that_cannot_be_is_refused_in_a_sentence(admin_client, values, sentence):
    response = post(admin_client, "budgets", **({"scope": "all", "period": "day", "limit_usd": "5"} | values))
    assert response.status_code == 400 and sentence in text(response)
    assert not Budget.objects.exists() and not AuditEntry.objects.exclude(action="signed in").exists()


def test_nobody_but_administrators_gets_in(staff_client, client):
    for name in ("costs", "costs-csv", "prices", "budgets", "rent-or-build"):
        assert staff_client.get(reverse(f"console:{name}")).status_code == 404
        assert client.get(reverse(f"console:{name}")).status_code == 302
    assert staff_client.post(reverse("console:budget-remove"), {"scope": "all", "period": "day"}).status_code == 404
