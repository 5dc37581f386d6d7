"""The customer's API under /api/v1: check, call, respond.

A bearer token opens its one conversation. Cookies are not looked at, so another site's page cannot act for a customer.
An unknown conversation, somebody else's and a missing token get the very same reply.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import NinjaAPI, Status
from ninja.openapi.schema import OpenAPISchema

from chatbot import api_errors, conversations, event_stream, live, liveness, throttling
from chatbot.api_orders import router as orders_router
from chatbot.api_requests import router as requests_router
from chatbot.api_schemas import (
    AnswerObject,
    ConversationStarted,
    ErrorObject,
    FeedbackResult,
    HandoffResult,
    Identification,
    IdentifyResult,
    NewFeedback,
    NewMessage,
    Said,
    Transcript,
)
from chatbot.bearing import bearer
from chatbot.conversations import Accepted
from chatbot.error_replies import problem_told
from chatbot.fanout import announce
from chatbot.greeting import greeting
from chatbot.models import Conversation
from chatbot.sent_events import Sent, is_last, unexpected
from chatbot.signing_in import accept_hash, accept_token, ask_for_code, prove, sign_out, signed_in
from chatbot.visitors import network_key
from database.lanes import in_database, release_database


class CustomerAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The document names the bearer token, which the calls read themselves so that a missing one tells a stranger nothing."""
        schema = super().get_openapi_schema(**options)
        schema.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
        return schema


api = CustomerAPI(
    title="Whereabouts",
    version="1.0.0",
    description="Ask about orders and policies. Later calls carry `Authorization: Bearer TOKEN` of their conversation.",
    urls_namespace="api",
    docs_url=None,
    parser=api_errors.StrictParser(),
)
api_errors.install(api)
REFUSALS = dict.fromkeys((404, 422, 429, 503), ErrorObject)


async def conversation_of(request: HttpRequest, conversation_id: str) -> Conversation:
    return await conversations.get_conversation(conversation_id, token=bearer(request))


@api.post("/conversations", response={201: ConversationStarted, **REFUSALS}, summary="Start a conversation")
async def start(request: HttpRequest) -> Status[dict[str, str]]:
    await throttling.limit_conversations(throttling.client_address(request))
    conversation, token = await conversations.start_conversation(channel="api", at=timezone.now())
    return Status(201, {"id": str(conversation.pk), "token": token, "greeting": greeting()})


@api.get("/conversations/{conversation_id}", response={200: Transcript, **REFUSALS}, summary="Read a conversation")
async def read(request: HttpRequest, conversation_id: str) -> dict[str, Any]:
    conversation = await conversation_of(request, conversation_id)
    return {
        "id": str(conversation.pk),
        "state": conversation.state,
        "signed_in": signed_in(conversation),
        "locked": await conversations.is_locked(conversation),
        "running": await liveness.running_turn(conversation),
        "messages": await conversations.transcript(conversation),
    }


@api.post(
    "/conversations/{conversation_id}/messages",
    response={200: AnswerObject, 403: ErrorObject, 409: ErrorObject, **REFUSALS},
    summary="Ask",
    description="With `Accept: text/event-stream` the answer arrives as events `status`, `order`, `sources`, `delta`, `final` or "
    "`error`; otherwise as one answer object. The same client_id twice is one question. After a dropped connection, post the "
    "same message again with `Last-Event-ID` to get the rest.",
)
async def ask(request: HttpRequest, conversation_id: str, message: NewMessage) -> Any:
    address = throttling.client_address(request)
    await throttling.limit_turns_of_address(address)
    accepted = await in_database(_accept, conversation_id, bearer(request), message, live.turns().check_room)
    last_event_id = request.headers.get("Last-Event-ID", "")
    await run(accepted, address=address, resumes=bool(last_event_id))
    turn_id = accepted.turn.pk
    if "text/event-stream" in request.headers.get("Accept", ""):
        after = event_stream.place_after(last_event_id, turn_id)
        return event_stream.response(event_stream.turn_frames(turn_id, after=after))
    return _as_json(await ending_of(turn_id))


def _accept(conversation_id: str, token: str | None, message: NewMessage, check_room: Callable[[], None]) -> Accepted:
    """All that the database is asked before an answer begins, in one change of thread. Only who holds the token learns anything."""
    conversation = conversations.open_conversation(conversation_id, token)
    throttling.count_turn_of_conversation(conversation.pk)
    check_room()
    return conversations.accept(conversation, message.text, message.client_id, timezone.now())


