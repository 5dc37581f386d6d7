"""The customer's pages: the chat, and signing in. They work without JavaScript; with it, the page speaks to the API instead.

The cookie holds the conversation's id and token and cannot be read by scripts; the page gives the token to its own script. A
conversation's row is made when the first message is sent, so that crawlers and passers-by leave nothing behind.
"""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from chatbot import api, chat_cookie, conversations, live, liveness, signing_in, throttling
from chatbot.chat_cookie import OpenVisit, Visit
from chatbot.errors import ChatError, TooManyTurns
from chatbot.fanout import announce
from chatbot.greeting import SUGGESTIONS, greeting
from chatbot.sent_events import Sent
from chatbot.signing_in import ask_for_code, prove, signed_in
from orders.errors import OrdersError

MAX_EMAIL = 254
MAX_ORDER_NUMBER = 100


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
async def chat(request: HttpRequest) -> HttpResponse:
    """The conversation; a posted form asks, and is answered by the whole page."""
    visit = await chat_cookie.visit(request)
    if request.method == "POST":
        return await _ask(request, visit)
    return await _page(request, visit)


async def _page(request: HttpRequest, visit: Visit, *, problem: str = "", text: str = "", status: int = 200) -> HttpResponse:
    conversation = visit.conversation
    messages = await conversations.transcript(conversation) if conversation else []
    for message in messages:
        message["citations"] = [_with_place(citation) for citation in message["citations"]]
    context = {
        "conversation": conversation,
        "token": visit.token,
        "messages": messages,
        "running": await liveness.running_turn(conversation) if conversation else None,
        "suggestions": _suggestions(messages),
        "wants_sign_in": bool(messages and messages[-1].get("needs_sign_in")),
        "signed_in": signed_in(conversation),
        "locked": bool(conversation and await conversations.is_locked(conversation)),
        "greeting": greeting(),
        "client_id": str(uuid4()),
        "max_characters": settings.MAX_QUESTION_CHARACTERS,
        "problem": problem,
        "text": text,
    }
    return render(request, "chat/page.html", context, status=status)


def _with_place(citation: dict[str, Any]) -> dict[str, Any]:
    """The citation with the way to its section in words, and the section itself when it is not the whole document."""
    parts = (citation["heading"] or citation["document"]).split(" > ")
    section = parts[-1] if parts[-1] != citation["document"] else ""
    return citation | {"section": section, "place": " › ".join(parts)}


def _suggestions(messages: list[dict[str, Any]]) -> list[str]:
    return list(messages[-1].get("suggestions") or []) if messages else list(SUGGESTIONS)


async def _ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    text, client_id = request.POST.get("text", ""), request.POST.get("client_id") or str(uuid4())
    address = throttling.client_address(request)
    try:
        await throttling.limit_turns_of_address(address)
        conversations.clean_text(text)  # refused before a conversation is made for it
        live.turns().check_room()
        visit = opened = await _started(visit, address)
        await throttling.limit_turns_of_conversation(opened.conversation.pk)
        accepted = await conversations.accept_question(opened.conversation, text, client_id, at=timezone.now())
    except ChatError as error:
        return await _refused(request, visit, error, text)
    await api.run(accepted, address=address)
    ending: Sent = await api.ending_of(accepted.turn.pk)
    if ending["event"] == "error":
        response = await _page(request, visit, problem=ending["data"]["message"], text=text, status=503)
    else:
        response = chat_cookie.see_other("chat", fragment="latest")
    return chat_cookie.keep(response, visit)


