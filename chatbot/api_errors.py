"""One shape for everything that goes wrong under /api/: {"error": {"code", "message", "retryable"}}, in sentences of ours.

Handlers cover what the API's own code raises; the middleware covers what never reaches it: unknown addresses, wrong methods,
bodies that are too large, and crashes.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from chatbot.errors import (
    AnotherPerson,
    ChatError,
    ConversationNotFound,
    QuestionRefused,
    SameKeyOtherText,
    SignInEnded,
    TooManyTurns,
)
from chatbot.live import TooBusy
from orders.errors import CodeRefused, EmailRefused, IdentityRefused, OrdersError, OrdersUnavailable, TooManyCodes

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024  # the longest question with every character escaped twice over is smaller
UNAVAILABLE_RETRY_SECONDS = 15

# status -> (code, sentence, whether trying again can help)
BY_STATUS: dict[int, tuple[str, str, bool]] = {
    400: ("bad_request", "The request could not be read. The body must be valid JSON.", False),
    403: ("forbidden", "This is not allowed.", False),
    404: ("not_found", "There is nothing at this address.", False),
    405: ("method_not_allowed", "This address does not take that kind of request.", False),
    413: ("too_large", "The request is too large.", False),
    415: ("unsupported_media_type", "The body must be JSON: send Content-Type: application/json.", False),
    422: ("invalid", "The request is not complete, or something in it has the wrong form.", False),
    429: ("too_many_requests", TooManyTurns.user_message, True),
    500: (ChatError.code, ChatError.user_message, True),
    503: ("unavailable", "The service is not available at the moment. Please try again in a few minutes.", True),
}


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
    status: int, *, code: str = "", message: str = "", retryable: bool | None = None, retry_after: int | None = None
) -> JsonResponse:
    """An error in the one shape; what is not given follows from the status."""
    usual_code, usual_message, usually = BY_STATUS.get(status) or BY_STATUS[400 if status < 500 else 500]
    error = {
        "code": code or usual_code,
        "message": message or usual_message,
        "retryable": usually if retryable is None else retryable,
    }
    response = JsonResponse({"error": error}, status=status)
    response["Cache-Control"] = "no-store"
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def chat_error(request: HttpRequest, error: ChatError) -> HttpResponse:
    """A refusal of our own, with the status that belongs to it."""
    match error:
        case ConversationNotFound():
            return _said(404, error)
        case QuestionRefused():
            return _said(422, error)
        case SignInEnded():
            return _said(403, error)
        case SameKeyOtherText() | AnotherPerson():
            return _said(409, error)
        case TooManyTurns():
            return _said(429, error, retry_after=error.retry_after)
        case TooBusy():
            return _said(503, error, retry_after=error.retry_after)
    logger.error("a request failed: %s", error, exc_info=error)
    return _said(500, error)


def _said(status: int, error: ChatError, *, retry_after: int | None = None) -> HttpResponse:
    return error_response(status, code=error.code, message=error.user_message, retryable=error.retryable, retry_after=retry_after)


def orders_error(request: HttpRequest, error: OrdersError) -> HttpResponse:
    match error:
        case TooManyCodes():
            return error_response(
                429, code="too_many_requests", message=error.user_message, retryable=True, retry_after=error.retry_after
            )
        case CodeRefused():
            return error_response(422, code="code_refused", message=error.user_message, retryable=False)
        case IdentityRefused():
            return error_response(422, code="identity_refused", message=error.user_message, retryable=False)
        case EmailRefused():
            return error_response(422, code="invalid", message=error.user_message, retryable=False)
        case OrdersUnavailable():
            return error_response(503, code="unavailable", message=error.user_message, retry_after=UNAVAILABLE_RETRY_SECONDS)
    logger.error("a request failed: %s", error, exc_info=error)
    return error_response(500, message=error.user_message, retryable=error.retryable)


def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the fields that are wrong; the values are not repeated."""
    names = sorted({str(e["loc"][-1]) for e in error.errors if e.get("loc") and e["loc"][0] == "body" and len(e["loc"]) > 2})
    fields = [name for name in names if name.isidentifier()]
    return error_response(422, message=f"Please check: {', '.join(fields)}." if fields else "")


def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    return error_response(cause.status if isinstance(cause, BodyRefused) else error.status_code)


def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return error_response(413)


def crashed(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.exception("%s %s failed", request.method, request.path, exc_info=error)
    return error_response(500)


def install(api: NinjaAPI) -> None:
    """Make `api` answer every error in the one shape."""
    handlers: list[tuple[type[Exception], Callable[..., HttpResponse]]] = [
        (ChatError, chat_error),
        (OrdersError, orders_error),
        (ValidationError, invalid),
        (HttpError, http_error),
        (RequestDataTooBig, too_big),
        (Exception, crashed),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


Answer = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def api_errors_middleware(get_response: Answer) -> Answer:
    """Bring errors that other parts of the house wrote for /api/ into the one shape."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            response: Awaitable[HttpResponseBase] = get_response(request)
            return _in_shape(request, await response)

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _in_shape(request, get_response(request))

    return answer


def _in_shape(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    kind = response.headers.get("Content-Type", "")
    if not request.path_info.startswith("/api/") or response.status_code < 400 or kind.startswith("application/json"):
        return response
    shaped = error_response(response.status_code)
    for header in ("Allow", "Retry-After"):
        if header in response.headers:
            shaped[header] = response.headers[header]
    return shaped
