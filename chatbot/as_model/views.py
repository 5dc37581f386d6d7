"""POST /v1/chat/completions and GET /v1/models: check, call, respond.

The key is looked at before anything else. Without a good one every call gets the very same reply.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from chatbot import event_stream, live, throttling
from chatbot.api import ending_of
from chatbot.as_model import shapes
from chatbot.as_model.asking import ask
from chatbot.as_model.errors import SHAPE, KeyRefused, TooManyTries, error_response, response_to
from chatbot.as_model.keys import find_key
from chatbot.as_model.models import ApiKey
from chatbot.as_model.reading import Call, CallRefused, read_body, read_call, read_name
from chatbot.as_model.shapes import Head
from chatbot.bearing import bearer
from chatbot.error_replies import problem_told
from chatbot.errors import TooManyTurns
from chatbot.turn import Question
from database.lanes import in_database, release_database
from llm.values import OWN_MARK

MAX_BODY_BYTES = 512 * 1024  # front ends send all that was said with every question
ASKED_BY_ITSELF = (
    "An assistant cannot be the language model of an assistant: they would ask each other without end. Set up a model there."
)
DONE = b"data: [DONE]\n\n"

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def for_keys(*methods: str) -> Callable[[View], View]:
    """Let only calls with a good key through, each key as often as it may ask, and only with these methods."""

    def decorate(view: View) -> View:
        @wraps(view)
        async def guarded(request: HttpRequest, **named: str) -> HttpResponseBase:
            try:
                key = await _key_of(request)
                if request.method not in methods:
                    refused = error_response(405)
                    refused["Allow"] = ", ".join(methods)
                    return refused
                await throttling.alimit(f"api-key:{view.__name__}:{key.pk}", key.per_minute, throttling.MINUTE)
                return await view(request, key, **named)
            except Exception as error:
                return response_to(request, error)

        return guarded

    return decorate


async def _key_of(request: HttpRequest) -> ApiKey:
    key = await in_database(find_key, bearer(request) or "", at=timezone.now())
    if key is None:
        network = throttling.network_of(throttling.client_address(request))
        try:
            await throttling.alimit(f"api-keys:{network}", settings.TURNS_PER_MINUTE_PER_ADDRESS, throttling.MINUTE)
        except TooManyTurns as error:
            raise TooManyTries(error.retry_after) from None
        raise KeyRefused
    return key


@for_keys("GET", "HEAD")
async def models(request: HttpRequest, key: ApiKey) -> HttpResponseBase:
    return _json(shapes.model_list(settings.BOT_MODEL_NAME, shop=settings.SHOP_NAME))


@for_keys("GET", "HEAD")
async def model(request: HttpRequest, key: ApiKey, name: str) -> HttpResponseBase:
    if name != settings.BOT_MODEL_NAME:
        message = f"There is no model of that name here. The only one is {settings.BOT_MODEL_NAME}."
        raise CallRefused(message, param="model", code="model_not_found", status=404)
    return _json(shapes.model_object(name, shop=settings.SHOP_NAME))


@for_keys("POST")
async def chat_completions(request: HttpRequest, key: ApiKey) -> HttpResponseBase:
    if request.content_type != "application/json":
        return error_response(415)
    if len(request.body) > MAX_BODY_BYTES:
        return error_response(413)
    if any(request.headers.get(name) == mark for name, mark in OWN_MARK.items()):
        raise CallRefused(ASKED_BY_ITSELF, code="asked_by_itself")
    call = read_call(read_body(request.body), model=settings.BOT_MODEL_NAME)
    named = read_name(request.headers.get("Idempotency-Key"))
    accepted = await ask(call, key, named=named, at=timezone.now())
    question = accepted.question
    head = Head(f"chatcmpl-{question.turn_id.hex}", int(accepted.turn.started_at.timestamp()), settings.BOT_MODEL_NAME)
    response = (
        event_stream.response(_chunks(request, call, question, head))
        if call.stream
        else await _completion(request, call, question, head)
    )
    response["X-Request-ID"] = str(question.turn_id)
    if not accepted.is_new:
        response["Idempotent-Replayed"] = "true"
    return response


async def _completion(request: HttpRequest, call: Call, question: Question, head: Head) -> HttpResponseBase:
    ending = await ending_of(question.turn_id)
    told = ending["data"]
    if ending["event"] == "final":
        return _json(shapes.completion(head, told, _beside(request, call, told)))
    return SHAPE.response(problem_told(told))


async def _chunks(request: HttpRequest, call: Call, question: Question, head: Head) -> AsyncIterator[bytes]:
    """The turn as it is shown: text when it is grounded, and at the end what it rests on."""
    unknown = {"usage": None} if call.include_usage else {}  # in every chunk but the one that has it
    await release_database()
    yield _data(shapes.first_chunk(head) | unknown)
    async with contextlib.aclosing(live.follow(question.turn_id)) as events:
        async for item in events:
            if item is None:
                yield event_stream.KEEP_ALIVE
                continue
            kind, told = item[1]["event"], item[1]["data"]
            if kind == "delta":
                yield _data(shapes.text_chunk(head, told["text"]) | unknown)
            elif kind == "error":
                yield _data(SHAPE.body(problem_told(told)))
            elif kind == "final":
                yield _data(shapes.last_chunk(head, _beside(request, call, told)) | unknown)
                if call.include_usage:
                    yield _data(shapes.usage_chunk(head, told))
                yield DONE


def _beside(request: HttpRequest, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    return shapes.told_beside(answer, ignored=call.ignored, absolute=request.build_absolute_uri)


def _json(body: dict[str, Any]) -> JsonResponse:
    response = JsonResponse(body)
    response["Cache-Control"] = "no-store"
    return response


def _data(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
