"""What servers say when they do not answer, in their own words, told apart by what can be done about it."""

from datetime import UTC, datetime

import pytest

from llm.refusals import is_context_overflow, of_error_object, of_status, seconds_to_wait

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "context_length_exceeded",
        "'max_tokens' is too large: 400. This model's maximum context length is 4096 tokens and your request has 4000 input tokens.",
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        "the request exceeds the available context size. try increasing the context size or enable context shift",
        "Requested tokens (5000) exceed context window of 4096",
        "input is too large to process. increase the physical batch size",
        "the input length exceeds the context length",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "Please reduce the length of the messages or completion.",
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        "Input is too long for requested model.",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 2000",
        "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096",
        "too many tokens: size limit exceeded by 1000 tokens",
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
        "Range of input length should be [1, 6000]",
    ],
)
def test_a_prompt_that_is_too_long_is_told_from_other_refusals(words):
    assert is_context_overflow(words)
    for status in (400, 422, 500):
        assert of_status(status, words).kind == "context_overflow"


@pytest.mark.parametrize(
    "words",
    [
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "Invalid value for 'temperature'",
        "The model is overloaded. Please wait.",
        "You exceeded your current quota, please check your plan and billing details.",
        "Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5000, Requested 2000.",
        "The message contains too many images",
        "Internal error while reading the context of the session",
    ],
)
def test_other_refusals_are_not_about_the_length(words):
    assert not is_context_overflow(words)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "refused"),
        (401, "unauthorized"),
        (403, "unauthorized"),
        (404, "unknown_model"),
        (307, "redirected"),
        (408, "timeout"),
        (413, "context_overflow"),
        (418, "refused"),
        (429, "busy"),
        (500, "server_error"),
        (503, "busy"),
        (504, "timeout"),
        (529, "busy"),
    ],
)
def test_a_status_says_what_kind_of_refusal_it_is(status, kind):
    assert of_status(status, "words").kind == kind


def test_a_refused_key_is_named_by_its_variable_and_never_repeated():
    error = of_status(401, "Incorrect API key provided: sk-abc", key_variable="LLM_KEY_NEAR")
    assert "LLM_KEY_NEAR" in str(error) and "sk-abc" not in str(error)
    assert "sk-abc" not in str(of_error_object({"type": "authentication_error", "message": "bad key sk-abc"}))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "overloaded", "type": "overloaded_error"}, "busy"),
        ({"message": "slow down", "code": "rate_limit_exceeded"}, "busy"),
        ({"message": "slow down", "code": 429}, "busy"),
        ({"message": "no money", "code": "insufficient_quota"}, "busy"),
        ({"message": "no", "type": "invalid_request_error"}, "refused"),
        ({"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}, "context_overflow"),
        ({"message": "no", "type": "generation_error"}, "server_error"),
        ("out of memory", "server_error"),
        (["odd"], "server_error"),
    ],
)
def test_an_error_object_inside_a_stream_is_told_apart_as_well(error, kind):
    assert of_error_object(error).kind == kind


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("2", 2.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    assert seconds_to_wait(value, now=NOW) == seconds
