"""What customers do while a model answers them: close two hundred tabs, click twice, read slowly, come back in the middle."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from chatbot import live
from chatbot.answering import answer_turn
from chatbot.models import Message, Turn
from llm.client import Limits, ModelClient
from llm.models import ModelCall
from llm.routing import Tier
from tests.chatbot.provider_faults import REST, RIGHT
from tests.chatbot.scripted import Customer, frames
from tests.factories import make_passage
from tests.fake_openai import FakeOpenAI, chunk, pieces_of, usage_chunk
from tests.fakes import FakePolicies, fake_services

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
QUESTION = "What is your return policy?"
WINDOW = make_passage("You can return an item within 45 days from delivery. It must be unworn and have its tags.")
TABS = 200


class Provider:
    """Says one sentence and a half, then waits for its gate. reached: a token for each call that is there."""

    def __init__(self) -> None:
        self.gate, self.reached = asyncio.Event(), asyncio.Semaphore(0)

    async def __call__(self, exchange) -> None:
        await exchange.head()
        for piece in pieces_of(RIGHT + REST[:12]):
            await exchange.event(chunk(piece))
        self.reached.release()
        await self.gate.wait()
        for payload in (*map(chunk, pieces_of(REST[12:])), chunk(finish="stop"), usage_chunk(90, 25), "[DONE]"):
            await exchange.event(payload)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def server(provider, settings, monkeypatch):
    """A model behind the whole way of a question: HTTP, the live turn, the check of each sentence."""
    settings.TURNS_PER_MINUTE = 100_000
    monkeypatch.setattr(live, "KEPT_SECONDS", 0.0)
    async with FakeOpenAI(provider) as server:
        limits = Limits(first_token=20, total=25, stall=20, concurrent=TABS)
        server.model = ModelClient("tiny", Tier.SMALL, server.base_url, "sk-secret", limits)
        services = fake_services(policies=FakePolicies(WINDOW), models={Tier.SMALL: server.model})
        live.answer_with(lambda question: answer_turn(question, services))
        yield server
        provider.gate.set()
        await live.turns().close(grace=5)
        await server.model.aclose()


@pytest.fixture
async def customer(async_client, server) -> Customer:
    return await Customer.start(async_client)


async def first_words(stream) -> list[dict]:
    """The events up to the first piece of text."""
    received = []
    async for frame in stream:
        received.append(frame)
        if frame["event"] == "delta":
            break
    return received


async def leave(reader: asyncio.Task) -> None:
    reader.cancel()  # as the server cancels what serves a customer who is gone
    await asyncio.gather(reader, return_exceptions=True)


async def no_turn_runs() -> None:
    async with asyncio.timeout(20):
        while live.turns()._tasks or live.turns()._logs:  # noqa: ASYNC110 (tasks that end by themselves)
            await asyncio.sleep(0.02)


def open_transactions() -> int:
    """Sessions of the database that somebody began something in and never ended; a file has none."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
        return cursor.fetchone()[0]


def words(received) -> str:
    return "".join(f["data"]["text"] for f in received if f["event"] == "delta")


async def test_two_hundred_tabs_closed_in_the_middle_leave_nothing_behind(customer, server, provider, monkeypatch):
    """The documented choice: the provider is hung up on after a grace, and what it has said is counted."""
    tasks, threads = len(asyncio.all_tasks()), threading.active_count()
    shown = asyncio.Semaphore(0)

    async def read(n: int) -> None:
        async for frame in frames(await customer.stream(QUESTION, f"tab {n}")):
            if frame["event"] == "delta":
                shown.release()

    readers = [asyncio.create_task(read(n)) for n in range(TABS)]
    for _ in readers:
        await asyncio.wait_for(provider.reached.acquire(), 30)
        await asyncio.wait_for(shown.acquire(), 30)
    assert server.open == TABS
    monkeypatch.setattr(live, "GRACE_SECONDS", 0.05)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await no_turn_runs()
    await server.until_idle()
    assert server.hung_up == len(server.asked) == TABS
    assert len(asyncio.all_tasks()) <= tasks + 1 and threading.active_count() <= threads + TABS / 4, "a task or a thread for each"
    assert await sync_to_async(open_transactions)() == 0
    assert server.model.is_available and not server.model.room.is_full
    calls = [(call.ending, call.output_tokens > 0) async for call in ModelCall.objects.all()]
    assert calls == [("cancelled", True)] * TABS
    assert {state async for state in Turn.objects.values_list("state", flat=True)} == {Turn.State.ABANDONED}


