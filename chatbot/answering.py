"""One turn, top to bottom.

question → understand → orders and policies side by side → route → compose, or stream from a model
         → ground each sentence → show → record

A message that belongs to a request ("yes, ask for it") is answered by `chatbot/requesting/` instead, always in composed words.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from django.conf import settings

from chatbot.composing import phrases
from chatbot.composing.cards import card
from chatbot.composing.choosing import Choice, choose
from chatbot.composing.compose import compose
from chatbot.composing.off_limits import is_refusal, within_limits
from chatbot.errors import ChatError
from chatbot.evidence import gather_evidence
from chatbot.instructions.wording import Instructions
from chatbot.recording import TurnRecord
from chatbot.rendering import render_answer
from chatbot.services import Services, services
from chatbot.spoken import Spoken
from chatbot.steps import asks_for_steps
from chatbot.thumbs import newest_is_down
from chatbot.turn import (
    Answer,
    Draft,
    Evidence,
    OrderShown,
    Outcome,
    Question,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    Understanding,
)
from chatbot.understanding import understand
from chatbot.understanding.languages import language_of
from chatbot.visitors import network_of, visitor_of
from llm.routing import Route, Signals, Thresholds, Tier, passed_over, route

__all__ = ["answer_turn", "services"]

log = logging.getLogger(__name__)
OUR_WORDS = Route(Tier.NONE, "what is asked of the shop is said in our own words")
EXCLUDED = Route(Tier.NONE, "the shop's instructions exclude the topic")
COUNTED = Route(Tier.NONE, "more orders than are shown are counted in our own words")  # a model sees those that are shown


async def answer_turn(question: Question, services: Services) -> AsyncIterator[TurnEvent]:
    """Yield orders, sources, text piece by piece, and TurnFinished; or TurnFailed at any point, as the last.

    Exactly one Turn is stored, also when the customer leaves half way.
    """
    record = TurnRecord(question)
    try:
        told = await services.instructions()
        visitor, network = visitor_of(question), network_of(question)
        purse = await services.budgets.open(visitor, services.models, today=question.today, network=network, key=question.key)
        services = replace(services, models=purse.models)
        going = await services.requests.go_on(question)
        meaning = await _understand(question, services, record) if going is None else _nothing_to_look_up(record)
        evidence, timings = await gather_evidence(question, meaning, services)
        record.timings |= timings
        if services.models and meaning.signals.get("context"):
            from chatbot.rephrasing import asked_again  # as with the way to a model: not loaded where none is configured

            meaning, evidence = await asked_again(question, meaning, evidence, services, record)
        choice = Choice(going.orders) if going else choose(meaning, evidence.orders) if evidence.orders else Choice()
        record.gathered(evidence, choice)
        cards = [] if going or choice.ask else [card(order, today=question.today, now=question.asked_at) for order in choice.orders]
        for shown in cards:
            yield record.saw(OrderShown(shown))
        draft = going.draft if going else _compose(question, meaning, evidence, services, told, record)
        draft, ours = (draft, True) if going else await services.requests.begin(question, meaning, evidence, choice, draft)
        record.composed(draft, meaning, evidence)
        signals = await _signals(question, meaning, evidence, draft, choice, services)
        ready = _ready(services)
        way = (
            OUR_WORDS
            if ours
            else EXCLUDED
            if is_refusal(draft)
            else COUNTED
            if choice.shows_some
            else _routed(signals, ready, purse.closed, services)
        )
        record.routed(way, instructions=told.number, ready=ready)
        spoken = Spoken(draft)
        async for event in _words(question, meaning, evidence, choice, spoken, way, ready, services, told, record):
            yield record.saw(event)
        answer = _answer(question, evidence, spoken, cards, way, record)
        finished = TurnFinished(answer, render_answer(answer.text, answer.citations))
        record.answered(answer, finished)
        await record.store()  # before the end is told, so that what was told is kept
        yield finished
    except ChatError as error:
        log.warning("turn %s failed: %s", question.turn_id, error, exc_info=error)
        yield _failed(error, record, error.code, error.user_message, retryable=error.retryable)
    except Exception as error:
        log.exception("turn %s failed", question.turn_id)
        yield _failed(error, record, ChatError.code, phrases.FAILED, retryable=True)
    finally:
        if not record.stored:
            await asyncio.shield(asyncio.ensure_future(record.store()))


async def _understand(question: Question, services: Services, record: TurnRecord) -> Understanding:
    started = time.perf_counter()
    shapes = await services.known_shapes()
    meaning = understand(question.text, history=question.history, today=question.today, shapes=shapes)
    record.lap("understand", started)
    record.understood(meaning)
    return meaning


def _nothing_to_look_up(record: TurnRecord) -> Understanding:
    """What a message means that is an answer to a question of ours."""
    meaning = Understanding(frozenset())
    record.understood(meaning)
    return meaning


def _compose(
    question: Question, meaning: Understanding, evidence: Evidence, services: Services, told: Instructions, record: TurnRecord
) -> Draft:
    started = time.perf_counter()
    draft = compose(meaning, evidence, today=question.today, minimum_strength=services.minimum_strength, shop=services.shop)
    draft = within_limits(draft, question.text, meaning, told.topics)
    record.lap("compose", started)
    return draft


async def _signals(
    question: Question, meaning: Understanding, evidence: Evidence, draft: Draft, choice: Choice, services: Services
) -> Signals:
    return Signals(
        intents=int(meaning.signals.get("questions", 1)),
        small_talk=meaning.wanted is None and not meaning.query,
        must_ask_back=draft.outcome is not Outcome.ANSWERED,
        orders=len(choice.orders),
        documents=len({c.slug for c in draft.citations}),
        strength=evidence.strength,
        characters=len(question.text),
        comparison=bool(meaning.signals.get("comparison")),
        complaint=bool(meaning.signals.get("complaint")),
        several_steps=asks_for_steps(question.text),
        foreign=bool(language_of(question.text)),
        unhelpful_before=bool(services.models and question.history) and await newest_is_down(question.conversation_id),
    )


def _routed(signals: Signals, ready: frozenset[Tier], closed: Mapping[str, str], services: Services) -> Route:
    """The way that the signals ask for, unless experience says that the model would be asked in vain."""
    way = route(signals, ready, closed, _thresholds())
    if way.tier is Tier.NONE:
        return way
    experience = services.models[way.tier].experience
    return way if experience.may_be_asked(settings.LLM_LEAST_HELD) else passed_over(way, experience.in_words)


def _thresholds() -> Thresholds:
    return Thresholds(settings.LLM_LONG_QUESTION, settings.LLM_MANY_QUESTIONS, settings.LLM_WEAK_STRENGTH)


def _ready(services: Services) -> frozenset[Tier]:
    return frozenset(tier for tier, model in services.models.items() if model.is_available)


async def _words(
    question: Question,
    meaning: Understanding,
    evidence: Evidence,
    choice: Choice,
    spoken: Spoken,
    way: Route,
    ready: frozenset[Tier],
    services: Services,
    told: Instructions,
    record: TurnRecord,
) -> AsyncIterator[TurnEvent]:
    """The sources, then the text: from a model while it speaks and what it says is grounded, composed otherwise."""
    if way.tier is not Tier.NONE:
        from chatbot.speaking import speak  # the way to a model is not loaded where none is configured

        models = {tier: services.models[tier] for tier in ready}
        async for event in speak(question, meaning, evidence, choice, spoken, way, models, told, record):
            yield event
    if spoken.needs_composing:
        for event in spoken.compose(record):
            yield event


def _answer(
    question: Question, evidence: Evidence, spoken: Spoken, cards: list[dict[str, object]], way: Route, record: TurnRecord
) -> Answer:
    draft = spoken.draft
    record.lap("total", record.started)
    return Answer(
        id=str(question.turn_id),
        text=spoken.text,
        outcome=draft.outcome,
        citations=spoken.citations(),
        orders=tuple(cards),
        order_lookup=evidence.orders is not None,
        tier=str(spoken.tier),
        model=spoken.model or None,
        usage=dict(record.usage),
        cost_usd=record.cost_usd,
        timings_ms=dict(record.timings),
        suggestions=draft.suggestions,
        needs_sign_in=evidence.needs_sign_in,
    )


def _failed(error: BaseException, record: TurnRecord, code: str, message: str, *, retryable: bool) -> TurnEvent:
    event = TurnFailed(code, message, retryable)
    record.failed(error, event, message)
    return event
