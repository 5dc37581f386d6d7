"""Everything that goes wrong under /v1/ in OpenAI's shape, {"error": {"message", "type", "param", "code"}}, in sentences of ours."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from chatbot.api_errors import UNAVAILABLE_RETRY_SECONDS
from chatbot.as_model.reading import OWN, CallRefused
from chatbot.errors import ChatError, QuestionRefused, TooManyTurns
from chatbot.live import TooBusy
from orders.errors import IdentityRefused, OrdersUnavailable

logger = logging.getLogger(__name__)

PLACE = "/v1/"
NO_KEY = "No valid API key came with this call. Send one as Authorization: Bearer KEY; keys are made in the console of the shop."
NOTHING_HERE = "There is nothing at this address. There are POST /v1/chat/completions and GET /v1/models."
TOO_MANY_TRIES = "Too many calls without a valid API key came from your network. Please wait a moment."
TOO_FAST = "More questions came with this key than it may ask in a minute. Please wait a moment."


class KeyRefused(Exception):
    """No key, a wrong one, a revoked or an expired one: one and the same."""


class TooManyTries(TooManyTurns):
    """Somebody tries keys."""


# status -> (type, code, sentence)
BY_STATUS: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "The request could not be read."),
    401: ("invalid_request_error", "invalid_api_key", NO_KEY),
    404: ("invalid_request_error", "unknown_url", NOTHING_HERE),
    405: ("invalid_request_error", "method_not_supported", "This address does not take that kind of request."),
    413: ("invalid_request_error", "request_too_large", "The request is too large. Send fewer of the messages from before."),
    415: ("invalid_request_error", "unsupported_media_type", "The body must be JSON: send Content-Type: application/json."),
    429: ("requests", "rate_limit_exceeded", TOO_FAST),
    500: ("server_error", None, ChatError.user_message),
    503: ("server_error", "unavailable", "The service is not available at the moment. Please try again in a few minutes."),
}


def error_body(status: int, *, message: str = "", code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """An error in the one shape; what is not given follows from the status."""
    kind, usual_code, usual_message = BY_STATUS.get(status) or BY_STATUS[400 if status < 500 else 500]
    return {"error": {"message": message or usual_message, "type": kind, "param": param, "code": code or usual_code}}


def error_response(
    status: int, *, message: str = "", code: str | None = None, param: str | None = None, retry_after: int | None = None
) -> JsonResponse:
    response = JsonResponse(error_body(status, message=message, code=code, param=param), status=status)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def response_to(request: HttpRequest, error: Exception) -> HttpResponse:
    """The reply to what was raised while a call was served; what nobody foresaw is logged with its cause."""
    match error:
        case KeyRefused():
            return error_response(401)
        case CallRefused():
            return error_response(error.status, message=error.message, code=error.code, param=error.param)
        case QuestionRefused():
            return error_response(400, message=error.user_message, param="messages")
        case IdentityRefused():
            logger.warning("a signed token was refused: %s", error)
            return error_response(400, message=error.user_message, code="identity_refused", param=f"{OWN}.identity")
        case TooManyTries():
            return error_response(429, message=TOO_MANY_TRIES, retry_after=error.retry_after)
        case TooManyTurns():
            return error_response(429, retry_after=error.retry_after)
        case TooBusy():
            return error_response(503, message=error.user_message, code=error.code, retry_after=error.retry_after)
        case OrdersUnavailable():
            return error_response(503, message=error.user_message, retry_after=UNAVAILABLE_RETRY_SECONDS)
        case RequestDataTooBig():
            return error_response(413)
    logger.exception("%s %s failed", request.method, request.path, exc_info=error)
    return error_response(500)


Answer = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def openai_errors_middleware(get_response: Answer) -> Answer:
    """Bring errors that other parts of the house wrote for /v1/ into the one shape."""
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
    if not request.path_info.startswith(PLACE) or response.status_code < 400 or kind.startswith("application/json"):
        return response
    return error_response(response.status_code)
