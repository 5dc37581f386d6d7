"""Customers with more orders than an answer shows: what is counted, compared or added up is all of them, or said not to be."""

from dataclasses import replace
from decimal import Decimal

import pytest

from chatbot.composing import phrases
from chatbot.composing.compose import compose
from chatbot.evidence import LOOKED_THROUGH, gather_evidence
from chatbot.turn import Evidence
from chatbot.understanding import understand
from orders.lookup import OrdersFound
from orders.records import Status
from orders.references import learn
from tests.factories import TODAY, make_order, moment
from tests.fakes import fake_services

OPEN = [
    make_order(f"#K{n}", Status.PROCESSING, total=Decimal(n), currency="USD", placed_at=moment(11, 1)) for n in range(140, 106, -1)
]
DONE = [
    make_order(f"#K{n}", Status.DELIVERED, total=Decimal(n), currency="USD", placed_at=moment(1, 1)) for n in range(106, 100, -1)
]
ALL = (*OPEN, *DONE)
SHAPES = learn([order.number for order in ALL])


class Source:
    """Gives no more than was asked for, as all sources do."""

    def __init__(self, unread=False):
        self.limits, self.unread = [], unread

    async def find(self, wanted, *, viewer, at):
        self.limits.append(wanted.limit)
        return OrdersFound(ALL[: wanted.limit], len(ALL), unread=self.unread)


@pytest.fixture
def ask(question_of):
    async def asked(text, source=None):
        source = source or Source()
        question = question_of(text)
        meaning = understand(text, today=TODAY, shapes=SHAPES)
        services = fake_services(find_orders=source.find)
        evidence, _ = await gather_evidence(question, meaning, services)
        draft = compose(replace(meaning, queries=()), evidence, today=TODAY, minimum_strength=0.5, shop="Fernhill")
        return "\n".join(sentence.text for sentence in draft.sentences)

    return asked


@pytest.fixture
def question_of():
    from datetime import UTC, datetime
    from uuid import uuid4

    from chatbot.turn import Question
    from orders.viewer import Method, Viewer

    def made(text):
        at = datetime(2026, 11, 21, 12, tzinfo=UTC)
        return Question(uuid4(), uuid4(), text, Viewer("maya@example.com", Method.CODE), at, TODAY)

    return made


async def test_the_first_order_is_the_first_of_all(ask):
    assert "**#K101**" in await ask("what was my first order?")


async def test_open_orders_are_counted_to_the_last(ask):
    said = await ask("which of my orders are still open?")
    assert said.startswith("You have 34 open orders; these are the newest 25:")
    assert said.count("\n- ") == 25


async def test_orders_that_are_done_are_not_called_open(ask):
    assert (await ask("show all my orders")).startswith("You have 40 orders; these are the newest 25:")


async def test_a_sum_is_of_all_orders(ask):
    said = await ask("how much did I spend in total on all my orders?")
    assert f"Together with 15 further orders that is ${sum(order.total for order in ALL):,.2f}." in said


async def test_the_dearest_is_the_dearest_of_all(ask):
    assert "**#K101**" in await ask("what was my cheapest order?")


async def test_what_was_not_looked_through_is_not_spoken_for(ask):
    assert (await ask("which of my orders are still open?", Source(unread=True))).startswith("You have at least 34 open orders")
    assert "Together" not in await ask("how much did I spend in total on all my orders?", Source(unread=True))
    assert await ask("what was my first order?", Source(unread=True)) == phrases.TOO_MANY_ORDERS
    said = await ask("which of my orders are on hold?", Source(unread=True))
    assert said == phrases.NONE_OF_THE_NEWEST.format(count=40, state="on hold")


async def test_only_who_has_many_is_looked_up_twice(ask):
    source = Source()
    await ask("where are my orders?", source)
    assert source.limits == [25, LOOKED_THROUGH]
    few = Source()
    few.find = lambda wanted, **_: _few(few, wanted)
    await ask("where are my orders?", few)
    assert few.limits == [25]


async def _few(source, wanted):
    source.limits.append(wanted.limit)
    return OrdersFound(ALL[:3], 3)


@pytest.mark.parametrize(
    "text", ["where are #K140 and #K139?", "where are my last two orders?", "where are the orders ending in 40 and ending in 39?"]
)
async def test_some_orders_are_not_told_as_all_of_them(text):
    found = OrdersFound(ALL[:2] if "#" in text or "ending" in text else ALL, 2 if "last" not in text else len(ALL), narrowed=True)
    meaning = understand(text, today=TODAY, shapes=SHAPES)
    draft = compose(meaning, Evidence(orders=found), today=TODAY, minimum_strength=0.5, shop="Fernhill")
    assert draft.sentences[0].text.startswith("These 2 orders of yours fit:")
