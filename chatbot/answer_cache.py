"""Answers of models to questions that many ask, kept so that the same words are paid for once.

Only what belongs to nobody is kept: a question about the policies that stands alone, from whom nothing is known and who said nothing of
themselves. The key holds what is asked (as the policies are asked it and as it was said, without greetings), the very passages that are
in force at this moment and the instructions that count. So an answer whose document was withdrawn or replaced is not found any more from
that moment on; and what is found goes through the same check as a reply.
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
from chatbot.names import names_said
from chatbot.readers import reader
from chatbot.redaction import Redaction
from chatbot.turn import Cited, Draft, Evidence, Outcome, Question, Understanding
from chatbot.understanding.languages import language_of
from chatbot.words import STOPWORDS
from llm.routing import Route

log = logging.getLogger(__name__)

ALIAS = "answers"
SHAPE = 2  # of what is kept; another one after a change of `Kept` or of how answers are checked
LONGEST_QUESTION = 300  # characters: a longer one is asked once
# Who speaks of themselves gets an answer of their own. In English that is whoever says "I" with another word than those of wishes.
_OF_THEMSELVES = re.compile(
    r"\b(?:my name|i am|i['’](?:m|ve)|call me|this is [A-Z]|my (?!return|refund|order\b)\w+ is"
    r"|i (?!can\b|could|may\b|might|must|should|shall|do\b|don|want|need|get\b|return|exchange|pay\b|order\b|send|cancel|have to\b|expect|find\b|use\b|would|will|wish"
    r"|ask|buy\b|change\b|keep\b|track|receive\b|know\b)\w+"
    r"|ich (?:hei(?:ß|ss)e|bin|war|habe|hatte|wohne)|mein name|je m['’]appelle|je suis|j['’](?:ai|habite|étais)|me llamo|soy|vivo|tengo|he \w+[dt]o"
    r"|mi chiamo|sono|abito|ho \w+[ts]o|ik (?:heet|ben|was|heb|woon))\b",
    re.IGNORECASE,
)
_COURTESY = frozenset(
    """hi hello hey there dear team please pls thanks thank you very much many cheers good morning afternoon evening day hallo guten tag
    morgen abend bitte danke vielen dank bonjour bonsoir merci beaucoup s il vous plaît hola buenos días buenas tardes por favor gracias
    muchas ciao buongiorno buonasera per favore grazie mille goedemorgen goedendag alstublieft bedankt""".split()  # noqa: SIM905
)
_LONG_NUMBER = re.compile(r"\d{4,}")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?:\n]+")
_SAID = re.compile(r"\d+(?:[.,]\d+)*|\w+|-(?=\d)|[^\w\s.,;:!?…'\"’‘“”«»()¿¡-]")  # "€50" is not "$50"


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
    if not settings.LLM_CACHE_SECONDS or question.is_trial or not _is_for_everybody(question, meaning, evidence, draft):
        return ""
    parts = [
        SHAPE,
        without_courtesy(_SAID.findall(question.text.casefold())),
        [_SAID.findall(query.casefold()) for query in meaning.queries],
        str(reader(question.viewer, at=question.asked_at)),
        question.today.isoformat(),
        [(p.chunk_id, p.version_id, p.start, p.end) for p in evidence.passages],
        [(c.n, c.slug, c.version, c.start, c.end) for c in offered],
        [told.number, hashlib.sha256(repr(told).encode()).hexdigest()],
        [str(way.tier), model, settings.SHOP_NAME],
    ]
    return f"answer:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


def without_courtesy(words: Sequence[str]) -> list[str]:
    """The words of a question without a greeting before and thanks behind. What is asked stands in the queries as well, whole. Pure."""
    asked = [n for n, word in enumerate(words) if word not in _COURTESY]
    return list(words[asked[0] : asked[-1] + 1]) if asked else list(words)


def _is_for_everybody(question: Question, meaning: Understanding, evidence: Evidence, draft: Draft) -> bool:
    text = question.text
    # "can I return shoes?" may be about an order; asked by a stranger, who names none, it is about the rule
    wanted = meaning.wanted
    of_order = wanted is not None and (not meaning.signals.get("perhaps") or wanted.names_numbers or bool(wanted.possible))
    leans = bool(meaning.signals.get("context")) or bool(question.history) or of_order
    personal = evidence.orders is not None or evidence.needs_sign_in or bool(evidence.rulings) or bool(evidence.orders_error)
    if leans or personal or not meaning.queries or not evidence.passages or draft.outcome is not Outcome.ANSWERED:
        return False
    if len(text) > LONGEST_QUESTION or _OF_THEMSELVES.search(text) or _LONG_NUMBER.search(text):
        return False
    public = [settings.SHOP_NAME, *(f"{p.document} {p.heading} {p.text}" for p in evidence.passages)]
    return Redaction().hide(text) == text and not names_said(text) and not may_name_somebody(text, public=public)


def may_name_somebody(text: str, *, public: Sequence[str]) -> bool:
    """Whether a word is written like a name inside a sentence and stands in none of the public texts. Pure.

    In German every noun is written so: there only `names_said` can tell. Capitals throughout ("VAT") are no name.
    """
    inside = [word for sentence in _SENTENCE_END.split(text) for word in _WORD.findall(sentence)[1:]]
    like_names = {word.casefold() for word in inside if word[0].isupper() and not word.isupper()} - STOPWORDS
    if not like_names or language_of(text) == "de":
        return False
    return bool(like_names - {word.casefold() for one in public for word in _WORD.findall(one)})


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


async def take_out(key: str) -> None:
    """Keep the answer of that key for nobody any more: a customer said that it did not help."""
    if not key:
        return
    try:
        await sync_to_async(caches[ALIAS].delete)(key)
    except Exception as error:
        log.warning("an answer that did not help could not be taken out: %s", error, exc_info=error)
