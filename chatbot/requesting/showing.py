"""A request as it is shown to its customer: held against the order and the rules, summed up, with the question whether to ask.

All sentences are composed here, whatever model is configured: nobody else words what was asked and what was not.
"""

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date

from chatbot.composing import phrases
from chatbot.composing.rulings import Told, tell
from chatbot.readers import reader
from chatbot.requesting import keeping, wording
from chatbot.requesting.slots import open_parcels
from chatbot.requesting.values import Pending, Step
from chatbot.turn import Cited, Draft, Outcome, Question, Ruling, Sentence
from database.lanes import in_database
from orders.records import OrderRecord
from orders.requests_values import TOPICS, Asked, Basis, Quote, RequestSeen, can_be_asked
from orders.rules import Allowed, Reason, Topic
from retrieval.audiences import Audience

log = logging.getLogger(__name__)

MOST_QUOTES = 5  # kept with a request
RulingOn = Callable[[Topic, OrderRecord, "Collection[int] | None", date, Audience], Awaitable[Ruling]]


@dataclass(frozen=True, slots=True)
class Settled:
    """A request held against the rules. refusal: why it cannot be asked, None if it can. shown: what that rests on."""

    asked: Asked
    shown: str
    ruling: Ruling | None = None
    told: Told = field(default_factory=Told)
    refusal: tuple[Sentence, ...] | None = None


class Showing:
    """ruling_on: what the confirmed rules say of items of an order on a day. shop: its name."""

    def __init__(self, ruling_on: RulingOn, shop: str) -> None:
        self._ruling_on, self.shop = ruling_on, shop

    async def settled(self, question: Question, asked: Asked, order: OrderRecord) -> Settled:
        """Hold a request against the order's state and the rules. Of several items those that the rules exclude are left out."""
        if not can_be_asked(asked.kind, order):
            return Settled(asked, "", refusal=(stated(wording.cannot_be_asked(order)),))
        found = await self._ruling(question, asked, order)
        if found is None:
            return Settled(asked, _digest(order, None))
        told = tell((found,), (order,), asked="", today=question.today)
        if found.verdict.allowed is Allowed.NO:
            said = (*told.said, *told.quoted) or (stated(wording.cannot_be_asked(order)),)
            offer = () if any(phrases.OFFER in s.text for s in said) else (stated(phrases.OFFER),)
            return Settled(asked, "", found, told, (*said, *offer))
        denied = {line for part in found.verdict.parts if part.allowed is Allowed.NO for line in part.lines}
        kept = tuple(piece for piece in asked.pieces if piece.position not in denied)
        if denied and kept and len(kept) < len(asked.pieces):
            asked = replace(asked, pieces=kept)
            found = await self._ruling(question, asked, order)
        return Settled(asked, _digest(order, found), found, told)

    async def summed_up(
        self,
        question: Question,
        pending: Pending,
        settled: Settled,
        order: OrderRecord,
        lead: tuple[str, ...],
        told: tuple[Sentence, ...],
        citations: tuple[Cited, ...],
    ) -> Draft:
        """The summary with its question; it is kept, with what it rests on, before it is said."""
        basis = _basis(settled.ruling, citations)
        kept = replace(pending, asked=settled.asked, step=Step.CONFIRM, shown=settled.shown, basis=basis)
        await in_database(keeping.save, question.conversation_id, email_of(question), kept)
        unsure = settled.asked.kind in TOPICS and basis.allowed != Allowed.YES
        said = [wording.SHOP_DECIDES] if unsure else []
        said += [wording.summary(settled.asked, order, shop=self.shop), wording.NOTHING_YET]
        sentences = (*map(stated, lead), *told, *map(stated, said))
        return Draft(sentences, Outcome.ASKED_BACK, citations, (wording.agree(settled.asked), wording.NO))

    async def asking(
        self, question: Question, pending: Pending, order: OrderRecord, lead: tuple[str, ...], before: Draft | None = None
    ) -> Draft:
        """The question for what is missing, after what was said before it."""
        await in_database(keeping.save, question.conversation_id, email_of(question), pending)
        offers: tuple[str, ...] = (wording.NEVER_MIND,)
        match pending.step:
            case Step.ITEMS:
                asks, offers = wording.which_items(pending.asked, order, open_parcels(order)), (wording.ALL, *offers)
            case Step.INSTEAD:
                asks = wording.WHAT_INSTEAD
            case _:
                asks = wording.WHICH_ADDRESS
        if before is None:
            return Draft(tuple(map(stated, (*lead, asks))), Outcome.ASKED_BACK, suggestions=offers)
        # what was asked is answered; the question is what comes of it
        return replace(before, sentences=(*without_offers(before.sentences), stated(asks)), suggestions=offers)

    def standing(self, found: tuple[RequestSeen, ...], question: Question, *, already: bool = False) -> Draft:
        said = [wording.standing(one, shop=self.shop, today=question.today, already=already) for one in found]
        return Draft(tuple(Sentence(text, support="request") for text in said), Outcome.ANSWERED)

    async def _ruling(self, question: Question, asked: Asked, order: OrderRecord) -> Ruling | None:
        topic = TOPICS.get(asked.kind)
        if topic is None:
            return None
        lines = {piece.position for piece in asked.pieces} or None
        try:
            return await self._ruling_on(topic, order, lines, question.today, reader(question.viewer, at=question.asked_at))
        except Exception as error:  # as without rules: a person decides
            log.error("rules could not be read for turn %s: %s", question.turn_id, error, exc_info=error)
            return None


def _digest(order: OrderRecord, found: Ruling | None) -> str:
    """What a summary rests on; the same as long as nothing about the order or its rules has changed that matters for it."""
    facts = [order.status, order.status_text, len(order.lines)]
    if found is not None:
        verdict = found.verdict
        facts += [verdict.allowed, verdict.reason, verdict.last_day, *verdict.rules]
    return "|".join(map(str, facts))


def _basis(found: Ruling | None, citations: tuple[Cited, ...]) -> Basis:
    quotes = tuple(Quote(c.document, c.version, c.heading, c.quote, c.url) for c in citations[:MOST_QUOTES])
    if found is None or found.verdict.reason is Reason.NO_RULE:
        return Basis(quotes=quotes)
    verdict = found.verdict
    return Basis(str(verdict.allowed), str(verdict.reason), verdict.last_day, verdict.rules, quotes)


def without_offers(sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """The sentences without the offer of a person: something else is asked now, and a yes must mean one thing."""
    kept = [replace(sentence, text=sentence.text.replace(phrases.OFFER, "").strip()) for sentence in sentences]
    return tuple(sentence for sentence in kept if sentence.text)


def without_limits(sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """The sentences without what the bot cannot do itself, where somebody who can has been asked already."""
    return tuple(sentence for sentence in sentences if sentence.text not in (phrases.CANNOT_CANCEL, phrases.CANNOT_CHANGE))


def stated(text: str) -> Sentence:
    return Sentence(text, support="stated")


def draft_of(text: str) -> Draft:
    return Draft((stated(text),), Outcome.ANSWERED)


def email_of(question: Question) -> str:
    return question.viewer.email_at(question.asked_at) or ""
