"""The customer's API, seen from outside."""

import json
from uuid import uuid4

import pytest

from chatbot import live
from chatbot.models import Conversation, Message, Turn
from tests.chatbot.scripted import Customer, Scripted, frames

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def answerer():
    scripted = Scripted()
    yield scripted, live.answer_with(scripted)
    await live.turns().close(grace=0)


@pytest.fixture
async def customer(async_client, answerer):
    return await Customer.start(async_client)


async def test_a_question_gets_an_answer_object(customer):
    response = await customer.ask("Where is my order?")
    assert response.status_code == 200
    answer = response.json()
    assert answer["answer"] == "It is on its way." and answer["outcome"] == "answered" and answer["html"]
    assert {"id", "citations", "orders", "order_lookup", "tier", "model", "usage", "cost_usd", "timings_ms"} <= answer.keys()


async def test_a_question_without_a_client_id_is_taken(customer):
    response = await customer.post("messages", {"text": "Where is it?"})
    assert response.status_code == 200


async def test_an_answer_streams_as_events_that_end_with_final(customer):
    response = await customer.stream("Where is my order?")
    assert response["Content-Type"].startswith("text/event-stream")
    assert response["Cache-Control"].startswith("no-store") and response["X-Accel-Buffering"] == "no"
    received = [frame async for frame in frames(response)]
    assert [f["event"] for f in received] == ["delta"] * 5 + ["final"]
    assert "".join(f["data"]["text"] for f in received[:-1]).strip() == received[-1]["data"]["answer"]
    assert len({f["id"] for f in received}) == len(received)


async def test_the_same_client_id_twice_is_one_question(customer, answerer):
    first, second = await customer.ask("Where is it?"), await customer.ask("Where is it?")
    assert first.json()["id"] == second.json()["id"]
    assert answerer[0].asked == ["Where is it?"]
    assert await Turn.objects.acount() == 1


async def test_the_same_client_id_with_another_text_is_a_conflict(customer):
    await customer.ask("Where is it?")
    response = await customer.ask("Something else")
    assert response.status_code == 409 and response.json()["error"]["code"] == "conflict"


async def test_the_transcript_shows_what_was_said(customer):
    await customer.ask("Where is it?")
    response = await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)
    assert response.status_code == 200
    transcript = response.json()
    assert transcript["messages"][0]["text"] == "Where is it?" and transcript["signed_in"] is None and transcript["running"] is None


CALLS = [
    ("get", "conversations/{id}", None),
    ("get", "conversations/{id}/events", None),
    ("post", "conversations/{id}/messages", {"text": "hello", "client_id": "x"}),
    ("post", "conversations/{id}/identify", {"email": "ana@example.com"}),
    ("post", "conversations/{id}/identify", {"email": "ana@example.com", "code": "123456"}),
    ("post", "conversations/{id}/sign-out", {}),
    ("post", "conversations/{id}/handoff", {}),
    ("post", "messages/{id}/feedback", {"helpful": True}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{m} {p}" for m, p, _ in CALLS])
async def test_a_stranger_learns_nothing(customer, async_client, method, path, body):
    """Unknown, malformed, another's: with another's token, with a wrong one, with none: the very same reply."""
    stranger = await Customer.start(async_client)
    answer = await customer.ask("My secret question")
    own = answer.json()["id"] if path.startswith("messages") else customer.id
    replies = set()
    for wanted in (own, str(uuid4()), "not-an-id", "0"):
        for token in (stranger.token, "wrong", "", None):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            url = f"/api/v1/{path.format(id=wanted)}"
            if method == "get":
                response = await async_client.get(url, headers=headers)
            else:
                response = await async_client.post(url, body, content_type="application/json", headers=headers)
            shown = {k: v for k, v in response.items() if k not in ("Content-Security-Policy",)}
            replies.add((response.status_code, response.content, json.dumps(shown, sort_keys=True)))
    assert len(replies) == 1
    assert next(iter(replies))[0] == 404
    assert await Message.objects.filter(role="user").acount() == 1


async def test_a_cookie_opens_nothing(customer, async_client):
    async_client.cookies["whereabouts_chat"] = f"{customer.id}.{customer.token}"
    response = await async_client.get(f"/api/v1/conversations/{customer.id}")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 50_000, "application/json", 400),
        ("null", "application/json", 422),
        ("[]", "application/json", 422),
        ('{"text": 3}', "application/json", 422),
        ('{"text": "\\ud800", "client_id": "a"}', "application/json", 422),
        ('{"text": "hi", "client_id": "a\\u0000"}', "application/json", 422),
        ('{"text": "   "}', "application/json", 422),
        (json.dumps({"text": "x" * 4001}), "application/json", 422),
        ("", "application/json", 422),
        ("text=hi", "application/x-www-form-urlencoded", 415),
        ('{"text": "hi"}', "text/plain", 415),
        (json.dumps({"text": "x" * 100_000}), "application/json", 413),
        (json.dumps({"text": "x" * 2_000_000}), "application/json", 413),
    ],
)
async def test_a_bad_body_is_refused_in_a_sentence(customer, answerer, body, kind, status):
    url = f"/api/v1/conversations/{customer.id}/messages"
    response = await customer.client.generic("POST", url, body, content_type=kind, headers=customer.headers)
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"code", "message", "retryable"} and error["message"].endswith(".") and error["retryable"] is False
    assert answerer[0].asked == []


