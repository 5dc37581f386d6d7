"""Turns that run apart from the request: dropped and resumed streams, double clicks, leaving customers, dead processes."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chatbot import conversations, fanout, live, liveness
from chatbot.live import TurnLog
from chatbot.models import Conversation, Message, Turn
from chatbot.turn import Question, TextShown
from orders.viewer import ANONYMOUS
from tests.chatbot.scripted import Customer, Scripted, frames

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 5  # seconds a test waits for something that takes milliseconds


@pytest.fixture
async def scripted():
    scripted = Scripted()
    live.answer_with(scripted)
    yield scripted
    scripted.gate.set()
    await live.turns().close(grace=1)


@pytest.fixture
async def customer(async_client, scripted):
    return await Customer.start(async_client)


async def until(condition):
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 (any condition, not an event of ours)
            await asyncio.sleep(0.01)


async def drop_after(response, count: int) -> list[dict]:
    """Read that many events, then hang up: the server cancels what serves a customer who is gone."""
    received: list[dict] = []

    async def read():
        async for frame in frames(response):
            received.append(frame)

    reader = asyncio.create_task(read())
    await until(lambda: len(received) >= count)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    return received[:count]


def words(received) -> str:
    return "".join(f["data"]["text"] for f in received if f["event"] == "delta")


async def test_a_dropped_stream_goes_on_where_it_stopped(customer, scripted):
    scripted.gate.clear()
    first = await drop_after(await customer.stream("Where is it?"), 1)
    scripted.gate.set()
    rest = [f async for f in frames(await customer.stream("Where is it?", last_id=first[-1]["id"]))]
    assert words(first + rest) == "It is on its way. "
    assert rest[-1]["event"] == "final"
    assert len(scripted.asked) == 1


async def test_the_rest_of_an_answer_also_comes_over_the_events_of_the_conversation(customer):
    whole = [f async for f in frames(await customer.stream("Where is it?"))]
    rest = await drop_after(await customer.events(whole[1]["id"]), len(whole) - 2)
    assert [f["id"] for f in rest] == [f["id"] for f in whole[2:]]


async def test_an_event_id_of_another_conversation_opens_nothing(customer, async_client):
    whole = [f async for f in frames(await customer.stream("My secret"))]
    stranger = await Customer.start(async_client)
    stream = await stranger.events(whole[0]["id"])
    await conversations.ask_for_human(await Conversation.objects.aget(pk=stranger.id), at=timezone.now())
    fanout.announce((await Conversation.objects.aget(pk=stranger.id)).pk)
    received = await drop_after(stream, 1)
    assert received[0]["event"] == "state" and "secret" not in str(received)


async def test_a_double_click_reads_the_same_turn(customer, scripted):
    scripted.gate.clear()
    both = [asyncio.create_task(customer.ask("Where is it?")) for _ in range(2)]
    await until(lambda: scripted.asked)
    scripted.gate.set()
    one, two = [task.json() for task in await asyncio.gather(*both)]
    assert one["id"] == two["id"] and len(scripted.asked) == 1


async def test_a_reader_that_does_not_read_holds_up_nobody(customer, scripted):
    slow = await customer.stream("Where is it?")  # never iterated
    quick = [f async for f in frames(await customer.stream("Where is it?"))]
    assert quick[-1]["event"] == "final"
    del slow


async def test_a_turn_is_finished_and_stored_when_the_customer_leaves(customer, scripted):
    scripted.gate.clear()
    await drop_after(await customer.stream("Where is it?"), 1)
    scripted.gate.set()
    turn = await Turn.objects.aget()
    await until(lambda: not live.turns().is_running(turn.pk))
    await turn.arefresh_from_db()
    assert turn.state == Turn.State.FINISHED and turn.events[-1]["event"] == "final"


async def test_a_turn_nobody_reads_is_cancelled_after_its_grace(customer, scripted, monkeypatch):
    monkeypatch.setattr(live, "GRACE_SECONDS", 0.05)
    scripted.gate.clear()
    await drop_after(await customer.stream("Where is it?"), 1)
    await until(lambda: scripted.cancelled)
    turn = await Turn.objects.aget()
    await until(lambda: not live.turns().is_running(turn.pk))
    await turn.arefresh_from_db()
    assert turn.state == Turn.State.ABANDONED


async def test_an_abandoned_question_can_be_asked_again(customer, scripted, monkeypatch):
    monkeypatch.setattr(live, "GRACE_SECONDS", 0.05)
    scripted.gate.clear()
    first = await drop_after(await customer.stream("Where is it?"), 1)
    await until(lambda: scripted.cancelled)
    await asyncio.sleep(0.05)
    scripted.gate.set()
    resumed = [f async for f in frames(await customer.stream("Where is it?", last_id=first[-1]["id"]))]
    assert resumed[-1]["event"] == "error" and resumed[-1]["data"]["retryable"] is True
    again = (await customer.ask("Where is it?")).json()
    assert again.get("answer") == "It is on its way.", again


async def accepted(customer: Customer, *, ago: timedelta) -> Turn:
    """A question that was taken that long ago, by a process that is no more."""
    conversation = await Conversation.objects.aget(pk=customer.id)
    taken = await conversations.accept_question(conversation, "Where is it?", "one", at=timezone.now() - ago)
    return taken.turn


async def test_a_turn_whose_process_died_ends_in_an_error_and_can_be_asked_again(customer, scripted):
    turn = await accepted(customer, ago=timedelta(days=1))
    received = [f async for f in frames(await customer.stream("Where is it?", last_id=f"{turn.pk}.1"))]
    assert [f["event"] for f in received] == ["error"] and received[0]["data"]["retryable"] is True
    again = (await customer.ask("Where is it?")).json()
    assert again.get("answer") == "It is on its way.", again
    assert await Message.objects.filter(role="user").acount() == 1


async def test_a_turn_of_another_process_is_waited_for(customer, scripted, monkeypatch):
    monkeypatch.setattr(liveness, "POLL_SECONDS", 0.02)
    turn = await accepted(customer, ago=timedelta(0))
    reader = asyncio.create_task(customer.ask("Where is it?"))
    await asyncio.sleep(0.1)
    final = {"event": "final", "data": {"id": str(turn.pk), "answer": "Written elsewhere.", "html": ""}}
    await Turn.objects.filter(pk=turn.pk).aupdate(state=Turn.State.FINISHED, events=[final])
    assert (await asyncio.wait_for(reader, SOON)).json()["answer"] == "Written elsewhere."
    assert scripted.asked == []


async def test_waiting_for_another_process_ends(customer, monkeypatch):
    monkeypatch.setattr(liveness, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(liveness, "WAIT_SECONDS", 0.1)
    await accepted(customer, ago=timedelta(0))
    response = await asyncio.wait_for(customer.ask("Where is it?"), SOON)
    assert response.status_code == 503 and response.json()["error"]["retryable"] is True


async def test_words_of_a_colleague_arrive_while_the_page_is_open(customer):
    conversation = await Conversation.objects.aget(pk=customer.id)
    stream = frames(await customer.events())
    reader = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    await sync_to_async(conversations.add_message)(conversation.pk, conversations.Role.STAFF, "I am on it.", timezone.now())
    fanout.announce(conversation.pk)
    message = await asyncio.wait_for(reader, SOON)
    assert message["event"] == "message" and message["data"]["text"] == "I am on it." and message["data"]["role"] == "staff"
    await stream.aclose()


async def test_what_was_said_while_away_comes_first(customer):
    conversation = await Conversation.objects.aget(pk=customer.id)
    add = sync_to_async(conversations.add_message)
    seen = await add(conversation.pk, conversations.Role.STAFF, "One", timezone.now())
    await add(conversation.pk, conversations.Role.STAFF, "Two", timezone.now())
    received = await drop_after(await customer.events(f"m.{seen.pk}"), 1)
    assert received[0]["data"]["text"] == "Two"


async def test_a_change_that_nobody_announced_is_found_by_asking_the_database(customer, monkeypatch):
    monkeypatch.setattr(fanout, "POLL_SECONDS", 0.05)
    conversation = await Conversation.objects.aget(pk=customer.id)
    stream = frames(await customer.events())
    reader = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.1)
    await sync_to_async(conversations.add_message)(conversation.pk, conversations.Role.STAFF, "Quietly.", timezone.now())
    assert (await asyncio.wait_for(reader, SOON))["data"]["text"] == "Quietly."
    await stream.aclose()


async def test_one_conversation_cannot_hold_open_any_number_of_streams(customer, monkeypatch):
    monkeypatch.setattr("chatbot.event_stream.MAX_WATCHERS", 1)
    stream = frames(await customer.events())
    reader = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    response = await customer.events()
    assert response.status_code == 429 and response["Retry-After"]
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)


async def test_a_server_that_stops_lets_turns_finish_and_takes_no_new_ones(customer, scripted):
    scripted.gate.clear()
    running = asyncio.create_task(customer.ask("Where is it?"))
    await until(lambda: scripted.asked)
    closing = asyncio.create_task(live.turns().close(grace=SOON))
    await until(lambda: live.turns().closing.is_set())
    refused = await customer.ask("Another", "two")
    assert refused.status_code == 503 and refused["Retry-After"]
    scripted.gate.set()
    await closing
    assert (await running).json()["answer"] == "It is on its way."


async def test_a_server_that_stops_tells_who_still_waits(customer, scripted):
    scripted.gate.clear()
    waiting = asyncio.create_task(customer.ask("Where is it?"))
    await until(lambda: scripted.asked)
    await live.turns().close(grace=0)
    response = await asyncio.wait_for(waiting, SOON)
    assert response.status_code == 503 and response.json()["error"]["retryable"] is True
    assert (await Turn.objects.aget()).state == Turn.State.ABANDONED


async def test_open_streams_end_when_the_server_stops(customer):
    stream = frames(await customer.events())
    reader = asyncio.ensure_future(anext(stream, None))
    await asyncio.sleep(0.05)
    await live.turns().close(grace=0)
    assert await asyncio.wait_for(reader, SOON) is None


async def test_readers_of_a_log_see_the_same_from_any_place():
    log = TurnLog()
    log.append({"event": "delta", "data": {"text": "a"}})
    early = asyncio.create_task(_all(log, 0))
    late = asyncio.create_task(_all(log, 1))
    await asyncio.sleep(0)
    log.append({"event": "final", "data": {}})
    log.finish()
    assert [place for place, _ in await early] == [1, 2]
    assert [place for place, _ in await late] == [2]
    assert await _all(log, 99) == []


async def _all(log: TurnLog, after: int):
    return [item async for item in log.follow(after) if item is not None]


async def test_a_silent_turn_shows_signs_of_life(monkeypatch):
    monkeypatch.setattr(live, "KEEP_ALIVE_SECONDS", 0.01)
    assert await anext(TurnLog().follow()) is None


async def test_announcing_an_unknown_conversation_does_no_harm():
    fanout.announce(uuid4())


@pytest.mark.django_db(transaction=True)
async def test_the_first_words_are_on_their_way_before_the_rest_is_made():
    received: list[str] = []
    when_the_rest_was_made: list[int] = []

    async def answer(question):
        yield TextShown("First.", "<p>First.</p>")
        when_the_rest_was_made.append(len(received))
        yield TextShown(" Second.", "<p>First. Second.</p>")

    now = timezone.now()
    question = Question(uuid4(), uuid4(), "Where is it?", ANONYMOUS, now, now.date())
    turns = live.answer_with(answer)
    log = turns.start(question)
    with turns.reading(question.turn_id, log):
        async for item in log.follow():
            if item is not None and item[1]["event"] == "delta":
                received.append(item[1]["data"]["text"])
    assert when_the_rest_was_made == [1]
    assert received == ["First.", " Second."]
