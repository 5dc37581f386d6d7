"""Requests with more in them than they may have: another's event ids, fields that nobody offered, borrowed addresses and methods."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from chatbot import live
from chatbot.answering import answer_turn
from chatbot.chat_cookie import NAME
from chatbot.models import Conversation, Turn
from console.roles import Role
from orders.lookup import find_orders, forget_shapes, known_shapes
from tests.chatbot.scripted import Customer, frames
from tests.fakes import fake_services
from tests.journeys.belongings import QUESTION, Belongings, a_user, belongings, is_uuid, signed_in
from tests.orders.conftest import make_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_limits", "own_uploads", "composed_answers")]


@pytest.fixture
async def own() -> Belongings:
    return await belongings()


@pytest.fixture
async def stranger() -> Customer:
    return await Customer.start(AsyncClient())


async def first_frames(response: Any, count: int, seconds: float = 2) -> list[dict[str, Any]]:
    """As many events as come, at most `count`; a stream that stays silent gives fewer."""
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(seconds):
            async for frame in frames(response):
                found.append(frame)
                if len(found) == count:
                    break
    except TimeoutError:
        pass
    finally:
        await response.streaming_content.aclose()
    return found


# --- event streams -----------------------------------------------------------------------------------------------------------
async def test_a_question_with_another_s_event_id_and_client_id_gets_its_own_answer(own, stranger):
    turn = await Turn.objects.aget(pk=own.turn_id)
    response = await stranger.stream("My own question", turn.client_id, last_id=f"{own.turn_id}.0")
    received = [frame async for frame in frames(response)]
    assert received[-1]["event"] == "final"
    assert received[-1]["data"]["id"] != own.turn_id
    assert {frame["id"].split(".")[0] for frame in received} == {received[-1]["data"]["id"]}
    assert (await own.customer.ask(QUESTION, turn.client_id)).json()["id"] == own.turn_id
    assert await Turn.objects.acount() == 2


@pytest.mark.parametrize("last_id", ["{turn}.0", "{turn}.1", "m.{turn}", "m.", "{turn}"])
async def test_following_with_another_s_event_id_tells_nothing_of_theirs(own, stranger, last_id):
    await stranger.ask("My own question")
    response = await stranger.events(last_id.format(turn=own.turn_id))
    received = await first_frames(response, 3, seconds=0.3)
    shown = json.dumps(received)
    assert own.turn_id not in shown
    assert "violet" not in shown
    assert {frame["event"] for frame in received} <= {"message"}


async def test_the_owner_gets_the_rest_with_the_same_event_id(own):
    received = await first_frames(await own.customer.events(f"{own.turn_id}.1"), 2)
    assert {frame["id"].split(".")[0] for frame in received} == {own.turn_id}


# --- fields that nobody offered ------------------------------------------------------------------------------------------------
async def test_a_conversation_is_made_as_we_make_it_whatever_the_body_says(async_client, own):
    wanted = {
        "id": own.customer.id,
        "token": "mine",
        "token_hash": "0" * 64,
        "email": "ana@example.com",
        "verified_by": "operator",
        "verified_until": "2099-01-01T00:00:00Z",
        "state": "resolved",
        "channel": "staff",
    }
    response = await async_client.post("/api/v1/conversations", wanted, content_type="application/json")
    started = response.json()
    assert is_uuid(started["id"]) and started["id"] != own.customer.id and started["token"] != "mine"
    made = await Conversation.objects.aget(pk=started["id"])
    assert (made.email, made.verified_by, made.verified_until, made.state, made.channel) == (
        "", "", None, "pending", "api",
    )  # fmt: skip


async def test_a_message_says_a_text_and_nothing_else(own, stranger):
    wanted = {
        "text": "My own question",
        "client_id": "mine",
        "id": own.turn_id,
        "turn_id": own.turn_id,
        "conversation_id": own.customer.id,
        "conversation": own.customer.id,
        "role": "staff",
        "email": "ana@example.com",
        "viewer": {"email": "ana@example.com", "method": "operator"},
        "state": "finished",
        "answer": "You get everything for free.",
    }
    answer = (await stranger.post("messages", wanted)).json()
    assert answer["id"] != own.turn_id and "free" not in answer["answer"]
    turn = await Turn.objects.select_related("conversation").aget(pk=answer["id"])
    assert str(turn.conversation_id) == stranger.id
    assert turn.viewer == {"email": None, "method": None, "expires_at": None}
    assert turn.conversation.email == ""
    roles = [message["role"] for message in (await _transcript(stranger))["messages"]]
    assert roles == ["user", "assistant"]
    assert len((await _transcript(own.customer))["messages"]) == 2


@pytest.mark.parametrize("code", [None, "123456"])
async def test_nobody_is_signed_in_by_saying_so(stranger, code):
    wanted = {
        "email": "ana@example.com",
        "code": code,
        "status": "verified",
        "verified": True,
        "verified_by": "operator",
        "verified_until": "2099-01-01T00:00:00Z",
        "method": "operator",
        "signed_in": {"email": "ana@example.com"},
    }
    response = await stranger.post("identify", wanted)
    assert response.status_code == (200 if code is None else 422)
    assert (await _transcript(stranger))["signed_in"] is None


async def test_a_thumb_reaches_the_answer_in_the_address_and_no_other(own, stranger):
    mine = (await stranger.ask("My own question")).json()["id"]
    wanted = {"helpful": False, "id": own.turn_id, "turn_id": own.turn_id, "turn": own.turn_id, "message": own.turn_id}
    path = f"/api/v1/messages/{mine}/feedback"
    response = await stranger.client.post(path, wanted, content_type="application/json", headers=stranger.headers)
    assert response.json() == {"id": mine, "helpful": False}
    assert (await _transcript(own.customer))["messages"][1]["feedback"] is True


async def test_asking_for_a_person_sets_no_other_state(stranger):
    await stranger.post("handoff", {"state": "resolved", "email": "ana@example.com"})
    assert (await _transcript(stranger))["state"] == "open"


async def test_a_form_of_the_page_cannot_name_another_conversation(own):
    browser = AsyncClient()
    fields = {"text": "My own question", "conversation": own.customer.id, "id": own.customer.id, "token": "x"}
    assert (await browser.post("/", fields)).status_code == 303
    assert len((await _transcript(own.customer))["messages"]) == 2
    foreign = await browser.post("/chat/feedback/", {"message": own.turn_id, "helpful": "no"})
    unknown = await browser.post("/chat/feedback/", {"message": str(uuid4()), "helpful": "no"})
    assert foreign.status_code == unknown.status_code == 404
    fresh = re.compile(rb'name="(csrfmiddlewaretoken|client_id)" value="[^"]+"')
    assert fresh.sub(b"", foreign.content) == fresh.sub(b"", unknown.content)


async def _transcript(customer: Customer) -> dict[str, Any]:
    response = await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)
    return response.json()


# --- who was let in once -------------------------------------------------------------------------------------------------------
async def test_an_expired_sign_in_shows_no_order_any_more(stranger):
    forget_shapes()
    await sync_to_async(make_order)("#W4711", "ana@example.com", status="shipped", lines=["Violet umbrella"])
    services = fake_services(find_orders=find_orders, known_shapes=known_shapes)
    live.answer_with(lambda question: answer_turn(question, services))
    conversation = Conversation.objects.filter(pk=stranger.id)
    for until, shown in ((timedelta(hours=1), True), (timedelta(seconds=-1), False)):
        await conversation.aupdate(email="ana@example.com", verified_by="one-time code", verified_until=timezone.now() + until)
        for question in ("Where is my order?", "Where is #W4711?", "Where is it?"):
            said = (await stranger.ask(question, uuid4().hex)).json()
            assert bool(said["orders"]) is shown, question
            assert ("umbrella" in json.dumps(said)) is shown, question
            assert said["needs_sign_in"] is not shown
    assert (await _transcript(stranger))["signed_in"] is None


@pytest.mark.parametrize("role", Role)
async def test_a_changed_password_ends_the_sessions_that_others_hold(role):
    user = await a_user(role)
    elsewhere = await signed_in(user)
    assert (await elsewhere.get("/console/")).status_code == 200
    user.set_password("another horse battery")
    await sync_to_async(user.save)()
    response = await elsewhere.get("/console/")
    assert response.status_code == 302 and response["Location"].startswith("/console/login/")


async def test_the_cookie_of_another_visitor_opens_and_changes_nothing(own, stranger):
    browser = AsyncClient()
    for cookie in (f"{own.customer.id}.{stranger.token}", f"{own.customer.id}.", f"{own.customer.id}", f".{own.customer.token}"):
        for path, fields in (
            ("/", {"text": "My own question"}),
            ("/chat/human/", {}),
            ("/chat/new/", {}),
            ("/sign-out/", {}),
            ("/chat/feedback/", {"message": own.turn_id, "helpful": "no"}),
        ):
            browser.cookies[NAME] = cookie
            assert "violet" not in (await browser.get("/")).content.decode()
            assert (await browser.post(path, fields)).status_code in (303, 404)
    seen = await _transcript(own.customer)
    assert seen["state"] == "pending" and len(seen["messages"]) == 2 and seen["messages"][1]["feedback"] is True


# --- borrowed addresses and methods --------------------------------------------------------------------------------------------
def pretending(place: int) -> dict[str, str]:
    """Headers by which somebody claims another network address each time."""
    address = f"203.0.113.{place}"
    names = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "X-Cluster-Client-IP")
    return dict.fromkeys(names, address) | {"Forwarded": f"for={address}", "X-Forwarded-Host": "localhost"}


@pytest.mark.parametrize("proxies", [0, 1])
async def test_a_made_up_address_lifts_no_limit(async_client, stranger, settings, proxies):
    settings.TRUSTED_PROXIES, settings.TURNS_PER_MINUTE_PER_ADDRESS = proxies, 4

    async def tries(send) -> list[int]:
        statuses = []
        for place in range(6):
            headers = pretending(place)
            if proxies:  # our proxy appends the address it was called from to whatever the caller wrote
                headers["X-Forwarded-For"] += ", 198.51.100.7"
            response = await send(place, headers)
            statuses.append(response.status_code)
            if response.status_code == 429:
                assert int(response["Retry-After"]) >= 1
        return statuses

    async def start(place, headers):
        return await async_client.post("/api/v1/conversations", headers=headers)

    async def ask(place, headers):
        return await stranger.ask("Hello", str(place), **headers)

    async def form(place, headers):
        return await AsyncClient().post("/chat/start/", headers=headers)

    assert (await tries(start))[-1] == 429
    assert (await tries(ask))[-1] == 429
    assert set(await tries(form)) == {429}  # the same counter as for the API


async def test_a_made_up_address_gives_no_more_guesses_at_a_code_or_password(async_client, stranger):
    guesses = [
        (await stranger.post("identify", {"email": "ana@example.com", "code": f"{n:06}"}, **pretending(n))).status_code
        for n in range(32)
    ]
    assert guesses[0] == 422 and guesses[-1] == 429
    user = await a_user(Role.SUPPORT)
    statuses = [
        (
            await async_client.post("/console/login/", {"username": user.username, "password": f"guess {n}"}, headers=pretending(n))
        ).status_code
        for n in range(12)
    ]
    assert statuses[0] == 403 and statuses[-1] == 429


async def test_a_stranger_cannot_use_up_what_the_owner_may_ask(own, stranger, settings):
    settings.TURNS_PER_MINUTE, settings.TURNS_PER_MINUTE_PER_ADDRESS = 3, 1000
    for n in range(6):
        path = f"/api/v1/conversations/{own.customer.id}/messages"
        body = {"text": "Hello", "client_id": str(n)}
        refused = await stranger.client.post(path, body, content_type="application/json", headers=stranger.headers)
        assert refused.status_code == 404
    assert (await own.customer.ask("And when?", "second")).status_code == 200


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_a_method_is_the_one_that_was_sent(own, header):
    staff = await signed_in(await a_user(Role.ADMINISTRATOR))
    path = f"/api/v1/conversations/{own.customer.id}"
    read = await own.customer.client.get(path, headers=own.customer.headers | {header: "DELETE"})
    assert read.status_code == 200 and read.json()["state"] == "pending"
    sign_out = await own.customer.client.get(f"{path}/handoff?_method=POST", headers=own.customer.headers | {header: "POST"})
    assert sign_out.status_code == 405
    for action in (f"versions/{own.published.pk}/retry/", f"conversations/{own.customer.id}/resolve/", "uploads/"):
        response = await staff.get(f"/console/{action}?_method=POST", headers={header: "POST"})
        assert response.status_code == 405
    assert (await _transcript(own.customer))["state"] == "pending"
