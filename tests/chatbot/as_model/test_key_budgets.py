"""What may be spent with one API key: counted always, held to a budget where there is one; who asks is answered either way."""

from datetime import date
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chatbot.as_model.keys import find_key
from chatbot.models import Turn
from llm import budget_notices, budget_terms
from llm.budget_guard import Budgets
from llm.client import Limits, ModelClient
from llm.models import Budget, BudgetNotice, Hold, ModelCall, Price, Spending
from llm.routing import Tier
from tests.chatbot.as_model.calling import Program
from tests.chatbot.scripted import Customer
from tests.fake_openai import FakeOpenAI, says

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "How long can I return an umbrella?"


@pytest.fixture(autouse=True)
def nothing_remembered():
    for module in (budget_terms, budget_notices):
        module.forget()
    yield
    for module in (budget_terms, budget_notices):
        module.forget()


@pytest.fixture
async def server(shop):
    """A shop whose small model words the policy, at prices such that an answer costs about a cent."""
    async with FakeOpenAI(says("An umbrella may be returned within 30 days of delivery [1].")) as server:
        limits = Limits(first_token=5, total=9, stall=5)
        model = ModelClient("tiny", Tier.SMALL, server.base_url, "sk-secret", limits)
        await Price.objects.acreate(model="tiny", valid_from=date(2026, 1, 1), input_usd=10, cached_usd=1, output_usd=10)
        shop(models={Tier.SMALL: model}, budgets=Budgets())
        yield server
        await model.aclose()


async def a_budget(program: Program, usd: str, period: str = "day") -> str:
    """Give the program's key a budget; return its heading."""
    row = await sync_to_async(find_key)(program.key, at=timezone.now())
    scope = f"key:{row.prefix}"
    await Budget.objects.acreate(scope=scope, period=period, limit_usd=Decimal(usd), changed_at=timezone.now(), changed_by="mia")
    budget_terms.forget()
    return scope


async def worded(program: Program) -> bool:
    """Ask; whether a model worded the answer. It is right in any case."""
    response = await program.ask(ASKED)
    assert response.status_code == 200 and "30 days" in response.json()["choices"][0]["message"]["content"]
    return response.json()["whereabouts"]["tier"] == "small"


async def test_a_key_that_has_used_up_its_budget_is_answered_in_composed_words_and_costs_nothing(
    program, make, async_client, server
):
    other = Program(async_client, await make("Other"))
    scope = await a_budget(program, "0.000100")
    assert [await worded(program), await worded(program), await worded(other)] == [True, False, True]
    assert len(server.asked) == 2
    newest = await Turn.objects.filter(api_call__key__name="Help centre").order_by("-started_at").afirst()
    assert newest.route["reason"].endswith(f"the daily budget of the API key {scope.removeprefix('key:')} is used up")
    assert await BudgetNotice.objects.filter(scope=scope, level="used up").acount() == 1
    assert not await Hold.objects.aexists()


async def test_customers_in_the_chat_spend_nothing_of_a_key_s_budget(program, server, async_client):
    scope = await a_budget(program, "0.000100")
    customer = await Customer.start(async_client)
    assert [(await customer.ask(ASKED, name)).json()["tier"] for name in ("one", "two")] == ["small", "small"]
    assert not await Spending.objects.filter(scope=scope, spent_micros__gt=0).aexists()


async def test_what_a_key_spends_is_counted_before_anybody_gives_it_a_budget(program, server):
    assert await worded(program)
    call = await ModelCall.objects.aget()
    (row,) = [row async for row in Spending.objects.filter(scope__startswith="key:")]
    assert (row.spent_micros, row.held_micros) == (call.cost_usd * 1_000_000, 0) and call.cost_usd > 0
    await a_budget(program, "0.000100", period="month")
    assert not await worded(program), "what was spent before counts"


async def test_near_its_end_a_budget_of_a_key_spares_the_large_model_alone(program, server):
    scope = await a_budget(program, "1")
    await Spending.objects.acreate(scope=scope, day=timezone.localdate(), spent_micros=900_000)
    models = {tier: ModelClient(str(tier), tier, server.base_url) for tier in (Tier.SMALL, Tier.LARGE)}
    purse = await Budgets().open("v", models, today=timezone.localdate(), key=scope.removeprefix("key:"))
    assert set(purse.closed) == {"large"} and "used up to 90 %" in purse.closed["large"]
    assert (await Budgets().open("v", models, today=timezone.localdate(), key="another")).closed == {}
    assert (await Budgets().open("v", models, today=timezone.localdate())).closed == {}
