"""What a server says when it does not answer, as an error of ours. Pure: status, headers and words in, ModelError out.

Servers agree on the status codes and on little else: the same "your prompt is too long" comes as 400, 413, 422 or 500, with a code
of their own or with none, in a sentence of their own.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from llm.errors import ModelBusy, ModelError, ModelRefused, ModelTimeout, ModelUnavailable

BUSY_STATUSES = frozenset({429, 503, 529})
MOST_WORDS = 200  # characters of a server's sentence that are kept
MOST_LOOKED_AT = 20_000  # characters that are searched: some servers repeat a whole prompt, and all customers wait meanwhile

# One line for each family of servers. All words are compared in lower case.
_TOO_LONG = re.compile(
    "|".join(
        (
            r"context_length_exceeded|exceed_context_size|context_window_exceeded|string_above_max_length",  # codes
            r"max(?:imum)? (?:context|prompt|model|sequence|input) ?length",  # OpenAI, vLLM, OpenRouter, xAI, Mistral, SGLang
            r"exceeds? (?:the )?(?:available |model'?s? |max(?:imum)? )*context",  # llama.cpp, Ollama, Anthropic
            r"context (?:window|length|size|limit)[^.]{0,40}(?:exceed|overflow|too (?:small|short))",
            r"longer than the (?:model'?s )?(?:context|maximum model) ?length",  # SGLang, vLLM
            r"(?:prompt|input|request|messages?) (?:is|are|was) too (?:long|large)",  # Anthropic, Bedrock, llama.cpp
            r"reduce the length of (?:the |your )?(?:messages|prompt|input)",  # OpenAI, Groq
            r"too many (?:input |prompt )?tokens",  # Cohere
            r"input token count[^.]{0,40}exceeds",  # Gemini
            r"`?inputs`? (?:tokens \+ `?max_new_tokens`? must be <=|must have less than)",  # TGI, Together
            r"tokens to keep from the initial prompt|context the overflows",  # LM Studio
            r"range of input length should be",  # DashScope
            r"exceed(?:s|ed)? (?:the )?(?:model )?token limit|tokens_limit_reached",  # Moonshot, GitHub Models
            r"(?:prompt|input)\b[^.]{0,30}\bexceeds? (?:the )?(?:(?:max(?:imum)?|configured|allowed|token) )*(?:limit|length)",  # Zhipu, OpenAI
            r"context window exceeds",  # MiniMax
            r"(?:prompt|input) tokens? (?:is |are )?too (?:long|many)",  # Baidu
        )
    )
)


_UNKNOWN_MODEL = re.compile(
    r"model_not_found|model_not_supported|not_found_error|(?:invalid|unknown|unsupported|no such) model\b|"
    r"model [`'\"“]?[\w.:/@-]+[`'\"”]? (?:was |is )?(?:not found|not available|not supported|unknown|does not exist)"
)


def is_context_overflow(words: str) -> bool:
    """Whether a refusal says that the prompt, with the answer asked for, does not fit into the model's context."""
    return bool(_TOO_LONG.search(words[:MOST_LOOKED_AT].lower()))


def _names_unknown_model(words: str) -> bool:
    return bool(_UNKNOWN_MODEL.search(words[:MOST_LOOKED_AT].lower()))


def of_status(status: int, words: str, *, retry_after: float | None = None, key_variable: str = "") -> ModelError:
    """The error for an answer with that status. words: the server's message, and its code if it gave one."""
    message = f"the server answered {status}: {words[:MOST_WORDS]}"
    if status in (401, 403):  # without its words: they often repeat the key
        return ModelRefused(f"the server answered {status}: check {key_variable or 'the key'}", kind="unauthorized")
    if status == 413 or (status not in BUSY_STATUSES and is_context_overflow(words)):
        return ModelRefused(message, kind="context_overflow")
    if status in BUSY_STATUSES or status == 402:  # 402: what was paid for is used up
        return ModelBusy(message, retry_after=retry_after)
    if 300 <= status < 400:
        return ModelRefused(f"the server answered {status}: it is to be asked at another address", kind="redirected")
    if status == 404 or (status in (400, 422) and _names_unknown_model(words)):
        return ModelRefused(message, kind="unknown_model")
    if status in (408, 504):
        return ModelTimeout(message)
    if status >= 500:
        return ModelUnavailable(message, kind="server_error")
    return ModelRefused(message)


def of_error_object(error: Any) -> ModelError:
    """The error for an error object that came inside a stream, or as the whole body, of an answer that began well."""
    detail = error if isinstance(error, dict) else {"message": error}
    said = str(detail.get("message") or error)
    words = f"{detail.get('type', '')} {detail.get('code', '')}".lower()
    if re.search(r"\b40[13]\b|auth|permission|api_key", words):
        return ModelRefused("the server reported that the key may not do this", kind="unauthorized")
    message = f"the server reported: {said[:MOST_WORDS]}"
    if is_context_overflow(f"{words} {said}"):
        return ModelRefused(message, kind="context_overflow")
    if re.search(r"\b(?:402|429|503|529)\b|rate.?limit|quota|overloaded|too_many", words):
        return ModelBusy(message)
    if re.search(r"\b404\b", words) or _names_unknown_model(f"{words} {said}"):
        return ModelRefused(message, kind="unknown_model")
    if "invalid_request" in words or re.search(r"\b4(?:00|22)\b", words):
        return ModelRefused(message)
    return ModelUnavailable(message, kind="server_error")


def seconds_to_wait(value: str | None, *, now: datetime) -> float | None:
    """Retry-After in seconds, given as a number or as a date; None if it is missing or neither."""
    if not value:
        return None
    try:
        seconds = float(value)
        return max(seconds, 0.0) if isfinite(seconds) else None
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, IndexError, TypeError, OverflowError):  # its reading of odd dates has raised each of them
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - now).total_seconds(), 0.0)
