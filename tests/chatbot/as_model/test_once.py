"""Calls that name themselves: one that comes again because its reply was lost is the same turn, paid once; another is refused."""

import asyncio

import httpx2
import openai
import pytest
from django.core.handlers.asgi import ASGIHandler

from chatbot.models import ApiCall, Conversation, Message, Turn
from tests.chatbot.as_model.calling import ASKED, Program, events
from tests.factories import make_order

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = "Where is my order #K100?"


def named(program: Program, name: str) -> Program:
    """The same program, giving its calls that name."""

    class Named(Program):
        @property
        def headers(self) -> dict[str, str]:
            return super().headers | {"Idempotency-Key": name}

    return Named(program.client, program.key)


async def test_a_call_that_comes_again_gets_the_very_same_reply_and_asks_nothing(program, scripted):
    once = named(program, "a lost reply")
    first = await once.ask("How long?", "30 days.", ASKED)
    again = await once.ask("How long?", "30 days.", ASKED)
    assert first.json() == again.json() and first["X-Request-ID"] == again["X-Request-ID"]
    assert "Idempotent-Replayed" not in first and again["Idempotent-Replayed"] == "true"
    streamed = await events(await once.ask("How long?", "30 days.", ASKED, stream=True))
    assert "".join(part["choices"][0]["delta"].get("content", "") for part in streamed[:-1]).strip() == "It is on its way."
    assert streamed[0]["id"] == first.json()["id"] and streamed[-1] == "[DONE]"
    assert scripted.asked == [ASKED] and await Turn.objects.acount() == await ApiCall.objects.acount() == 1
    assert await Message.objects.filter(role="user").acount() == 1


async def test_two_at_once_are_one_turn(program, scripted):
    scripted.gate.clear()
    once = named(program, "a double click")
    both = [asyncio.create_task(once.ask()) for _ in range(3)]
    async with asyncio.timeout(10):
        while not scripted.asked:  # noqa: ASYNC110 (a list, not an event)
            await asyncio.sleep(0.01)
    scripted.gate.set()
    replies = await asyncio.gather(*both)
    assert len({reply.json()["id"] for reply in replies}) == len(scripted.asked) == await Conversation.objects.acount() == 1


async def test_without_a_name_or_with_another_each_call_is_its_own(program, make, async_client, scripted):
    other_key = named(Program(async_client, await make("Other")), "one")
    replies = [await asking.ask() for asking in (program, program, named(program, "one"), named(program, "two"), other_key)]
    assert len({reply.json()["id"] for reply in replies}) == len(scripted.asked) == 5


@pytest.mark.parametrize("texts", [("And for kites?",), ("Another beginning", "30 days.", ASKED)], ids=["question", "history"])
async def test_a_name_that_another_call_had_is_refused(program, scripted, texts):
    once = named(program, "one")
    await once.ask("How long?", "30 days.", ASKED)
    for stream in (False, True):
        refused = await once.ask(*texts, stream=stream)
        assert refused.status_code == 409 and refused.json()["error"]["code"] == "conflict"
        assert refused.json()["error"]["param"] == "Idempotency-Key"
    assert scripted.asked == [ASKED]


async def test_a_name_opens_nobody_s_answer(program, shop, signed):
    """Whoever repeats a call must be who asked: with their token again, an older or a newer one."""
    shop(make_order("#K100"))
    once = named(program, "whose?")
    first = await once.ask(ORDER, whereabouts={"identity": signed()})
    assert [order["number"] for order in first.json()["whereabouts"]["orders"]] == ["#K100"]
    assert (await once.ask(ORDER, whereabouts={"identity": signed(ends=200)})).json() == first.json()
    for values in ({}, {"whereabouts": {"identity": signed("bo@example.com")}}):
        refused = await once.ask(ORDER, **values)
        assert refused.status_code == 409 and "K100" not in refused.content.decode()


async def test_an_answer_that_nobody_waited_for_is_made_again(program, scripted):
    once = named(program, "one")
    first = await once.ask()
    await Turn.objects.aupdate(state=Turn.State.ABANDONED)
    again = await once.ask()
    assert again.status_code == 200 and again.json()["id"] == first.json()["id"] and len(scripted.asked) == 2


@pytest.mark.parametrize("name", ["", "x" * 256, "t\u00f6ken", "a\tb"])
async def test_a_name_that_is_none_is_refused(program, scripted, name):
    refused = await named(program, name).ask()
    assert refused.status_code == 400 and refused.json()["error"]["param"] == "Idempotency-Key" and not scripted.asked


async def test_the_official_client_may_lose_a_reply_and_is_answered_once(make, scripted):
    class Loses(httpx2.AsyncBaseTransport):
        """Answers, and the first reply is lost on its way."""

        def __init__(self) -> None:
            self.inner, self.sent = httpx2.ASGITransport(app=ASGIHandler()), 0

        async def handle_async_request(self, request):
            self.sent += 1
            response = await self.inner.handle_async_request(request)
            if self.sent == 1:
                raise httpx2.ReadError("the line is dead")
            return response

    transport = Loses()
    async with (
        httpx2.AsyncClient(transport=transport) as wire,
        openai.AsyncOpenAI(base_url="http://testserver/v1", api_key=await make(), http_client=wire, max_retries=2) as client,
    ):
        reply = await client.chat.completions.create(
            model="whereabouts", messages=[{"role": "user", "content": ASKED}], extra_headers={"Idempotency-Key": "one"}
        )
    assert transport.sent == 2 and reply.choices[0].message.content == "It is on its way." and scripted.asked == [ASKED]
