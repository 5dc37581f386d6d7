"""Servers that speak only the basics, or speak them oddly: their answers are read whole, and their tokens counted."""

import asyncio
import traceback

import pytest

from llm.client import ChatMessage
from llm.errors import ModelError
from llm.frames import FrameReader, read_delta
from llm.nonsense import HalfCharacters
from tests.fake_openai import chunk, endless, pieces_of, refuses_parameter, says, status, streams, streams_bytes, usage_chunk
from tests.openai_odd import TOLD, UNCOUNTED, oddities

ASK = [ChatMessage("user", "Where is it?")]
TEXT = "Grüße! It left Köln on Monday 🚚."


async def whole(client):
    async with client.reply(ASK) as reply:
        text = "".join([piece async for piece in reply])
    return text, reply


@pytest.mark.parametrize("name", oddities(TEXT))
async def test_an_odd_answer_is_read_whole(client, fake_openai, name):
    fake_openai.will(oddities(TEXT)[name])
    text, reply = await whole(client)
    assert (text, reply.ending, len(fake_openai.asked)) == (TEXT, "finished", 1)
    if name in UNCOUNTED:
        assert reply.usage.estimated and 0 < reply.usage.input < 1000 and 0 < reply.usage.output < 1000
    else:
        assert (reply.usage.input, reply.usage.output, reply.usage.estimated) == (*TOLD, False)


async def test_events_without_blank_lines_are_given_as_they_come(client, fake_openai):
    """One behind at most: a server that never sends a blank line streams all the same."""
    reader = FrameReader()
    assert list(reader.feed(b'data: {"a":1}\n')) == []
    assert list(reader.feed(b'data: {"a":2}\ndata: [DONE]\n')) == ['{"a":1}', '{"a":2}']
    assert list(reader.close()) == ["[DONE]"]


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls", "error", "abort", "insufficient_system_resource"])
async def test_an_end_for_any_other_reason_is_a_cut(client, fake_openai, finish):
    fake_openai.will(streams(chunk("It left"), chunk(finish=finish), "[DONE]"))
    text, reply = await whole(client)
    assert text == "It left" and reply.was_cut and reply.ending == "cut"


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (streams({"object": "error", "message": "no", "code": 50001}), "server_error"),
        (streams({"object": "error", "message": "This model's maximum context length is 512.", "code": 40303}), "context_overflow"),
        (streams({"detail": "Internal failure"}), "server_error"),
        (streams_bytes(b'error: {"code": 400, "message": "exceeds the available context size"}\n\n'), "context_overflow"),
        (streams_bytes(b"error: out of memory\n\n"), "server_error"),
        (streams({"error": {"code": 404, "message": "no such"}}), "unknown_model"),
        (streams({"error": {"code": 402, "message": "no credit"}}), "busy"),
        (streams_bytes(b'{"error": {"message": "overloaded", "type": "overloaded_error"}}'), "busy"),
        (streams("[" * 100_000), "malformed"),
        (streams_bytes(b"[" * 100_000), "malformed"),
        (status(400, message='model "tiny" not found, try pulling it first'), "unknown_model"),
        (status(402, message="Insufficient Balance"), "busy"),
        (status(422, message="Prompt exceeds max length"), "context_overflow"),
    ],
)
async def test_an_error_is_known_in_whatever_shape_it_comes(client, fake_openai, behaviour, kind):
    fake_openai.will(behaviour)
    reply = client.reply(ASK)
    with pytest.raises(ModelError) as caught:
        async with reply:
            [piece async for piece in reply]
    assert (caught.value.kind, reply.ending) == (kind, kind)


@pytest.mark.parametrize("cut", [1, 3, 9, 100])
async def test_a_model_that_thinks_aloud_is_found_out(client, fake_openai, cut):
    said = "The user asks where it is. It left.</think>It left us on Monday."
    fake_openai.will(streams(*map(chunk, pieces_of(said, cut)), chunk(finish="stop"), "[DONE]"))
    reply = client.reply(ASK)
    with pytest.raises(ModelError):
        async with reply:
            [piece async for piece in reply]
    assert reply.ending == "thinking_aloud" and "Monday" not in reply.text and len(fake_openai.asked) == 1


async def test_a_reply_without_end_is_read_no_further_than_any_answer_goes(client, fake_openai, monkeypatch):
    monkeypatch.setattr("llm.connection.MOST_BYTES", 200_000)
    fake_openai.will(endless("   \n   " * 1000))
    reply = client.reply(ASK)
    with pytest.raises(ModelError):
        async with reply:
            [piece async for piece in reply]
    assert reply.ending == "malformed" and reply.total_ms < 2000
    await fake_openai.until_idle()


