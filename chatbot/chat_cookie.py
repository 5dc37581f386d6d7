"""Which conversation a browser is in: a cookie with its id and token, out of reach of scripts and of other sites' forms."""

from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from chatbot.conversations import get_conversation
from chatbot.errors import ConversationNotFound
from chatbot.models import Conversation

NAME = "whereabouts_chat"
SECONDS = 30 * 24 * 3600
Page = TypeVar("Page", bound=HttpResponse)


@dataclass(frozen=True, slots=True)
class Visit:
    """The browser's conversation and its token; None and "" before the first message."""

    conversation: Conversation | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class OpenVisit(Visit):
    """A visit that has a conversation."""

    conversation: Conversation


async def visit(request: HttpRequest) -> Visit:
    """The conversation that the cookie opens; an empty visit for no cookie, a stale one and a forged one alike."""
    conversation_id, _, token = request.COOKIES.get(NAME, "").partition(".")
    if not conversation_id or not token:
        return Visit()
    try:
        return OpenVisit(await get_conversation(conversation_id, token=token), token)
    except ConversationNotFound:
        return Visit()


def keep(response: Page, current: Visit) -> Page:
    if current.conversation is not None:
        response.set_cookie(
            NAME,
            f"{current.conversation.pk}.{current.token}",
            max_age=SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.HTTPS_ONLY,
        )
    return response


def forget(response: Page) -> Page:
    response.delete_cookie(NAME, samesite="Lax")
    return response


def see_other(name: str, *, fragment: str = "") -> HttpResponse:
    """Answer a form: the browser gets the page with GET, so that a reload does not send the form again."""
    return HttpResponse(status=303, headers={"Location": reverse(name) + (f"#{fragment}" if fragment else "")})
