"""Requests in whole turns: from the wish to the row, and everything that may come between."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chatbot.answering import answer_turn
from chatbot.composing import phrases
from chatbot.conversations import accept_question, forget_identity, identify, start_conversation
from chatbot.models import PendingRequest, Turn
from chatbot.requesting import telling, wording
from chatbot.requesting.turning import Requesting
from chatbot.requesting.values import FRESH
from chatbot.rules_in_force import ruling
from chatbot.turn import RuleFound, TurnFinished
from llm.routing import Tier
from orders.models import OrderRequest
from orders.records import Line, Status
from orders.requests_values import By, State
from orders.rules import Rule, Topic
from orders.viewer import Method, Viewer
from tests.factories import make_order, make_passage, moment, shirt
from tests.fakes import FakeOrders, FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)

EARLY = make_order("#W2378156", Status.PROCESSING, lines=(shirt(),), placed_at=moment(11, 20))
ARRIVED = make_order(
    "#W1001",
    Status.DELIVERED,
    lines=(Line(1, "Hiking boots"), shirt(position=2, quantity=2)),
    delivered_at=moment(11, 19),
    placed_at=moment(11, 10),
)
WORDS = "Orders can be cancelled until they are sent. Returns are accepted within 30 days of delivery. Swimwear cannot be returned."
PASSAGE = make_passage(WORDS, document="Orders")


class Talk:
    """One customer's conversation with the bot of a shop with these orders and rules."""

    def __init__(self, orders: FakeOrders, rules: tuple[Rule, ...], email: str, models=None) -> None:
        self.orders, self.rules, self.email, self.conversation = orders, rules, email, None
        services = fake_services(
            orders, FakePolicies(PASSAGE), shop="Kite & Co", requests=Requesting(orders.find, "Kite & Co", self._ruling_on)
        )
        self.services = replace(services, rulings_for=self._rulings_for, models=models or {})
        self.last = None

    async def _ruling_on(self, topic, order, lines, today, who):
        found = [RuleFound(rule, PASSAGE, 0, 44) for rule in self.rules if rule.topic is topic]
        return ruling(topic, order, found, on=today, lines=lines)

    async def _rulings_for(self, meaning, choice, *, today, reader):
        topics = [topic for topic in Topic if str(topic) in {str(i) for i in meaning.intents}]
        made = [
            await self._ruling_on(topic, order, None, today, reader)
            for topic in topics
            for order in choice.orders
            if not choice.ask
        ]
        return tuple(one for one in made if one.found)

    async def say(self, text: str, *, at=None, client_id: str = "") -> str:
        at = at or timezone.now()
        if self.conversation is None:
            self.conversation, _ = await start_conversation(channel="test", at=at)
            await identify(self.conversation, Viewer(self.email, Method.CODE))
        accepted = await accept_question(self.conversation, text, client_id or uuid4().hex, at=at)
        return await self.answer(accepted.question)

    async def answer(self, question) -> str:
        self.question = question
        events = [event async for event in answer_turn(question, self.services)]
        assert isinstance(events[-1], TurnFinished), events[-1]
        self.last = events[-1].answer
        return self.last.text


@pytest.fixture
def talk():
    def begin(*orders, rules=(), email="maya@example.com", **values):
        return Talk(FakeOrders(*(orders or (EARLY,))), rules, email, **values)

    return begin


def rows():
    return sync_to_async(lambda: list(OrderRequest.objects.all()))()


CAN_CANCEL = Rule(1, Topic.CANCEL, "until sent", states=frozenset({Status.PENDING, Status.PROCESSING}))
CAN_RETURN = Rule(2, Topic.RETURN, "30 days", amount=30)
NO_SHIRTS = Rule(3, Topic.RETURN, "no shirts", permits=False, items=("shirt",))


