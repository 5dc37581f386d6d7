"""Many answers worded by a model at the same time in one process: `python -m benchmarks.llm_streams --streams 500 --port 9000`.

Whole turns (understood, routed, prompted, streamed, each sentence checked, recorded) with one made-up policy behind them. Prints one line
of JSON: how many answers were whole and in order, how late their sentences came, and what it cost in memory and processor time.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

POLICY = " ".join(
    f"The {colour} {thing} of the {season} collection can be returned within {days} days from the day of delivery."
    for days, (colour, thing, season) in enumerate(
        (
            (c, t, s)
            for c in ("violet", "amber", "teal")
            for t in ("umbrella", "lantern", "kettle", "hammock")
            for s in ("spring", "autumn")
        ),
        start=21,
    )
)
QUESTION = "Within how many days can a thing be returned? (case {number})"


async def one(number: int, services: Any) -> tuple[str, list[tuple[str, float]]]:
    """The answer's text, and each piece with when it was shown."""
    from uuid import uuid4

    from django.utils import timezone

    from chatbot.answering import answer_turn
    from chatbot.conversations import accept_question, start_conversation
    from chatbot.turn import TextShown, TurnFinished

    now = timezone.now()
    conversation, _ = await start_conversation(channel="command", at=now)
    accepted = await accept_question(conversation, QUESTION.format(number=number), uuid4().hex, at=now)
    pieces, text = [], ""
    async for event in answer_turn(accepted.question, services):
        if isinstance(event, TextShown):
            pieces.append((event.text, time.monotonic()))
        elif isinstance(event, TurnFinished):
            text = event.answer.text
    return text, pieces


async def all_at_once(streams: int, port: int) -> dict[str, Any]:
    from benchmarks.sentences import lateness
    from chatbot.models import Turn
    from llm.client import Limits, ModelClient, warm_up
    from llm.models import ModelCall
    from llm.routing import Tier
    from tests.factories import make_passage
    from tests.fakes import FakePolicies, fake_services

    await warm_up()
    limits = Limits(first_token=120, total=300, stall=120, concurrent=streams, answer_tokens=2000)
    model = ModelClient("quoting", Tier.SMALL, f"http://127.0.0.1:{port}/v1", limits=limits)
    services = fake_services(policies=FakePolicies(make_passage(POLICY)), models={Tier.SMALL: model, Tier.LARGE: model})
    await one(0, services)  # what is loaded with the first one
    quiet = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    began, worked = time.monotonic(), time.process_time()
    answers = await asyncio.gather(*(one(number, services) for number in range(1, streams + 1)))
    took, worked = time.monotonic() - began, time.process_time() - worked
    calls = await asyncio.to_thread(log_of, port)
    said = {call["text"]: call for call in calls[1:]}
    whole = [(text, pieces, said[_plain(text)]) for text, pieces in answers if _plain(text) in said]
    late = [delay for _, pieces, call in whole for delay in lateness(pieces, call)]
    await model.aclose()
    return {
        "streams": streams,
        "whole": len(whole),
        "in_order": sum("".join(piece for piece, _ in pieces) == text for text, pieces, _ in whole),
        "recorded": min(
            await Turn.objects.filter(state="finished").acount(), await ModelCall.objects.filter(ending="finished").acount()
        )
        - 1,
        "tokens": sum(len(call["written"]) for call in calls[1:]),
        "seconds": took,
        "processor_seconds": worked,
        "late_ms": sorted(late),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "memory_before_mb": quiet,
    }


def _plain(text: str) -> str:
    return " ".join(text.split())


def log_of(port: int) -> list[dict[str, Any]]:
    """Every call that the model server has had."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/log")
    return list(json.loads(connection.getresponse().read())["calls"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--port", type=int, required=True, help="of the model server")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="whereabouts-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": ""}
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LLM_SMALL_MODEL", "LLM_LARGE_MODEL"):
            os.environ[name] = ""
        os.environ |= {"LLM_CONTEXT_TOKENS": "16000", "LLM_MAX_ANSWER_TOKENS": "2000", "LLM_TIMEOUT_SECONDS": "300"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        Path(folder).mkdir(exist_ok=True)
        print(json.dumps(asyncio.run(all_at_once(arguments.streams, arguments.port))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
