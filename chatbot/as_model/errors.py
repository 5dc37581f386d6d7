"""Everything that goes wrong under /v1/ in OpenAI's shape, {"error": {"message", "type", "param", "code"}}, in sentences of ours."""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from chatbot.as_model.reading import OWN, CallRefused
from chatbot.error_replies import Problem, Shape, middleware_of, problem_of
from chatbot.errors import ChatError, QuestionRefused, SameKeyOtherText, TooManyTurns
from orders.errors import IdentityRefused

logger = logging.getLogger(__name__)

NO_KEY = "No valid API key came with this call. Send one as Authorization: Bearer KEY; keys are made in the console of the shop."
NOTHING_HERE = "There is nothing at this address. There are POST /v1/chat/completions and GET /v1/models."
TOO_MANY_TRIES = "Too many calls without a valid API key came from your network. Please wait a moment."
TOO_FAST = "More questions came with this key than it may ask in a minute. Please wait a moment."
OTHER_CALL = "This Idempotency-Key came with another call before. Send a new one with each question."

USUAL = [
    Problem(400, "The request could not be read."),
    Problem(401, NO_KEY, "invalid_api_key"),
    Problem(404, NOTHING_HERE, "unknown_url"),
    Problem(405, "This address does not take that kind of request.", "method_not_supported"),
    Problem(413, "The request is too large. Send fewer of the messages from before.", "request_too_large"),
    Problem(415, "The body must be JSON: send Content-Type: application/json.", "unsupported_media_type"),
    Problem(429, TOO_FAST, "rate_limit_exceeded"),
    Problem(500, ChatError.user_message),
    Problem(503, "The service is not available at the moment. Please try again in a few minutes.", "unavailable"),
]


class KeyRefused(Exception):
    """No key, a wrong one, a revoked or an expired one: one and the same."""


class TooManyTries(TooManyTurns):
    """Somebody tries keys."""


def _written(problem: Problem) -> dict[str, Any]:
    kind = "server_error" if problem.status >= 500 else "requests" if problem.status == 429 else "invalid_request_error"
    return {"error": {"message": problem.message, "type": kind, "param": problem.param, "code": problem.code}}


SHAPE = Shape("/v1/", {usual.status: usual for usual in USUAL}, _written, headers={401: {"WWW-Authenticate": "Bearer"}})
openai_errors_middleware = middleware_of(SHAPE)


def error_response(status: int) -> JsonResponse:
    """An error in the one shape, of which everything follows from its status."""
    return SHAPE.response(Problem(status))


def response_to(request: HttpRequest, error: Exception) -> HttpResponse:
    """The reply to what was raised while a call was served; what nobody foresaw is logged with its cause."""
    problem = _problem_of(error)
    return SHAPE.crashed(request, error) if problem is None else SHAPE.response(problem)


def _problem_of(error: Exception) -> Problem | None:
    """What differs from the other interface: its words are of keys and messages, and a call that cannot be taken is always a 400."""
    match error:
        case KeyRefused():
            return Problem(401)
        case CallRefused():
            return Problem(error.status, error.message, error.code, param=error.param)
        case QuestionRefused():
            return Problem(400, error.user_message, param="messages")
        case IdentityRefused():
            logger.warning("a signed token was refused: %s", error)
            return Problem(400, error.user_message, "identity_refused", param=f"{OWN}.identity")
        case SameKeyOtherText():
            return Problem(409, OTHER_CALL, "conflict", param="Idempotency-Key")
        case TooManyTries():
            return Problem(429, TOO_MANY_TRIES, retry_after=error.retry_after)
        case TooManyTurns():
            return Problem(429, retry_after=error.retry_after)
    return problem_of(error)
