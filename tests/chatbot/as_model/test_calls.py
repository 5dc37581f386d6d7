"""The OpenAI-compatible interface, seen from outside: replies, refusals, limits, and callers who leave."""

import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from chatbot import live
from chatbot.as_model.keys import revoke_key
from chatbot.models import ApiCall, ApiKey, Conversation, Message, Turn
from llm.client import ChatMessage, ModelClient
from llm.errors import ModelRefused
from llm.routing import Tier
from tests.chatbot.as_model.calling import ASKED, Program, events
from tests.chatbot.scripted import Customer
from tests.fake_openai import FakeOpenAI

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scripted")]
CALLS = [("GET", "models"), ("GET", "models/whereabouts"), ("POST", "chat/completions")]


async def test_a_question_gets_a_chat_completion(program):
    response = await program.ask()
    reply = response.json()
    turn = await Turn.objects.aget()
    assert response.status_code == 200 and response["Cache-Control"] == "no-store" and response["X-Request-ID"] == str(turn.pk)
    assert not response.cookies
    assert reply["choices"][0]["message"]["content"] == "It is on its way."
    assert reply["whereabouts"]["turn"] == str(turn.pk) and reply["id"] == f"chatcmpl-{turn.pk.hex}"


async def test_a_stream_is_what_the_turn_shows_and_ends_with_done(program):
    response = await program.ask(stream=True, stream_options={"include_usage": True})
    assert response["Content-Type"].startswith("text/event-stream") and response["X-Accel-Buffering"] == "no"
    received = await events(response)
    *text, last, used, done = received
    assert "".join(part["choices"][0]["delta"]["content"] for part in text) == "It is on its way. "
    assert last["choices"][0]["finish_reason"] == "stop" and last["whereabouts"]["outcome"] == "answered"
    assert used["choices"] == [] and used["usage"]["total_tokens"] == 0 and done == "[DONE]"
    assert all(part["usage"] is None for part in (*text, last))
    without = await events(await program.ask(stream=True))
    assert not any("usage" in part for part in without[:-1]) and len(without) == len(received) - 1


async def test_each_call_is_a_conversation_of_its_own_that_staff_see(program):
    for _ in range(2):
        await program.ask("How long?", "30 days.", "And for kites?", user="maya@example.com")
    assert await Conversation.objects.filter(channel="openai_api", email="").acount() == 2
    calls = [call async for call in ApiCall.objects.select_related("key", "turn")]
    assert {call.turn.question for call in calls} == {"And for kites?"} and calls[0].key.name == "Help centre"
    assert calls[0].history == [{"role": "user", "text": "How long?"}, {"role": "assistant", "text": "30 days."}]
    assert not await Message.objects.filter(text="30 days.").aexists(), "the assistant never said that"
    assert (await ApiKey.objects.aget()).last_used_at is not None


async def test_no_token_opens_the_conversation_of_a_call_and_a_key_opens_no_conversation(program, async_client):
    turn = (await program.ask()).json()["whereabouts"]["turn"]
    theirs = await Customer.start(async_client)
    await theirs.ask("My secret question")
    held = str((await Turn.objects.aget(pk=turn)).conversation_id)
    for conversation in (held, theirs.id):
        for token in (program.key, theirs.token if conversation == held else program.key, ""):
            reply = await async_client.get(f"/api/v1/conversations/{conversation}", headers={"Authorization": f"Bearer {token}"})
            assert reply.status_code == 404


