"""A follow-up that the rules could not place is put into words of its own by the small model, and searched again.

Rules come first: they take microseconds and place most follow-ups. Only where the policies would be said not to answer, the customer
leaned on what was said before, and a model is there, one short call is made. What it writes is only ever searched for, never shown,
and taken only if it finds something better.
"""

import asyncio
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from django.utils import timezone

from chatbot.fencing import quoted
from chatbot.private import redaction_of
from chatbot.readers import reader
from chatbot.recording import TurnRecord
from chatbot.services import Services
from chatbot.turn import Evidence, Question, Role, Understanding, Utterance
from chatbot.words import terms
from llm.client import ChatMessage, ModelClient, warm_up
from llm.errors import ModelError
from llm.metering import record_calls
from llm.purposes import Purpose
from llm.routing import Tier

log = logging.getLogger(__name__)

PURPOSE = Purpose.REPHRASE
PATIENCE = 4.0  # seconds for the whole call: the customer sees nothing meanwhile
MOST_SAID = 6  # messages of the conversation that are handed over, the newest
MOST_CHARACTERS = 400  # of each
LONGEST = 240  # characters of a rewritten question
_PREFIX = re.compile(r"^\W*(?:(?:stand[- ]?alone |rewritten |rephrased )?(?:question|query)\s*:\s*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")


async def asked_again(
    question: Question, meaning: Understanding, evidence: Evidence, services: Services, record: TurnRecord
) -> tuple[Understanding, Evidence]:
    """The understanding and evidence to go on with: those of the rephrased question if it finds more, the given ones otherwise."""
    model = services.models.get(Tier.SMALL) or services.models.get(Tier.LARGE)
    if model is None or not model.is_available or not _is_lost(meaning, evidence, services):
        return meaning, evidence
    started = time.perf_counter()
    who = reader(question.viewer, at=question.asked_at)
    query = stand_alone(await _rephrased(question, meaning, model, record), question.text, question.history)
    if not query:
        record.lap("rephrase", started)
        return meaning, evidence
    try:
        found = await services.search(query, as_of=question.today, k=services.top_k, context="", reader=who)
    except Exception as error:  # the first search worked, so its evidence stands
        log.error("the rephrased question of turn %s could not be searched for: %s", question.turn_id, error, exc_info=error)
        return meaning, evidence
    finally:
        record.lap("rephrase", started)
    taken = found.strength > evidence.strength
    record.rephrased(query, model=model.name, strength=found.strength, taken=taken)
    if not taken:
        return meaning, evidence
    signals = meaning.signals | {"context": "", "said": [query]}
    return replace(meaning, queries=(query,), signals=signals), replace(evidence, searches=(found,))


def _is_lost(meaning: Understanding, evidence: Evidence, services: Services) -> bool:
    """Whether a question that leans on the conversation found nothing: no order, and no passage that answers."""
    leans = bool(meaning.signals.get("context")) and bool(meaning.queries)
    return leans and evidence.orders is None and not evidence.search_failed and evidence.strength < services.minimum_strength


async def _rephrased(question: Question, meaning: Understanding, model: ModelClient, record: TurnRecord) -> str:
    """What the model writes; "" if it fails or takes too long. The call is metered whatever its ending."""
    await warm_up()  # loading the package is no part of the model's time
    redaction = redaction_of(question, meaning)
    sent = redaction.hide_all(messages(question.text, question.history))
    record.prompted(sent, purpose=PURPOSE)
    reply = model.reply(sent)
    try:
        async with reply, asyncio.timeout(PATIENCE):
            async for _ in reply:
                if len(reply.text) > 2 * LONGEST or "\n" in reply.text.strip():
                    break  # it has begun to explain itself
        return redaction.restored(reply.text)
    except (ModelError, TimeoutError) as error:
        log.warning("model %s did not rephrase turn %s: %s", model.name, question.turn_id, error, exc_info=error)
        return ""
    finally:
        for call in await record_calls(reply, at=timezone.now(), purpose=PURPOSE, subject=str(question.turn_id)):
            record.called(call, reason="a follow-up that leans on what was said found nothing")


def messages(text: str, history: Sequence[Utterance]) -> list[ChatMessage]:
    """The conversation and its last question, as data. Pure."""
    names = {Role.CUSTOMER: "Customer", Role.BOT: "Shop", Role.STAFF: "Shop"}
    said = [f"{names[u.role]} - {quoted(u.text)[:MOST_CHARACTERS]}" for u in history[-MOST_SAID:]]
    asked = "\n".join(["<conversation>", *said, "</conversation>", "<last>", quoted(text)[:MOST_CHARACTERS], "</last>"])
    return [ChatMessage("system", _instructions()), ChatMessage("user", asked)]


def stand_alone(written: str, text: str, history: Sequence[Utterance]) -> str:
    """The rewritten question as it may be searched for, or "" if it is none: too long, off the subject, or with numbers nobody said. Pure."""
    lines = [line.strip() for line in written.strip().splitlines() if line.strip()]
    query = _PREFIX.sub("", lines[0]).strip(" \"'“”‘’`*") if lines else ""
    said = " ".join([*(utterance.text for utterance in history), text])
    if not query or len(query) > LONGEST or not set(_NUMBER.findall(query)) <= set(_NUMBER.findall(said)):
        return ""
    spoken_of = set(terms(said))
    return query if query.casefold() != text.casefold() and spoken_of & set(terms(query)) else ""


@cache
def _instructions() -> str:
    return (Path(__file__).parent / "instructions" / "rephrase.md").read_text(encoding="utf-8").strip()
