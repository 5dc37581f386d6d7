"""One shape for everything that goes wrong under /api/: {"error": {"code", "message", "retryable"}}, in sentences of ours.

Handlers cover what the API's own code raises; the middleware covers what never reaches it.
"""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from chatbot.error_replies import Problem, Shape, middleware_of, problem_of
from chatbot.errors import ChatError, TooManyTurns
from orders.errors import OrdersError

MAX_BODY_BYTES = 64 * 1024  # the longest question with every character escaped twice over is smaller

USUAL = [
    Problem(400, "The request could not be read. The body must be valid JSON.", "bad_request", retryable=False),
    Problem(403, "This is not allowed.", "forbidden", retryable=False),
    Problem(404, "There is nothing at this address.", "not_found", retryable=False),
    Problem(405, "This address does not take that kind of request.", "method_not_allowed", retryable=False),
    Problem(413, "The request is too large.", "too_large", retryable=False),
    Problem(415, "The body must be JSON: send Content-Type: application/json.", "unsupported_media_type", retryable=False),
    Problem(422, "The request is not complete, or something in it has the wrong form.", "invalid", retryable=False),
    Problem(429, TooManyTurns.user_message, "too_many_requests", retryable=True),
    Problem(500, ChatError.user_message, ChatError.code, retryable=True),
    Problem(503, "The service is not available at the moment. Please try again in a few minutes.", "unavailable", retryable=True),
]


def _written(problem: Problem) -> dict[str, Any]:
    return {"error": {"code": problem.code, "message": problem.message, "retryable": problem.retryable}}


SHAPE = Shape("/api/", {usual.status: usual for usual in USUAL}, _written)
api_errors_middleware = middleware_of(SHAPE)


class BodyRefused(Exception):
    """A body that is not read at all."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class StrictParser(Parser):
    """Takes JSON that says it is JSON, of a size that a question can have."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise BodyRefused(415)
        if len(request.body) > MAX_BODY_BYTES:
            raise BodyRefused(413)
        parsed: dict[str, Any] = json.loads(request.body)
        return parsed


def error_response(
    status: int, *, code: str | None = None, message: str = "", retryable: bool | None = None, retry_after: int | None = None
) -> JsonResponse:
    """An error in the one shape; what is not given follows from the status."""
    return SHAPE.response(Problem(status, message, code, retryable, retry_after=retry_after))


def foreseen(request: HttpRequest, error: Exception) -> HttpResponse:
    """A refusal of our own, with the status that belongs to it; anything else is a crash."""
    problem = problem_of(error)
    return SHAPE.crashed(request, error) if problem is None else SHAPE.response(problem)


def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the fields that are wrong; the values are not repeated."""
    names = sorted({str(e["loc"][-1]) for e in error.errors if e.get("loc") and e["loc"][0] == "body" and len(e["loc"]) > 2})
    fields = [name for name in names if name.isidentifier()]
    return error_response(422, message=f"Please check: {', '.join(fields)}." if fields else "")


def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    return error_response(cause.status if isinstance(cause, BodyRefused) else error.status_code)


def install(api: NinjaAPI) -> None:
    """Make `api` answer every error in the one shape."""
    handlers: list[tuple[type[Exception], Callable[..., HttpResponse]]] = [
        (ChatError, foreseen),
        (OrdersError, foreseen),
        (ValidationError, invalid),
        (HttpError, http_error),
        (RequestDataTooBig, foreseen),
        (Exception, foreseen),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)
