"""The product as one system among the rivals: the same work folder in, the same rows out, in a database of its own.

    DATA_DIR=… python -m benchmarks.ours WORK [--files FOLDER]

Ingests WORK/files (or FOLDER, as it is), writes documents.jsonl from what was read if there is none, and asks every question of
questions.jsonl that there is by then, with the shipped tuning and, for the ablation, with each part switched off in turn.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

NAME = "Whereabouts"
MOST = 10
DEEP = 40  # passages, so that ten sources come out of them


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--files", type=Path)
    parser.add_argument(
        "--bare", action="store_true", help="embed chunks without their titles and headings; asks handled questions only"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    if options.bare:
        embed_bare()
    began = time.perf_counter()
    ingest(options.files or options.work / "files")
    seconds = time.perf_counter() - began
    documents = options.work / "documents.jsonl"
    if not documents.exists():
        documents.write_text("".join(json.dumps(row) + "\n" for row in as_read()), "utf-8")
    asked, name = options.work / "questions.jsonl", NAME
    if asked.exists():
        questions = [json.loads(line) for line in asked.read_text("utf-8").split("\n") if line]
        rows = asyncio.run(ask(questions, bare=options.bare))
        name = f"{NAME} bare" if options.bare else NAME
        (options.work / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (options.work / f"{name}.json").write_text(json.dumps({"seconds": seconds, "megabytes": megabytes}), "utf-8")


def embed_bare() -> None:
    """Leave titles and headings out of what is embedded, for the ablation."""
    from functools import partial

    from retrieval import chunking, preparing

    preparing.text_for_embedding = partial(chunking.text_for_embedding, with_title=False, with_heading=False)


def ingest(folder: Path) -> None:
    from django.core.management import call_command

    from retrieval.embedding import embedder

    call_command("migrate", verbosity=0)
    embedder().embed(["warm up"])
    try:
        call_command("ingest", str(folder), stdout=sys.stderr)
    except SystemExit:
        print("some files could not be read; going on without them", file=sys.stderr)


def as_read() -> list[dict[str, str]]:
    """Every document in force, as the reader gave it, without its page marks."""
    import re

    from django.utils import timezone

    from retrieval.models import DocumentVersion

    versions = DocumentVersion.objects.in_force(on=timezone.localdate()).select_related("document")
    mark = re.compile(r"^<!-- page \d+ -->\n?", re.MULTILINE)
    return [{"source": v.filename, "title": v.document.title, "text": mark.sub("", v.markdown)} for v in versions]


def ablations() -> dict[str, Any]:
    """Tunings with one part off, by what is missing."""
    from retrieval.tuning import SHIPPED

    return {
        "": SHIPPED,
        "without vectors": replace(SHIPPED, dense_weight=0.0),
        "without words": replace(SHIPPED, dense_weight=1.0),
        "without the title's subject": replace(SHIPPED, title_weight=0.0),
        "without synonyms": replace(SHIPPED, synonym_weight=0.0),
        "without short words spelled out": replace(SHIPPED, spells_out=False),
        "without history in the vector": replace(SHIPPED, history_share=0.0),
        "without history in the words": replace(SHIPPED, history_term_weight=0.0),
        "without the parts of long questions": replace(SHIPPED, part_share=0.0),
        "without stepping back within a document": replace(SHIPPED, document_step=0.0),
    }


async def ask(questions: list[dict[str, Any]], *, bare: bool = False) -> list[dict[str, Any]]:
    """Every question as handled with its history, and for the rivals' ways (last turn alone, history pasted in) as they do it."""
    from django.utils import timezone

    from retrieval.search import Searcher

    today, rows = timezone.localdate(), []
    ways = {"without titles and headings embedded": ablations()[""]} if bare else ablations()
    for missing, tuning in ways.items():
        for question in questions:
            if missing and question["mode"] != "handled":
                continue
            began = time.perf_counter()
            history = question["history"] if question["mode"] == "handled" else []
            found = await Searcher(tuning=tuning).search(question["text"], as_of=today, k=DEEP, **asked_with(history))
            ms = (time.perf_counter() - began) * 1000
            sources = list(dict.fromkeys(passage.source for passage in found.passages))[:MOST]
            mode = f"{question['mode']} {missing}".strip()
            rows.append({"system": NAME, "id": question["id"], "mode": mode, "score": found.strength, "sources": sources, "ms": ms})
    return rows


def asked_with(history: list[dict[str, str]]) -> dict[str, Any]:
    """What the batch command hands to search for a history."""
    from retrieval.management.commands.search import context_of

    return {"context": context_of(history)}


if __name__ == "__main__":
    main()
