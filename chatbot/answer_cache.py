"""Answers of models to questions that many ask, kept so that the same words are paid for once.

Only what belongs to nobody is kept: a question about the policies that stands alone, from whom nothing is known and who said nothing of
themselves. The key holds the very passages that are in force at this moment and the instructions that count, so an answer whose
document was withdrawn or replaced is not found any more from that moment on; and what is found goes through the same check as a reply.
"""

import hashlib
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import caches

from chatbot.instructions.wording import Instructions
from chatbot.readers import reader
from chatbot.redaction import Redaction
from chatbot.turn import Cited, Draft, Evidence, Outcome, Question, Understanding
from llm.routing import Route

log = logging.getLogger(__name__)

ALIAS = "answers"
SHAPE = 1  # of what is kept; another one after a change of `Kept` or of how answers are checked
LONGEST_QUESTION = 300  # characters: a longer one is asked once
# who speaks of themselves gets an answer of their own
_OF_THEMSELVES = re.compile(
    r"\b(?:my name|i am|i['’]m|call me|this is [A-Z]|my (?!return|refund|order\b)\w+ is|ich hei(?:ß|ss)e|mein name|ich bin|je m['’]appelle|je suis|me llamo|soy|"
    r"mi chiamo|sono|ik heet|ik ben)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{4,}")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with the call it was paid with: text as it was shown, tokens, US dollars (None without a price)."""

    text: str
    model: str
    input: int
    output: int
    cost_usd: str | None


def key_of(
    question: Question,
    meaning: Understanding,
    evidence: Evidence,
    draft: Draft,
    way: Route,
    told: Instructions,
    offered: Sequence[Cited],
    *,
    model: str,
) -> str:
    """The key of an answer, "" for a question whose answer is nobody else's. Pure but for the settings."""
    if not settings.LLM_CACHE_SECONDS or not _is_for_everybody(question, meaning, evidence, draft):
        return ""
    parts = [
        SHAPE,
        _WORD.findall(question.text.casefold()),
        [_WORD.findall(query.casefold()) for query in meaning.queries],
        str(reader(question.viewer, at=question.asked_at)),
        question.today.isoformat(),
        [(p.chunk_id, p.version_id, p.start, p.end) for p in evidence.passages],
        [(c.n, c.slug, c.version, c.start, c.end) for c in offered],
        [told.number, hashlib.sha256(repr(told).encode()).hexdigest()],
        [str(way.tier), model, settings.SHOP_NAME],
    ]
    return f"answer:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


def _is_for_everybody(question: Question, meaning: Understanding, evidence: Evidence, draft: Draft) -> bool:
    text = question.text
    leans = bool(meaning.signals.get("context")) or bool(question.history) or meaning.wanted is not None
    personal = evidence.orders is not None or evidence.needs_sign_in or bool(evidence.rulings) or bool(evidence.orders_error)
    if leans or personal or not meaning.queries or not evidence.passages or draft.outcome is not Outcome.ANSWERED:
        return False
    if len(text) > LONGEST_QUESTION or _OF_THEMSELVES.search(text) or _NUMBER.search(text):
        return False
    return Redaction().hide(text) == text


async def kept(key: str) -> Kept | None:
    """The answer of that key; None if there is none, or the cache cannot be asked: then the model is."""
    if not key:
        return None
    try:
        found = await sync_to_async(caches[ALIAS].get)(key)
        return Kept(**found) if found else None
    except Exception as error:
        log.warning("the cache of answers could not be read: %s", error, exc_info=error)
        return None


async def keep(key: str, answer: Kept) -> None:
    """Keep an answer for LLM_CACHE_SECONDS; a cache that fails keeps nothing."""
    if not key:
        return
    try:
        await sync_to_async(caches[ALIAS].set)(key, asdict(answer), timeout=settings.LLM_CACHE_SECONDS)
    except Exception as error:
        log.warning("an answer could not be kept: %s", error, exc_info=error)
