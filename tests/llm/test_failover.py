"""A tier with several endpoints: the customer hears from whoever can speak, once, and each call is on record."""

import asyncio

import pytest
from django.utils import timezone

from llm.client import ChatMessage, Limits, ModelClient
from llm.errors import ModelError
from llm.metering import record_call
from llm.models import ModelCall
from llm.routing import Tier
from tests.fake_openai import FakeOpenAI, endless, hangs, says, status, stops_after

ASK = [ChatMessage("user", "Where is it?")]
QUICK = {"first_token": 1.5, "total": 4.0, "stall": 0.5, "pause": 0.02}
TOO_LONG = status(400, message="This model's maximum context length is 4096 tokens.")


@pytest.fixture
async def tier():
    """Make a tier of endpoints "one", "two" ... that behave as told; values: limits of each. Gives the client and the servers."""
    opened = []

    async def make(*behaviours, **limits):
        clients, servers = [], []
        for place, behaviour in enumerate(behaviours):
            server = await FakeOpenAI(behaviour).__aenter__()
            name = ("one", "two", "three")[place]
            own = {key: value[place] if isinstance(value, tuple) else value for key, value in limits.items()}
            client = ModelClient(f"model-{name}", Tier.SMALL, server.base_url, "sk", Limits(**(QUICK | own)), endpoint=name)
            opened.append((server, client))
            clients.append(client)
            servers.append(server)
        return clients[0].followed_by(*clients[1:]), servers

    yield make
    for server, client in opened:
        await client.aclose()
        await server.__aexit__(None, None, None)


async def whole(client):
    async with client.reply(ASK) as reply:
        text = "".join([piece async for piece in reply])
    return text, reply


@pytest.mark.parametrize("fault", [status(500), status(401), status(404), status(400), hangs(), says("")], ids=str)
async def test_what_fails_before_its_first_word_is_followed_by_the_next(tier, fault):
    client, servers = await tier(fault, says("Here it is."), first_token=(0.3, 1.5))
    text, reply = await whole(client)
    assert text == reply.text == "Here it is." and reply.model == "model-two"
    assert [len(server.asked) for server in servers] == [1, 1]  # no second try where somebody else can be asked
    assert [call.endpoint for call in reply.calls] == ["one", "two"]
    assert reply.calls[0].ending != "finished" == reply.calls[1].ending
    assert reply.first_token_ms >= reply.calls[1].first_token_ms


async def test_after_the_first_word_there_is_no_second_voice(tier):
    client, servers = await tier(stops_after("It left us"), says("A second voice."))
    with pytest.raises(ModelError) as caught:
        await whole(client)
    assert caught.value.kind == "cut_off" and not servers[1].asked


async def test_the_last_of_a_tier_is_tried_twice_and_its_error_is_the_reply_s(tier):
    client, servers = await tier(status(500), status(502))
    async with client.reply(ASK) as reply:
        with pytest.raises(ModelError):
            [piece async for piece in reply]
    assert [len(server.asked) for server in servers] == [1, 2]
    assert reply.ending == "server_error" and reply.usage.input == 0  # nothing was made, so nothing is charged


async def test_an_open_breaker_is_passed_over_and_the_tier_stays_available(tier):
    client, servers = await tier(status(500), says("Here."))
    for _ in range(client.breaker.failures_to_open):
        await whole(client)
    calls = len(servers[0].asked)
    text, reply = await whole(client)
    assert text == "Here." and len(servers[0].asked) == calls and len(reply.calls) == 1
    assert client.is_available


async def test_a_prompt_that_is_too_long_goes_on_only_to_a_larger_context(tier):
    client, servers = await tier(TOO_LONG, says("Small."), says("Large."), context_tokens=(4096, 4096, 32_000))
    text, reply = await whole(client)
    assert text == "Large." and not servers[1].asked
    assert reply.calls[0].ending == "context_overflow"


async def test_a_prompt_too_long_for_all_is_said_to_be_that(tier):
    client, servers = await tier(TOO_LONG, says("Small."))
    with pytest.raises(ModelError) as caught:
        await whole(client)
    assert caught.value.kind == "context_overflow" and len(servers[0].asked) == 1
    assert client.breaker.try_call() and not client.breaker.is_open


async def test_all_endpoints_together_take_no_longer_than_the_customer_waits(tier):
    client, servers = await tier(hangs(), hangs(), hangs(), first_token=0.3, total=0.5)
    async with client.reply(ASK) as reply:
        with pytest.raises(ModelError) as caught:
            [piece async for piece in reply]
    assert caught.value.kind == "timeout" and len(reply.calls) == 2 and not servers[2].asked


async def test_a_full_endpoint_is_not_waited_for_beside_an_idle_one(tier):
    client, servers = await tier(endless(delay=0.01), says("Here."), concurrent=1)
    async with client.reply(ASK) as first:
        async for _ in first:
            break
        text, reply = await whole(client)
    assert text == "Here." and len(servers[0].asked) == 1 and len(reply.calls) == 1


async def test_the_wait_in_the_queue_counts_against_the_first_word(tier):
    client, _ = await tier(endless(delay=0.01), concurrent=1, first_token=0.2)
    async with client.reply(ASK) as first:
        async for _ in first:
            break
        with pytest.raises(ModelError) as caught:
            await whole(client)
    assert caught.value.kind == "queue_full" and not client.breaker.is_open


async def test_those_who_wait_are_served_one_after_the_other(tier):
    client, (server,) = await tier(says("Here.", delay=0.01), concurrent=2)
    replies = await asyncio.gather(*(whole(client) for _ in range(8)))
    assert {text for text, _ in replies} == {"Here."} and len(server.asked) == 8


async def test_a_customer_who_leaves_while_the_second_speaks_hangs_up_on_it(tier):
    client, servers = await tier(status(500), endless(delay=0.01))
    async with client.reply(ASK) as reply:
        async for _ in reply:
            break
    await servers[1].until_idle()
    assert servers[1].hung_up == 1 and reply.ending == "cancelled" and not client.others[0].room.is_full


async def test_a_server_that_sends_on_to_another_address_is_not_followed(tier):
    async def sends_on(exchange):
        await exchange.whole(307, "", Location="http://127.0.0.1:1/v1/chat/completions")

    client, servers = await tier(sends_on)
    with pytest.raises(ModelError) as caught:
        await whole(client)
    assert caught.value.kind == "redirected" and len(servers[0].asked) == 1


@pytest.mark.django_db(transaction=True)
async def test_each_call_has_a_row_of_its_own(tier):
    client, _ = await tier(status(503), says("Here.", usage=(50, 4, 0)))
    _, reply = await whole(client)
    row = await record_call(reply, at=timezone.now(), subject="turn-1")
    assert (row.endpoint, row.model, row.ending, row.input_tokens) == ("two", "model-two", "finished", 50)
    rows = [(c.endpoint, c.ending, c.input_tokens) async for c in ModelCall.objects.filter(subject="turn-1").order_by("pk")]
    assert rows == [("one", "busy", 0), ("two", "finished", 50)]
