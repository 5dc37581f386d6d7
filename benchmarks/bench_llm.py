"""Measure what the product adds to a model's own time: `make bench-llm`.

Starts a model of its own that streams 50 tokens a second, then the product with the demo shop and that model, asks questions over HTTP one
after the other, and then has 500 answers worded at the same time in one process. Writes the figures to docs/benchmarks.md.
"""

import argparse
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.customer import Customer
from benchmarks.llm_streams import log_of
from benchmarks.measuring import load, machine, percentile, replace_section, spread, table
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


def one_by_one(questions: int) -> tuple[list[float], list[float], list[float], int]:
    """Milliseconds: question sent until the model was asked; first word of the model until it is read; lateness of each sentence.

    And how many answers the model did not word.
    """
    before, first, late, composed = [], [], [], 0
    with quoting_model() as model, tempfile.TemporaryDirectory(prefix="whereabouts-bench-") as folder:
        port = servers.free_port()
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model}/v1",
            "LLM_SMALL_MODEL": "quoting",
            "LLM_LARGE_MODEL": "quoting",
            "TURNS_PER_MINUTE": "10000",
            "TURNS_PER_MINUTE_PER_ADDRESS": "100000",
            "LLM_CACHE_SECONDS": "0",
        }
        with servers.running_product(Path(folder), port, **settings):
            customer = Customer(f"http://localhost:{port}")
            texts = [asked.format(thing=thing) for thing in THINGS for asked in ASKED]
            for place, text in enumerate(itertools.islice(itertools.cycle(texts), WARM_UP + questions)):
                customer.start()  # a conversation of its own: no question leans on the one before
                heard = customer.listen(text)
                if place < WARM_UP:
                    continue
                call = log_of(model)[-1]
                if call["asked"] < heard.sent or not (delays := lateness(heard.pieces, call)):
                    composed += 1
                    continue
                before.append((call["asked"] - heard.sent) * 1000)
                first.append((heard.pieces[0][1] - heard.sent) * 1000)
                late += delays
    return before, first, late, composed


def all_at_once(streams: int) -> dict[str, Any]:
    with quoting_model() as model:
        command = [sys.executable, "-m", "benchmarks.llm_streams", "--streams", str(streams), "--port", str(model)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def report(alone: tuple[Sequence[float], Sequence[float], Sequence[float], int], many: dict[str, Any], *, busy: str) -> str:
    before, first, late, composed = alone
    streams = many["streams"]
    ideal = many["tokens"] / streams / RATE
    facts = [
        ["question sent until the model is asked, one customer, p50", f"{percentile(before, 0.5):.1f} ms", "≤ 30 ms"],
        ["the same, p95", f"{percentile(before, 0.95):.1f} ms", ""],
        ["a sentence is whole until the customer reads it, one customer, p50", f"{percentile(late, 0.5):.1f} ms", ""],
        ["the same, p95", f"{percentile(late, 0.95):.1f} ms", "≤ 20 ms"],
        ["question sent until the first sentence is read, median / p95", f"{spread(first)} ms", ""],
        [f"answers whole and in order, {streams} streams at once", f"{min(many['whole'], many['in_order'])} of {streams}", "all"],
        ["turns and calls on record, the same", f"{many['recorded']} of {streams}", "all"],
        ["memory of that process, most / before", f"{many['memory_mb']:.0f} / {many['memory_before_mb']:.0f} MB", "≤ 1,000 MB"],
        ["until all were answered / the model's own pace", f"{many['seconds']:.1f} / {ideal:.1f} s", ""],
        ["processor time for each token", f"{many['processor_seconds'] / many['tokens'] * 1e6:.0f} µs", ""],
    ]
    if many["late_ms"]:
        facts.append(["a sentence is whole until it is shown, the same, median / p95", f"{spread(many['late_ms'])} ms", ""])
    return "\n\n".join(
        (
            "## Answers worded by a model",
            f"{date.today():%-d %B %Y} · {machine()} · {busy} · `make bench-llm`",
            f"The model is a program that quotes the evidence at {RATE} tokens a second and answers at once, in a process of its own on the "
            f"same machine; what is measured is what we add. One customer: the demo shop over HTTP, {len(before)} questions about policies"
            + (f" ({composed} more were answered without the model)" if composed else "")
            + f". At once: {streams} whole turns in one process, each sentence checked against its evidence. A sentence is known to be whole "
            "with the word behind it: a full stop may be one of an abbreviation.",
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