async def test_a_wish_is_shown_agreed_to_and_filed(talk):
    maya = talk(rules=(CAN_CANCEL,))
    said = await maya.say("Please cancel my order, I ordered by mistake")
    assert "I can ask Kite & Co to cancel order **#W2378156**" in said
    assert wording.NOTHING_YET in said
    assert (maya.last.outcome, maya.last.suggestions) == ("answered", ("Yes, ask the shop to cancel #W2378156", wording.NO))
    assert await rows() == []
    said = await maya.say(maya.last.suggestions[0])
    assert said.startswith("I have asked Kite & Co to cancel order **#W2378156**")
    (request,) = await rows()
    assert (request.kind, request.order_number, request.email, request.state) == ("cancel", "#W2378156", "maya@example.com", "open")
    assert (request.allowed, request.rules, request.reason) == ("yes", [1], "I ordered by mistake")
    assert request.quotes[0]["document"] == "Orders"
    assert request.snapshot["status"] == "processing"
    assert request.conversation_id == maya.conversation.pk


async def test_the_rule_says_no_and_a_person_is_offered(talk):
    maya = talk(replace(EARLY, status=Status.SHIPPED), rules=(CAN_CANCEL,))
    said = await maya.say("Please cancel my order")
    assert "can no longer be cancelled" in said
    assert phrases.OFFER in said
    assert not await PendingRequest.objects.aexists()
    assert phrases.HANDED_OFF in await maya.say("yes")
    assert await rows() == []


async def test_without_a_rule_a_person_decides_and_the_policy_is_quoted(talk):
    maya = talk()
    said = await maya.say("I want to cancel my order")
    assert wording.SHOP_DECIDES in said
    assert "until they are sent" in said
    await maya.say("yes")
    (request,) = await rows()
    assert (request.allowed, request.rules) == ("", [])
    assert "until they are sent" in request.quotes[0]["text"]


