"""Read files or folders and publish each; a file that fails is named with its reason and the others go on."""

import time
from argparse import ArgumentParser
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from retrieval.folders import FoundFile, files_in
from retrieval.management.arguments import as_json, iso_date
from retrieval.management.findings import MOST_COMPARED, findings_of, waiting_findings, warnings
from retrieval.management.progress import Bar

WAIT_SECONDS = 0.2  # while a worker has the version
RECEIVED_AT_ONCE = 32  # files in one transaction
COUNTED_AT_ONCE = 500  # versions whose chunks are counted by one query


class Command(BaseCommand):
    help = "Read policy documents (PDF, office documents, e-mails, web pages, CSV, Markdown, text) from files or folders, and publish each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder that is walked with all folders in it")
        parser.add_argument("--title", default="", help="title of the document; for a single file")
        parser.add_argument("--category", default="", help="for example returns, shipping, payment")
        parser.add_argument("--effective-from", type=iso_date, metavar="D", help="first day in force; without it the text replaces the earlier one for every day")  # fmt: skip
        parser.add_argument("--effective-until", type=iso_date, metavar="D", help="first day on which it is no longer in force")
        parser.add_argument("--governed-by", choices=["today", "order-date"], default="", help="for a question about an order: today's version, or that of the day it was placed")  # fmt: skip
        parser.add_argument("--audience", choices=["everyone", "customers", "staff"], default="", help="who may be answered from it; without it as the version before, or everyone")  # fmt: skip
        parser.add_argument("--review", action="store_true", help="leave a file unpublished that contradicts or repeats another document; staff decide in the console")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="one JSON object with the outcome of every file")

    def handle(self, *args: Any, **options: Any) -> None:
        files = files_in(options["paths"])
        start, end = options["effective_from"], options["effective_until"]
        if start and end and end <= start:
            raise CommandError("--effective-until must be later than --effective-from.")
        if options["title"] and len(files) != 1:
            raise CommandError("--title is for a single file.")
        if not files:
            raise CommandError(
                "No file with a known ending (.pdf, .docx, .xlsx, .pptx, .odt, .rtf, .eml, .html, .csv, .md, .txt …) was found there."
            )
        about = {name: options[name] for name in ("title", "category", "effective_from", "effective_until")}
        about |= {"governed_by": options["governed_by"].replace("-", " "), "audience": options["audience"]}
        about["release"] = "if clear" if options["review"] else "at once"
        outcomes = []
        with Bar(len(files), "files") as bar:
            for outcome in publish(files, told=partly(bar), **about):
                outcomes.append(outcome)
                bar.ended(outcome["version_id"])
                if outcome["status"] == "failed":
                    with bar.aside():
                        self.stderr.write(f"{outcome['file']}: {outcome['reason']}")
        place = {str(file.path): number for number, file in enumerate(files)}
        outcomes.sort(key=lambda outcome: place[outcome["file"]])
        _count_chunks(outcomes)
        _compare(outcomes)
        statuses = ("published", "unchanged", *(["waiting"] if options["review"] else []), "failed")
        counts = {status: sum(outcome["status"] == status for outcome in outcomes) for status in statuses}
        for outcome in outcomes:
            for line in warnings(outcome["findings"]):
                self.stderr.write(f"{outcome['file']}: {line}")
        if options["json"]:
            self.stdout.write(as_json({**counts, "files": outcomes}))
        else:
            for outcome in outcomes:
                if outcome["status"] != "failed":
                    self.stdout.write(
                        f"{outcome['file']}: {outcome['status']} as “{outcome['document']}”, version {outcome['version']}"
                    )
            self.stdout.write(", ".join(f"{count} {status}" for status, count in counts.items()))
        if counts["failed"]:
            raise SystemExit(1)


