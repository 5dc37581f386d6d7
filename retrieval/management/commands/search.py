"""Ranked passages for one query, or for a file of them."""

import asyncio
import json
from argparse import ArgumentParser
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from retrieval import followups
from retrieval.audiences import Audience
from retrieval.management.arguments import as_json, at_least_one, audience, iso_date, with_progress

AT_ONCE = 16  # queries that may share one run of the embedding model


class Command(BaseCommand):
    help = "Find the passages of the policies in force that answer a query; or many, with --batch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", nargs="?", metavar="QUERY")
        parser.add_argument("--k", type=at_least_one, default=10, help="how many passages (10)")
        parser.add_argument("--as-of", type=iso_date, metavar="D", help="the day whose policies count (today)")
        parser.add_argument("--audience", type=audience, default=Audience.EVERYONE, metavar="WHO",
                            help=f"search as one of these readers: {', '.join(Audience.values)} (everyone)")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")
        parser.add_argument("--batch", metavar="IN.jsonl", help='lines of {"id", "text", "history": [{"role", "text"}…]}')
        parser.add_argument("--out", metavar="OUT.jsonl", help="where the batch's results go; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["batch"]) == bool(options["query"]):
            raise CommandError("Please give either a query or --batch.")
        how = {"as_of": options["as_of"] or timezone.localdate(), "k": options["k"], "reader": options["audience"]}
        if options["batch"]:
            self._batch(Path(options["batch"]), options["out"], how)
            return
        [found] = async_to_sync(_search_all)([{"id": None, "text": options["query"], "history": []}], how)
        if options["json"]:
            self.stdout.write(as_json({"query": options["query"], **{key: found[key] for key in ("strength", "results")}}))
        else:
            self._show(found)

    def _show(self, found: dict[str, Any]) -> None:
        self.stdout.write(f"strength {found['strength']:.2f}")
        for number, passage in enumerate(found["results"], start=1):
            self.stdout.write(
                f"\n{number}. {passage['document']} · {passage['heading']} ({passage['source']}, {passage['score']:.3f})"
            )
            self.stdout.write(" ".join(passage["text"].split()))

    def _batch(self, source: Path, target: str | None, how: dict[str, Any]) -> None:
        try:
            # not splitlines(): JSON may hold other line ends inside a string
            lines = source.read_text("utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{source} cannot be read: {error}") from error
        with ExitStack() as files:
            try:
                out: Any = files.enter_context(Path(target).open("w", encoding="utf-8")) if target else self.stdout
            except OSError as error:
                raise CommandError(f"{target} cannot be written: {error}") from error
            broken = self._answer([(number, line) for number, line in enumerate(lines, start=1) if line.strip()], out, how)
        if broken:
            raise SystemExit(1)

    def _answer(self, lines: list[tuple[int, str]], out: Any, how: dict[str, Any]) -> int:
        """Write a result for every good line; name the others and return how many they are. how: see `search.search`."""
        broken = 0
        remaining = with_progress(lines, total=len(lines), kind="queries")
        while batch := list(islice(remaining, AT_ONCE)):
            asked = []
            for number, line in batch:
                try:
                    asked.append(read_line(line))
                except ValueError as error:
                    broken += 1
                    self.stderr.write(f"line {number}: {error}")
            for found in async_to_sync(_search_all)(asked, how):
                out.write(as_json(found) + "\n")
        return broken


def read_line(line: str) -> dict[str, Any]:
    """One query of a batch: id, text, history. Raises ValueError with a sentence."""
    try:
        asked = json.loads(line)
    except ValueError:
        raise ValueError("this is not JSON.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        raise ValueError("an object with a “text” is needed.")
    history = asked.get("history") or []
    if not isinstance(history, list) or not all(isinstance(said, dict) and isinstance(said.get("text"), str) for said in history):
        raise ValueError("“history” must be a list of objects with “role” and “text”.")
    return {"id": asked.get("id"), "text": asked["text"], "history": history}


def context_of(history: list[dict[str, Any]]) -> str:
    """What a search is given of a history."""
    return followups.context_of(turn["text"] for turn in history if turn.get("role") == "user")


async def _search_all(asked: list[dict[str, Any]], how: dict[str, Any]) -> list[dict[str, Any]]:
    from retrieval.search import search

    results = await asyncio.gather(*(search(q["text"], context=context_of(q["history"]), **how) for q in asked))
    return [
        {
            "id": question["id"],
            "strength": round(result.strength, 4),
            "results": [
                {
                    "source": passage.source,
                    "document": passage.document,
                    "heading": passage.heading,
                    "text": passage.text,
                    "score": round(passage.score, 6),
                }
                for passage in result.passages
            ],
        }
        for question, result in zip(asked, results, strict=True)
    ]
