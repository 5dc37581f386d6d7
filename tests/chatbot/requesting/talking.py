"""A customer who talks with the bot of a shop that has these orders and rules."""

from dataclasses import replace
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.utils import timezone

from chatbot.answering import answer_turn
from chatbot.conversations import accept_question, identify, start_conversation
from chatbot.requesting.turning import Requesting
from chatbot.rules_in_force import ruling
from chatbot.turn import RuleFound, TurnFinished
from orders.models import OrderRequest
from orders.records import Line, Status
from orders.rules import Rule, Topic
from orders.viewer import Method, Viewer
from tests.factories import make_order, make_passage, moment, shirt
from tests.fakes import FakeOrders, FakePolicies, fake_services

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


def rows():
    return sync_to_async(lambda: list(OrderRequest.objects.all()))()


CAN_CANCEL = Rule(1, Topic.CANCEL, "until sent", states=frozenset({Status.PENDING, Status.PROCESSING}))
CAN_RETURN = Rule(2, Topic.RETURN, "30 days", amount=30)
NO_SHIRTS = Rule(3, Topic.RETURN, "no shirts", permits=False, items=("shirt",))
