"""Ask both rooms side by side: the orders a viewer may see, and the passages in force."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

from chatbot.composing.choosing import choose
from chatbot.composing.wording import ago
from chatbot.governing import as_governed
from chatbot.readers import reader
from chatbot.services import Services
from chatbot.turn import Evidence, Question, Ruling, Understanding
from orders.errors import OrdersUnavailable
from orders.lookup import OrdersFound
from retrieval.audiences import Audience
from retrieval.search import SearchResult

log = logging.getLogger(__name__)

LOOKED_THROUGH = 1000  # of one customer's orders, where more match than an answer shows: what is counted or compared must be all
SAID_FROM = 60.0  # seconds of age from which it is said and not only shown on the order's card


async def gather_evidence(question: Question, meaning: Understanding, services: Services) -> tuple[Evidence, dict[str, float]]:
    """Return what was found and how long each room took, in milliseconds.

    A room that fails leaves its part empty, with a sentence for the customer; the other still answers.
    """
    timings: dict[str, float] = {}
    verified = question.viewer.is_verified(at=question.asked_at)
    # "can I cancel?" may be about the rule alone, so a stranger is not asked to sign in for it
    needs_sign_in = meaning.wanted is not None and not verified and not meaning.signals.get("perhaps")
    (orders, error), passages = await asyncio.gather(
        _orders(question, meaning, services, timings) if verified else _nothing(),
        _passages(question, meaning, services, timings),
    )
    if orders is not None and passages:
        passages = await as_governed(passages, meaning, orders, question.today, services, who=_who(question))
    rulings = await _rulings(question, meaning, orders, services, timings) if orders is not None and orders.records else ()
    failed = bool(meaning.queries) and not passages
    age = _age(orders, question.asked_at)
    evidence = Evidence(
        passages, orders, orders_error=error, search_failed=failed, needs_sign_in=needs_sign_in, rulings=rulings, orders_age=age
    )
    return evidence, timings


def _age(orders: OrdersFound | None, now: datetime) -> str:
    """How long ago the orders were read, if that is a minute or more: a source that does not answer may tell what it told before."""
    oldest = min((record.as_of for record in (orders.records if orders else ()) if record.as_of), default=None)
    return ago(oldest, now=now) if oldest and (now - oldest).total_seconds() >= SAID_FROM else ""


async def _nothing() -> tuple[OrdersFound | None, str]:
    return None, ""


async def _orders(
    question: Question, meaning: Understanding, services: Services, timings: dict[str, float]
) -> tuple[OrdersFound | None, str]:
    if meaning.wanted is None:
        return None, ""
    started = time.perf_counter()
    wanted = meaning.wanted
    try:
        found = await services.find_orders(wanted, viewer=question.viewer, at=question.asked_at)
        if not found.records and not wanted.references and (wanted.words or wanted.on_or_after or wanted.amount):
            # the words named nothing of theirs: they may have been about something else, so all orders are looked at
            wider = replace(wanted, words=(), on_or_after=None, before=None, amount=None)
            wanted = wider
            found = replace(
                await services.find_orders(wider, viewer=question.viewer, at=question.asked_at), narrowed=False, missing=()
            )
        if found.total > len(found.records) and not wanted.names_numbers:
            narrowed, every = found.narrowed, replace(wanted, limit=LOOKED_THROUGH)
            found = replace(await services.find_orders(every, viewer=question.viewer, at=question.asked_at), narrowed=narrowed)
        return found, ""
    except OrdersUnavailable as error:
        log.warning("turn %s goes on without orders: %s", question.turn_id, error)  # the door has logged the cause
        return None, error.user_message
    finally:
        timings["orders"] = _ms_since(started)


async def _passages(
    question: Question, meaning: Understanding, services: Services, timings: dict[str, float]
) -> tuple[SearchResult, ...]:
    if not meaning.queries:
        return ()
    started = time.perf_counter()
    context = str(meaning.signals.get("context", ""))
    try:
        how: dict[str, Any] = {"as_of": question.today, "k": services.top_k, "context": context, "reader": _who(question)}
        found = tuple(await asyncio.gather(*(services.search(query, **how) for query in meaning.queries)))
        for stage in found[0].timings_ms:
            timings[f"search_{stage}"] = max(f.timings_ms.get(stage, 0.0) for f in found)
        return found
    except Exception as error:  # whatever breaks in there, orders must still be answered
        log.error("policies could not be searched for turn %s: %s", question.turn_id, error, exc_info=error)
        return ()
    finally:
        timings["search"] = _ms_since(started)


async def _rulings(
    question: Question, meaning: Understanding, orders: OrdersFound, services: Services, timings: dict[str, float]
) -> tuple[Ruling, ...]:
    """What the confirmed rules say of the orders that are meant; nothing if they cannot be read: then the policies are quoted."""
    started = time.perf_counter()
    try:
        choice = choose(meaning, orders)
        return await services.rulings_for(meaning, choice, today=question.today, reader=_who(question))
    except Exception as error:
        log.error("rules could not be read for turn %s: %s", question.turn_id, error, exc_info=error)
        return ()
    finally:
        timings["rules"] = _ms_since(started)


def _who(question: Question) -> Audience:
    return reader(question.viewer, at=question.asked_at)


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