async def test_markup_and_control_characters_are_only_text(customer):
    response = await customer.ask("<script>alert(1)</script>'; DROP TABLE orders; --\x00\x1b[31m")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing-here", 404), ("DELETE", "conversations", 405), ("PUT", "messages/1/feedback", 405)],
)
async def test_wrong_addresses_and_methods_answer_in_the_one_shape(async_client, method, path, status):
    response = await async_client.generic(method, f"/api/v1/{path}")
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message", "retryable"}


async def test_a_crash_tells_a_sentence_and_not_its_cause(customer, caplog):
    live.answer_with(Scripted("It broke", broken=True))
    response = await customer.ask("Where is it?")
    assert response.status_code == 503 and response["Retry-After"]
    assert b"secret" not in response.content
    assert "a secret cause" in caplog.text
    assert (await Turn.objects.aget()).state == Turn.State.FAILED


async def test_who_asks_too_fast_is_told_when_to_come_back(customer, settings):
    settings.TURNS_PER_MINUTE = 2
    for number in range(2):
        assert (await customer.ask("hello", f"c{number}")).status_code == 200
    response = await customer.ask("hello", "c3")
    assert response.status_code == 429 and int(response["Retry-After"]) >= 1
    assert response.json()["error"]["retryable"] is True


async def test_a_full_house_says_so(customer, monkeypatch):
    monkeypatch.setattr(live, "MAX_RUNNING", 0)
    response = await customer.ask("hello")
    assert response.status_code == 503 and int(response["Retry-After"]) >= 1
    assert await Message.objects.acount() == 0


async def test_a_person_can_be_asked_for(customer):
    response = await customer.post("handoff")
    assert response.status_code == 200 and response.json()["state"] == "open"
    assert (await Conversation.objects.aget()).state == Conversation.State.OPEN


async def test_a_thumb_is_kept_and_the_newest_counts(customer):
    answer = (await customer.ask("Where is it?")).json()
    url = f"/api/v1/messages/{answer['id']}/feedback"
    for helpful in (True, False):
        response = await customer.client.post(url, {"helpful": helpful}, content_type="application/json", headers=customer.headers)
        assert response.status_code == 200 and response.json()["helpful"] is helpful
    assert (await Turn.objects.select_related("feedback").aget()).feedback.helpful is False


async def test_a_customer_signs_in_with_a_code_and_out_again(customer, settings):
    settings.DEMO = True
    asked = (await customer.post("identify", {"email": "Ana@example.com "})).json()
    assert asked["status"] == "code_sent" and asked["demo_code"]
    wrong = await customer.post("identify", {"email": "ana@example.com", "code": "x"})
    assert wrong.status_code == 422 and wrong.json()["error"]["code"] == "code_refused"
    right = (await customer.post("identify", {"email": "ana@example.com", "code": asked["demo_code"]})).json()
    assert right["status"] == "verified" and right["signed_in"]["email"] == "ana@example.com" and right["signed_in"]["until"]
    assert (await customer.post("sign-out")).status_code == 200
    assert (await Conversation.objects.aget()).email == ""


async def test_the_code_is_not_shown_outside_a_demo(customer):
    asked = (await customer.post("identify", {"email": "ana@example.com"})).json()
    assert asked["demo_code"] is None


async def test_the_contract_is_published(async_client):
    response = await async_client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    paths = response.json()["paths"]
    assert "/api/v1/conversations/{conversation_id}/messages" in paths and "/api/v1/messages/{message_id}/feedback" in paths
