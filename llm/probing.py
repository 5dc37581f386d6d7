"""Try an endpoint out: does it answer, how quickly, does it stream and count, and does it take in what it is said to?

Two short calls, both metered. The second sends a prompt as long as the context is said to be: some servers refuse what does not fit,
others drop the beginning without a word, and a bot whose evidence was dropped answers from nothing.
"""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils import timezone

from llm.advice import advice
from llm.client import ChatMessage, ModelClient, Reply, client_of, warm_up
from llm.counting import estimate_messages, estimate_tokens
from llm.endpoints import Endpoint
from llm.errors import ModelError
from llm.metering import record_call
from llm.purposes import Purpose

PURPOSE = Purpose.TEST
MOST_CONTEXT = 16_000  # tokens of the second: a test must not cost more than many answers
PATIENCE = 20.0  # seconds the second call may take to its first word, for servers that read slowly
READ_AT_LEAST = 0.6  # share of the prompt, as the server counts it: our own count leans to the high side
QUESTION = "Write the numbers from one to thirty as words, separated by commas, and nothing else."


@dataclass(frozen=True, slots=True)
class Found:
    """What a test found. problem: a sentence with what to do, "" if it answers. context: a sentence; context_ok: None is not known.

    tokens_per_second is None where the reply came in one piece; tokens: in and out, of both calls.
    """

    works: bool
    problem: str = ""
    first_token_ms: float | None = None
    tokens_per_second: float | None = None
    streams: bool = False
    reports_usage: bool = False
    context: str = ""
    context_ok: bool | None = None
    tokens: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def probe(endpoint: Endpoint) -> Found:
    """Ask the endpoint twice, without retries and apart from the customers' breaker and queue. Every call is recorded."""
    client = client_of(replace(endpoint, limits=replace(endpoint.limits, retries=0)))
    long = client_of(_patient(endpoint))
    await warm_up()
    for one in (client, long):
        one.connection()  # making them is no part of the server's time
    try:
        found = await _ask(client, endpoint)
        return await _fill(long, endpoint, found) if found.works else found
    finally:
        await client.aclose()
        await long.aclose()


def filling(tokens: int) -> list[ChatMessage]:
    """A request of that many tokens by our own count, or a few fewer."""
    messages = [ChatMessage("system", ""), ChatMessage("user", "How many lines are above? Answer with one number.")]
    lines: list[str] = []
    left, number = tokens - estimate_messages(messages), 0
    while True:
        number += 1
        line = f"Line {number}: a parcel left the warehouse in good order and is on its way.\n"
        left -= estimate_tokens(line)
        if left < 0:
            return [ChatMessage("system", "".join(lines)), messages[1]]
        lines.append(line)


async def _ask(client: ModelClient, endpoint: Endpoint) -> Found:
    arrived: list[float] = []
    reply = client.reply([ChatMessage("user", QUESTION)])
    problem = ""
    try:
        async with reply:
            async for _ in reply:
                arrived.append(time.monotonic())
    except ModelError as error:
        problem = advice(error, endpoint)
    finally:
        await _record(reply, endpoint)
    if problem:
        return Found(works=False, problem=problem, first_token_ms=reply.first_token_ms)
    took = arrived[-1] - arrived[0]
    streams = len(arrived) > 1
    return Found(
        works=True,
        first_token_ms=reply.first_token_ms,
        tokens_per_second=round(reply.usage.output / took, 1) if streams and took > 0.01 else None,
        streams=streams,
        reports_usage=not reply.usage.estimated,
        tokens=reply.usage.input + reply.usage.output,
    )


async def _fill(client: ModelClient, endpoint: Endpoint, found: Found) -> Found:
    """The same findings, with what the server makes of a prompt as long as its context."""
    room = endpoint.limits.context_tokens - endpoint.limits.answer_tokens
    asked = filling(min(room, MOST_CONTEXT))
    sent = estimate_messages(asked)
    reply = client.reply(asked)
    sentence, ok = "", None
    try:
        async with reply:
            async for _ in reply:
                pass
    except ModelError as error:
        if error.kind == "context_overflow":
            sentence, ok = f"It refused a prompt of about {sent:,} tokens as too long. Give fewer tokens of context.", False
        elif error.kind not in ("empty", "repeating", "tool_call"):  # those have read the prompt, which is all that is asked here
            sentence = f"A prompt of about {sent:,} tokens was not answered, so its context is not known. {advice(error, endpoint)}"
    finally:
        await _record(reply, endpoint)
    if not sentence:
        sentence, ok = _read(reply, sent, whole=sent >= room - 100)
    return replace(found, context=sentence, context_ok=ok, tokens=found.tokens + reply.usage.input + reply.usage.output)


def _read(reply: Reply, sent: int, *, whole: bool) -> tuple[str, bool | None]:
    """What can be said of a long prompt that was answered. whole: it was as long as the context is said to be."""
    read = reply.usage.input
    if reply.usage.estimated:
        return f"It answered a prompt of about {sent:,} tokens, but does not say how many of them it has read.", None
    if read < sent * READ_AT_LEAST:
        return (
            f"It has read only {read:,} of about {sent:,} tokens, without a word about it. Give fewer tokens of context, or have the "
            "server keep more (Ollama: num_ctx).",
            False,
        )
    if whole:
        return f"It reads a prompt as long as its context ({read:,} tokens by its own count).", True
    return f"It reads a prompt of {read:,} tokens; longer ones are not tried.", True


def _patient(endpoint: Endpoint) -> Endpoint:
    limits = endpoint.limits
    first = max(limits.first_token, PATIENCE)
    return replace(
        endpoint, limits=replace(limits, retries=0, first_token=first, stall=first, total=first + 10.0, answer_tokens=16)
    )


async def _record(reply: Reply, endpoint: Endpoint) -> None:
    await record_call(reply, at=timezone.now(), purpose=PURPOSE, subject=f"endpoint {endpoint.name or 'environment'}")
