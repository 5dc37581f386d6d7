"""The trace of a turn: what was understood, found, sent to a model, shown; stored once, whatever the ending."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from chatbot.answer_cache import Kept
from chatbot.composing.choosing import Choice
from chatbot.conversations import add_message
from chatbot.models import Citation, Conversation, Turn
from chatbot.redaction import Hidden
from chatbot.sent_events import Sent, as_sent
from chatbot.turn import (
    Answer,
    Cited,
    Draft,
    Evidence,
    Outcome,
    Question,
    Role,
    Ruling,
    Sentence,
    TextShown,
    TurnEvent,
    Understanding,
)
from database.lanes import in_database
from llm.client import ChatMessage
from llm.models import ModelCall
from llm.routing import Route, Tier


class TurnRecord:
    """Collects what happens in one turn. `store` may be called again; only the first call writes.

    Values are kept as they are, and made plain when they are written: by then the customer reads the first words.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.started = time.perf_counter()
        self.timings: dict[str, float] = {}
        self.text = ""
        self.stored = False
        self.usage = {"input": 0, "cached": 0, "output": 0}  # tokens of all calls of models
        self.cost_usd = Decimal(0)
        self._fields: dict[str, Any] = {}
        self._events: list[Sent] = []
        self._sentences: list[dict[str, Any]] = []
        self._prompts: list[dict[str, Any]] = []
        self._calls: list[dict[str, Any]] = []
        self._redacted: list[dict[str, Any]] = []
        self._citations: tuple[Cited, ...] = ()
        self._hand_off = False

    def lap(self, stage: str, since: float) -> None:
        """Note how long a stage took, in milliseconds."""
        self.timings[stage] = round((time.perf_counter() - since) * 1000, 2)

    def understood(self, meaning: Understanding) -> None:
        self._fields["understanding"] = _parts(meaning) | {"intents": sorted(meaning.intents), "query": meaning.query}

    def rephrased(self, query: str, *, model: str, strength: float, taken: bool) -> None:
        """Note the words that a model gave a follow-up, how strong what they found is, and whether it was taken."""
        self._fields["understanding"]["rephrased"] = {"query": query, "model": model, "strength": strength, "taken": taken}

    def gathered(self, evidence: Evidence, choice: Choice) -> None:
        """Note the passages with their scores, the orders the answer speaks of as they were then, and the numbers of the others."""
        self._fields["evidence"] = {
            "strength": evidence.strength if evidence.searches else None,
            "passages": evidence.passages,
            "orders_error": evidence.orders_error,
            "missing": evidence.orders.missing if evidence.orders else (),
            "looked_up": [order.number for order in evidence.orders.records] if evidence.orders else [],
            "needs_sign_in": evidence.needs_sign_in,
            "rulings": [_ruled(one) for one in evidence.rulings],
        }
        self._fields["orders"] = [order.masked() for order in choice.orders]

    def composed(self, draft: Draft, meaning: Understanding, evidence: Evidence) -> None:
        """Note the queries that the policies do not answer, each with the strength of what was found for it."""
        if draft.unanswered:
            strengths = {query: found.strength for query, found in zip(meaning.queries, evidence.searches, strict=False)}
            silent = [{"query": query, "strength": strengths.get(query)} for query in draft.unanswered]
            self._fields["evidence"]["unanswered"] = silent

    def routed(self, way: Route, *, instructions: int, ready: Collection[Tier] = ()) -> None:
        """Note the way, the version of the shop's instructions that counted, and the tiers that could have been called."""
        could = sorted(str(tier) for tier in ready)
        self._fields["route"] = {"tier": str(way.tier), "reason": way.reason, "instructions": instructions, "could": could}

    def prompted(self, messages: Sequence[ChatMessage], *, purpose: str) -> None:
        """Note what is sent to a model, word for word; of a call that goes on from an earlier one only what is new."""
        made = [{"role": m.role, "content": m.content} for m in messages]
        known = [{"role": p["role"], "content": p["content"]} for p in self._prompts]
        fresh = made[len(known) :] if known and made[: len(known)] == known else made
        self._prompts += [one | {"purpose": str(purpose)} for one in fresh]

    def considered(self, sentence: Sentence, *, shown: bool, reason: str = "", by: str = "composed") -> None:
        """Note a sentence with why it was shown, or why not."""
        why = reason or sentence.support
        self._sentences.append(
            {"text": sentence.text, "citations": list(sentence.citations), "support": why, "shown": shown, "by": by}
        )

    def saw(self, event: TurnEvent) -> TurnEvent:
        """Note an event as the customer sees it, and return it."""
        if isinstance(event, TextShown):
            if not self.text:
                self.lap("first_text", self.started)
            self.text += event.text
        self._events.append(as_sent(event))
        return event

    def redacted(self, hidden: Sequence[Hidden]) -> None:
        """Note what was hidden from the model: the marks, never the values; they stand where they came from."""
        self._redacted = [{"mark": one.mark, "kind": one.kind, "where": list(one.where)} for one in hidden]

    def called(self, call: ModelCall, *, reason: str) -> None:
        """Note a call of a model with its purpose and why it was made; the turn's tokens and cost are those of all its calls."""
        self.usage["input"] += call.input_tokens
        self.usage["cached"] += call.cached_tokens
        self.usage["output"] += call.output_tokens
        self.cost_usd += call.cost_usd or Decimal(0)
        if call.purpose != "rephrase":  # who worded the answer
            self._fields |= {"tier": call.tier, "model": call.model}
            if call.first_token_ms is not None:
                self.timings.setdefault("model_first_token", round(call.first_token_ms, 2))
            self.timings["model"] = round(self.timings.get("model", 0.0) + call.total_ms, 2)
        cost = None if call.cost_usd is None else str(call.cost_usd)
        tokens = {
            "input": call.input_tokens,
            "cached": call.cached_tokens,
            "output": call.output_tokens,
            "estimated": call.estimated,
        }
        known = {"purpose": call.purpose, "tier": call.tier, "model": call.model, "reason": reason, "ending": call.ending}
        self._calls.append(known | tokens | {"cost_usd": cost, "total_ms": round(call.total_ms, 2)})

    def judged(self, ending: str) -> None:
        """Note how the last call ended for the answer."""
        if self._calls:
            self._calls[-1]["heard"] = ending

    def paid_for(self, text: str) -> Kept:
        """The answer with what its calls took, to be kept for others who ask the same."""
        known = all(call["cost_usd"] is not None for call in self._calls)
        cost = str(self.cost_usd) if known else None
        return Kept(text, str(self._fields.get("model", "")), self.usage["input"], self.usage["output"], cost)

    def reused(self, answer: Kept, *, tier: str) -> None:
        """Note that an answer was kept, and the call that it saved."""
        saved = {"tier": tier, "model": answer.model, "input": answer.input, "output": answer.output, "cost_usd": answer.cost_usd}
        self._fields["route"] = self._fields.get("route", {}) | {"cache": saved}
        self._fields |= {"tier": tier, "model": answer.model}

    def kept_under(self, key: str) -> None:
        """Note where the answer is kept for others, so that a thumb down can take it out."""
        self._fields["route"] = self._fields.get("route", {}) | {"kept": key}

    def answered(self, answer: Answer, event: TurnEvent) -> None:
        self.saw(event)
        self._citations = answer.citations
        self._hand_off = answer.outcome is Outcome.HANDED_OFF
        self._fields |= {"state": Turn.State.FINISHED, "outcome": str(answer.outcome), "answer": answer.text}

    def failed(self, error: BaseException, event: TurnEvent, sentence: str) -> None:
        """The customer reads `sentence`; the cause is kept for staff."""
        self.saw(event)
        self.text = self.text or sentence
        cause = f"; cause: {error.__cause__!r}" if error.__cause__ else ""
        self._fields |= {"state": Turn.State.FAILED, "outcome": str(Outcome.FAILED), "error": f"{error!r}{cause}"[:4000]}

    async def store(self) -> None:
        """Write the turn and its answer in one transaction."""
        if not self.stored:
            self.stored = True
            self.lap("total", self.started)
            writing = asyncio.ensure_future(in_database(self._write, timezone.now()))
            await asyncio.shield(writing)  # a customer who leaves now does not take the record with them

    def _write(self, now: datetime) -> None:
        fields: dict[str, Any] = {
            "state": Turn.State.ABANDONED,
            "answer": self.text,
            "events": self._events,
            "sentences": self._sentences,
            "timings_ms": self.timings,
            "prompt": self._prompts,
            "input_tokens": self.usage["input"],
            "cached_tokens": self.usage["cached"],
            "output_tokens": self.usage["output"],
            "cost_usd": self.cost_usd,
            "finished_at": now,
        } | self._fields
        if self._calls:
            hidden = {"redacted": self._redacted} if self._redacted else {}
            fields["route"] = fields.get("route", {}) | {"calls": self._calls} | hidden
        fields |= {name: plain_values(fields[name]) for name in ("understanding", "evidence", "orders") if name in fields}
        question = self.question
        with transaction.atomic():
            waiting = {"state": Conversation.State.OPEN} if self._hand_off else {}
            Conversation.objects.filter(pk=question.conversation_id).update(updated_at=now, **waiting)
            if not Turn.objects.filter(pk=question.turn_id, state=Turn.State.RUNNING).update(**fields):
                return  # told dead by another process in the meantime, or deleted
            if self.text:
                private = question.viewer.is_verified(at=question.asked_at)
                add_message(question.conversation_id, Role.BOT, self.text, now, message_id=question.turn_id, private=private)
            Citation.objects.bulk_create(
                Citation(
                    turn_id=question.turn_id,
                    n=c.n,
                    document=c.document,
                    slug=c.slug,
                    version=c.version,
                    heading=c.heading,
                    quote=c.quote,
                    start=c.start,
                    end=c.end,
                )
                for c in self._citations
            )


def plain_values(value: Any) -> Any:
    """The same value as JSON can hold it: dates in ISO form, money as text, tuples as lists, frozen values as their parts."""
    match value:
        case Enum():
            return str(value)
        case None | float() | int() | str() | bool():
            return value
        case dict():
            return {str(k): plain_values(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain_values(v) for v in value]
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _ if is_dataclass(value):
            return {name: plain_values(part) for name, part in _parts(value).items()}
        case _:
            return str(value)


def _ruled(ruling: Ruling) -> dict[str, Any]:
    """What the rules said of an order: enough to see why, without the rules' texts, which stand in their own rows for ever."""
    found = ruling.verdict
    kept = {"order": ruling.order, "topic": found.topic, "allowed": found.allowed, "reason": found.reason, "rules": found.rules}
    return kept | {"last_day": found.last_day, "facts": [[fact.name, fact.value] for fact in found.facts]}


def _parts(value: Any) -> dict[str, Any]:
    """The fields of a frozen value by name, each as it is; `asdict` would copy everything below them."""
    return {name: getattr(value, name) for name in _names(value.__class__)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(kind))
