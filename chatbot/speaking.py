"""A model's reply, sentence by sentence: each is checked against the evidence before it is shown.

A sentence that says what the evidence does not is not shown. Whatever the model leaves out or cannot finish is said by the composed
answer, so that the customer gets a correct answer in any case.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from chatbot.citations import cite
from chatbot.composing import order_wording, phrases
from chatbot.composing.choosing import Choice
from chatbot.composing.quoting import quote
from chatbot.composing.rulings import undecided
from chatbot.grounding import Grounds, check, cleaned, with_citations
from chatbot.prompt import TokenBudget, build_prompt
from chatbot.recording import TurnRecord
from chatbot.spoken import Spoken
from chatbot.streaming_text import SentenceStream
from chatbot.turn import Cited, Evidence, Intent, Question, Sentence, SourcesFound, TextShown, TurnEvent, Understanding
from llm.client import ModelClient, Reply
from llm.errors import ModelError
from llm.metering import record_call
from retrieval.search import Passage

log = logging.getLogger(__name__)


async def speak(
    question: Question,
    meaning: Understanding,
    evidence: Evidence,
    choice: Choice,
    spoken: Spoken,
    model: ModelClient,
    record: TurnRecord,
) -> AsyncIterator[TurnEvent]:
    """Yield the model's grounded sentences; afterwards `spoken.needs_composing` says whether the composed answer must be added."""
    facts = [re.sub(r" ?\[\d+\]", "", s.text) for s in spoken.draft.sentences if s.support.startswith("derived")]
    facts += undecided(evidence.rulings)
    whole = bool(meaning.intents & {Intent.DESTINATION, Intent.CHANGE_ADDRESS})  # the street is needed for nothing else
    facts += [line for o in choice.orders for line in order_wording.facts(o, today=question.today, whole_address=whole)]
    offered = offers(evidence.passages, meaning.query, spoken.draft.citations)
    budget = TokenBudget(context=settings.LLM_CONTEXT_TOKENS, answer=settings.LLM_MAX_ANSWER_TOKENS)
    prompt = build_prompt(question, evidence, budget=budget, shop=settings.SHOP_NAME, order_facts=facts, cited=offered)
    record.prompted([{"role": m.role, "content": m.content} for m in prompt.messages])
    spoken.cited, spoken.tier, spoken.model = prompt.cited, str(model.tier), model.name
    grounds = Grounds.of(question, evidence, facts, choice.orders, cited=prompt.cited, shop=settings.SHOP_NAME)
    if prompt.cited:
        yield SourcesFound(prompt.cited)
    held_back = False
    async with model.reply(prompt.messages) as reply:
        try:
            async for event in _grounded(reply, grounds, spoken, record):
                if event is None:
                    held_back = True
                else:
                    yield event
        except ModelError as error:
            log.warning("model %s did not finish turn %s: %s", model.name, question.turn_id, error, exc_info=error)
            held_back = True
        finally:
            await _meter(reply, question, spoken, record)
    spoken.needs_composing = held_back or reply.was_cut or not spoken.text
    if spoken.needs_composing and spoken.text:
        yield spoken.show_block(phrases.FROM_THE_RECORDS, ())


async def _grounded(reply: Reply, grounds: Grounds, spoken: Spoken, record: TurnRecord) -> AsyncIterator[TextShown | None]:
    """Yield each sentence that the evidence supports, and None for each that it does not.

    What is said before the first sentence that rests on evidence ("Of course!") waits for it: a reply without one is no answer.
    """
    stream = SentenceStream()
    opening: list[tuple[Sentence, bool]] = []
    begun = False

    def judged(raw: str, *, new_block: bool) -> Iterator[TextShown | None]:
        nonlocal begun
        text = cleaned(raw, grounds)
        if not text.strip():
            return
        verdict = check(text, grounds)
        sentence = Sentence(with_citations(text, verdict.citations), verdict.citations, verdict.reason)
        if not verdict.supported:
            record.considered(Sentence(text, (), verdict.reason), shown=False, by=spoken.model)
            yield None
            return
        opening.append((sentence, new_block))
        begun = begun or bool(verdict.claims or verdict.citations)
        while begun and opening:
            ready, starts = opening.pop(0)
            record.considered(ready, shown=True, by=spoken.model)
            yield spoken.show_piece(ready.text, spoken.cited, new_block=starts)

    async for piece in reply:
        for sentence in stream.feed(piece):
            for event in judged(sentence.text, new_block=sentence.starts_block):
                yield event
    if not reply.was_cut:
        for sentence in stream.close():
            for event in judged(sentence.text, new_block=sentence.starts_block):
                yield event
    for unsaid, _ in opening:
        record.considered(unsaid, shown=False, reason="the reply rests on no evidence", by=spoken.model)


async def _meter(reply: Reply, question: Question, spoken: Spoken, record: TurnRecord) -> None:
    """Write down what the call used, whatever its ending."""
    call = await record_call(reply, at=timezone.now(), subject=str(question.turn_id))
    spoken.usage = {"input": call.input_tokens, "cached": call.cached_tokens, "output": call.output_tokens}
    spoken.cost_usd = call.cost_usd or Decimal(0)
    record.called(tier=spoken.tier, model=spoken.model, usage=spoken.usage, cost_usd=spoken.cost_usd)
    if reply.first_token_ms is not None:
        record.timings["model_first_token"] = round(reply.first_token_ms, 2)
    record.timings["model"] = round(reply.total_ms, 2)


def offers(passages: tuple[Passage, ...], query: str, already: tuple[Cited, ...]) -> tuple[Cited, ...]:
    """One citation a passage: its best sentences, or all of it; those of the composed draft keep their numbers."""
    made = list(already)
    taken = {(c.slug, c.version, p.chunk_id) for c in already for p in passages if _within(c, p)}
    for passage in passages:
        if (passage.slug, passage.version, passage.chunk_id) in taken or not passage.text:
            continue
        n = len(made) + 1
        best = quote([passage], query, first=n, most=1)
        made.append(best[0].citations[0] if best else cite(n, passage, 0, len(passage.text)))
    return tuple(made)


def _within(citation: Cited, passage: Passage) -> bool:
    same = (citation.slug, citation.version) == (passage.slug, passage.version)
    return same and passage.start <= citation.start and citation.end <= passage.end