async def _refused(request: HttpRequest, visit: Visit, error: ChatError, text: str) -> HttpResponse:
    status = 429 if isinstance(error, TooManyTurns) else 503 if isinstance(error, live.TooBusy) else 422
    response = await _page(request, visit, problem=error.user_message, text=text[: settings.MAX_QUESTION_CHARACTERS], status=status)
    if retry_after := getattr(error, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    return response


async def _started(visit: Visit, address: str) -> OpenVisit:
    """The visit with a conversation, made now if there was none. Raises TooManyTurns."""
    if isinstance(visit, OpenVisit):
        return visit
    await throttling.limit_conversations(address)
    return OpenVisit(*await conversations.start_conversation(channel="web", at=timezone.now()))


@never_cache
@csrf_protect
@require_POST
async def start(request: HttpRequest) -> HttpResponse:
    """For the page's script, before the first message: a conversation, its token, and the cookie that keeps both."""
    visit = await chat_cookie.visit(request)
    try:
        opened = await _started(visit, throttling.client_address(request))
    except TooManyTurns as error:
        body = {"error": {"code": error.code, "message": error.user_message, "retryable": True}}
        return JsonResponse(body, status=429, headers={"Retry-After": str(error.retry_after)})
    return chat_cookie.keep(JsonResponse({"id": str(opened.conversation.pk), "token": opened.token}), opened)


@never_cache
@csrf_protect
@require_POST
async def new(request: HttpRequest) -> HttpResponse:
    """Leave this conversation for a fresh one; a customer who is signed in stays so, there and no longer here."""
    visit, now = await chat_cookie.visit(request), timezone.now()
    response = chat_cookie.see_other("chat")
    if visit.conversation is None or signed_in(visit.conversation) is None:
        return chat_cookie.forget(response)
    fresh = await conversations.start_conversation(channel="web", at=now, inherit=visit.conversation)
    await signing_in.sign_out(visit.conversation, at=now)  # or signing out later would leave this one signed in
    return chat_cookie.keep(response, OpenVisit(*fresh))


@never_cache
@csrf_protect
@require_POST
async def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who asks, and leave the conversation that speaks of their orders."""
    visit = await chat_cookie.visit(request)
    if visit.conversation is not None:
        await signing_in.sign_out(visit.conversation, at=timezone.now())
    return chat_cookie.forget(chat_cookie.see_other("chat"))


@never_cache
@csrf_protect
@require_POST
async def human(request: HttpRequest) -> HttpResponse:
    """Ask for a person, without JavaScript."""
    address = throttling.client_address(request)
    visit = await chat_cookie.visit(request)
    try:
        opened = await _started(visit, address)
    except TooManyTurns as error:
        return await _refused(request, visit, error, "")
    await conversations.ask_for_human(opened.conversation, at=timezone.now())
    announce(opened.conversation.pk)
    return chat_cookie.keep(chat_cookie.see_other("chat", fragment="latest"), opened)


@never_cache
@csrf_protect
@require_POST
async def feedback(request: HttpRequest) -> HttpResponse:
    """A thumb on an answer, without JavaScript."""
    visit = await chat_cookie.visit(request)
    try:
        await conversations.give_feedback(
            request.POST.get("message", ""), token=visit.token, helpful=request.POST.get("helpful") == "yes", at=timezone.now()
        )
    except ChatError as error:
        return await _page(request, visit, problem=error.user_message, status=404)
    return chat_cookie.see_other("chat", fragment="latest")


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
async def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address (and order number), then the code that was sent to it."""
    visit = await chat_cookie.visit(request)
    shown: dict[str, Any] = {"step": "email", "email": "", "order_number": ""}
    if request.method != "POST":
        return render(request, "chat/sign_in.html", shown | {"signed_in": signed_in(visit.conversation)})
    email, code = request.POST.get("email", "").strip()[:MAX_EMAIL], request.POST.get("code")
    order_number = request.POST.get("order_number", "").strip()[:MAX_ORDER_NUMBER]
    address, now, status = throttling.client_address(request), timezone.now(), 200
    shown |= {"email": email, "order_number": order_number}
    try:
        if "@" not in email:
            shown["problem"], status = "Please enter your e-mail address.", 422
        else:
            if visit.conversation and signing_in.belongs_to_another(visit.conversation, email):
                visit = Visit()  # somebody else's conversation stays theirs
            visit = opened = await _started(visit, address)
            if code is not None:
                shown["step"] = "code"
                await prove(opened.conversation, email, code.strip()[:40], address=address, at=now)
                return chat_cookie.keep(chat_cookie.see_other("chat", fragment="latest"), opened)
            shown["message"], shown["demo_code"] = await ask_for_code(
                opened.conversation, email, order_number=order_number, address=address, at=now
            )
            shown["step"] = "code"
    except (ChatError, OrdersError) as error:
        shown["problem"] = error.user_message
        status = 429 if hasattr(error, "retry_after") else 422
    response = render(request, "chat/sign_in.html", shown, status=status)
    return chat_cookie.keep(response, visit) if visit.conversation else response
