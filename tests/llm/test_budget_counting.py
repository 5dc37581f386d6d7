"""What is spent and held, counted in the database: by many callers at once, across days, and when a process dies."""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.utils import timezone

from llm import budget_counting, budget_notices, budget_terms
from llm.budget_counting import Changes, add, dollars, forget_visitors, micros, used
from llm.budget_guard import Budgets, OverBudget
from llm.budget_holding import Held, Wish, give_back, hold, meter_lost
from llm.client import ChatMessage, Limits, ModelClient
from llm.errors import ModelRefused
from llm.metering import record_call, record_calls
from llm.models import Budget, BudgetNotice, Hold, ModelCall, Price, Spending, SummedUp
from llm.routing import Tier
from tests.fake_openai import FakeOpenAI, says, status

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 24)
ASKED = [ChatMessage("user", "What is your return policy?")]


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


def budget(scope: str, usd: str, period: str = "day") -> Budget:
    made = Budget.objects.create(scope=scope, period=period, limit_usd=Decimal(usd), changed_at=timezone.now(), changed_by="mia")
    budget_terms.forget()
    return made


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


@pytest.fixture
async def tiers():
    """Both tiers on a server that answers; prices such that one call costs about half a cent at most."""
    async with FakeOpenAI(says("You can return it within 45 days.")) as server:
        made = {
            tier: ModelClient(name, tier, server.base_url, "sk-secret", Limits(first_token=1.5, total=4.0, stall=0.5, pause=0.02))
            for tier, name in ((Tier.SMALL, "tiny"), (Tier.LARGE, "grand"))
        }
        for name in ("tiny", "grand"):
            await Price.objects.acreate(model=name, valid_from=date(2026, 1, 1), input_usd=10, cached_usd=1, output_usd=10)
        yield made, server
        for model in made.values():
            await model.aclose()


async def open_purse(models, visitor: str = "v1", **values):
    budget_terms.forget()
    return await Budgets().open(visitor, models, today=timezone.localdate(), **values)


async def say(model, purpose: str = "answer") -> ModelCall:
    async with model.reply(ASKED) as reply:
        try:
            async for _ in reply:
                pass
        except OverBudget:
            pass
    return await record_call(reply, at=timezone.now(), purpose=purpose, subject=uuid4().hex)


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


async def test_a_customer_who_leaves_while_the_call_is_held_back_leaves_nothing_held(tiers, monkeypatch):
    models, server = tiers
    purse = await open_purse(models)
    begun = threading.Event()

    def slowly(*args, **values):
        begun.set()
        time.sleep(0.2)
        return hold(*args, **values)

    monkeypatch.setattr("llm.budget_guard.hold", slowly)
    reply = purse.models[Tier.SMALL].reply(ASKED)

    async def speak():
        async with reply:
            async for _ in reply:
                pass

    speaking = asyncio.ensure_future(speak())
    await asyncio.to_thread(begun.wait, 10)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    call = await record_call(reply, at=timezone.now())
    assert call.ending == "cancelled" and not await Hold.objects.aexists() and not server.asked


async def test_a_call_that_cannot_be_held_back_is_not_made(tiers, monkeypatch, caplog):
    models, server = tiers
    purse = await open_purse(models)

    def failing(*args, **values):
        raise OperationalError("database is locked")

    monkeypatch.setattr("llm.budget_guard.hold", failing)
    with caplog.at_level(logging.ERROR):
        call = await say(purse.models[Tier.SMALL])
    assert (call.ending, call.error, server.asked) == ("over_budget", "the budgets could not be read", [])
    assert "could not be held back" in caplog.text


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


async def test_a_call_that_could_not_be_written_down_is_metered_by_its_hold(tiers, monkeypatch):
    models, _ = tiers
    purse = await open_purse(models)

    def failing(*args, **values):
        raise OperationalError("disk full")

    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        async for _ in reply:
            pass
    with monkeypatch.context() as patched:
        patched.setattr("llm.metering._record", failing)
        assert await record_calls(reply, at=timezone.now()) == []
    held = await Hold.objects.aget()
    found = await sync_to_async(meter_lost)(held.until + timedelta(seconds=1))
    call = await ModelCall.objects.aget()
    assert found == 1 and call.ending == "lost" and micros(call.cost_usd) == held.micros > 0
    counted = await Spending.objects.aget(scope="tier:small", spent_micros__gt=0)
    assert counted.spent_micros == held.micros


@pytest.mark.parametrize("is_summed_up", [False, True])
async def test_a_process_that_only_slept_tells_what_its_call_really_cost(tiers, is_summed_up):
    models, _ = tiers
    purse = await open_purse(models)
    async with purse.models[Tier.SMALL].reply(ASKED) as reply:
        async for _ in reply:
            pass
    now, today = timezone.now(), timezone.localdate()
    await Hold.objects.aupdate(until=now - timedelta(seconds=1))
    assert await sync_to_async(meter_lost)(now) == 1
    lost = await ModelCall.objects.aget()
    if is_summed_up:
        await SummedUp.objects.acreate(pk=1, until=today + timedelta(days=1))
    call = await record_call(reply, at=now)
    counted = [row.spent_micros async for row in Spending.objects.filter(day=today).order_by("scope")]
    expected = micros(call.cost_usd) + (micros(lost.cost_usd) if is_summed_up else 0)
    assert counted == [expected, expected]  # for all, and for the tier
    assert await ModelCall.objects.acount() == (2 if is_summed_up else 1)


async def test_a_model_without_a_price_is_called_and_counted_as_unknown(tiers):
    models, _ = tiers
    await Price.objects.all().adelete()
    await Budget.objects.acreate(scope="all", period="day", limit_usd=Decimal(1), changed_at=timezone.now())
    call = await say((await open_purse(models)).models[Tier.SMALL])
    assert call.cost_usd is None and call.ending == "finished"
    assert (await Spending.objects.aget(scope="all")).spent_micros == 0
