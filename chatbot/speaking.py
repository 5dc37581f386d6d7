"""An answer in a model's words: each sentence is checked against the evidence before it is shown.

    call → sentences, shown as long as the evidence holds them → whole, or: repair → larger model → the composed answer

What comes after a call that fell short stands in `attempts.py`. Whatever the models leave out or cannot finish is said by the composed
answer, so that the customer gets a correct answer in any case.
"""

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from chatbot import answer_cache
from chatbot.attempts import Attempt, Ending, Heard, Purpose, after, first
from chatbot.briefing import brief_of
from chatbot.composing import phrases
from chatbot.composing.choosing import Choice
from chatbot.grounding import Grounds
from chatbot.instructions.wording import Instructions
from chatbot.judging import Hearing
from chatbot.private import redaction_of
from chatbot.prompt import Prompt, TokenBudget
from chatbot.recording import TurnRecord
from chatbot.spoken import Spoken
from chatbot.tongues import expected_language
from chatbot.turn import Evidence, Question, SourcesFound, TextShown, TurnEvent, Understanding
from llm.client import ModelClient, Reply
from llm.errors import ModelError
from llm.metering import record_calls
from llm.routing import Route, Tier

log = logging.getLogger(__name__)
CACHE = "cache"


async def speak(
    question: Question,
    meaning: Understanding,
    evidence: Evidence,
    choice: Choice,
    spoken: Spoken,
    way: Route,
    models: Mapping[Tier, ModelClient],
    told: Instructions,
    record: TurnRecord,
) -> AsyncIterator[TurnEvent]:
    """Yield the grounded sentences of a model; afterwards `spoken.needs_composing` says whether the composed answer must be added.

    models: those that may be called now, that of `way` among them. told: the instructions in force.
    """
    budget = TokenBudget(context=settings.LLM_CONTEXT_TOKENS, answer=settings.LLM_MAX_ANSWER_TOKENS)
    brief = brief_of(question, meaning, evidence, choice, spoken.draft, budget=budget, shop=settings.SHOP_NAME, told=told)
    redaction = redaction_of(question, meaning, evidence)
    language = expected_language(question.text, told.language)
    key = answer_cache.key_of(question, meaning, evidence, spoken.draft, way, told, brief.cited, model=models[way.tier].name)
    grounds: Grounds | None = None
    heard: Heard | None = None
    attempt: Attempt | None = first(way)
    tried: list[Attempt] = []
    while attempt is not None:
        try:
            prompt = brief.prompt(attempt, shown=spoken.text, heard=heard)
        except ValueError as error:
            log.error("no prompt for turn %s: %s; see LLM_CONTEXT_TOKENS and LLM_MAX_ANSWER_TOKENS", question.turn_id, error)
            heard = Heard(Ending.TOO_LONG)
            break
        if grounds is None:
            spoken.cited = prompt.cited
            grounds = Grounds.of(
                question, evidence, brief.facts, choice.orders, cited=prompt.cited, shop=settings.SHOP_NAME, told=told
            )
            if prompt.cited:
                yield SourcesFound(prompt.cited)
            hearing = Hearing(attempt, grounds, spoken, record, model=CACHE, redaction=redaction, language=language)
            for event in await _from_cache(key, hearing, models[way.tier], spoken, record):
                yield event
            if spoken.text:
                spoken.needs_composing = False
                return
        prompt = replace(prompt, messages=redaction.hide_all(prompt.messages))
        record.redacted(redaction.hidden(brief.parts()))
        hearing = Hearing(attempt, grounds, spoken, record, model=models[attempt.tier].name, redaction=redaction, language=language)
        async with aclosing(_hear(hearing, attempt, prompt, models[attempt.tier], question, spoken, record)) as events:
            async for event in events:
                yield event
        heard = hearing.heard
        record.judged(heard.in_words)
        tried.append(attempt)
        attempt = after(tried, heard, larger_is_ready=Tier.LARGE in models, seconds_left=_seconds_left(record))
    spoken.needs_composing = heard is None or heard.ending is not Ending.WHOLE
    if key and not spoken.needs_composing:
        await answer_cache.keep(key, record.paid_for(spoken.text))
    if spoken.needs_composing and spoken.text:
        yield spoken.show_block(phrases.FROM_THE_RECORDS, ())


async def _from_cache(key: str, hearing: Hearing, model: ModelClient, spoken: Spoken, record: TurnRecord) -> list[TextShown]:
    """The answer that was kept for such a question, if all of it still holds; noted with the call that it saves."""
    found = await answer_cache.kept(key)
    events = list(hearing.again(found.text)) if found is not None else []
    if found is not None and events:
        spoken.tier, spoken.model = str(model.tier), found.model
        record.reused(found, tier=str(model.tier))
    return events


async def _hear(
    hearing: Hearing,
    attempt: Attempt,
    prompt: Prompt,
    model: ModelClient,
    question: Question,
    spoken: Spoken,
    record: TurnRecord,
) -> AsyncGenerator[TextShown, None]:
    """One call: what it says that may be shown. It is metered whatever its ending, also when the customer leaves."""
    spoken.tier, spoken.model = str(model.tier), model.name
    record.prompted(prompt.messages, purpose=attempt.purpose)
    reply = model.reply(prompt.messages)
    try:
        async with reply:
            # the first call keeps its own time; those after it share what is left of the turn's
            seconds = None if attempt.purpose is Purpose.ANSWER else _seconds_left(record)
            async with aclosing(hearing.shown(reply, seconds=seconds)) as events:
                async for event in events:
                    yield event
    except ModelError as error:
        log.warning("model %s did not finish turn %s: %s", model.name, question.turn_id, error, exc_info=error)
    finally:
        await _meter(reply, attempt, question, record)


def _seconds_left(record: TurnRecord) -> float:
    """Of the time that the model may take for one answer, over all its calls."""
    return max(settings.LLM_TIMEOUT_SECONDS - (time.perf_counter() - record.started), 0.0)


async def _meter(reply: Reply, attempt: Attempt, question: Question, record: TurnRecord) -> None:
    """Write down what the call used, whatever its ending."""
    for call in await record_calls(reply, at=timezone.now(), purpose=attempt.purpose, subject=str(question.turn_id)):
        record.called(call, reason=attempt.reason)
