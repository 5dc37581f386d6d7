"""A message while a request is put together, or about one that was filed: what is said to it, and what is done. Before anything else."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

from chatbot.composing import phrases
from chatbot.requesting import keeping, wording
from chatbot.requesting.flow import advance
from chatbot.requesting.hearing import hear
from chatbot.requesting.showing import Showing, draft_of, email_of, stated
from chatbot.requesting.telling import wake_the_worker
from chatbot.requesting.values import Do, Heard, Move, Pending, Reply, Step
from chatbot.turn import Draft, Outcome, Question, Role
from database.lanes import in_database
from orders import requests
from orders.errors import OrdersUnavailable
from orders.lookup import OrdersFound, Wanted
from orders.records import OrderRecord
from orders.references import key_of
from orders.requests_values import UNFINISHED, Kind, RequestSeen, State

MOST_TOLD = 3  # requests in one answer


@dataclass(frozen=True, slots=True)
class Going:
    """What is said in place of an answer, and the order it is about."""

    draft: Draft
    orders: tuple[OrderRecord, ...] = ()


class GoingOn:
    """find_orders: the door to orders; nothing of them comes from anywhere else."""

    def __init__(self, find_orders: Callable[..., Awaitable[OrdersFound]], showing: Showing) -> None:
        self._find_orders, self._showing = find_orders, showing

    async def go_on(self, question: Question) -> Going | None:
        """What is said to a message that belongs to a request; None for one that does not."""
        email = question.viewer.email_at(question.asked_at)
        if email is None:
            return None
        heard = hear(question.text)
        pending = await in_database(keeping.load, question.conversation_id, email, question.asked_at)
        if pending is not None and pending.step is Step.FILED:
            if going := await self._filed_before(question, pending, heard):
                return going
        elif pending is not None and pending.step is not Step.ORDER:
            if going := await self._taken_up(question, pending, heard):
                return going
            await in_database(keeping.forget, question.conversation_id)
        return await self._about_requests(question, heard)

    async def _taken_up(self, question: Question, pending: Pending, heard: Heard) -> Going | None:
        try:
            order = await self._order(question, pending.asked.number)
        except OrdersUnavailable as error:
            said = (stated(error.user_message), stated(wording.NOTHING_ASKED))
            return Going(Draft(said, Outcome.FAILED, suggestions=(wording.agree(pending.asked), wording.NO)))
        if order is None:  # it is not theirs any more, or it is gone
            return None
        if pending.turn_id == question.turn_id:  # the process died after it had asked: it asks the same again
            return await self._moved(question, Move(Do.CHECK if pending.step is Step.CONFIRM else Do.ASK, pending), order)
        move = advance(pending, heard, order, now=question.asked_at)
        if move.do in (Do.FILE, Do.WITHDRAW) and _answers_a_person(question, pending):
            move = replace(move, do=Do.ASK_AGAIN)
        return await self._moved(question, move, order)

    async def _moved(self, question: Question, move: Move, order: OrderRecord) -> Going | None:
        pending = replace(move.pending, turn_id=question.turn_id, at=question.asked_at)
        match move.do:
            case Do.LEAVE:
                return None
            case Do.DROP:
                await in_database(keeping.forget, question.conversation_id)
                return Going(Draft((stated(wording.DROPPED),), Outcome.ANSWERED), (order,))
            case Do.ASK | Do.ASK_AGAIN if pending.step is Step.WITHDRAW:
                return await self._may_withdraw(question, pending, order)
            case Do.ASK | Do.ASK_AGAIN if pending.step is not Step.CONFIRM:
                lead = _not_understood(pending.step) if move.do is Do.ASK_AGAIN else ()
                return Going(await self._showing.asking(question, pending, order, lead), (order,))
            case Do.ASK_AGAIN:
                return await self._shown(question, pending, order, lead=(wording.UNCLEAR,))
            case Do.FILE:
                return await self._filed(question, pending, order)
            case Do.WITHDRAW:
                return await self._withdrawn(question, pending, order)
        if pending.step is Step.WITHDRAW:
            return await self._may_withdraw(question, pending, order)
        return await self._shown(question, pending, order, lead=(wording.EXPIRED,) if move.expired else ())

    async def _shown(self, question: Question, pending: Pending, order: OrderRecord, *, lead: tuple[str, ...] = ()) -> Going:
        """Hold the request against the rules as they are now; show what would be asked, or why it cannot be."""
        if there := await in_database(requests.unfinished, pending.asked, question.viewer, at=question.asked_at):
            return await self._already(question, there, order)
        settled = await self._showing.settled(question, pending.asked, order)
        if settled.refusal is not None:
            await in_database(keeping.forget, question.conversation_id)
            return Going(Draft(settled.refusal, Outcome.ANSWERED, settled.told.citations), (order,))
        told = (*settled.told.said, *settled.told.quoted)
        return Going(await self._showing.summed_up(question, pending, settled, order, lead, told, settled.told.citations), (order,))

    async def _filed(self, question: Question, pending: Pending, order: OrderRecord) -> Going:
        """File it, if everything is as it was shown."""
        settled = await self._showing.settled(question, pending.asked, order)
        if settled.refusal is not None or settled.shown != pending.shown:
            return await self._shown(question, pending, order, lead=(wording.NOT_THE_SAME,))
        try:
            done = await in_database(
                keeping.file,
                pending,
                order,
                viewer=question.viewer,
                at=question.asked_at,
                conversation_id=question.conversation_id,
                turn_id=question.turn_id,
            )
        except requests.RequestRefused as error:
            await in_database(keeping.forget, question.conversation_id)
            return Going(Draft((stated(error.user_message), stated(phrases.OFFER)), Outcome.ANSWERED), (order,))
        if not done.is_new:
            return Going(self._showing.standing((done.request,), question, already=True), (order,))
        wake_the_worker()
        return Going(draft_of(wording.filed(done.request, shop=self._showing.shop)), (order,))

    async def _filed_before(self, question: Question, pending: Pending, heard: Heard) -> Going | None:
        """The same said again: by the same turn, whose process died, or by a second yes."""
        again = heard.reply is Reply.YES and pending.is_fresh(question.asked_at)
        if pending.turn_id != question.turn_id and not again:
            return None
        request = await in_database(keeping.filed_request, pending, question.viewer, question.asked_at)
        if request is None:
            return None
        if pending.turn_id == question.turn_id:
            wake_the_worker()
            return Going(draft_of(wording.filed(request, shop=self._showing.shop)))
        return Going(self._showing.standing((request,), question, already=True))

    async def _about_requests(self, question: Question, heard: Heard) -> Going | None:
        """How a request stands, or that it can be taken back, where the customer speaks of one that is there."""
        if not heard.withdraws and not heard.of_request:
            return None
        mine = await in_database(requests.requests_of, question.viewer, at=question.asked_at)
        meant = _meant(mine, heard)
        if not meant:
            return None
        if not heard.withdraws:
            return Going(self._showing.standing(meant[:MOST_TOLD], question))
        waiting = [request for request in meant if request.state in UNFINISHED]
        if not waiting:
            return Going(self._showing.standing(meant[:1], question))
        if waiting[0].state is not State.OPEN:
            return Going(draft_of(f"{wording.WITHDRAWN_LATE} {phrases.OFFER}"))
        pending = Pending(waiting[0].asked, Step.WITHDRAW, question.turn_id, question.asked_at, request_id=waiting[0].id)
        return await self._may_withdraw(question, pending, None)

    async def _may_withdraw(self, question: Question, pending: Pending, order: OrderRecord | None) -> Going | None:
        request = await in_database(keeping.filed_request, pending, question.viewer, question.asked_at)
        if request is None:
            return None
        await in_database(keeping.save, question.conversation_id, email_of(question), pending)
        offers = (wording.agree_to_withdraw(), wording.NO)
        draft = Draft((stated(wording.may_withdraw(request)),), Outcome.ASKED_BACK, suggestions=offers)
        return Going(draft, (order,) if order else ())

    async def _withdrawn(self, question: Question, pending: Pending, order: OrderRecord) -> Going | None:
        viewer, at = question.viewer, question.asked_at
        try:
            changed = await in_database(keeping.withdraw, pending, viewer=viewer, at=at, conversation_id=question.conversation_id)
        except requests.RequestRefused:
            return Going(draft_of(f"{wording.WITHDRAWN_LATE} {phrases.OFFER}"), (order,))
        if changed is None:
            return None
        wake_the_worker()
        return Going(draft_of(wording.withdrawn(changed.request)), (order,))

    async def _already(self, question: Question, there: RequestSeen, order: OrderRecord) -> Going:
        await in_database(keeping.forget, question.conversation_id)
        return Going(self._showing.standing((there,), question, already=True), (order,))

    async def _order(self, question: Question, number: str) -> OrderRecord | None:
        """The customer's own order with that number, as it is now; None if it is not there for them."""
        found = await self._find_orders(Wanted(references=(number,)), viewer=question.viewer, at=question.asked_at)
        return next((record for record in found.records if record.number == number), None)


def _answers_a_person(question: Question, pending: Pending) -> bool:
    """Whether a yes may be the answer to what a colleague has written since: it counts for a request then only if it names the order."""
    spoke_last = bool(question.history) and question.history[-1].role is Role.STAFF
    return spoke_last and key_of(pending.asked.number) not in key_of(question.text)


def _meant(mine: Collection[RequestSeen], heard: Heard) -> tuple[RequestSeen, ...]:
    """Those of the customer's requests that a message speaks of, newest first: by number, then by what was asked for."""
    said = key_of(heard.text)
    found = [one for one in mine if len(key_of(one.asked.number)) > 3 and key_of(one.asked.number) in said] or list(mine)
    verbs = heard.verbs - {Kind.CANCEL} or heard.verbs if heard.withdraws else heard.verbs
    return tuple([one for one in found if one.asked.kind in verbs] or ([] if verbs else found))


def _not_understood(step: Step) -> tuple[str, ...]:
    return {Step.ITEMS: (wording.WHICH_UNCLEAR,), Step.ADDRESS: (wording.NOT_AN_ADDRESS,)}.get(step, ())
