"""What the commands of this room share: dates and readers from the command line, a progress bar on a terminal, one way to say the outcome."""

import argparse
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

from retrieval.audiences import Audience
from retrieval.management.progress import Bar

Item = TypeVar("Item")


def iso_date(text: str) -> date:
    """A date such as 2026-12-31; anything else is refused in a sentence."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a date. Please write it as 2026-12-31.") from None


def audience(text: str) -> Audience:
    """Who reads, by the name that stands in `audiences.py`; anything else is refused in a sentence that tells the names."""
    if text in Audience:
        return Audience(text)
    raise argparse.ArgumentTypeError(f"“{text}” is not an audience. Please give one of: {', '.join(Audience.values)}.")


def at_least_one(text: str) -> int:
    """A whole number from 1."""
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1.")


def with_progress(items: Iterable[Item], *, total: int, kind: str) -> Iterator[Item]:
    """The items, with a bar on stderr where that is a terminal."""
    with Bar(total, kind) as bar:
        for item in items:
            yield item
            bar.ended()


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
