"""What `bench_turn` found, as the section of docs/benchmarks.md."""

from collections.abc import Sequence
from datetime import date

from benchmarks.customer import Asked
from benchmarks.measuring import machine, spread, table

READING = 0.3  # seconds that a customer looks at an answer; few are so quick


def turn_rows(measured: dict[str, list[Asked]]) -> list[list[str]]:
    return [
        [
            name,
            str(len(asked)),
            spread([one.first_text for one in asked]),
            spread([one.stages.get("first_text", one.stages.get("total", 0.0)) for one in asked]),
            spread([one.total for one in asked]),
        ]
        for name, asked in measured.items()
    ]


def stage_rows(asked: Sequence[Asked]) -> list[list[str]]:
    """Median and 95th percentile of every stage the server timed, in the order in which they first appear."""
    stages = dict.fromkeys(name for one in asked for name in one.stages)
    rows = []
    for stage in stages:
        values = [one.stages[stage] for one in asked if stage in one.stages]
        rows.append([stage, str(len(values)), spread(values)])
    return rows


def report(measured: dict[str, list[Asked]], facts: list[list[str]], *, command: str, busy: str) -> str:
    return "\n\n".join(
        [
            "## One turn, composed answers",
            f"{date.today():%d %B %Y} · {machine()} · {busy} · `{command}`",
            "Half order questions, half policy questions, signed-in customers, over HTTP on the same machine. "
            "Milliseconds, median / 95th percentile. A customer keeps one connection and one conversation and asks the next question "
            f"when the answer is whole, or has read it for {READING} s: what a follow-up leans on is embedded meanwhile. "
            "*First text* is from the moment the question is sent until the first `delta` event is read; "
            "*server* is the time the product itself took to it, from the start of the turn.",
            table(["customers at once", "questions", "first text", "first text, server", "whole answer"], turn_rows(measured)),
            "By stage, one customer who reads:",
            table(["stage", "turns that had it", "ms"], stage_rows(next(iter(measured.values())))),
            table(["what", "measured", "goal"], facts),
        ]
    )
