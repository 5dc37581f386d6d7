"""A conversation belongs to the first person who signs in in it; what was said under the sign-in is shown while it lasts."""

import hashlib
import hmac
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from chatbot import live
from chatbot.answering import answer_turn
from chatbot.chat_cookie import NAME
from chatbot.conversations import add_message
from chatbot.models import Conversation, Message, Turn
from chatbot.turn import Role
from tests.chatbot.scripted import Customer, frames
from tests.factories import make_order, make_passage, shirt
from tests.fakes import FakeOrders, FakePolicies, fake_services

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "kX7mQ2pL9vRt4Wz8-kX7mQ2pL9vRt4Wz8-kX7mQ2"
ANA, BO = "ana@example.com", "bo@example.com"
PRIVATE = ("#K4711", "Linen shirt")


@pytest.fixture
async def asked(settings):
    """The questions that were answered, from Ana's orders and one policy."""
    settings.IDENTITY_SECRET = [SECRET]
    seen = []
    orders = FakeOrders(make_order("#K4711", lines=(shirt(),)), owner=ANA)
    services = fake_services(orders, FakePolicies(make_passage("Umbrellas may be returned within 30 days of delivery.")))

    def answer(question):
        seen.append(question)
        return answer_turn(question, services)

    live.answer_with(answer)
    yield seen
    await live.turns().close(grace=0)


@pytest.fixture
async def customer(asked) -> Customer:
    return await Customer.start(AsyncClient())


def token_for(email: str, **claims) -> str:
    return jwt.encode({"email": email, "exp": timezone.now() + timedelta(minutes=5), "jti": uuid4().hex} | claims, SECRET, "HS256")


def hash_for(email: str) -> str:
    return hmac.new(SECRET.encode(), email.encode(), hashlib.sha256).hexdigest()


async def sign_in(customer: Customer, email: str = ANA):
    return await customer.post("identify", {"token": token_for(email)})


async def transcript(customer: Customer) -> dict:
    response = await customer.client.get(f"/api/v1/conversations/{customer.id}", headers=customer.headers)
    assert response.status_code == 200
    return response.json()


def shows_orders(said: object) -> bool:
    return any(fact in str(said) for fact in PRIVATE)


async def run_out() -> None:
    await Conversation.objects.aupdate(verified_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    "proof",
    [lambda: {"token": token_for(ANA)}, lambda: {"email": "Ana@Example.com", "identifier_hash": hash_for(ANA)}],
    ids=["token", "hash"],
)
async def test_what_the_shop_has_signed_signs_in(customer, settings, proof):
    settings.SIGN_IN_HOURS = 2
    response = await customer.post("identify", proof())
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["status"] == "verified" and body["signed_in"]["email"] == ANA and body["signed_in"]["method"].startswith("signed")
    until = (await Conversation.objects.aget()).verified_until - timezone.now()
    assert timedelta(hours=1, minutes=59) < until <= timedelta(hours=2)
    assert shows_orders((await customer.ask("Where is my order?")).json())


async def test_a_signed_token_is_refused_anywhere_else_and_after_signing_out(customer):
    token = token_for(ANA)
    assert (await customer.post("identify", {"token": token})).status_code == 200
    assert (await customer.post("identify", {"token": token})).status_code == 200  # a page that was reloaded
    other = await Customer.start(AsyncClient())
    refused = await other.post("identify", {"token": token})
    assert refused.status_code == 422 and refused.json()["error"]["code"] == "identity_refused"
    await customer.post("sign-out")
    assert (await customer.post("identify", {"token": token})).status_code == 422
    assert (await customer.post("identify", {"token": token_for(ANA)})).status_code == 200


@pytest.mark.parametrize("end", ["sign out", "run out"])
async def test_after_the_sign_in_nothing_of_it_is_shown_until_its_customer_is_back(customer, asked, end):
    await sign_in(customer)
    said = await customer.ask("Where is order #K4711?", "private")
    assert shows_orders(said.json())
    await (customer.post("sign-out") if end == "sign out" else run_out())
    left = await transcript(customer)
    assert left["messages"] == [] and left["locked"] and left["signed_in"] is None
    browser = AsyncClient()
    browser.cookies[NAME] = f"{customer.id}.{customer.token}"
    page = (await browser.get("/")).content.decode()
    assert not shows_orders(page) and ANA not in page and "sign in again" in page
    # what is asked now knows nothing of it, and is shown
    after = await customer.ask("Where is it?", "public")
    assert not shows_orders(after.json()) and asked[-1].history == ()
    assert (await transcript(customer))["messages"][0]["text"] == "Where is it?"
    await sign_in(customer)
    back = await transcript(customer)
    assert shows_orders(back) and not back["locked"] and len(back["messages"]) == 4
    await customer.ask("And now?", "later")
    assert len(asked[-1].history) == 4


