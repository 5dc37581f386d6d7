"""An answer in a model's words: each sentence is checked against the evidence before it is shown.

    call → sentences, shown as long as the evidence holds them → whole, or: repair → larger model → the composed answer

What comes after a call that fell short stands in `attempts.py`. Whatever the models leave out or cannot finish is said by the composed
answer, so that the customer gets a correct answer in any case.
"""

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import timezone

from chatbot import answer_cache
from chatbot.answer_cache import Kept
from chatbot.attempts import Attempt, Ending, Heard, Purpose, after, first
from chatbot.briefing import Brief, brief_of
from chatbot.composing import phrases
from chatbot.composing.choosing import Choice
from chatbot.grounding import Grounds
from chatbot.instructions.wording import Instructions
from chatbot.judging import Hearing
from chatbot.private import redaction_of
from chatbot.prompt import Prompt, TokenBudget
from chatbot.recording import TurnRecord
from chatbot.redaction import Redaction
from chatbot.spoken import Spoken
from chatbot.tongues import expected_language
from chatbot.turn import Evidence, Question, SourcesFound, TextShown, TurnEvent, Understanding
from llm.client import ModelClient, Reply
from llm.errors import ModelError
from llm.metering import record_calls
from llm.routing import Route, Tier

log = logging.getLogger(__name__)
CACHE = "cache"
LEFT = "left"  # the ending of a call whose reply was not read to its end, while the customer is still there


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
    limits, shop = models[way.tier].limits, settings.SHOP_NAME
    budget = TokenBudget(limits.context_tokens, limits.answer_tokens)
    brief = brief_of(question, meaning, evidence, choice, spoken.draft, budget=budget, shop=shop, told=told)
    attempt, model = first(way), models[way.tier]
    prompt = _prompt(brief, attempt)
    if prompt is None:
        return
    spoken.cited = prompt.cited
    if prompt.cited:
        yield SourcesFound(prompt.cited)
    # read while the model is thinking: it need not be known before there is a sentence to judge
    grounds = cache(lambda: Grounds.of(question, evidence, brief.facts, choice.orders, cited=prompt.cited, shop=shop, told=told))
    language = expected_language(question.text, told.language)
    speech = _Speech(question, brief, grounds, redaction_of(question, meaning, evidence), language, spoken, record)
    key = answer_cache.key_of(question, meaning, evidence, spoken.draft, way, told, brief.cited, model=model.name)
    for event in speech.again(await answer_cache.kept(key), tier=way.tier):
        yield event
    if not spoken.needs_composing:
        record.kept_under(key)
        return
    async with aclosing(speech.calls(attempt, prompt, models)) as events:
        async for event in events:
            yield event
    if key and not spoken.needs_composing:
        await answer_cache.keep(key, record.paid_for(spoken.text))
        record.kept_under(key)
    if spoken.needs_composing and spoken.text:
        yield spoken.show_block(phrases.FROM_THE_RECORDS, ())


def _prompt(brief: Brief, attempt: Attempt, *, shown: str = "", heard: Heard | None = None) -> Prompt | None:
    """The messages of a call; None where the settings leave no room for any."""
    try:
        return brief.prompt(attempt, shown=shown, heard=heard)
    except ValueError as error:
        log.error("no prompt for a model: %s; see the tokens of context and of an answer that it is given", error)
        return None