async def test_a_double_click_and_a_retry_after_a_lost_reply_are_one_call(customer, server, provider):
    both = [asyncio.create_task(customer.ask(QUESTION, "one")) for _ in range(2)]
    await asyncio.wait_for(provider.reached.acquire(), 20)
    provider.gate.set()
    one, two = [task.json() for task in await asyncio.gather(*both)]
    again = (await customer.ask(QUESTION, "one")).json()
    other = await customer.ask("Do you ship to Norway?", "one")
    assert one == two and one["model"] == "tiny" and "45 days" in one["answer"] and REST.removesuffix(" [1].") in one["answer"]
    assert again == one and other.status_code == 409
    assert len(server.asked) == 1
    assert (
        await Turn.objects.acount() == await Message.objects.filter(role="user").acount() == await ModelCall.objects.acount() == 1
    )


async def test_two_tabs_with_two_questions_are_two_calls(customer, server, provider):
    provider.gate.set()
    both = await asyncio.gather(*(customer.ask(QUESTION, name) for name in ("one", "two")))
    assert len({reply.json()["id"] for reply in both}) == len(server.asked) == 2


async def test_fifty_who_read_slowly_hold_up_nobody(customer, server, provider):
    slow = [frames(await customer.stream(QUESTION, f"slow {n}")) for n in range(50)]
    begun = await asyncio.gather(*(first_words(stream) for stream in slow))
    assert all("45 days" in words(received) for received in begun)
    provider.gate.set()
    quick = [frame async for frame in frames(await customer.stream(QUESTION, "quick"))]
    assert quick[-1]["event"] == "final" and quick[-1]["data"]["model"] == "tiny"
    async with asyncio.timeout(20):  # none of the fifty has read on, and all their answers are made and kept
        while await Turn.objects.exclude(state=Turn.State.FINISHED).aexists():  # noqa: ASYNC110 (rows of the database)
            await asyncio.sleep(0.02)
    for received, stream in zip(begun, slow, strict=True):
        rest = [frame async for frame in stream]
        assert rest[-1]["data"]["answer"] == words(received + rest).strip() == quick[-1]["data"]["answer"]


@pytest.mark.parametrize("when", ["while the model speaks", "after it has ended"])
async def test_who_comes_back_in_the_middle_gets_the_whole_answer_once(customer, server, provider, when):
    begun: list[dict] = []
    shown = asyncio.Event()

    async def read() -> None:
        async for frame in frames(await customer.stream(QUESTION)):
            begun.append(frame)
            if frame["event"] == "delta":
                shown.set()

    reader = asyncio.create_task(read())
    await asyncio.wait_for(shown.wait(), 20)
    await leave(reader)
    if when == "after it has ended":
        provider.gate.set()
        await no_turn_runs()
        resumed = frames(await customer.stream(QUESTION, last_id=begun[-1]["id"]))
        rest = [frame async for frame in resumed]
    else:
        resumed = frames(await customer.stream(QUESTION, last_id=begun[-1]["id"]))
        coming = asyncio.ensure_future(anext(resumed))
        await asyncio.sleep(0.05)
        assert not coming.done(), "what was shown before is not shown again"
        provider.gate.set()
        rest = [await coming, *[frame async for frame in resumed]]
    assert words(begun) and words(rest) and rest[-1]["event"] == "final"
    assert words(begun + rest).strip() == rest[-1]["data"]["answer"] and words(begun + rest).count("45 days") == 1
    assert len(server.asked) == 1
    reloaded = [frame async for frame in frames(await customer.stream(QUESTION))]
    assert [frame["id"] for frame in reloaded] == [frame["id"] for frame in begun + rest]
    transcript = (await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)).json()
    assert [message["role"] for message in transcript["messages"]] == ["user", "assistant"]
