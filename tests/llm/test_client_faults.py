"""What a caller of a model sees on bad days: an error of ours with a stable kind, soon, and no storm of calls."""

import asyncio
import contextlib
import traceback

import pytest

from llm.client import ChatMessage, Limits, ModelClient
from llm.errors import ModelBusy, ModelError, ModelRefused, ModelTimeout, ModelUnavailable, ReplyBroken
from llm.routing import Tier
from tests.fake_openai import (
    chunk,
    endless,
    fails_inside,
    hangs,
    html_page,
    refused_url,
    resets,
    says,
    says_as_json,
    slow_first,
    status,
    stops_after,
    streams,
    streams_bytes,
)

ASK = [ChatMessage("user", "Where is it?")]


async def failure(client, messages=ASK):
    """The error of a reply, the text that came before it, and the reply."""
    pieces = []
    with pytest.raises(ModelError) as caught:
        async with client.reply(messages) as reply:
            async for piece in reply:
                pieces.append(piece)
    assert type(caught.value).__module__ == "llm.errors"
    assert reply.ending == caught.value.kind and reply.error
    return caught.value, "".join(pieces), reply


BEFORE = {
    "refused": (status(400), ModelRefused, "refused", 1),
    "bad key": (status(401), ModelRefused, "unauthorized", 1),
    "forbidden": (status(403), ModelRefused, "unauthorized", 1),
    "unknown model": (status(404), ModelRefused, "unknown_model", 1),
    "500": (status(500), ModelUnavailable, "server_error", 2),
    "502": (status(502), ModelUnavailable, "server_error", 2),
    "503": (status(503), ModelBusy, "busy", 2),
    "529": (status(529), ModelBusy, "busy", 2),
    "429": (status(429), ModelBusy, "busy", 2),
    "429 for a day": (status(429, retry_after="86400"), ModelBusy, "busy", 1),
    "reset at once": (resets(), ModelUnavailable, "unavailable", 2),
    "never answers": (hangs(), ModelTimeout, "timeout", 1),
    "first word too late": (slow_first(9, "Late."), ModelTimeout, "timeout", 1),
    "a page": (html_page(), ReplyBroken, "not_a_stream", 1),
    "a page that says it is a stream": (streams_bytes(b"<html>\nLogin\n</html>"), ReplyBroken, "not_a_stream", 1),
    "nothing at all": (streams_bytes(b""), ReplyBroken, "cut_off", 2),
    "no words": (streams(chunk(""), chunk(finish="stop"), "[DONE]"), ReplyBroken, "empty", 2),
    "only spaces": (streams(chunk(" \n"), chunk(finish="stop"), "[DONE]"), ReplyBroken, "empty", 2),
    "filtered to nothing": (streams(chunk(finish="content_filter"), "[DONE]"), ReplyBroken, "empty", 2),
    "a tool nobody offered": (
        streams(chunk(tool_calls=[{"id": "t"}]), chunk(finish="tool_calls"), "[DONE]"),
        ReplyBroken,
        "tool_call",
        1,
    ),
    "broken JSON": (streams('{"choices": [{"del'), ReplyBroken, "malformed", 2),
    "invalid bytes": (streams_bytes(b'data: {"choices": "\xff\xfe"}\n\n'), ReplyBroken, "malformed", 2),
    "a list": (streams([1, 2]), ReplyBroken, "malformed", 2),
    "a frame without an end": (streams_bytes(b"data: " + b"x" * 1_200_000), ReplyBroken, "malformed", 2),
    "an error object at once": (
        streams({"error": {"message": "overloaded", "type": "server_error"}}),
        ModelUnavailable,
        "server_error",
        2,
    ),
    "out of quota inside the stream": (streams({"error": {"code": "insufficient_quota"}}), ModelBusy, "busy", 2),
}


@pytest.mark.parametrize(("behaviour", "kind_of_error", "kind", "calls"), BEFORE.values(), ids=BEFORE.keys())
async def test_a_fault_before_the_first_word(client, fake_openai, behaviour, kind_of_error, kind, calls):
    fake_openai.will(behaviour)
    error, _, _ = await failure(client)
    assert isinstance(error, kind_of_error) and error.kind == kind
    assert len(fake_openai.asked) == calls


INSIDE = {
    "reset": (stops_after("It left us on", how="reset"), "cut_off"),
    "closed without an end mark": (stops_after("It left us on"), "cut_off"),
    "silence": (stops_after("It left us on", how="silence"), "stalled"),
    "an error object": (fails_inside("It left us on", type="server_error"), "server_error"),
    "broken JSON": (streams(chunk("It left us on"), '{"choices'), "malformed"),
    "a page": (streams_bytes(b'data: {"choices":[{"delta":{"content":"It left us on"}}]}\n\n<html>\n'), "not_a_stream"),
}


@pytest.mark.parametrize(("behaviour", "kind"), INSIDE.values(), ids=INSIDE.keys())
async def test_a_fault_inside_keeps_the_words_that_came_and_asks_no_second_time(client, fake_openai, behaviour, kind):
    fake_openai.will(behaviour, says("A second stream."))
    error, text, reply = await failure(client)
    assert (text, error.kind) == ("It left us on", kind)
    assert len(fake_openai.asked) == 1 and reply.usage.estimated


