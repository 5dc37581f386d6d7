"""Measure what the product adds to a model's own time: `make bench-llm`.

Starts a model of its own that streams 50 tokens a second, then the product with the demo shop and that model, asks questions over HTTP one
after the other, and then 500 of them at the same time of one web process. Writes the figures to docs/benchmarks.md.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.crowd import ask_together
from benchmarks.customer import Customer, Heard
from benchmarks.measuring import load, machine, percentile, replace_section, spread, table
from benchmarks.model_server import log_of
from benchmarks.processes import memory_mb, most_memory_mb, processor_seconds, web_pid
from benchmarks.sentences import lateness
from tests import servers

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
RATE = 50  # tokens a second
WARM_UP = 4  # questions that do not count
# every question is another one: what was asked before is known already
ASKED = (
    "How long do I have to return {thing} that I do not like?",
    "How long does a refund take for {thing} that I sent back?",
    "What does the warranty cover if {thing} breaks?",
    "Can I pay for {thing} with a gift card that is a year old?",
    "Can I return {thing} from the seasonal sale?",
)
COLOURS = ("red", "blue", "green", "black")
THINGS = (
    "a tent",
    "a jacket",
    "two lanterns",
    "hiking boots",
    "a rope",
    "a stove",
    "a rucksack",
    "a sleeping bag",
    "a hammock",
    "gloves",
)
THINGS += ("a headlamp", "a map", "a paddle", "crampons", "a thermos", "a bivouac", "gaiters", "an anorak", "a compass", "trousers")


@dataclass
class Alone:
    """Of one customer, in milliseconds: question sent until the model was asked, until the first sentence was read; each sentence's lateness.

    composed: answers that the model did not word.
    """

    before: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    composed: int = 0


@dataclass(frozen=True)
class Crowd:
    """Of many customers at once. worded: answers of the model; whole: those that are word for word what it said; in_order: of all answers.

    late: milliseconds. tokens: of all answers, longest: of the longest one.
    """

    streams: int
    worded: int
    whole: int
    in_order: int
    tokens: int
    longest: int
    seconds: float
    processor_seconds: float
    late: list[float]
    memory_mb: float
    memory_before_mb: float


def asked(count: int) -> list[str]:
    """So many questions, the first five hundred each another one."""
    things = [*THINGS, *(f"{thing} in {colour}" for colour in COLOURS for thing in THINGS)]
    texts = itertools.cycle(text.format(thing=thing) for thing in things for text in ASKED)
    return list(itertools.islice(texts, count))


def worded(heard: Heard, calls: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The call whose words an answer is: of those of the same words the one that ended last before the answer was read."""
    same = [call for call in calls if plain(call["text"]) == plain(heard.answer["answer"]) and call["asked"] >= heard.sent]
    read = heard.pieces[-1][1] if heard.pieces else 0.0
    return max(
        (call for call in same if call["written"] and call["written"][-1] <= read), key=lambda c: c["written"][-1], default=None
    )


def plain(text: str) -> str:
    """A text as two are compared: its blanks do not count."""
    return " ".join(text.split())


def is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    time.sleep(0.05)
    return False


@contextlib.contextmanager
def quoting_model() -> Iterator[int]:
    """The model server in a process of its own; yields its port."""
    port = servers.free_port()
    command = [sys.executable, "-m", "benchmarks.model_server", "--port", str(port), "--rate", str(RATE)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        while not is_listening(port):
            if process.poll() is not None:
                raise RuntimeError("The model server did not start.")
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def product(**more: str) -> Iterator[tuple[int, int, int]]:
    """The demo shop whose models are one quoting model; yields the port, the web process' id and the model's port."""
    with quoting_model() as model, tempfile.TemporaryDirectory(prefix="whereabouts-bench-") as folder:
        port = servers.free_port()
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model}/v1",
            "LLM_SMALL_MODEL": "quoting",
            "LLM_LARGE_MODEL": "quoting",
            "LLM_CACHE_SECONDS": "0",
            "TURNS_PER_MINUTE": "10000",
            "TURNS_PER_MINUTE_PER_ADDRESS": "100000",
        }
        with servers.running_product(Path(folder), port, **settings, **more) as process:
            yield port, web_pid(process), model


def one_by_one(questions: int) -> Alone:
    alone = Alone()
    with product() as (port, _, model):
        customer = Customer(f"http://localhost:{port}")
        for place, text in enumerate(asked(WARM_UP + questions)):
            customer.start()  # a conversation of its own: no question leans on the one before
            heard = customer.listen(text)
            if place < WARM_UP:
                continue
            calls = [call for call in log_of(model) if call["asked"] >= heard.sent]
            if not calls or not (delays := lateness(heard.pieces, calls[0])):
                alone.composed += 1
                continue
            alone.before.append((calls[0]["asked"] - heard.sent) * 1000)
            alone.first.append((heard.pieces[0][1] - heard.sent) * 1000)
            alone.late += delays
    return alone


