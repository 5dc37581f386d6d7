"""The chat as pages: without JavaScript, over a reload, signed in and out."""

import re
import secrets

import pytest
from django.test import AsyncClient

from chatbot import live
from chatbot.chat_cookie import NAME
from chatbot.models import Conversation, Feedback, Message, Turn
from tests.chatbot.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def scripted():
    scripted = Scripted()
    live.answer_with(scripted)
    yield scripted
    await live.turns().close(grace=0)


async def ask(client: AsyncClient, text: str, **fields: str):
    return await client.post("/", {"text": text, **fields})


async def shown(client: AsyncClient, path: str = "/") -> str:
    response = await client.get(path)
    assert response.status_code == 200
    return response.content.decode()


async def test_looking_at_the_page_leaves_nothing_behind(async_client, scripted):
    html = await shown(async_client)
    assert "How can we help?" in html and "Where’s my order?" in html
    assert await Conversation.objects.acount() == 0 and NAME not in async_client.cookies


async def test_a_posted_question_is_answered_by_the_whole_page(async_client, scripted):
    response = await ask(async_client, "Where is my order?")
    assert response.status_code == 303 and response["Location"].startswith("/")
    cookie = async_client.cookies[NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert "Where is my order?" in await shown(async_client)
    assert scripted.asked == ["Where is my order?"]


async def test_sending_the_form_twice_asks_once(async_client, scripted):
    for _ in range(2):
        await ask(async_client, "Where is it?", client_id="form-1")
    assert scripted.asked == ["Where is it?"] and await Turn.objects.acount() == 1


async def test_markup_in_a_question_is_shown_as_characters(async_client, scripted):
    await ask(async_client, '<img src=x onerror=alert(1)>"><script>alert(2)</script>')
    html = await shown(async_client)
    assert "<img src=x" not in html and "<script>alert" not in html and "&lt;img src=x" in html


@pytest.mark.parametrize(("text", "sentence"), [("  ", "That message is empty"), ("x" * 4001, "too long"), ("\x00\x01", "empty")])
async def test_a_question_that_cannot_be_taken_is_refused_in_a_sentence(async_client, scripted, text, sentence):
    response = await ask(async_client, text)
    assert response.status_code == 422 and sentence in response.content.decode()
    assert await Conversation.objects.acount() == 0


async def test_who_asks_too_fast_reads_so_on_the_page_and_keeps_the_question(async_client, scripted, settings):
    settings.TURNS_PER_MINUTE_PER_ADDRESS, settings.TRUSTED_PROXIES = 1, 1
    here = {"X-Forwarded-For": f"10.7.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"}  # from where no other test asked
    assert (await async_client.post("/", {"text": "Hello"}, headers=here)).status_code == 303
    response = await async_client.post("/", {"text": "Where is my order?"}, headers=here)
    page = response.content.decode()
    assert response.status_code == 429 and int(response["Retry-After"]) >= 1
    assert "You are asking faster than I can answer. Please wait a moment." in page and "Where is my order?</textarea>" in page
    assert scripted.asked == ["Hello"]


async def test_a_question_carries_a_hash_of_its_network_in_which_nobody_reads_an_address(async_client, scripted, settings):
    settings.TRUSTED_PROXIES = 1
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.8"):
        async_client.cookies.clear()  # a new conversation each
        await async_client.post("/", {"text": "Hello"}, headers={"X-Forwarded-For": address})
    first, again, other = scripted.networks
    assert first == again != other and "203.0" not in first and await Conversation.objects.acount() == 3


async def test_a_question_that_fails_is_kept_in_the_box(async_client):
    live.answer_with(Scripted("It broke", broken=True))
    response = await ask(async_client, "Where is my order?")
    page = response.content.decode()
    assert response.status_code == 503 and "Where is my order?</textarea>" in page and "secret" not in page


@pytest.mark.parametrize("cookie", ["", "x", "not-an-id.token", "00000000-0000-0000-0000-000000000000.token"])
async def test_a_cookie_that_opens_nothing_is_a_first_visit(async_client, scripted, cookie):
    async_client.cookies[NAME] = cookie
    assert "How can we help?" in await shown(async_client)


async def test_the_token_of_another_does_not_open_a_conversation(async_client, scripted):
    await ask(async_client, "My secret question")
    conversation = await Conversation.objects.aget()
    stranger = AsyncClient()
    stranger.cookies[NAME] = f"{conversation.pk}.wrong"
    assert "secret" not in await shown(stranger)


async def test_a_new_conversation_starts_empty_and_keeps_who_is_signed_in(async_client, scripted, settings):
    settings.DEMO = True
    await sign_in(async_client)
    await ask(async_client, "First question")
    assert (await async_client.post("/chat/new/")).status_code == 303
    html = await shown(async_client)
    assert "First question" not in html and "ana@example.com" in html


async def sign_in(client: AsyncClient) -> None:
    page = (await client.post("/sign-in/", {"email": "ana@example.com"})).content.decode()
    assert "DEMO" in page
    code = re.search(r"<code>(\w+)</code>", page)[1]
    response = await client.post("/sign-in/", {"email": "ana@example.com", "code": code})
    assert response.status_code == 303, response.content


async def test_signing_in_and_out_without_javascript(async_client, scripted, settings):
    settings.DEMO = True
    await sign_in(async_client)
    html = await shown(async_client)
    assert "ana@example.com" in html and "until" in html
    await ask(async_client, "About my order")
    assert (await async_client.post("/sign-out/")).status_code == 303
    html = await shown(async_client)
    assert "ana@example.com" not in html and "About my order" not in html
    assert (await Conversation.objects.aget()).email == ""


async def test_a_wrong_code_is_refused_in_a_sentence(async_client, scripted):
    await async_client.post("/sign-in/", {"email": "ana@example.com"})
    response = await async_client.post("/sign-in/", {"email": "ana@example.com", "code": "000"})
    assert response.status_code == 422 and "not right" in response.content.decode()
    assert (await Conversation.objects.aget()).email == ""


async def test_the_code_is_not_shown_outside_a_demo(async_client, scripted):
    response = await async_client.post("/sign-in/", {"email": "ana@example.com"})
    assert response.status_code == 200 and "DEMO" not in response.content.decode()


async def test_a_person_can_be_asked_for_without_javascript(async_client, scripted):
    assert (await async_client.post("/chat/human/")).status_code == 303
    assert (await Conversation.objects.aget()).state == Conversation.State.OPEN
    assert "colleague" in await shown(async_client)


async def test_a_thumb_without_javascript_reaches_only_ones_own_answers(async_client, scripted):
    await ask(async_client, "Where is it?")
    turn = await Turn.objects.aget()
    assert (await AsyncClient().post("/chat/feedback/", {"message": str(turn.pk), "helpful": "no"})).status_code == 404
    assert await Feedback.objects.acount() == 0
    assert (await async_client.post("/chat/feedback/", {"message": str(turn.pk), "helpful": "yes"})).status_code == 303
    assert (await Feedback.objects.aget()).helpful is True


@pytest.mark.parametrize("path", ["/", "/chat/start/", "/chat/new/", "/chat/human/", "/chat/feedback/", "/sign-in/", "/sign-out/"])
async def test_another_site_cannot_post_for_a_customer(scripted, path):
    client = AsyncClient(enforce_csrf_checks=True)
    response = await client.post(path, {"text": "hello", "email": "ana@example.com"})
    assert response.status_code == 403
    assert await Message.objects.acount() == 0 and await Conversation.objects.acount() == 0


async def test_nothing_private_is_kept_by_caches(async_client, scripted):
    response = await async_client.get("/")
    assert "no-store" in response["Cache-Control"]


async def test_the_page_needs_no_inline_script_or_style(async_client, scripted):
    await ask(async_client, "Where is it?")
    html = await shown(async_client)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", html)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", html)


async def test_the_chat_says_when_a_running_answer_can_be_followed(async_client, scripted):
    await ask(async_client, "Where is it?")
    await Turn.objects.aupdate(state=Turn.State.RUNNING)
    turn = await Turn.objects.aget()
    assert f'data-running="{turn.pk}"' in await shown(async_client)