async def run(accepted: Accepted, *, address: str = "", resumes: bool = False) -> None:
    """Start the turn of a question, unless it runs or ran already. address: of the customer in the network.

    One that was abandoned, or whose process died, is answered again; not for a customer who has its beginning on the screen.
    """
    turns = live.turns()
    if accepted.is_new or (
        not resumes and not turns.is_running(accepted.turn.pk) and await liveness.reclaim(accepted.turn, at=timezone.now())
    ):
        turns.start(replace(accepted.question, network=network_key(throttling.network_of(address))))


async def ending_of(turn_id: Any) -> Sent:
    """Wait for a turn; return its `final` or `error` event."""
    await release_database()
    ending: Sent | None = None
    async for item in live.follow(turn_id):
        if item is not None and is_last(item[1]):
            ending = item[1]
    return ending or unexpected()


def _as_json(ending: Sent) -> HttpResponseBase:
    if ending["event"] == "final":
        return JsonResponse(ending["data"])
    return api_errors.SHAPE.response(problem_told(ending["data"]))


@api.get("/conversations/{conversation_id}/events", summary="Follow a conversation", openapi_extra={"responses": {200: {
    "description": "Events `message` and `state` as they happen; with `Last-Event-ID` of a turn, the rest of that turn first.",
    "content": {"text/event-stream": {}},
}}})  # fmt: skip
async def events(request: HttpRequest, conversation_id: str) -> HttpResponseBase:
    conversation = await conversation_of(request, conversation_id)
    event_stream.check_watchers(conversation)
    last_event_id = request.headers.get("Last-Event-ID", "")
    return event_stream.response(event_stream.conversation_frames(conversation, last_event_id=last_event_id))


@api.post(
    "/conversations/{conversation_id}/identify",
    response={200: IdentifyResult, 409: ErrorObject, **REFUSALS},
    summary="Prove who asks",
    description="409 `another_person`: somebody else has signed in in this conversation before; start a new one.",
)
async def identify(request: HttpRequest, conversation_id: str, who: Identification) -> dict[str, Any]:
    conversation = await conversation_of(request, conversation_id)
    address, now = throttling.client_address(request), timezone.now()
    await throttling.limit_identifying(address)
    if who.token is not None:
        message = await accept_token(conversation, who.token, at=now)
    elif who.identifier_hash is not None:
        message = await accept_hash(conversation, who.email, who.identifier_hash, at=now)
    elif who.code is not None:
        message = await prove(conversation, who.email, who.code, address=address, at=now)
    else:
        message, code = await ask_for_code(conversation, who.email, order_number=who.order_number, address=address, at=now)
        return {"status": "code_sent", "message": message, "demo_code": code}
    return {"status": "verified", "message": message, "signed_in": signed_in(conversation)}


@api.post("/conversations/{conversation_id}/sign-out", response={200: Said, **REFUSALS}, summary="Forget who asks")
async def leave(request: HttpRequest, conversation_id: str) -> dict[str, str]:
    conversation = await conversation_of(request, conversation_id)
    await sign_out(conversation, at=timezone.now())
    announce(conversation.pk)
    return {"message": "You are signed out."}


@api.post("/conversations/{conversation_id}/handoff", response={200: HandoffResult, **REFUSALS}, summary="Ask for a person")
async def handoff(request: HttpRequest, conversation_id: str) -> dict[str, str]:
    conversation = await conversation_of(request, conversation_id)
    message = await conversations.ask_for_human(conversation, at=timezone.now())
    announce(conversation.pk)
    return {"message": message, "state": str(Conversation.State.OPEN)}


@api.post("/messages/{message_id}/feedback", response={200: FeedbackResult, **REFUSALS}, summary="Say whether an answer helped")
async def feedback(request: HttpRequest, message_id: str, given: NewFeedback) -> dict[str, Any]:
    stored = await conversations.give_feedback(
        message_id, token=bearer(request), helpful=given.helpful, comment=given.comment, at=timezone.now()
    )
    return {"id": str(stored.turn_id), "helpful": stored.helpful}


api.add_router("", requests_router)
api.add_router("", orders_router)