def all_at_once(streams: int) -> Crowd:
    """Every question over a connection of its own, all in the same moment, to one web process."""
    room = {"LLM_CONCURRENT_CALLS": str(streams), "LLM_TIMEOUT_SECONDS": "300", "LLM_FIRST_TOKEN_SECONDS": "120"}
    with product(**room, LLM_MAX_ANSWER_TOKENS="1000", LLM_CONTEXT_TOKENS="8000") as (port, web, model):
        asyncio.run(ask_together(port, asked(WARM_UP)))
        quiet, worked, began, known = memory_mb(web), processor_seconds(web), time.monotonic(), len(log_of(model))
        heard = asyncio.run(ask_together(port, asked(streams)))
        took, worked = time.monotonic() - began, processor_seconds(web) - worked
        calls = log_of(model)[known:]
        by_model = [one for one in heard if one.answer["tier"] != "none"]
        whole = [(one, call) for one in by_model if (call := worded(one, calls)) is not None]
        return Crowd(
            streams=streams,
            worded=len(by_model),
            whole=len(whole),
            in_order=sum("".join(piece for piece, _ in one.pieces) == one.answer["answer"] for one in heard),
            tokens=sum(len(call["written"]) for call in calls),
            longest=max(len(call["written"]) for call in calls),
            seconds=took,
            processor_seconds=worked,
            late=[delay for one, call in whole for delay in lateness(one.pieces, call)],
            memory_mb=most_memory_mb(web),
            memory_before_mb=quiet,
        )


def report(alone: Alone, crowd: Crowd, *, busy: str) -> str:
    of_all = f"of {crowd.streams}"
    facts = [
        ["question sent until the model is asked, one customer, p50", f"{percentile(alone.before, 0.5):.1f} ms", "≤ 30 ms"],
        ["the same, p95", f"{percentile(alone.before, 0.95):.1f} ms", ""],
        ["a sentence is whole until the customer reads it, one customer, p50", f"{percentile(alone.late, 0.5):.1f} ms", ""],
        ["the same, p95", f"{percentile(alone.late, 0.95):.1f} ms", "≤ 20 ms"],
        ["question sent until the first sentence is read, median / p95", f"{spread(alone.first)} ms", ""],
        [f"answers worded by the model, {crowd.streams} customers at once", f"{crowd.worded} {of_all}", ""],
        ["of these word for word what the model said to that customer", f"{crowd.whole} of {crowd.worded}", "all"],
        ["answers whose pieces are the answer, in order", f"{crowd.in_order} {of_all}", "all"],
        ["memory of the web process, most / before", f"{crowd.memory_mb:.0f} / {crowd.memory_before_mb:.0f} MB", "≤ 1,000 MB"],
        [
            "until all were answered / the longest answer at the model's pace",
            f"{crowd.seconds:.1f} / {crowd.longest / RATE:.1f} s",
            "",
        ],
        ["processor time of the web process for a turn", f"{crowd.processor_seconds / crowd.streams * 1000:.1f} ms", ""],
        ["the same for a token", f"{crowd.processor_seconds / crowd.tokens * 1e6:.0f} µs", ""],
        ["a sentence is whole until the customer reads it, all at once, median / p95", f"{spread(crowd.late)} ms", ""],
    ]
    return "\n\n".join(
        (
            "## Answers worded by a model",
            f"{date.today():%-d %B %Y} · {machine()} · {busy} · `make bench-llm`",
            f"The model is a program that quotes the evidence at {RATE} tokens a second and answers at once, in a process of its own on the "
            f"same machine; what is measured is what we add. One customer: the demo shop over HTTP, {len(alone.before)} questions about "
            "policies" + (f" ({alone.composed} more were answered without the model)" if alone.composed else "") + f". At once: "
            f"{crowd.streams} connections to one web process, beside the model and the customers on the same cores. A sentence is known to "
            "be whole with the word behind it: a full stop may be one of an abbreviation.",
            table(["what", "measured", "goal"], facts),
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=100, metavar="N", help="of the one customer (default 100)")
    parser.add_argument("--streams", type=int, default=500, metavar="N", help="answers at once (default 500)")
    parser.add_argument("--dry", action="store_true", help="print only, leave docs/benchmarks.md as it is")
    arguments = parser.parse_args()
    busy = load()
    text = report(one_by_one(arguments.questions), all_at_once(arguments.streams), busy=busy)
    print(text)
    if not arguments.dry:
        REPORT.write_text(replace_section(REPORT.read_text("utf-8"), "llm", text), "utf-8")
        print(f"\nWritten to {os.path.relpath(REPORT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
