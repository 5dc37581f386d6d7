"""Ask the bot from the command line: one question, or a file of them."""

import asyncio
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from chatbot.asking import ask, read_lines
from chatbot.errors import ChatError


class Command(BaseCommand):
    help = "Ask one question, or many: --batch IN.jsonl with lines {id, text, asked_by, history} gives --out OUT.jsonl with the answers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", nargs="?", help="the question")
        parser.add_argument("--as", dest="asked_by", metavar="EMAIL", help="ask as this customer, as if signed in")
        parser.add_argument("--json", action="store_true", help="print the answer object")
        parser.add_argument("--batch", type=Path, metavar="IN.jsonl", help="questions, one JSON object a line")
        parser.add_argument("--out", type=Path, metavar="OUT.jsonl", help="where the answers go")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"]:
            if not options["out"] or options["text"]:
                raise CommandError("--batch IN.jsonl goes with --out OUT.jsonl, and without a question.")
            self._batch(options["batch"], options["out"])
        elif options["text"] is None:
            raise CommandError('Give a question: manage.py ask "Where is my order?" --as EMAIL')
        else:
            self._one(options["text"], options["asked_by"], as_json=options["json"])

    def _one(self, text: str, asked_by: str | None, *, as_json: bool) -> None:
        try:
            answer = asyncio.run(ask(text, asked_by=asked_by, at=timezone.now()))
        except ChatError as error:
            raise CommandError(error.user_message) from error
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        self.stdout.write(answer["answer"])
        for citation in answer["citations"]:
            quote = " ".join(citation["quote"].split())
            self.stdout.write(f"[{citation['n']}] {citation['document']}, version {citation['version']}: “{quote}”")

    def _batch(self, source: Path, target: Path) -> None:
        from tqdm import tqdm

        try:
            lines = source.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{source} cannot be read: {error}") from error
        wrong = 0
        with asyncio.Runner() as runner, target.open("w", encoding="utf-8") as out:
            for number, line in enumerate(tqdm(lines, unit="question", disable=None), 1):
                if not line.strip():
                    continue
                answer, problem = runner.run(self._line(line))
                if problem:
                    wrong += 1
                    self.stderr.write(f"{source}, line {number}: {problem}")
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        if wrong:
            raise CommandError(f"{wrong} of {len(lines)} lines were not answered.")

    async def _line(self, line: str) -> tuple[dict[str, Any], str]:
        """Answer one line; the second value says what was wrong with it. A refused question is answered with the refusal."""
        try:
            asked = read_lines(line)
        except ValueError as error:
            return {"id": None, "answer": "", "outcome": "failed", "error": str(error)}, str(error)
        try:
            answer = await ask(asked.text, asked_by=asked.asked_by, history=asked.history, at=timezone.now())
        except ChatError as error:
            refused = {"id": asked.id, "answer": error.user_message, "outcome": "failed", "citations": [], "orders": []}
            return refused | {"order_lookup": False}, ""
        return answer | {"id": asked.id if asked.id is not None else str(uuid4())}, "" if answer["outcome"] != "failed" else answer[
            "answer"
        ]