@pytest.mark.parametrize("text", ["No, leave it as it is", "no", "never mind"])
async def test_a_no_ends_it(talk, text):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    assert await maya.say(text) == wording.DROPPED
    assert not (await maya.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_another_subject_leaves_it_behind(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    assert "#W2378156" in await maya.say("Where is my order?")
    assert not (await maya.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_a_second_yes_files_nothing_more(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    assert "I have not asked again" in await maya.say("yes")
    assert len(await rows()) == 1


async def test_asking_for_the_same_again_tells_how_it_stands(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    said = await maya.say("I want to cancel order #W2378156")
    assert "I have not asked again: your request" in said
    assert wording.NOTHING_YET not in said


async def test_an_order_that_changed_between_is_shown_again_and_held_against_the_rule_anew(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    maya.orders.records = (replace(EARLY, status=Status.PENDING),)
    said = await maya.say("yes")
    assert said.startswith(wording.NOT_THE_SAME)
    maya.orders.records = (replace(EARLY, status=Status.SHIPPED),)
    assert "can no longer be cancelled" in await maya.say("yes")
    assert await rows() == []


async def test_an_order_that_is_cancelled_meanwhile_is_not_asked_for(talk):
    maya = talk()
    await maya.say("Please cancel my order")
    maya.orders.records = (replace(EARLY, status=Status.CANCELLED),)
    said = await maya.say("yes")
    assert said.startswith("I have not asked for it, because order **#W2378156** has been cancelled.")
    assert await rows() == []


async def test_a_late_yes_shows_it_again(talk):
    maya, now = talk(rules=(CAN_CANCEL,)), timezone.now()
    await maya.say("Please cancel my order", at=now)
    later = now + FRESH + timedelta(minutes=1)
    assert (await maya.say("yes", at=later)).startswith(wording.EXPIRED)
    assert (await maya.say("yes", at=later + timedelta(minutes=1))).startswith("I have asked")


async def test_items_are_asked_for_and_those_the_rule_excludes_are_left_out(talk):
    maya = talk(ARRIVED, rules=(CAN_RETURN, NO_SHIRTS))
    said = await maya.say("I want to return something from my order #W1001")
    assert "1. Hiking boots" in said
    said = await maya.say("all of them")
    assert "cannot be returned" in said
    assert "- Hiking boots" in said.split("I can ask")[1]
    assert "shirt" not in said.split("I can ask")[1].lower()
    await maya.say("yes please")
    assert (await rows())[0].pieces == [[1, 1, "Hiking boots"]]


async def test_named_items_and_a_reason_need_no_question(talk):
    maya = talk(ARRIVED, rules=(CAN_RETURN,))
    said = await maya.say("I want to return the boots because they are too small")
    assert "your reason: “they are too small”" in said
    assert "Linen" not in said.split("I can ask")[1]
    await maya.say("yes")
    (request,) = await rows()
    assert (request.pieces, request.reason) == ([[1, 1, "Hiking boots"]], "they are too small")


async def test_an_exchange_asks_what_for(talk):
    maya = talk(ARRIVED)
    await maya.say("I want to exchange the boots of order #W1001")
    assert wording.WHAT_INSTEAD in maya.last.text
    assert "instead: “size 43”" in await maya.say("size 43")
    await maya.say("yes")
    assert (await rows())[0].instead == "size 43"


async def test_an_address_is_asked_for_until_it_is_one(talk):
    maya = talk()
    assert wording.WHICH_ADDRESS in await maya.say("Please change the address of my order")
    assert wording.NOT_AN_ADDRESS in await maya.say("my office")
    assert "new address: 12 Elm Street, Denver, CO 80203" in await maya.say("12 Elm Street\nDenver, CO 80203")
    await maya.say("yes")
    assert (await rows())[0].address == "12 Elm Street\nDenver, CO 80203"


async def test_a_missing_parcel(talk):
    maya = talk(ARRIVED)
    assert "look for a parcel" in await maya.say("It says delivered but I never got my parcel")
    await maya.say("yes")
    assert (await rows())[0].kind == "missing parcel"


async def test_a_parcel_in_time_is_not_reported_missing(talk):
    maya = talk(replace(EARLY, status=Status.IN_TRANSIT, estimated_on=(timezone.now() + timedelta(days=3)).date()))
    await maya.say("my parcel has not arrived yet")
    assert not await PendingRequest.objects.aexists()


async def test_which_order_is_asked_first(talk):
    other = replace(EARLY, number="#W7777777", lines=(Line(1, "Tent"),))
    maya = talk(EARLY, other)
    await maya.say("I want to cancel my order")
    assert maya.last.suggestions == ("#W2378156", "#W7777777")
    assert "cancel order **#W7777777**" in await maya.say("#W7777777")
    await maya.say("yes")
    assert (await rows())[0].order_number == "#W7777777"


async def test_a_foreign_order_is_like_one_that_does_not_exist(talk):
    eve = talk(email="eve@example.com")
    foreign = await eve.say("Please cancel order #W2378156")
    unknown = await eve.say("Please cancel order #W9999999")
    assert foreign.replace("#W2378156", "N") == unknown.replace("#W9999999", "N")
    assert await rows() == []
    assert not await PendingRequest.objects.aexists()


async def test_who_signed_out_in_between_files_nothing(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await forget_identity(maya.conversation)
    assert not (await maya.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_another_conversation_of_the_same_customer_does_not_agree(talk):
    maya, elsewhere = talk(rules=(CAN_CANCEL,)), talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    assert not (await elsewhere.say("yes")).startswith("I have asked")
    assert await rows() == []


async def test_the_state_is_told_to_its_customer_in_any_conversation_and_to_nobody_else(talk):
    maya, elsewhere, eve = talk(rules=(CAN_CANCEL,)), talk(rules=(CAN_CANCEL,)), talk(email="eve@example.com")
    await maya.say("Please cancel my order")
    await maya.say("yes")
    assert "Nobody has decided yet" in await elsewhere.say("What about my cancellation?")
    assert "decided" not in await eve.say("What about my cancellation?")
    assert "Nobody has decided yet" in await elsewhere.say("Where is my order #W2378156?")


async def test_what_staff_decide_stands_in_the_conversation_with_their_note(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    (request,) = await rows()
    await sync_to_async(telling.decide)(
        request.pk, State.DECLINED, by=By.STAFF, who="sam", note="It left an hour ago.", at=timezone.now()
    )
    last = [message async for message in maya.conversation.messages.order_by("seq")][-1]
    assert (last.role, last.private) == ("staff", True)
    assert "has declined your request to cancel order **#W2378156**" in last.text
    assert "“It left an hour ago.”" in last.text
    assert "was declined by Kite & Co" in await maya.say("What about my cancellation?")


async def test_a_yes_to_a_colleague_is_none_to_the_request(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please change the address of my order to 12 Elm Street, Denver, CO 80203")
    await maya.say("yes")
    await maya.say("Please cancel my order")
    agree = maya.last.suggestions[0]
    (request,) = await rows()
    note = {"who": "sam", "note": "Shall I call you?", "at": timezone.now()}
    await sync_to_async(telling.decide)(request.pk, State.ACCEPTED, by=By.STAFF, **note)
    assert (await maya.say("yes")).startswith(wording.UNCLEAR)
    assert len(await rows()) == 1
    assert (await maya.say(agree)).startswith("I have asked")


async def test_a_request_outlives_the_conversation_and_keeps_none_of_its_words(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order, my neighbour Ingrid told me to")
    await maya.say("yes")
    await maya.conversation.adelete()
    (request,) = await rows()
    assert "Ingrid" not in str(request.__dict__)
    changed = await sync_to_async(telling.decide)(request.pk, State.ACCEPTED, by=By.STAFF, who="sam", note="", at=timezone.now())
    assert changed.is_new


async def test_a_request_is_taken_back_on_a_yes(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    await maya.say("yes")
    assert "I can take back your request" in await maya.say("Please withdraw my request")
    assert "I have taken back your request" in await maya.say("Yes, take it back")
    assert (await rows())[0].state == "withdrawn"


async def test_the_same_turn_answered_again_files_once_and_says_the_same(talk):
    """The process died after the request was filed and before the turn was stored; the turn is taken up again."""
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    first = await maya.say("yes")
    await Turn.objects.filter(pk=maya.question.turn_id).aupdate(state=Turn.State.RUNNING)
    await maya.conversation.messages.filter(pk=maya.question.turn_id).adelete()
    assert await maya.answer(maya.question) == first
    assert len(await rows()) == 1


async def test_a_source_that_is_down_files_nothing_and_a_later_yes_does(talk):
    maya = talk(rules=(CAN_CANCEL,))
    await maya.say("Please cancel my order")
    maya.orders.down = True
    assert wording.NOTHING_ASKED in await maya.say("yes")
    maya.orders.down = False
    assert (await maya.say("yes")).startswith("I have asked")


async def test_no_model_words_any_of_it(talk):
    class Talkative:
        name, is_available = "talkative", True

        async def stream(self, *_, **__):
            raise AssertionError("a model was asked")
            yield ""

    maya = talk(rules=(CAN_CANCEL,), models={Tier.SMALL: Talkative(), Tier.LARGE: Talkative()})
    await maya.say("Please cancel my order")
    await maya.say("yes")
    await maya.say("What about my cancellation?")
    turns = [turn async for turn in maya.conversation.turns.all()]
    assert [turn.tier for turn in turns] == ["none"] * 3


async def test_a_question_about_the_rule_offers_to_ask(talk):
    maya = talk(ARRIVED, rules=(CAN_RETURN,))
    said = await maya.say("Can I still return order #W1001?")
    assert "can still be returned" in said
    assert wording.NOTHING_YET not in said
    assert maya.last.suggestions[0] == "I want to return it"
    assert "Which items" in await maya.say("I want to return it")
