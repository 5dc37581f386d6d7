"""Renting against running, on its page: what is measured, what is assumed, and what the address says."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chatbot.models import ConversationDay
from console.measuring import measured_traffic
from llm import budget_notices, budget_terms
from llm.models import ModelCall, Price
from tests.console.factories import a_conversation
from tests.console.money_forms import price, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


def rent(client, **query) -> str:
    response = client.get(reverse("console:rent-or-build"), query)
    assert response.status_code == 200
    return text(response)


def test_without_traffic_an_example_is_shown_and_said_to_be_one(admin_client):
    shown = rent(admin_client)
    assert "the traffic is an example" in shown and "No rented model has a price yet." in shown and 'class="line own"' in shown


def test_the_published_sums_come_out_when_their_inputs_stand_in_the_address(admin_client):
    cheap = {"r0_name": "cheap", "r0_in": "0.15", "r1_name": "dear", "r1_in": "30"}
    shown = rent(admin_client, questions="1,000,000", input="1000", output="0", **cheap)
    assert "$150.00" in shown and "$30,000.00" in shown
    a_month = rent(admin_client, questions=30, input=1_200_000, output=800_000, r0_name="premium", r0_in=75, r0_out=150)
    assert "$6,300.00" in a_month  # $210 a day
    by_request = rent(admin_client, questions=100_000 * 30, input=500, output=0, r0_name="older", r0_in=20)
    assert "$30,000.00" in by_request  # $1,000 a day


def test_every_assumption_of_the_address_counts_and_is_shown_again(admin_client):
    shown = rent(
        admin_client, questions=2_000_000, input=1000, output=100, peak=3, own_name="8B here", hour_usd="1.5", read=8000, write=900,
        utilisation=40, staff_usd=100, machines=2, own_right=80, r0_name="small one", r0_in="5", r0_out="20", r0_right="90",
    )  # fmt: skip
    assert "8B here" in shown and "small one" in shown and "Break-even at" in shown and "your own is cheaper" in shown
    for value in ('value="8000"', 'value="40"', 'value="1.5"', 'value="90"', 'value="80"'):
        assert value in shown


def test_a_machine_of_the_shop_s_own_is_taken_as_it_was_priced(admin_client):
    price(admin_client, model="ours-8b", kind="own", hour_usd="3.6", input_per_second="9000", output_per_second="1100")
    shown = rent(admin_client)
    assert 'value="ours-8b"' in shown and 'value="3.6"' in shown and 'value="9000"' in shown and 'value="1100"' in shown
    assert 'name="r0_name" value=""' in shown  # it is not rented


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"questions": "many"}, "Questions a month must be a number from 0 to"),
        ({"read": "0"}, "Tokens read in a second must be a number"),
        ({"utilisation": "500"}, "Utilisation must be a number from 0.1 to 100."),
        ({"input": "10", "cached": "20"}, "Cached tokens are a part of the input"),
        ({"hour_usd": "nan"}, "The price of an hour must be a number"),
        ({"r0_name": "<b>x</b>", "r0_in": "inf"}, "The input price of &lt;b&gt;x&lt;/b&gt; must be a number"),
    ],
)
def test_an_assumption_that_cannot_be_is_named_and_the_rest_counts(admin_client, query, sentence):
    assert sentence in rent(admin_client, **query)


def test_the_traffic_is_that_of_the_days_that_are_over(admin_client):
    today = timezone.localdate()
    assert measured_traffic(today) is None
    yesterday = timezone.now() - timedelta(days=1)
    for second in range(4):
        ModelCall.objects.create(
            model="tiny", tier="small", purpose="answer", ending="finished", at=yesterday.replace(minute=30, second=second),
            input_tokens=1_000, cached_tokens=100, output_tokens=200, total_ms=2_500.0,
        )  # fmt: skip
    found = measured_traffic(today)
    assert found is not None and (found.questions, found.input, found.cached, found.output) == (120, 1_000, 100, 200)
    assert (found.peak, found.at_once) == (24.0, 3.0)
    a_conversation()
    Price.objects.create(model="tiny", valid_from=today, input_usd=1, cached_usd=1, output_usd=2)
    shown = rent(admin_client)
    assert "that of the last 30 days" in shown and "tiny" in shown and 'name="questions" inputmode="decimal" value="120"' in shown


def a_day(ago: int, **by_model: list[int]) -> None:
    ConversationDay.objects.create(
        day=timezone.localdate() - timedelta(days=ago), conversations=9, questions=90, spared=10, cached=10, cached_input=0,
        cached_output=0, steps={}, outcomes={"answered": [90, 0, 0]}, by_model=by_model, counted_at=timezone.now(),
    )  # fmt: skip


def calls_of(model: str, *, count: int = 12, ago: int = 1, **values) -> None:
    given = {
        "tier": "small", "purpose": "answer", "ending": "finished", "input_tokens": 900, "output_tokens": 100,
        "first_token_ms": 500.0, "total_ms": 2_500.0,
    } | values  # fmt: skip
    at = (timezone.localtime() - timedelta(days=ago)).replace(hour=12, minute=0, second=0, microsecond=0)
    ModelCall.objects.bulk_create(ModelCall(model=model, at=at + timedelta(seconds=n), **given) for n in range(count))


def test_only_questions_that_a_model_was_asked_count_and_nothing_that_staff_tried():
    a_day(1, tiny=[24, 20, 18, 0, 0])
    calls_of("tiny", count=24)
    calls_of("tiny", count=50, purpose="trial", input_tokens=9_000)
    calls_of("tiny", count=50, purpose="test", input_tokens=9_000)
    found = measured_traffic(timezone.localdate())
    assert found is not None and (found.questions, found.input, found.output) == (24 * 30, 900, 100)


def test_days_whose_questions_were_not_counted_yet_make_no_question_larger():
    a_day(1, tiny=[12, 12, 12, 0, 0])
    for ago in range(1, 4):
        calls_of("tiny", ago=ago)
    found = measured_traffic(timezone.localdate())
    assert found is not None and (found.questions, found.input, found.output) == (12 * 30, 900, 100)


def test_what_was_measured_stands_in_the_fields_and_is_said_to_be_measured(admin_client):
    a_day(1, tiny=[24, 40, 37, 3, 1], ours=[24, 5, 5, 0, 0])
    calls_of("tiny")
    calls_of("ours", output_tokens=600)
    price(admin_client)
    price(admin_client, model="ours", kind="own", hour_usd="3.6", input_per_second="9000", output_per_second="100")
    shown = rent(admin_client)
    assert "tiny: 92.5 % of 40 first replies were held by the evidence, sentence by sentence, and 3 of 4 thumbs went up." in shown
    assert 'name="r0_right" inputmode="decimal" value="92.5"' in shown and "ours: " not in shown  # five replies tell nothing
    assert "ours read at least" in shown and "with up to 3 calls at once; a customer got 300 a second." in shown
    fields = dict(re.findall(r'name="(\w+)"[^>]*><small>[^<]*<em class="from[^"]*">([^<]*)</em>', shown))
    assert {fields[name] for name in ("questions", "input", "peak", "at_once", "write", "r0_right")} == {"measured"}
    assert (fields["read"], fields["hour_usd"], fields["utilisation"], fields["staff_usd"]) == (
        "from its price", "from its price", "assumed", "assumed",
    )  # fmt: skip
    assert "own_right" not in fields
    assert "wrote" in text(admin_client.get(reverse("console:prices")))


def test_a_model_near_by_without_a_price_is_taken_for_one_s_own_as_fast_as_it_was_measured(admin_client, settings):
    settings.OPENAI_BASE_URL, settings.LLM_SMALL_MODEL = "http://llm.local:11434/v1", "llama-at-home"
    shown = rent(admin_client)
    assert 'value="llama-at-home"' in shown and 'name="write" inputmode="decimal" value="1000"' in shown
    calls_of("llama-at-home")
    fields = rent(admin_client)
    assert 'name="write" inputmode="decimal" value="92.3"' in fields  # less than the guess, but what it did
    assert "llama-at-home read at least" in fields
    price(admin_client, model="llama-at-home")  # then somebody rents it out
    assert 'name="own_name" value="our own"' in rent(admin_client)


def test_a_figure_that_was_changed_is_the_administrator_s_own(admin_client):
    a_day(1, tiny=[24, 40, 30, 0, 0])
    calls_of("tiny")
    price(admin_client)
    shown = rent(admin_client, questions="720", staff_usd="2500", r0_name="tiny", r0_in="0.15", r0_out="0.6", r0_right="")
    fields = dict(re.findall(r'name="(\w+)"[^>]*><small>[^<]*<em class="from[^"]*">([^<]*)</em>', shown))
    assert (fields["questions"], fields["staff_usd"], fields["machines"]) == ("measured", "yours", "assumed")
    assert "r0_right" not in fields and 'name="r0_right" inputmode="decimal" value=""' in shown  # a measured one can be taken away
    assert fields.get("input") == "measured"
    other = rent(admin_client, r0_name="", r1_name="tiny", r1_in="0.15", r1_out="0.6", r1_right="80")
    assert 'name="r0_right" inputmode="decimal" value="80"' in other and '<em class="from yours">yours</em>' in other
