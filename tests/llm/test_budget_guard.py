"""Models behind the budgets: what a call holds back, when it is refused, and that it is metered whatever becomes of it."""

import logging
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from llm import budget_counting, budget_notices, budget_terms
from llm.budget_counting import add, micros
from llm.client import ModelClient
from llm.errors import ModelRefused
from llm.metering import record_call
from llm.models import Budget, BudgetNotice, Hold, Price, Spending
from llm.routing import Tier
from tests.fake_openai import status
from tests.llm.purses import ASKED, open_purse, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


async def test_without_budgets_every_model_is_as_it_was_and_every_call_is_counted(tiers):
    models, _ = tiers
    purse = await open_purse(models)
    assert purse.closed == {} and all(model.is_available for model in purse.models.values())
    call = await say(purse.models[Tier.SMALL])
    assert (call.ending, call.model) == ("finished", "tiny") and call.cost_usd
    counted = {row.scope: row.spent_micros async for row in Spending.objects.all()}
    assert counted == {"all": micros(call.cost_usd), "tier:small": micros(call.cost_usd)}
    assert not await Hold.objects.aexists()


async def test_a_used_up_budget_closes_its_tier_in_words_and_nothing_is_sent(tiers, caplog):
    models, server = tiers
    await Budget.objects.acreate(scope="tier:large", period="day", limit_usd=Decimal("0.001"), changed_at=timezone.now())
    purse = await open_purse(models)
    assert purse.models[Tier.LARGE].is_available
    await say(purse.models[Tier.LARGE])
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            purse = await open_purse(models)
    assert purse.closed == {"large": "the daily budget for large is used up"}
    assert not purse.models[Tier.LARGE].is_available and purse.models[Tier.SMALL].is_available
    assert len([r for r in caplog.records if "is used up" in r.getMessage()]) == 1
    assert await BudgetNotice.objects.acount() == 1
    asked = len(server.asked)
    call = await say(purse.models[Tier.LARGE])
    assert (call.ending, call.cost_usd, len(server.asked)) == ("over_budget", Decimal(0), asked)


async def test_a_turn_that_saw_room_is_refused_when_others_have_taken_it_meanwhile(tiers):
    models, server = tiers
    await Budget.objects.acreate(scope="all", period="month", limit_usd=Decimal("0.003"), changed_at=timezone.now())
    purses = [await open_purse(models) for _ in range(3)]
    first, *others = [await say(purse.models[Tier.SMALL]) for purse in purses]
    await say((await open_purse(models)).models[Tier.SMALL])
    assert first.ending == "finished" and len(server.asked) <= 3
    assert [call.ending for call in others].count("over_budget") == 2 - (len(server.asked) - 1)


async def test_a_visitor_who_used_up_their_budget_stops_nobody_else_and_is_not_named(tiers):
    models, _ = tiers
    await Budget.objects.acreate(scope="visitor", period="day", limit_usd=Decimal("0.0005"), changed_at=timezone.now())
    await say((await open_purse(models, "hash-of-maya")).models[Tier.SMALL])
    assert set((await open_purse(models, "hash-of-maya")).closed.values()) == {"this visitor's daily budget is used up"}
    assert (await open_purse(models, "hash-of-bo")).closed == {}
    assert await Spending.objects.filter(scope="visitor:hash-of-maya", spent_micros__gt=0).aexists()


async def test_a_call_that_fails_gives_back_what_it_held(tiers):
    models, server = tiers
    server.will(status(401))
    await Budget.objects.acreate(scope="all", period="day", limit_usd=Decimal(1), changed_at=timezone.now())
    purse = await open_purse(models)
    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        with pytest.raises(ModelRefused):
            async for _ in reply:
                pass
    assert (await Spending.objects.aget(scope="all")).held_micros > 0
    call = await record_call(reply, at=timezone.now())
    assert call.ending == "unauthorized"
    row = await Spending.objects.aget(scope="all")
    assert (row.spent_micros, row.held_micros) == (0, 0) and not await Hold.objects.aexists()


async def test_a_call_that_is_left_half_way_is_metered(tiers):
    models, _ = tiers
    purse = await open_purse(models)
    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        async for _ in reply:
            break
    call = await record_call(reply, at=timezone.now())
    assert call.ending == "cancelled" and call.estimated and call.output_tokens > 0 and call.cost_usd > 0
    assert not await Hold.objects.aexists()


