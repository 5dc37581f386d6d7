"""What a caller of a model sees on good days: pieces, figures, and a connection that is closed when nobody reads."""

import asyncio
import contextlib
import json

import pytest

from llm.client import ChatMessage, ModelClient, configured
from llm.routing import Tier
from tests.fake_openai import (
    chunk,
    echoes,
    endless,
    pieces_of,
    refuses_parameter,
    says,
    says_as_json,
    streams,
    usage_chunk,
)

ASK = [ChatMessage("system", "Be kind."), ChatMessage("user", "Where is it?")]
UMLAUTS = "Grüße aus Köln – „schön“ 🚚\u2028naïve"


async def whole(client, messages=ASK):
    async with client.reply(messages) as reply:
        text = "".join([piece async for piece in reply])
    return text, reply


async def test_a_reply_comes_in_pieces_and_leaves_its_figures(client, fake_openai):
    fake_openai.will(says("Your parcel is on its way.", usage=(120, 9, 100)))
    text, reply = await whole(client)
    assert text == reply.text == "Your parcel is on its way."
    assert (reply.usage.input, reply.usage.cached, reply.usage.output, reply.usage.estimated) == (120, 100, 9, False)
    assert (reply.ending, reply.finish_reason, reply.was_cut) == ("finished", "stop", False)
    assert 0 < reply.first_token_ms <= reply.total_ms
    asked = fake_openai.asked[0]
    assert asked.path == "/v1/chat/completions" and asked.headers["authorization"] == "Bearer sk-secret"
    assert asked.messages == [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is it?"}]
    assert asked.body["model"] == "tiny" and asked.body["stream"] is True and asked.body["max_tokens"] == 400


async def test_a_server_that_counts_nothing_is_counted_for(client, fake_openai):
    fake_openai.will(says("Five words of an answer", usage=None))
    _, reply = await whole(client)
    assert reply.usage.estimated and reply.usage.input > 5 and 5 <= reply.usage.output <= 10


@pytest.mark.parametrize("split", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("crlf", [False, True], ids=["lf", "crlf"])
async def test_frames_may_be_cut_at_any_byte(client, fake_openai, split, crlf):
    events = [*map(chunk, pieces_of(UMLAUTS, 3)), chunk(finish="stop"), "[DONE]"]
    fake_openai.will(streams(*events, split=split, crlf=crlf, comments=True))
    assert (await whole(client))[0] == UMLAUTS


async def test_odd_but_legal_events_are_passed_over(client, fake_openai):
    odd = [
        {"id": "c1", "choices": []},
        {"id": "c1", "choices": None},
        {"choices": [{"index": 0, "delta": {"content": None}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": None}]},
        {"choices": [{"index": 0, "finish_reason": None}]},
        chunk("Hello"),
        chunk(reasoning_content="hm"),
        chunk(" there."),
        chunk(finish="stop"),
        usage_chunk(7, 2),
        "[DONE]",
    ]
    fake_openai.will(streams(*odd))
    text, reply = await whole(client)
    assert text == "Hello there." and reply.usage.input == 7


@pytest.mark.parametrize(
    "events", [[chunk("Yes."), "[DONE]"], [chunk("Yes."), chunk(finish="stop")]], ids=["no finish reason", "no [DONE]"]
)
async def test_one_end_mark_is_enough(client, fake_openai, events):
    fake_openai.will(streams(*events))
    text, reply = await whole(client)
    assert text == "Yes." and reply.ending == "finished"


async def test_after_the_finish_reason_a_silent_server_is_not_waited_for(client, fake_openai):
    fake_openai.will(streams(chunk("Yes."), chunk(finish="stop"), then="silence"))
    _, reply = await whole(client)
    assert reply.ending == "finished" and reply.total_ms < 4000


async def test_plain_json_instead_of_a_stream_is_an_answer_too(client, fake_openai):
    fake_openai.will(says_as_json("It left on Monday."))
    text, reply = await whole(client)
    assert text == "It left on Monday." and reply.usage.input == 9 and reply.ending == "finished"


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_a_cut_answer_says_so(client, fake_openai, reason):
    fake_openai.will(says("Your parcel is", finish=reason))
    _, reply = await whole(client)
    assert reply.was_cut and reply.ending == "cut" and reply.finish_reason == reason


async def test_an_endless_answer_is_capped_and_its_connection_closed(client, fake_openai):
    fake_openai.will(endless())
    text, reply = await whole(client)
    assert len(text) == client.limits.answer_characters and reply.was_cut
    await fake_openai.until_idle()
    assert fake_openai.hung_up == 1


async def test_leaving_early_closes_the_connection(client, fake_openai):
    fake_openai.will(endless(delay=0.01))
    async with client.reply(ASK) as reply:
        async for _ in reply:
            break
    await fake_openai.until_idle()
    assert fake_openai.hung_up == 1 and reply.ending == "cancelled" and reply.usage.estimated
    assert client.is_available


async def test_thoughts_spoken_aloud_are_not_part_of_the_answer(client, fake_openai):
    fake_openai.will(says("<think>The customer wants\n\na date.</think>\n\nIt arrives on Monday."))
    assert (await whole(client))[0] == "It arrives on Monday."


async def test_an_answer_may_begin_with_an_angle_bracket(client, fake_openai):
    fake_openai.will(says("<th"))
    assert (await whole(client))[0] == "<th"


@pytest.mark.parametrize("name", ["stream_options", "temperature"])
async def test_a_parameter_the_server_does_not_know_is_left_out_from_then_on(client, fake_openai, name):
    fake_openai.will(refuses_parameter(name, says("Fine.")))
    assert (await whole(client))[0] == "Fine."
    assert (await whole(client))[0] == "Fine."
    assert [name in asked.body for asked in fake_openai.asked] == [True, False, False]


async def test_newer_servers_are_told_the_length_by_its_newer_name(client, fake_openai):
    fake_openai.will(refuses_parameter("max_tokens", says("Fine."), hint="Use 'max_completion_tokens' instead."))
    assert (await whole(client))[0] == "Fine."
    assert fake_openai.asked[-1].body["max_completion_tokens"] == 400


async def test_a_local_server_needs_no_key(fake_openai):
    fake_openai.will(echoes())
    client = ModelClient("tiny", Tier.SMALL, fake_openai.base_url)
    assert "Where is it?" in (await whole(client))[0]
    await client.aclose()


def test_a_key_is_not_in_the_words_for_a_client():
    assert "sk-secret" not in repr(ModelClient("tiny", Tier.SMALL, "http://localhost/v1", "sk-secret"))


class TestConfigured:
    def test_no_model_named_gives_none(self, settings):
        settings.OPENAI_BASE_URL = "http://localhost:1/v1"
        assert configured() == {}

    def test_a_named_model_is_a_tier(self, settings):
        settings.OPENAI_BASE_URL, settings.LLM_LARGE_MODEL = "http://localhost:1/v1", "big"
        clients = configured()
        assert set(clients) == {Tier.LARGE} and clients[Tier.LARGE].name == "big"

    def test_a_hosted_server_without_a_key_gives_none(self, settings):
        settings.LLM_SMALL_MODEL = "some"
        assert configured() == {}

    def test_the_same_settings_give_the_same_client_so_that_its_breaker_remembers(self, settings):
        settings.OPENAI_API_KEY, settings.LLM_SMALL_MODEL = "k", "some"
        assert configured()[Tier.SMALL] is configured()[Tier.SMALL]


@pytest.mark.parametrize("ending", ["at once", "late"])
async def test_the_next_call_takes_the_connection_of_one_that_was_read_to_its_end(ending):
    connections = calls = 0
    frames = [chunk("Hello."), chunk(finish="stop"), "[DONE]"]
    body = b"".join(b"data: " + (one if isinstance(one, str) else json.dumps(one)).encode() + b"\n\n" for one in frames)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections, calls
        connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := (await reader.readuntil(b"\r\n\r\n")).lower():
                await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
                calls += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                writer.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
                await asyncio.sleep(0 if ending == "at once" else 3600)  # a server that is slow to end what it has said
                writer.write(b"0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = ModelClient("tiny", Tier.SMALL, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    for _ in range(3):
        assert (await whole(client))[0] == "Hello."
    assert (calls, connections) == (3, 1 if ending == "at once" else 3)
    await client.aclose()
    server.close()
