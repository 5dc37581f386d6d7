"""Calls whose counters cannot be written, whose customer leaves in that moment, or whose process only slept."""

import asyncio
import logging
import threading
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils import timezone

from llm import budget_notices, budget_terms
from llm.budget_counting import micros
from llm.budget_holding import hold, meter_lost
from llm.metering import record_call, record_calls
from llm.models import Hold, ModelCall, Spending, SummedUp
from llm.routing import Tier
from tests.llm.purses import ASKED, open_purse, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_remembered():
    budget_terms.forget()
    budget_notices.forget()
    yield
    budget_terms.forget()
    budget_notices.forget()


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
