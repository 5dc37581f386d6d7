"""Measure what routing between two models costs and keeps: `make bench-routing SMALL="URL MODEL" LARGE="URL MODEL"`.

Asks graded questions of several shops as whole turns: without a model, with the small or the large one alone, and with both. Says what
the router reaches of the large model's right answers and of its tokens, fits its thresholds on one half of the questions, reports the
other, and writes the figures and the curve to docs/benchmarks.md. Any OpenAI-compatible servers will do; the key, if they want one, is
taken from OPENAI_API_KEY. With --keep a run that was broken off goes on where it was.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.measuring import load, machine, replace_section
from benchmarks.routing_curve import LARGE_ALONE, Graded, Tokens, Tried
from benchmarks.routing_report import Setting, drawn, section
from llm.routing import USUAL, Signals
from tests import servers

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
SHOPS = sorted(path.stem for path in (ROOT / "tests" / "shops" / "questions").glob("*.jsonl"))
LEAST_HELD = 0.25  # as shipped
IMAGE = ROOT / "docs" / "images" / "routing-curve.svg"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", nargs=2, required=True, metavar=("URL", "MODEL"))
    parser.add_argument("--large", nargs=2, required=True, metavar=("URL", "MODEL"))
    parser.add_argument("--cases", type=int, default=28, metavar="N", help="questions that models are asked (default 28)")
    parser.add_argument("--shops", nargs="+", default=SHOPS, choices=SHOPS, help="whose questions (default: all)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="what the models said; what stands in it is not asked again")
    parser.add_argument(
        "--ratio", type=float, default=10.0, help="how many times dearer a token of the large model is (default 10)"
    )
    parser.add_argument("--context", type=int, default=4096, help="LLM_CONTEXT_TOKENS (default 4096)")
    parser.add_argument("--answer", type=int, default=400, help="LLM_MAX_ANSWER_TOKENS (default 400)")
    parser.add_argument("--dry", action="store_true", help="print only, leave docs/ as it is")
    options = parser.parse_args()
    busy = load()
    rows = [row for shop, cases in shared_out(options.cases, options.shops) for row in asked_in(shop, cases, options)]
    questions = [graded(row) for row in rows if LARGE_ALONE in row["tried"]]
    calls = [call for row in rows for tried in row["tried"].values() for call in tried.get("calls", ())]
    setting = Setting(
        small=options.small[1],
        large=options.large[1],
        ratio=options.ratio,
        graded=len(rows),
        reach=sum(row["reaches"] for row in rows),
        context=options.context,
        answer=options.answer,
        usual=USUAL,
        least=LEAST_HELD,
        estimated=any(call["estimated"] for call in calls),
    )
    head = f"{date.today():%-d %B %Y} · {machine()} · {busy} · `make bench-routing` with `--cases {options.cases}`"
    text = section(questions, setting, head=head, image=f"images/{IMAGE.name}")
    print(text)
    if not options.dry:
        IMAGE.write_text(drawn(questions, setting), "utf-8")
        REPORT.write_text(replace_section(REPORT.read_text("utf-8"), "routing", text), "utf-8")
        print(f"\nWritten to {os.path.relpath(REPORT)} and {os.path.relpath(IMAGE)}.")
    return 0


def shared_out(cases: int, shops: Sequence[str]) -> list[tuple[str, int]]:
    """How many questions of each shop are asked of models: as evenly as they go."""
    each, more = divmod(cases, len(shops))
    return [(shop, each + (place < more)) for place, shop in enumerate(shops)]


def asked_in(shop: str, cases: int, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Every graded question of a shop, tried by a process with a database of its own. Raises SystemExit if a model failed."""
    command = [sys.executable, "-m", "benchmarks.routing_cases", "--shop", shop, "--cases", str(cases)]
    command += ["--small", *options.small, "--large", *options.large]
    if options.keep:
        command += ["--keep", str(options.keep.absolute())]
    settings = {
        "DEMO": "false",
        "OPENAI_API_KEY": os.environ.get("OPENAI_API_KEY", ""),
        "LLM_CONTEXT_TOKENS": str(options.context),
        "LLM_MAX_ANSWER_TOKENS": str(options.answer),
        "LLM_TIMEOUT_SECONDS": "600",
        "LLM_FIRST_TOKEN_SECONDS": "600",
        "LLM_CACHE_SECONDS": "0",  # each question is to be paid for in each way
        "LLM_LEAST_HELD": "0",  # and each way to be taken; what experience makes of them is worked out from all of them
    }
    with tempfile.TemporaryDirectory(prefix="whereabouts-bench-") as folder:
        environment = servers.product_environment(Path(folder), 8000, **settings)
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"The questions of {shop} could not be asked; what is wrong stands above.")
    *rows, summary = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if summary["failed"]:
        raise SystemExit(
            f"{shop}: calls of models failed ({', '.join(summary['failed'])}). Look after the servers and start again."
        )
    return [row | {"shop": shop} for row in rows]


def graded(row: dict[str, Any]) -> Graded:
    """A line of the child as a value."""
    tried = {way: _tried(values) for way, values in row["tried"].items()}
    return Graded(row["shop"], row["text"], row["fits"], Signals(**row["signals"]), tried)


def _tried(values: dict[str, Any]) -> Tried:
    calls: Iterable[dict[str, Any]] = values["calls"]
    return Tried(tuple(values["problems"]), Tokens.of(calls), values["ms"], values["own_words"])


if __name__ == "__main__":
    sys.exit(main())
