"""A turn within the budgets: the large model is spared first, then no model is called, and the customer is answered in any case."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from chatbot import throttling
from chatbot.turn import Question
from chatbot.visitors import network_key, network_of, visitor_of
from llm import budget_notices, budget_terms
from llm.budget_counting import add, micros
from llm.budget_guard import Budgets
from llm.client import Limits, ModelClient
from llm.models import Budget, Hold, ModelCall, Price, Spending
from llm.routing import Signals, Tier, route
from orders.viewer import ANONYMOUS, Method, Viewer
from tests.factories import make_passage
from tests.fake_openai import FakeOpenAI, says
from tests.fakes import FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
WINDOW = make_passage("You can return an item within 45 days from delivery.")
EASY = Signals(documents=1, strength=0.9)
HARD = Signals(documents=2, strength=0.9, comparison=True)
SPENT = "the daily budget for large is used up"


@pytest.fixture(autouse=True)
def nothing_remembered(settings):
    settings.LLM_CACHE_SECONDS = 0  # an answer that was kept costs nobody anything
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


@pytest.fixture
async def ask(run_turn):
    """Ask with a small and a large model that word the policy; return the answer, the stored turn and the server."""
    async with FakeOpenAI(says("You can return an item within 45 days from delivery [1].")) as server:
        limits = Limits(first_token=2.0, total=6.0, stall=0.5, pause=0.02)
        models = {
            tier: ModelClient(name, tier, server.base_url, "sk-secret", limits)
            for tier, name in ((Tier.SMALL, "tiny"), (Tier.LARGE, "grand"))
        }
        for name in ("tiny", "grand"):
            await Price.objects.acreate(model=name, valid_from=date(2026, 1, 1), input_usd=10, cached_usd=1, output_usd=10)

        async def one(text="What is your return policy?", **values):
            budget_terms.forget()
            kit = fake_services(policies=FakePolicies(WINDOW), models=models, budgets=Budgets())
            events, turn = await run_turn(text, kit, **values)
            return events[-1].answer, turn, server

        yield one
        for model in models.values():
            await model.aclose()


async def a_budget(scope: str, usd: str, *, used: str = "0", period: str = "day") -> None:
    await Budget.objects.acreate(scope=scope, period=period, limit_usd=Decimal(usd), changed_at=timezone.now())
    if Decimal(used):
        from asgiref.sync import sync_to_async

        await sync_to_async(add)([scope], timezone.localdate(), spent=micros(Decimal(used)))


async def test_within_the_budgets_the_model_answers_and_what_it_cost_is_counted(ask):
    await a_budget("all", "1")
    answer, turn, _ = await ask()
    assert answer.model == "tiny" and answer.cost_usd > 0
    assert (await Spending.objects.aget(scope="all")).spent_micros == micros(turn.cost_usd)
    assert turn.route["could"] == ["large", "small"] and not await Hold.objects.aexists()


async def test_a_used_up_budget_ends_the_spending_and_not_the_service(ask):
    await a_budget("all", "1", used="1")
    answer, turn, server = await ask()
    assert answer.outcome == "answered" and "45 days" in answer.text
    assert (answer.model, answer.tier, server.asked) == (None, "none", [])
    assert turn.route["reason"].endswith("the daily budget for all models is used up") and turn.route["could"] == []
    assert not await ModelCall.objects.aexists()


async def test_near_the_limit_a_hard_question_goes_to_the_small_model(ask):
    await a_budget("all", "1", used="0.9", period="month")
    answer, turn, _ = await ask("Compare returning by post and in your shops")
    assert answer.model == "tiny"
    assert "the monthly budget for all models is used up to 90 %, which spares the large model" in turn.route["reason"]


async def test_a_visitor_who_has_used_up_their_share_is_answered_without_a_model(ask):
    await a_budget("visitor", "0.000100")
    first, *_ = await ask(email="maya@example.com")
    again, turn, _ = await ask(email="maya@example.com")
    other, *_ = await ask(email="bo@example.com")
    assert (first.model, again.model, other.model) == ("tiny", None, "tiny")
    assert turn.route["reason"].endswith("this visitor's daily budget is used up")
    assert not await Spending.objects.filter(scope__contains="maya").aexists()


@pytest.mark.parametrize(("broken", "calls"), [("llm.budget_guard.hold", 0), ("llm.metering._record", 1)])
async def test_counters_that_fail_in_the_middle_of_a_turn_cost_the_customer_nothing(ask, monkeypatch, broken, calls):
    def failing(*args, **values):
        raise OperationalError("database is locked")

    monkeypatch.setattr(broken, failing)
    answer, turn, server = await ask()
    assert answer.outcome == "answered" and "45 days" in answer.text and turn.state == "finished"
    assert (answer.tier, answer.model) == (("small", "tiny") if calls else ("none", None))  # who worded it
    assert len(server.asked) == await Hold.objects.acount() == calls  # by which the call is metered within minutes


def question(viewer: Viewer, conversation=None) -> Question:
    now = timezone.now()
    return Question(uuid4(), conversation or uuid4(), "Hello", viewer, now, timezone.localdate(now))


def test_a_customer_is_one_visitor_everywhere_and_a_stranger_one_in_a_conversation():
    maya = Viewer("Maya@example.com ", Method.CODE)
    assert visitor_of(question(maya)) == visitor_of(question(replace(maya, email="maya@example.com")))
    assert visitor_of(question(maya)) != visitor_of(question(Viewer("bo@example.com", Method.CODE)))
    talk = uuid4()
    assert visitor_of(question(ANONYMOUS, talk)) == visitor_of(question(ANONYMOUS, talk)) != visitor_of(question(ANONYMOUS))
    assert "maya" not in visitor_of(question(maya))


def test_somebody_who_has_not_signed_in_is_counted_with_their_network_and_nobody_can_read_which():
    here = network_key(throttling.network_of("203.0.113.9"))
    asked = replace(question(ANONYMOUS), network=here)
    assert network_of(asked) == here and "203.0" not in here and len(here) == 64
    assert here != network_key(throttling.network_of("203.0.113.10"))
    one, other = (network_key(throttling.network_of(f"2001:db8:1:2::{n}")) for n in (1, 2))
    assert one == other  # a provider gives all of a /64 to one customer
    assert network_of(replace(question(Viewer("maya@example.com", Method.CODE)), network=here)) == ""
    assert network_key(throttling.network_of("")) == network_key("") == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "172.20.0.5", "192.168.1.1", "::1", "fd00::7", "::ffff:10.1.2.3"])
def test_behind_a_proxy_that_is_not_counted_customers_are_not_one_network(address):
    assert network_key(throttling.network_of(address)) == ""


@pytest.mark.parametrize(
    ("signals", "available", "closed", "tier", "reason"),
    [
        (HARD, {Tier.SMALL}, {"large": SPENT}, Tier.SMALL, f"a comparison of several things; {SPENT}, so the small model"),
        (HARD, set(), {"large": SPENT, "small": SPENT}, Tier.NONE, f"a comparison of several things; {SPENT}"),
        (EASY, {Tier.LARGE}, {"small": SPENT}, Tier.NONE, f"one clear policy question; {SPENT}"),
        (HARD, {Tier.LARGE}, {"small": SPENT}, Tier.LARGE, "a comparison of several things"),
        (EASY, {Tier.LARGE}, {}, Tier.LARGE, "one clear policy question; the small model is not available, so the large one"),
    ],
    ids=["large closed", "all closed", "the large one is no stand-in", "its own tier is open", "down, not closed"],
)
def test_a_closed_tier_is_replaced_by_a_cheaper_one_or_by_none(signals, available, closed, tier, reason):
    way = route(signals, available, closed)
    assert (way.tier, way.reason) == (tier, reason)