def partly(bar: Bar) -> Callable[[Any], None]:
    """What is told of a version whose text takes several batches to prepare, as progress of its file."""

    def told(version: Any) -> None:
        words = f"{version.filename}: {version.chunks_done:,} of {version.chunks_total:,} passages"
        bar.partly(version.pk, version.chunks_done / version.chunks_total, words)

    return told


def publish(files: Iterable[FoundFile], *, told: Callable[[Any], None] | None = None, **about: Any) -> Iterator[dict[str, Any]]:
    """Take each file the whole way, here and now, and say what became of it, the first to end first. A bad file never raises.

    told: is given a version each time more of its long text is prepared.
    """
    from retrieval import ingestion
    from retrieval.errors import RetrievalError, Unchanged
    from retrieval.pipeline import advance_all

    refused: deque[dict[str, Any]] = deque()
    waiting: dict[int, list[tuple[FoundFile, str]]] = {}  # by version, which more than one file may turn out to be

    def received() -> Iterator[int]:
        rest = iter(files)
        while together := list(islice(rest, RECEIVED_AT_ONCE)):
            outcomes = ingestion.receive_all([(file.path, file.name) for file in together], **about)
            for file, outcome in zip(together, outcomes, strict=True):
                if isinstance(outcome, RetrievalError) and not isinstance(outcome, Unchanged):
                    refused.append(_outcome(file, "failed", reason=outcome.user_message))
                    continue
                version, status = (outcome.version, "unchanged") if isinstance(outcome, Unchanged) else (outcome, "published")
                waiting.setdefault(version.pk, []).append((file, status))
                yield version.pk

    for version in advance_all(received(), told=told):
        while refused:
            yield refused.popleft()
        if not ingestion.is_unfinished(version):
            for file, status in waiting.pop(version.pk, []):
                yield _ended(file, status, version)
    yield from refused
    for pk, theirs in waiting.items():
        while ingestion.is_unfinished(version := ingestion.advance(pk)):
            time.sleep(WAIT_SECONDS)  # a worker has it, or it waits for another try
        for file, status in theirs:
            yield _ended(file, status, version)


def _count_chunks(outcomes: list[dict[str, Any]]) -> None:
    from retrieval.models import Chunk

    for first in range(0, len(outcomes), COUNTED_AT_ONCE):
        some = outcomes[first : first + COUNTED_AT_ONCE]
        chunks = Chunk.objects.filter(version__in=[outcome["version_id"] for outcome in some if outcome["version_id"]])
        counted = dict(chunks.order_by().values_list("version").annotate(Count("pk")))
        for outcome in some:
            outcome["chunks"] = counted.get(outcome["version_id"], 0)


def _compare(outcomes: list[dict[str, Any]]) -> None:
    """Say of each file that was published now what it contradicts or repeats; not for so many files that nobody would read it."""
    published = [outcome["version_id"] for outcome in outcomes if outcome["status"] == "published"]
    found = findings_of(published) if len(published) <= MOST_COMPARED else {}
    for outcome in outcomes:
        pk = outcome.pop("version_id")
        if outcome["status"] == "published":
            outcome["findings"] = found.get(pk, [])


def _ended(file: FoundFile, status: str, version: Any) -> dict[str, Any]:
    from retrieval.models import State

    if version.state == State.READY:
        return _outcome(file, "waiting", version, reason=version.reason) | {"findings": waiting_findings(version)}
    if version.state not in (State.PUBLISHED, State.SUPERSEDED):  # superseded: a newer upload has overtaken it
        return _outcome(file, "failed", version, reason=version.reason)
    return _outcome(file, status, version)


def _outcome(file: FoundFile, status: str, version: Any = None, reason: str = "") -> dict[str, Any]:
    return {
        "file": str(file.path),
        "status": status,
        "document": version.document.title if version else None,
        "slug": version.document.slug if version else None,
        "version": version.number if version else None,
        "chunks": 0,
        "reason": reason,
        "findings": [],
        "version_id": version.pk if version else None,
    }
