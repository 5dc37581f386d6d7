"""What is done for the next question while a customer reads the first words of an answer."""

import asyncio

import pytest

from chatbot import live
from tests.chatbot.scripted import Customer, Scripted

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_is_done_once_where_no_other_turn_runs_and_not_while_others_wait_for_the_processor(async_client):
    scripted, done = Scripted(), []
    live.answer_with(scripted, lambda question: done.append(question.text))
    try:
        one, two = await Customer.start(async_client), await Customer.start(async_client)
        await one.ask("Where is it?")
        assert done == ["Where is it?"]
        scripted.gate.clear()
        both = [asyncio.create_task(customer.ask("And now?", "two")) for customer in (one, two)]
        async with asyncio.timeout(5):
            while len(scripted.asked) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        done.clear()
        scripted.gate.set()
        await asyncio.gather(*both)
        assert len(done) <= 1  # of the turns that began together, at most the one that was alone at first
    finally:
        scripted.gate.set()
        await live.turns().close(grace=1)
