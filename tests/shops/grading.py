"""Graded questions of a shop: read from its file, and held against an answer."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.asking import read_lines
from chatbot.turn import Utterance

HERE = Path(__file__).parent
SHOPS = ("household", "fashion", "parts", "demo", "gadgets", "cycles", "tea")


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what its answer must be like; see README.md."""

    shop: str
    text: str
    asked_by: str | None
    history: tuple[Utterance, ...]
    contains: tuple[str | list[str], ...]
    lacks: tuple[str, ...]
    outcome: tuple[str, ...]
    orders: tuple[str, ...]
    only: bool


def load_cases(shop: str) -> list[Case]:
    lines = (HERE / "questions" / f"{shop}.jsonl").read_text("utf-8").splitlines()
    return [_case(shop, line) for line in lines if line.strip()]


def problems(case: Case, answer: dict[str, Any]) -> list[str]:
    """What is wrong with an answer, in words; nothing when it is right."""
    said = answer["answer"].replace("\\", "").casefold()
    found = [f"misses {wanted!r}" for wanted in case.contains if not _has(said, wanted)]
    found += [f"has {unwanted!r}" for unwanted in case.lacks if unwanted.casefold() in said]
    if case.outcome and answer["outcome"] not in case.outcome:
        found.append(f"outcome {answer['outcome']}")
    shown = [order["number"] for order in answer["orders"]]
    if missing := set(case.orders) - set(shown):
        found.append(f"does not show {sorted(missing)}")
    if case.only and (more := set(shown) - set(case.orders)):
        found.append(f"shows {sorted(more)}")
    return found


def _has(said: str, wanted: str | list[str]) -> bool:
    return any(choice.casefold() in said for choice in ([wanted] if isinstance(wanted, str) else wanted))


def _case(shop: str, line: str) -> Case:
    data, asked = json.loads(line), read_lines(line)
    lists = {name: tuple(data.get(name, ())) for name in ("contains", "lacks", "outcome", "orders")}
    return Case(shop, asked.text, asked.asked_by, asked.history, only=bool(data.get("only")), **lists)