@pytest.mark.parametrize("end", ["sign out", "run out"])
async def test_an_answer_is_replayed_only_to_its_customer(customer, end):
    await sign_in(customer)
    received = [frame async for frame in frames(await customer.stream("Where is order #K4711?", "private"))]
    turn, _, _ = received[0]["id"].partition(".")
    await (customer.post("sign-out") if end == "sign out" else run_out())
    for headers in ({}, {"Last-Event-ID": f"{turn}.0"}, {"Accept": "text/event-stream", "Last-Event-ID": f"{turn}.1"}):
        again = await customer.ask("Where is order #K4711?", "private", **headers)
        assert again.status_code == 403 and again.json()["error"]["code"] == "sign_in_ended"
        assert not shows_orders(again.content)
    for last_id in (f"{turn}.0", f"m.{turn}", "m.", "m.x"):
        stream = await customer.events(last_id)
        assert not shows_orders(await anext(stream.streaming_content)) and not shows_orders(await first(stream))
        await stream.streaming_content.aclose()


async def first(stream) -> bytes:
    """What a stream sends within a moment."""
    import asyncio

    parts = []
    try:
        async with asyncio.timeout(0.2):
            async for part in stream.streaming_content:
                parts.append(part)
    except TimeoutError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize("before", ["signed in", "signed out", "run out"])
@pytest.mark.parametrize(
    "proof",
    [
        lambda: {"token": token_for(BO)},
        lambda: {"email": BO, "identifier_hash": hash_for(BO)},
        lambda: {"email": BO},
        lambda: {"email": BO, "order_number": "#K4711"},
    ],
    ids=["token", "hash", "code", "order number"],
)
async def test_nobody_else_can_sign_in_in_somebodys_conversation(customer, before, proof):
    await sign_in(customer)
    await customer.ask("Where is order #K4711?")
    if before == "signed out":
        await customer.post("sign-out")
    elif before == "run out":
        await run_out()
    kept = await Conversation.objects.values().aget()
    refused = await customer.post("identify", proof())
    assert refused.status_code == 409 and refused.json()["error"]["code"] == "another_person"
    assert await Conversation.objects.values().aget() == kept
    other = await Customer.start(AsyncClient())  # the token was not used up by that
    assert (await other.post("identify", {"token": token_for(BO)})).status_code == 200
    assert not shows_orders(await transcript(other))


async def test_what_was_said_before_signing_in_belongs_to_who_signed_in(customer):
    await customer.ask("I am Ana, and my umbrella broke")
    assert await Message.objects.filter(private=True).acount() == 0
    await sign_in(customer)
    await customer.post("sign-out")
    assert (await transcript(customer))["messages"] == []


async def test_what_staff_write_to_a_customer_is_shown_to_that_customer(customer):
    await sign_in(customer)
    add = sync_to_async(add_message)
    await add(customer.id, Role.STAFF, "Your Linen shirt is on its way.", timezone.now())
    assert shows_orders(await transcript(customer))
    await customer.post("sign-out")
    assert not shows_orders(await transcript(customer)) and (await transcript(customer))["locked"]


async def test_a_new_conversation_takes_the_sign_in_along(customer):
    """Or signing out in the new one would leave the one before signed in."""
    await sign_in(customer)
    browser = AsyncClient()
    browser.cookies[NAME] = f"{customer.id}.{customer.token}"
    await browser.post("/chat/new/")
    assert ANA in (await browser.get("/")).content.decode()
    assert (await transcript(customer))["signed_in"] is None


async def test_a_retry_is_answered_for_whoever_asked(customer, asked):
    """A question asked as a stranger, left half way and taken up after signing in, is still a stranger's."""
    await customer.ask("Where is my order?", "one")
    await Turn.objects.aupdate(state=Turn.State.ABANDONED)
    await sign_in(customer)
    again = (await customer.ask("Where is my order?", "one")).json()
    assert len(asked) == 2 and not shows_orders(again) and again["needs_sign_in"]


async def test_the_page_starts_a_conversation_of_its_own_for_another_address(asked, settings):
    settings.DEMO = True
    browser = AsyncClient()
    await browser.post("/sign-in/", {"email": ANA})
    first_id = str((await Conversation.objects.aget()).pk)
    await Conversation.objects.aupdate(owner="somebody")
    page = (await browser.post("/sign-in/", {"email": BO, "order_number": " #K4711 "})).content.decode()
    assert "DEMO" in page and await Conversation.objects.acount() == 2
    assert first_id not in browser.cookies[NAME].value


@pytest.mark.parametrize(
    "body",
    [{}, {"email": ""}, {"code": "123456"}, {"identifier_hash": "0" * 64}, {"token": ""}, {"order_number": "1"}, {"email": "ana"}],
)
async def test_half_a_proof_is_refused_in_a_sentence(customer, body):
    response = await customer.post("identify", body)
    assert response.status_code == 422 and response.json()["error"]["message"].endswith(".")


async def test_proving_is_limited_per_network_address(customer, settings):
    settings.TURNS_PER_MINUTE_PER_ADDRESS = 3
    statuses = [(await customer.post("identify", {"token": "a.b.c"})).status_code for _ in range(5)]
    assert 429 in statuses and set(statuses) <= {422, 429}
