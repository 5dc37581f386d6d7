"""A wish begins a request: after the answer is composed, with what its question is asked back. Or the answer gets what was asked before."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from chatbot.composing import phrases
from chatbot.composing.choosing import Choice
from chatbot.requesting import keeping, wording
from chatbot.requesting.flow import next_step, seems_missing
from chatbot.requesting.hearing import hear, is_said_to_be_missing, wish_of
from chatbot.requesting.showing import Showing, stated, without_limits, without_offers
from chatbot.requesting.slots import filled
from chatbot.requesting.values import INTENTS, KINDS, Pending, Step
from chatbot.turn import Draft, Evidence, Intent, Outcome, Question, Role, Understanding
from database.lanes import in_database
from orders import requests
from orders.records import OrderRecord
from orders.requests_values import UNFINISHED, Asked, Kind, can_be_asked

MOST_TOLD = 3  # orders, and requests about them, in one answer
_WISHES = frozenset(KINDS)
_TELLS_OF = frozenset({Intent.STATUS, Intent.REFUND, *KINDS})  # intents whose answer mentions what was asked for the order


class Beginning:
    def __init__(self, showing: Showing) -> None:
        self._showing = showing

    async def begin(
        self, question: Question, meaning: Understanding, evidence: Evidence, choice: Choice, draft: Draft
    ) -> tuple[Draft, bool]:
        """The answer, and whether it must be said in these words: with what a wish is asked back, or with what was asked before."""
        email = question.viewer.email_at(question.asked_at)
        if email is None or evidence.orders is None or not choice.orders or Intent.HUMAN in meaning.intents:
            return draft, False
        kind, said = await self._wished(question, meaning, email)
        if kind is not None and choice.ask:
            pending = Pending(Asked(kind, ""), Step.ORDER, question.turn_id, question.asked_at)
            await in_database(keeping.save, question.conversation_id, email, pending)
            return draft, False
        if kind is None or len(choice.orders) != 1:
            return await self._with_what_was_asked(question, meaning, choice, draft)
        order = choice.orders[0]
        if kind is Kind.MISSING and is_said_to_be_missing(said) and not seems_missing(order, today=question.today):
            return await self._with_what_was_asked(question, meaning, choice, draft)
        return await self._begun(question, filled(Asked(kind, order.number), said, order), order, draft)

    async def _begun(self, question: Question, asked: Asked, order: OrderRecord, draft: Draft) -> tuple[Draft, bool]:
        there = await in_database(requests.unfinished, asked, question.viewer, at=question.asked_at)
        if there is not None:
            await in_database(keeping.forget, question.conversation_id)
            standing = self._showing.standing((there,), question, already=True)
            said_before = without_offers(without_limits(draft.sentences))
            return replace(draft, sentences=(*said_before, *standing.sentences), suggestions=()), True
        if not can_be_asked(asked.kind, order):
            return draft, False
        settled = await self._showing.settled(question, asked, order)
        if settled.refusal is not None:
            # said in the answer already, by the same rules; somebody may still look at it
            sentences = (
                draft.sentences
                if any(phrases.OFFER in s.text for s in draft.sentences)
                else (*draft.sentences, stated(phrases.OFFER))
            )
            return replace(draft, sentences=sentences), False
        pending = Pending(settled.asked, next_step(settled.asked, order), question.turn_id, question.asked_at)
        if pending.step is not Step.CONFIRM:
            return await self._showing.asking(question, pending, order, (), before=draft), True
        summed = await self._showing.summed_up(
            question, pending, settled, order, (), without_offers(draft.sentences), draft.citations
        )
        return replace(summed, outcome=draft.outcome, unanswered=draft.unanswered), True

    async def _wished(self, question: Question, meaning: Understanding, email: str) -> tuple[Kind | None, str]:
        """What is wished for, and the words that say it: now, or before the customer was asked which order they mean."""
        kind = wish_of(question.text)
        if kind is not None:
            return (kind, question.text) if INTENTS[kind] in meaning.intents else (None, "")
        if not meaning.intents & _WISHES:
            return None, ""
        pending = await in_database(keeping.load, question.conversation_id, email, question.asked_at)
        if pending is None or pending.step is not Step.ORDER or not pending.is_fresh(question.asked_at):
            return None, ""
        await in_database(keeping.forget, question.conversation_id)
        if INTENTS[pending.asked.kind] not in meaning.intents or hear(question.text).asks:
            return None, ""
        before = next((u.text for u in reversed(question.history) if u.role is Role.CUSTOMER), "")
        return pending.asked.kind, f"{before}\n{question.text}"

    async def _with_what_was_asked(
        self, question: Question, meaning: Understanding, choice: Choice, draft: Draft
    ) -> tuple[Draft, bool]:
        """The answer with the requests there are for its orders; or with the offer to ask, where it is about one wish and one order."""
        if choice.ask or not meaning.intents & _TELLS_OF or len(choice.orders) > MOST_TOLD:
            return draft, False
        numbers = [order.number for order in choice.orders]
        mine = await in_database(requests.requests_of, question.viewer, at=question.asked_at, numbers=numbers)
        kinds = {KINDS[intent] for intent in meaning.intents if intent in KINDS}
        told = tuple(one for one in mine if one.state in UNFINISHED or one.asked.kind in kinds)[:MOST_TOLD]
        if told:
            standing = self._showing.standing(told, question)
            kept = (
                without_limits(draft.sentences)
                if any(one.state in UNFINISHED and one.asked.kind in kinds for one in told)
                else draft.sentences
            )
            return replace(draft, sentences=(*kept, *standing.sentences)), True
        return replace(draft, suggestions=_with_offer(draft, kinds, choice, question.today)), False


def _with_offer(draft: Draft, kinds: Collection[Kind], choice: Choice, today: date) -> tuple[str, ...]:
    """The buttons of an answer, with the one that asks for what the answer was about."""
    if len(kinds) != 1 or len(choice.orders) != 1 or draft.outcome is not Outcome.ANSWERED:
        return draft.suggestions
    (kind,), order = kinds, choice.orders[0]
    if not can_be_asked(kind, order) or (kind is Kind.MISSING and not seems_missing(order, today=today)):
        return draft.suggestions
    if any(s.text.startswith("No, ") for s in draft.sentences):  # the rules say no
        return draft.suggestions
    return (wording.WISHES[kind], *draft.suggestions)
