"""The graded questions of one shop, asked in every way: the child process of `bench_routing`, with a database of its own.

Prints one JSON object a line: {"text", "reaches", "fits", "signals", "tried": {way: {...}}}, for every question of the shop. reaches:
a model may word the answer. Only the first `--cases` of those that do, in an order drawn with a fixed seed, are asked of models.
"""

import argparse
import asyncio
import contextlib
import io
import json
import logging
import os
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.routing_curve import COMPOSED, LARGE_ALONE, LARGE_FIRST, SMALL_ALONE, SMALL_FIRST
from llm.routing import USUAL, Route, Signals, Thresholds, Tier, route

if TYPE_CHECKING:
    from benchmarks.kept_replies import Memory, RememberingModel
    from chatbot.services import Services
    from tests.shops.grading import Case

SEED = 5
PATIENCE = 600.0  # seconds for one reply: a model without a graphics card takes its time, and how long is no part of being right
# what is at hand in each way, and where a question is sent that a model may answer. Both alone, before both together: a server that
# remembers its newest prompt reads what two calls have in common once
WAYS: Mapping[str, tuple[tuple[Tier, ...], Tier]] = {
    SMALL_ALONE: ((Tier.SMALL,), Tier.SMALL),
    LARGE_ALONE: ((Tier.LARGE,), Tier.LARGE),
    SMALL_FIRST: ((Tier.SMALL, Tier.LARGE), Tier.SMALL),
    LARGE_FIRST: ((Tier.SMALL, Tier.LARGE), Tier.LARGE),
}


class Signpost:
    """Stands where a turn asks for its route: notes the signals, and sends where the benchmark wants what a model may answer."""

    def __init__(self) -> None:
        self.to = Tier.NONE
        self.signals: Signals | None = None  # of the newest turn; None where the turn did not come by here

    def __call__(
        self, signals: Signals, available: Any, closed: Mapping[str, str] | None = None, thresholds: Thresholds = USUAL
    ) -> Route:
        self.signals = signals
        wanted = route(signals, (Tier.SMALL, Tier.LARGE), closed, thresholds)
        return wanted if wanted.tier is Tier.NONE else Route(self.to, "as the benchmark wants it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shop", required=True)
    parser.add_argument("--cases", type=int, required=True, help="to ask models")
    parser.add_argument("--small", nargs=2, required=True, metavar=("URL", "MODEL"))
    parser.add_argument("--large", nargs=2, required=True, metavar=("URL", "MODEL"))
    parser.add_argument("--keep", type=Path, help="a file for what the models said")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.scale_settings")
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.kept_replies import Memory
    from tests.shops.loading import load_shop

    logging.disable(logging.INFO)
    with contextlib.redirect_stdout(io.StringIO()):  # our own lines alone are read
        call_command("migrate", verbosity=0)
        load_shop(options.shop)
    memory = Memory(options.keep)
    asyncio.run(ask_all(options.shop, options.cases, {Tier.SMALL: options.small, Tier.LARGE: options.large}, memory))
    print(json.dumps({"made": memory.made, "failed": memory.failed}))


async def ask_all(shop: str, most: int, named: Mapping[Tier, tuple[str, str]], memory: "Memory") -> None:
    from chatbot import answering
    from chatbot.services import services
    from tests.shops.grading import load_cases

    signpost = Signpost()
    answering.route = signpost  # type: ignore[assignment]
    models = {tier: _model(tier, *where, memory) for tier, where in named.items()}
    product = replace(services(stands_alone=False), models={})
    found = [(case, await _tried(case, signpost, product), signpost.signals) for case in load_cases(shop)]  # composed
    may = [place for place, (_, _, signals) in enumerate(found) if signals and route(signals, models).tier is not Tier.NONE]
    random.Random(f"{SEED} {shop}").shuffle(may)
    asked = {place: turn for turn, place in enumerate(may[:most])}
    for place, (case, composed, signals) in enumerate(found):
        tried = {COMPOSED: composed}
        if place in asked:
            for way, (tiers, to) in WAYS.items():
                signpost.to = to
                tried[way] = await _tried(case, signpost, replace(product, models={tier: models[tier] for tier in tiers}))
                tried[way]["ms"] += composed["ms"]
            signals = signpost.signals  # with both models: one of them may have rephrased a follow-up
            print(f"{shop}: {asked[place] + 1} of {len(asked)}, {memory.made} calls so far", file=sys.stderr)
        fits = asked.get(place, 0) % 2 == 0
        row = {
            "text": case.text,
            "reaches": place in may,
            "fits": fits,
            "signals": asdict(signals) if signals else {},
            "tried": tried,
        }
        print(json.dumps(row), flush=True)
    for model in models.values():
        await model.aclose()


def _model(tier: Tier, url: str, name: str, memory: "Memory") -> "RememberingModel":
    from django.conf import settings

    from benchmarks.kept_replies import RememberingModel
    from llm.client import Limits

    limits = Limits(
        first_token=PATIENCE,
        total=PATIENCE,
        stall=PATIENCE,
        answer_tokens=settings.LLM_MAX_ANSWER_TOKENS,
        context_tokens=settings.LLM_CONTEXT_TOKENS,
    )
    return RememberingModel(name, tier, url, settings.OPENAI_API_KEY, limits, memory=memory)


async def _tried(case: "Case", signpost: Signpost, working_with: "Services") -> dict[str, Any]:
    """One turn, graded. ms: without models the turn's own time, with them the time of its calls alone."""
    from chatbot.asking import ask
    from chatbot.models import Turn
    from tests.shops.grading import problems
    from tests.shops.loading import NOON

    signpost.signals = None
    if not working_with.models:
        signpost.to = Tier.NONE
    answer = await ask(case.text, asked_by=case.asked_by, at=NOON, history=case.history, working_with=working_with)
    turn = await Turn.objects.aget(pk=answer["id"])
    calls = list(_calls(turn))
    return {
        "problems": problems(case, answer),
        "answer": answer["answer"],
        "calls": calls,
        "ms": sum(call["total_ms"] for call in calls) if working_with.models else answer["timings_ms"]["total"],
        "own_words": bool(calls) and calls[-1].get("heard") == "whole",
    }


def _calls(turn: Any) -> Iterator[dict[str, Any]]:
    for call in turn.route.get("calls", ()):
        yield {
            name: call[name] for name in ("purpose", "tier", "input", "output", "estimated", "ending", "total_ms") if name in call
        } | {"heard": call.get("heard", "")}


if __name__ == "__main__":
    main()
