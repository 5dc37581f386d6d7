"""Everything that goes wrong over HTTP, said once: what it is, with which status, in which sentence. Each interface writes it in a shape
of its own: `api_errors.py` for /api/, `as_model/errors.py` for /v1/.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

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

UNAVAILABLE_RETRY_SECONDS, FAILED_RETRY_SECONDS = 15, 3
_KEPT_HEADERS = ("Allow", "Retry-After")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, for whoever called; what is not given follows from the status.

    message: a sentence; code: for programs; retryable: whether the same call may work later; param: what of the call is wrong;
    retry_after: in seconds.
    """

    status: int
    message: str = ""
    code: str | None = None
    retryable: bool | None = None
    param: str | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How one interface writes its errors. place: where its addresses begin. usual: by status, at least 400 and 500.

    written: the body for a problem of which everything is said. headers: by status, what else belongs to the reply.
    """

    place: str
    usual: Mapping[int, Problem]
    written: Callable[[Problem], dict[str, Any]]
    headers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def body(self, problem: Problem) -> dict[str, Any]:
        usual = self.usual.get(problem.status) or self.usual[400 if problem.status < 500 else 500]
        return self.written(
            replace(
                problem,
                message=problem.message or usual.message,
                code=problem.code or usual.code,
                retryable=usual.retryable if problem.retryable is None else problem.retryable,
            )
        )

    def response(self, problem: Problem) -> JsonResponse:
        response = JsonResponse(self.body(problem), status=problem.status)
        response["Cache-Control"] = "no-store"
        for name, value in self.headers.get(problem.status, {}).items():
            response[name] = value
        if problem.retry_after is not None:
            response["Retry-After"] = str(problem.retry_after)
        return response

    def crashed(self, request: HttpRequest, error: Exception) -> JsonResponse:
        """The reply to what nobody foresaw: the cause is logged, and not told."""
        logger.exception("%s %s failed", request.method, request.path, exc_info=error)
        return self.response(Problem(500))

    def reshaped(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """An error that another part of the house wrote for this place, in this shape; anything else as it is."""
        kind = response.headers.get("Content-Type", "")
        is_here = f"{request.path_info}/".startswith(self.place)
        if not is_here or response.status_code < 400 or kind.startswith("application/json"):
            return response
        shaped = self.response(Problem(response.status_code))
        for header in _KEPT_HEADERS:
            if header in response.headers:
                shaped[header] = response.headers[header]
        return shaped


def problem_of(error: Exception) -> Problem | None:
    """What an exception of ours means to a caller; None for what nobody foresaw."""
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
        case ChatError():
            logger.error("a request failed: %s", error, exc_info=error)
            return _said(500, error)
        case TooManyCodes():
            return Problem(429, error.user_message, retryable=True, retry_after=error.retry_after)
        case CodeRefused():
            return Problem(422, error.user_message, "code_refused", retryable=False)
        case IdentityRefused():
            return Problem(422, error.user_message, "identity_refused", retryable=False)
        case EmailRefused():
            return Problem(422, error.user_message, "invalid", retryable=False)
        case OrdersUnavailable():
            return Problem(503, error.user_message, retry_after=UNAVAILABLE_RETRY_SECONDS)
        case OrdersError():
            logger.error("a request failed: %s", error, exc_info=error)
            return Problem(500, error.user_message, retryable=error.retryable)
        case RequestDataTooBig():
            return Problem(413)
    return None


def problem_told(error: Mapping[str, Any]) -> Problem:
    """What a turn ended with, by the data of its `error` event."""
    again = bool(error["retryable"])
    return Problem(
        503 if again else 500, error["message"], error["code"], again, retry_after=FAILED_RETRY_SECONDS if again else None
    )


def _said(status: int, error: ChatError, *, retry_after: int | None = None) -> Problem:
    return Problem(status, error.user_message, error.code, error.retryable, retry_after=retry_after)


Answer = Callable[[HttpRequest], Any]


def middleware_of(shape: Shape) -> Callable[[Answer], Answer]:
    """A middleware that brings errors of other parts of the house into the shape of the place they were asked at: unknown addresses,
    wrong methods, bodies that are too large, and crashes.
    """

    @sync_and_async_middleware
    def middleware(get_response: Answer) -> Answer:
        if iscoroutinefunction(get_response):

            async def answer_async(request: HttpRequest) -> HttpResponseBase:
                response: Awaitable[HttpResponseBase] = get_response(request)
                return shape.reshaped(request, await response)

            return answer_async

        def answer(request: HttpRequest) -> HttpResponseBase:
            return shape.reshaped(request, get_response(request))

        return answer

    return middleware