async def test_a_loop_is_stopped_and_the_connection_closed(client, fake_openai):
    fake_openai.will(endless("Your order is on its way. "))
    error, text, _ = await failure(client)
    assert error.kind == "repeating" and len(text) < 400
    await fake_openai.until_idle()


async def test_an_answer_without_end_is_over_when_its_time_is(fake_openai):
    client = ModelClient("tiny", Tier.SMALL, fake_openai.base_url, limits=Limits(first_token=1, total=0.6, stall=0.5))
    fake_openai.will(endless(delay=0.02))
    error, text, _ = await failure(client)
    assert error.kind == "stalled" and text
    await fake_openai.until_idle()
    await client.aclose()


async def test_a_server_nobody_runs():
    client = ModelClient("tiny", Tier.SMALL, refused_url())
    error, _, reply = await failure(client)
    assert isinstance(error, ModelUnavailable) and reply.usage.output == 0
    await client.aclose()


async def test_a_short_wait_the_server_asks_for_is_kept(client, fake_openai):
    fake_openai.will(status(429, retry_after="0.3"), says("Now."))
    async with client.reply(ASK) as reply:
        assert [piece async for piece in reply] == ["Now."]
    assert reply.first_token_ms >= 300


async def test_a_bad_minute_is_mended_by_one_retry(client, fake_openai):
    fake_openai.will(status(500), says("Here."))
    async with client.reply(ASK) as reply:
        assert "".join([piece async for piece in reply]) == "Here."
    assert client.is_available


async def test_a_refusal_never_repeats_the_key(client, fake_openai):
    fake_openai.will(status(401, message="Incorrect API key provided: sk-secret"))
    error, _, reply = await failure(client)
    assert "sk-secret" not in str(error) + reply.error


async def test_after_failures_in_a_row_nobody_waits_and_nobody_asks(client, fake_openai):
    fake_openai.will(status(500))
    for _ in range(client.breaker.failures_to_open):
        await failure(client)
    calls = len(fake_openai.asked)
    error, _, reply = await failure(client)
    assert error.kind == "breaker_open" and len(fake_openai.asked) == calls and not client.is_available
    assert reply.usage.input == 0


async def test_a_reply_that_is_only_nonsense_does_not_open_the_breaker(client, fake_openai):
    fake_openai.will(streams(chunk(finish="content_filter"), "[DONE]"))
    for _ in range(client.breaker.failures_to_open + 1):
        await failure(client)
    assert client.is_available


async def test_a_cancelled_task_closes_the_connection(client, fake_openai):

    async def ask():
        async with client.reply(ASK) as reply:
            async for _ in reply:
                pass

    asked = asyncio.Event()

    async def hang(exchange):
        asked.set()
        await hangs()(exchange)

    fake_openai.will(hang)
    task = asyncio.ensure_future(ask())
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fake_openai.until_idle()
    assert fake_openai.hung_up == 1


@pytest.mark.parametrize(
    "fault",
    [
        status(400, message="bad request of Bearer sk-secret"),
        status(500, message="could not log in with sk-secret"),
        streams({"error": {"message": "sk-secret is odd", "type": "server_error"}}),
        streams("sk-secret is not JSON"),
    ],
    ids=["refusal", "failure", "inside the stream", "not JSON"],
)
async def test_a_key_that_a_server_repeats_is_neither_on_record_nor_in_the_log(client, fake_openai, fault):
    fake_openai.will(fault)
    error, _, reply = await failure(client)
    assert "[the key]" in reply.error
    assert "sk-secret" not in reply.error + "".join(traceback.format_exception(error))


async def test_what_is_said_after_the_end_is_no_part_of_the_answer(client, fake_openai):
    async def goes_on(exchange):
        await exchange.head()
        await exchange.event(chunk("It left us."))
        await exchange.event(chunk(finish="stop"))
        while True:
            await exchange.event(chunk(" And it came back."))
            await asyncio.sleep(0.05)

    fake_openai.will(goes_on)
    async with client.reply(ASK) as reply:
        assert "".join([piece async for piece in reply]) == "It left us."
    assert reply.ending == "finished" and reply.total_ms < 3000


@pytest.mark.parametrize(
    ("plainly", "ending"),
    [
        (status(400, message="This model's maximum context length is 2048 tokens."), "context_overflow"),
        (says_as_json("Here it is."), "finished"),
    ],
    ids=["why", "an answer"],
)
async def test_a_server_whose_stream_holds_nothing_is_asked_without_one(client, fake_openai, plainly, ending):
    """As llama-cpp-python does when a prompt is too long."""

    async def silent_stream(exchange):
        if exchange.asked.body["stream"]:
            await exchange.head()
        else:
            assert "stream_options" not in exchange.asked.body
            await plainly(exchange)

    fake_openai.will(silent_stream)
    reply = client.reply(ASK)
    with contextlib.suppress(ModelError):
        async with reply:
            [piece async for piece in reply]
    assert reply.ending == ending and len(fake_openai.asked) == 2
    assert reply.usage.input == (9 if ending == "finished" else 0), "for the stream that held nothing nobody is charged"