async def test_the_dearest_endpoint_that_may_come_to_speak_is_held_back(tiers):
    models, server = tiers
    await Price.objects.acreate(model="spare", valid_from=date(2026, 1, 1), input_usd=1_000, cached_usd=1, output_usd=1_000)
    spare = ModelClient("spare", Tier.SMALL, server.base_url, "sk-secret")
    purse = await open_purse({Tier.SMALL: models[Tier.SMALL].followed_by(spare)})
    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        async for _ in reply:
            assert reply.held is not None and reply.held.micros > 400_000
            break
    await record_call(reply, at=timezone.now())
    assert (await Spending.objects.aget(scope="all")).spent_micros < 400_000 and not await Hold.objects.aexists()


async def test_a_call_is_held_back_and_counted_at_the_price_of_its_endpoint(tiers):
    models, _ = tiers
    tiny = replace(models[Tier.SMALL], endpoint="Far")
    await Price.objects.acreate(
        model="tiny", endpoint="Far", valid_from=date(2026, 1, 1), input_usd=1_000, cached_usd=1_000, output_usd=1_000
    )
    near = await say((await open_purse(models)).models[Tier.SMALL])
    purse = await open_purse({Tier.SMALL: tiny})
    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        async for _ in reply:
            assert reply.held.micros > 400_000
    far = await record_call(reply, at=timezone.now())
    assert (near.endpoint, far.endpoint, far.cost_usd) == ("", "Far", 100 * near.cost_usd)


class Noting:
    """A statement that notes which counters it was run for."""

    def __init__(self, statement) -> None:
        self.statement, self.scopes = statement, []

    def run(self, **values):
        self.scopes.append(values["scope"])
        return self.statement.run(**values)


async def test_the_counters_of_a_call_are_written_once_and_in_one_order(tiers, monkeypatch):
    """On PostgreSQL two transactions that take the same rows in another order wait for each other until one is ended."""
    models, _ = tiers
    for scope in ("visitor", "tier:small"):
        await Budget.objects.acreate(scope=scope, period="day", limit_usd=Decimal(1), changed_at=timezone.now())
    purse = await open_purse(models, "v", network="n")
    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        async for _ in reply:
            pass
    await sync_to_async(add)(["all"], timezone.localdate())
    noting = Noting(budget_counting._add)
    monkeypatch.setattr(budget_counting, "_add", noting)
    await record_call(reply, at=timezone.now())
    assert noting.scopes == ["all", "network:n", "tier:small", "visitor:v"]
    row = await Spending.objects.aget(scope="visitor:v")
    assert row.spent_micros > 0 and row.held_micros == 0


async def test_a_model_without_a_price_is_called_and_counted_as_unknown(tiers):
    models, _ = tiers
    await Price.objects.all().adelete()
    await Budget.objects.acreate(scope="all", period="day", limit_usd=Decimal(1), changed_at=timezone.now())
    call = await say((await open_purse(models)).models[Tier.SMALL])
    assert call.cost_usd is None and call.ending == "finished"
    assert (await Spending.objects.aget(scope="all")).spent_micros == 0


async def test_a_network_may_spend_what_ten_visitors_may_however_many_conversations_it_begins(tiers):
    models, server = tiers
    await Budget.objects.acreate(scope="visitor", period="day", limit_usd=Decimal("0.0001"), changed_at=timezone.now())
    closed = []
    for number in range(12):
        purse = await open_purse(models, f"conversation-{number}", network="one-house")
        closed.append(set(purse.closed.values()))
        await say(purse.models[Tier.SMALL])
    network = await Spending.objects.aget(scope="network:one-house")
    assert network.spent_micros >= 1_000 and network.held_micros == 0
    assert closed[0] == set() and closed[-1] == {"the daily budget of this visitor's network is used up"}
    assert (await open_purse(models, "somebody", network="another-house")).closed == {}
    assert (await open_purse(models, "a customer who has signed in")).closed == {}
    asked = len(server.asked)
    assert (await say(purse.models[Tier.SMALL])).ending == "over_budget" and len(server.asked) == asked
