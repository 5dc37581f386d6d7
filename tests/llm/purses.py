"""A purse as a turn opens it, and a call out of it."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.utils import timezone

from llm import budget_terms
from llm.budget_guard import Budgets, OverBudget, Purse
from llm.client import ChatMessage, ModelClient
from llm.metering import record_call
from llm.models import ModelCall
from llm.routing import Tier

ASKED = [ChatMessage("user", "What is your return policy?")]


async def open_purse(models: Mapping[Tier, ModelClient], visitor: str = "v1", **values: Any) -> Purse:
    budget_terms.forget()
    return await Budgets().open(visitor, models, today=timezone.localdate(), **values)


async def say(model: ModelClient, purpose: str = "answer") -> ModelCall:
    async with model.reply(ASKED) as reply:
        try:
            async for _ in reply:
                pass
        except OverBudget:
            pass
    return await record_call(reply, at=timezone.now(), purpose=purpose, subject=uuid4().hex)
