"""Which endpoints there are now, in the order in which they are called.

Two sources: rows that administrators keep in the console, and the one server that the environment names (OPENAI_*, LLM_*). Within a
tier the rows come first, by their place; the environment's model is the last, so it also works where there are no rows, and stays a
way out where there are.

Every process reads the rows again every few seconds, beside its turns (`keep_up`), so that no question waits for it.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import Error as DatabaseFailed

from database.lanes import in_database
from llm.endpoint_models import ModelEndpoint
from llm.keys import OWN_NAME, is_set, key_of
from llm.limits import Limits
from llm.routing import Tier

log = logging.getLogger(__name__)

AGE = 2.0  # seconds after which the rows are read again
OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model on one server. name: what staff call it; "" for the one of the environment."""

    name: str
    tier: Tier
    model: str
    base_url: str
    api_key: str = field(repr=False)
    key_variable: str
    limits: Limits


@dataclass(slots=True)
class _Memory:
    rows: tuple[Endpoint, ...] = ()
    until: float = 0.0  # of time.monotonic
    failing: bool = False


_memory = _Memory()


def current() -> tuple[Endpoint, ...]:
    """All endpoints that may be called, as this process knows them: those of the console first, then the environment's."""
    return (*_memory.rows, *of_environment())


def of_environment() -> tuple[Endpoint, ...]:
    """The models that the settings name; none without a server to ask."""
    if not settings.OPENAI_API_KEY and not settings.OPENAI_BASE_URL:
        return ()  # a hosted server without a key cannot work; a local one has an address
    limits = Limits(
        first_token=settings.LLM_FIRST_TOKEN_SECONDS,
        total=settings.LLM_TIMEOUT_SECONDS,
        stall=settings.LLM_FIRST_TOKEN_SECONDS,
        answer_tokens=settings.LLM_MAX_ANSWER_TOKENS,
        context_tokens=settings.LLM_CONTEXT_TOKENS,
        concurrent=settings.LLM_CONCURRENT_CALLS,
    )
    base_url, key = settings.OPENAI_BASE_URL or OPENAI, settings.OPENAI_API_KEY
    named = {Tier.SMALL: settings.LLM_SMALL_MODEL, Tier.LARGE: settings.LLM_LARGE_MODEL}
    return tuple(Endpoint("", tier, name, base_url, key, OWN_NAME, limits) for tier, name in named.items() if name)


def of_rows(rows: Iterable[ModelEndpoint]) -> tuple[Endpoint, ...]:
    """Those of the rows that may be called: switched on, and their key is known to this process."""
    return tuple(of_row(row) for row in rows if row.enabled and is_set(row.key_variable))


def of_row(row: ModelEndpoint) -> Endpoint:
    limits = Limits(
        first_token=row.first_token_seconds,
        total=min(row.total_seconds, settings.LLM_TIMEOUT_SECONDS),  # by which a turn of a dead process is known
        stall=row.first_token_seconds,
        answer_tokens=row.answer_tokens,
        context_tokens=row.context_tokens,
        concurrent=row.concurrent,
    )
    return Endpoint(row.name, Tier(row.tier), row.model, row.base_url, key_of(row.key_variable), row.key_variable, limits)


def read() -> None:
    """Use what stands in the database now."""
    _memory.until = time.monotonic() + AGE
    _memory.rows = of_rows(ModelEndpoint.objects.all())


async def refresh() -> None:
    """Know what administrators have set up since. Asks the database every few seconds at most; never raises: what was known stays."""
    if time.monotonic() < _memory.until:
        return
    _memory.until = time.monotonic() + AGE  # before the answer: one question at a time asks
    try:
        await in_database(read)
        _memory.failing = False
    except DatabaseFailed:
        if not _memory.failing:
            log.exception("the endpoints of models could not be read; those known before are used until they can")
        _memory.failing = True


async def keep_up() -> None:
    """Keep knowing, for the life of a web process. Runs until it is cancelled."""
    while True:
        await refresh()
        await asyncio.sleep(AGE)