@pytest.mark.parametrize(("code", "kind"), [(500, "server_error"), (400, "refused"), (401, "unauthorized"), (302, "redirected")])
async def test_a_refusal_without_end_is_read_no_further_than_a_sentence_goes(client, fake_openai, code, kind):
    sent = 0

    async def behave(exchange):
        nonlocal sent
        await exchange.head(code, "text/plain")
        while True:
            await exchange.write(b"no, and again no. " * 1000)
            sent += 18_000

    fake_openai.will(behave)
    reply = client.reply(ASK)
    with pytest.raises(ModelError):
        async with reply:
            [piece async for piece in reply]
    await fake_openai.until_idle()
    assert reply.ending == kind and sent < 30_000_000, "what the sockets hold, and no more"


async def test_what_a_server_says_of_its_failure_stays_on_one_line_and_can_be_kept(client, fake_openai):
    fake_openai.will(streams_bytes(b'data: {"error": {"message": "no\\u0000\\n2026-01-01 CRITICAL all is lost \\ud83d"}}\n\n'))
    reply = client.reply(ASK)
    with pytest.raises(ModelError) as caught:
        async with reply:
            [piece async for piece in reply]
    assert str(caught.value).isprintable() and reply.error.isprintable() and "all is lost" in reply.error


@pytest.mark.parametrize("code", [400, 401, 404, 422, 429, 500])
async def test_a_server_that_repeats_the_prompt_brings_it_into_no_log(client, fake_openai, code):
    async def behave(exchange):
        await status(code, message=f"cannot do that: {exchange.asked.prompt}")(exchange)

    fake_openai.will(behave)
    told = f"My order is on its way. {'Indeed. ' * 100}It goes to 5 Birch Lane."
    reply = client.reply([ChatMessage("user", told)])
    with pytest.raises(ModelError) as caught:
        async with reply:
            [piece async for piece in reply]
    assert "Birch Lane" not in reply.error + "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("wait", ["nan", "inf", "-5", "0.01", "1e400", "soon", "Fri, 99 Foo 2026 99:99:99 GMT"])
async def test_an_odd_time_to_wait_is_no_reason_to_break(client, fake_openai, wait):
    fake_openai.will(status(429, retry_after=wait), says("Here."))
    assert (await whole(client))[0] == "Here."


async def test_what_a_failed_try_has_used_is_counted_with_the_one_that_spoke(client, fake_openai):
    fake_openai.will(
        streams(chunk(finish="stop"), usage_chunk(100, 5, cached=40), "[DONE]"), says("Here it is.", usage=(90, 7, 80))
    )
    _, reply = await whole(client)
    assert (reply.usage.input, reply.usage.cached, reply.usage.output, len(fake_openai.asked)) == (190, 120, 12, 2)


async def test_many_who_ask_at_once_all_learn_what_a_server_does_not_take(client, fake_openai):
    fake_openai.will(refuses_parameter("temperature", refuses_parameter("stream_options", says("Fine.", usage=None))))
    replies = await asyncio.gather(*(whole(client) for _ in range(6)))
    assert {text for text, _ in replies} == {"Fine."}
    asked = len(fake_openai.asked)
    assert (await whole(client))[0] == "Fine." and len(fake_openai.asked) == asked + 1


async def test_a_refusal_that_repeats_the_whole_request_teaches_nothing(client, fake_openai):
    blocked = status(400, message="blocked by policy: {'temperature': 0, 'max_tokens': 400, 'stream_options': {}}")
    fake_openai.will(blocked)
    with pytest.raises(ModelError):
        await whole(client)
    fake_openai.will(says("Fine."))
    await whole(client)
    assert {"temperature", "max_tokens", "stream_options"} <= set(fake_openai.asked[-1].body)


def test_halves_of_characters_find_each_other_and_half_a_character_is_none():
    def joined(*pieces: str) -> str:
        halves = HalfCharacters()
        return "".join(halves.joined(piece) for piece in pieces)

    assert joined("a \ud83d", "\ude9a b") == joined("a \ud83d\ude9a b") == joined("a \ud83d", "", "\ude9a b") == "a 🚚 b"
    assert joined("a\ud83d", "b", "\ude9ac") == "abc" and joined("\ud83d\ud83d", "\ude9a") == "🚚"
    assert read_delta('{"choices":[{"delta":{"content":"4\\u00005\\u001b days\\n"}}]}').text == "45 days\n"


async def test_an_emoji_that_comes_in_two_halves_is_one(client, fake_openai):
    events = b"".join(b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % half for half in (b"A \\ud83d", b"\\ude9a!"))
    fake_openai.will(streams_bytes(events + b"data: [DONE]\n\n"))
    assert (await whole(client))[0] == "A 🚚!"