async def test_the_one_model_is_listed(program):
    listed = (await program.get("models")).json()
    assert [model["id"] for model in listed["data"]] == ["whereabouts"]
    assert (await program.get("models/whereabouts")).json() == listed["data"][0]
    assert (await program.get("models/gpt-4o")).json()["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_no_key_a_wrong_one_a_revoked_one_and_an_expired_one_get_the_very_same_reply(make, async_client, method, path):
    now = timezone.now()
    good, revoked = await make("Good"), await make("Revoked")
    expired = await make("Expired", expires_at=now - timedelta(seconds=1))
    await sync_to_async(revoke_key)((await ApiKey.objects.aget(name="Revoked")).pk, by="mia", at=now)
    customer = await Customer.start(async_client)
    tried = {
        None, "Bearer", "Bearer ", "Bearer wrong", f"Bearer {revoked}", f"Bearer {expired}", f"Bearer {good[:-1]}", f"Basic {good}",
        f"Bearer {customer.token}", f"Bearer {good} {good}", good, "Bearer t\u00f6ken",
    }  # fmt: skip
    bodies = (json.dumps({"model": "whereabouts", "messages": [{"role": "user", "content": ASKED}]}), "{", "x" * 900_000)
    replies = set()
    for header in tried:
        for body in bodies if method == "POST" else ("",):
            headers = {} if header is None else {"Authorization": header}
            response = await async_client.generic(method, f"/v1/{path}", body, content_type="application/json", headers=headers)
            replies.add((response.status_code, response.content, json.dumps(dict(response.headers), sort_keys=True)))
    assert len(replies) == 1
    status, body, headers = replies.pop()
    error = json.loads(body)["error"]
    assert status == 401 and error["code"] == "invalid_api_key" and error["type"] == "invalid_request_error" and "Bearer" in headers
    assert not await Turn.objects.aexists()


async def test_a_revoked_key_is_refused_from_the_next_call_on(program):
    assert (await program.ask()).status_code == 200
    await sync_to_async(revoke_key)((await ApiKey.objects.aget()).pk, by="mia", at=timezone.now())
    assert (await program.ask()).status_code == 401


async def test_a_cookie_and_the_body_are_no_key(program, async_client):
    async_client.cookies["api_key"] = program.key
    nobody = Program(async_client, None)
    assert (await nobody.ask(api_key=program.key)).status_code == 401


async def test_who_tries_too_many_keys_is_told_to_wait_and_who_has_one_is_not(program, async_client, settings):
    settings.TURNS_PER_MINUTE_PER_ADDRESS = 3
    nobody = Program(async_client, "wrong")
    assert [(await nobody.get("models")).status_code for _ in range(5)] == [401] * 3 + [429] * 2
    assert (await program.ask()).status_code == 200


async def test_each_key_has_a_limit_of_its_own(make, async_client, settings):
    settings.TURNS_PER_MINUTE_PER_ADDRESS = 1  # many customers ask from the one address of a program
    few, many = Program(async_client, await make("few", per_minute=2)), Program(async_client, await make("many", per_minute=50))
    assert [(await few.ask()).status_code for _ in range(2)] == [200, 200]
    refused = await few.ask()
    assert refused.status_code == 429 and 1 <= int(refused["Retry-After"]) <= 120
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert [(await many.ask()).status_code for _ in range(4)] == [200] * 4
    assert (await few.get("models")).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 50_000, "application/json", 400),
        ("null", "application/json", 400),
        ('{"model": "whereabouts", "messages": [{"role": "user", "content": "\\ud800"}]}', "application/json", 400),
        ('{"model": "whereabouts", "messages": [], "n": 2}', "application/json", 400),
        ('{"model": "\\ud800"}', "application/json", 404),
        ("model=whereabouts", "application/x-www-form-urlencoded", 415),
        ("x" * 600_000, "application/json", 413),
        ("x" * 2_000_000, "application/json", 413),
    ],
)
async def test_a_bad_body_is_refused_in_the_one_shape_and_asks_nothing(program, scripted, body, kind, status):
    response = await program.send(body, kind)
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["type"] == "invalid_request_error"
    assert error["message"].endswith(".") and scripted.asked == []
    assert not await Conversation.objects.aexists()


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "embeddings", 404), ("GET", "chat/completions", 405), ("PUT", "models", 405)]
)
async def test_wrong_addresses_and_methods_answer_in_the_one_shape(program, method, path, status):
    response = await program.client.generic(method, f"/v1/{path}", headers=program.headers)
    assert response.status_code == status and set(response.json()) == {"error"}


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/chat/completions/", "/v1/models/", "/api", "/api/"])
async def test_an_address_beside_the_right_one_is_told_so_as_programs_read_it(async_client, path):
    response = await async_client.get(path)
    assert response.status_code == 404 and response["Content-Type"].startswith("application/json")
    assert set(response.json()) == {"error"} and response.json()["error"]["message"].endswith(".")


async def test_an_answer_that_fails_is_an_error_of_the_server_that_tells_no_cause(program, scripted):
    scripted.broken = True
    response = await program.ask()
    assert response.status_code == 503 and "secret" not in response.content.decode() and response["Retry-After"]
    *text, last = await events(await program.ask(stream=True))
    assert text and last["error"]["type"] == "server_error" and "secret" not in str(last), "no [DONE] after a broken answer"


async def test_when_there_is_no_room_a_call_is_told_when_to_come_again(program, monkeypatch):
    monkeypatch.setattr(live, "MAX_RUNNING", 0)
    response = await program.ask()
    assert response.status_code == 503 and response["Retry-After"] == "3" and response.json()["error"]["code"] == "busy"
    assert not await Conversation.objects.aexists()


async def test_an_assistant_that_is_set_up_as_its_own_model_is_not_asked_without_end(program, scripted):
    async def forward(exchange) -> None:
        """What the web process would get."""
        headers = program.headers | {"X-Asked-By": exchange.asked.headers["x-asked-by"]}
        body = json.dumps(exchange.asked.body | {"model": "whereabouts"})
        reply = await program.client.generic("POST", "/v1/chat/completions", body, content_type="application/json", headers=headers)
        await exchange.whole(reply.status_code, reply.content)

    async with FakeOpenAI(forward) as server:
        itself = ModelClient("whereabouts", Tier.SMALL, server.base_url, program.key)
        async with itself.reply([ChatMessage("user", ASKED)]) as reply:
            with pytest.raises(ModelRefused, match="cannot be the language model of an assistant"):
                [piece async for piece in reply]
        await itself.aclose()
    assert not scripted.asked and not await Conversation.objects.aexists()


async def test_a_caller_who_leaves_ends_the_answer_after_the_grace(program, scripted, monkeypatch):
    monkeypatch.setattr(live, "GRACE_SECONDS", 0.05)
    scripted.gate.clear()
    response = await program.ask(stream=True)
    begun = asyncio.Event()

    async def read() -> None:
        async for part in response.streaming_content:
            if b"It" in part:
                begun.set()

    reader = asyncio.create_task(read())
    await asyncio.wait_for(begun.wait(), 5)
    reader.cancel()  # as the server cancels what serves a caller who is gone
    await asyncio.gather(reader, return_exceptions=True)
    async with asyncio.timeout(5):
        while (await Turn.objects.aget()).state == Turn.State.RUNNING:  # noqa: ASYNC110 (a row of the database, not an event)
            await asyncio.sleep(0.01)
    assert (await Turn.objects.aget()).state == Turn.State.ABANDONED


async def test_the_model_is_called_what_the_shop_says(program, settings):
    settings.BOT_MODEL_NAME = "kite-help"
    assert (await program.ask()).status_code == 404
    assert (await program.ask(model="kite-help")).json()["model"] == "kite-help"
    assert (await program.get("models")).json()["data"][0]["id"] == "kite-help"