@dataclass(frozen=True, slots=True)
class _Speech:
    """What all calls for one answer have in common. language: that of the question, as script and code."""

    question: Question
    brief: Brief
    grounds: Callable[[], Grounds]
    redaction: Redaction
    language: tuple[str, str]
    spoken: Spoken
    record: TurnRecord

    def again(self, found: Kept | None, *, tier: Tier) -> Iterator[TextShown]:
        """Show an answer that was kept, if all of it holds; noted with the call that it saves."""
        if found is None:
            return
        hearing = self._hearing(Attempt(Purpose.ANSWER, tier, "an answer was kept"), by=CACHE)
        yield from hearing.again(found.text)
        if hearing.heard.ending is Ending.WHOLE:
            self.spoken.tier, self.spoken.model, self.spoken.needs_composing = str(tier), found.model, False
            self.record.reused(found, tier=str(tier))

    async def calls(self, attempt: Attempt, prompt: Prompt, models: Mapping[Tier, ModelClient]) -> AsyncGenerator[TextShown, None]:
        """Yield what is held by the evidence, call after call, until the answer is whole or none may follow."""
        tried: list[Attempt] = []
        following: Attempt | None = attempt
        wanted: Prompt | None = prompt
        while following is not None and wanted is not None:
            hearing = self._hearing(following, by=models[following.tier].name)
            async with aclosing(self._call(hearing, following, wanted, models[following.tier])) as events:
                async for event in events:
                    yield event
            heard = hearing.heard
            self.record.judged(heard.in_words)
            self.spoken.needs_composing = heard.ending is not Ending.WHOLE
            tried.append(following)
            left, larger = _seconds_left(self.record), models.get(Tier.LARGE)
            may_help = larger is not None and not larger.experience.is_poor(settings.LLM_LEAST_HELD)
            following = after(tried, heard, larger_is_ready=may_help, seconds_left=left)
            is_last = following is None or following.tier is not tried[-1].tier
            if heard.ending.tells_of_the_model and is_last and not self.question.is_trial:  # of words that are not in force
                self._speaker(models[tried[-1].tier]).experience.note(held=heard.ending is Ending.WHOLE)
            wanted = _prompt(self.brief, following, shown=self.spoken.text, heard=heard) if following else None

    async def _call(
        self, hearing: Hearing, attempt: Attempt, prompt: Prompt, model: ModelClient
    ) -> AsyncGenerator[TextShown, None]:
        """One call: what it says that may be shown. It is metered whatever its ending, also when the customer leaves."""
        self.spoken.tier, self.spoken.model = str(model.tier), model.name
        messages = self.redaction.hide_all(prompt.messages)
        self.record.redacted(self.redaction.hidden(self.brief.parts()))
        self.record.prompted(messages, purpose=attempt.purpose)
        reply = model.reply(messages)
        try:
            async with reply:
                # the first call keeps its own time; those after it share what is left of the turn's
                seconds = None if attempt.purpose is Purpose.ANSWER else _seconds_left(self.record)
                async with aclosing(hearing.shown(reply, seconds=seconds)) as events:
                    async for event in events:
                        yield event
            if reply.calls and reply.calls[-1].ending == "cancelled":
                reply.calls[-1].ending = LEFT
        except ModelError as error:
            log.warning("model %s did not finish turn %s: %s", model.name, self.question.turn_id, error, exc_info=error)
        finally:
            self.spoken.model = reply.model  # another endpoint of the tier may have spoken
            await _meter(reply, attempt, self.question, self.record)

    def _speaker(self, model: ModelClient) -> ModelClient:
        """Of the tier's endpoints the one that spoke last."""
        return next((client for client in model.candidates if client.name == self.spoken.model), model)

    def _hearing(self, attempt: Attempt, *, by: str) -> Hearing:
        return Hearing(attempt, self.grounds, self.spoken, self.record, model=by, redaction=self.redaction, language=self.language)


def _seconds_left(record: TurnRecord) -> float:
    """Of the time that the model may take for one answer, over all its calls."""
    return max(settings.LLM_TIMEOUT_SECONDS - (time.perf_counter() - record.started), 0.0)


async def _meter(reply: Reply, attempt: Attempt, question: Question, record: TurnRecord) -> None:
    """Write down what the call used, whatever its ending."""
    purpose = Purpose.TRIAL if question.is_trial else attempt.purpose
    for call in await record_calls(reply, at=timezone.now(), purpose=purpose, subject=str(question.turn_id)):
        record.called(call, reason=attempt.reason)
