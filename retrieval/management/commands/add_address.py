"""Take policies from web addresses: each is kept, read here and now, and read again by the worker from then on."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval.management.arguments import as_json, at_least_one, with_progress

WAIT_SECONDS = 0.2  # while a worker has the source or one of its versions


class Command(BaseCommand):
    help = "Keep web addresses of policies (pages, PDFs, sitemaps), read them now, and have them read again every so many hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "addresses", nargs="+", metavar="URL", help="a page, or a sitemap (an address that ends in .xml or .xml.gz)"
        )
        parser.add_argument("--sitemap", action="store_true", help="the addresses are sitemaps, whatever they are called")
        parser.add_argument(
            "--every-hours", type=at_least_one, default=24, metavar="N", help="how often they are read again, default 24"
        )
        parser.add_argument("--title", default="", help="title of the document; for a single page")
        parser.add_argument("--category", default="", help="for example returns, shipping, payment")
        parser.add_argument("--governed-by", choices=["today", "order-date"], default="", help="for a question about an order: today's version, or that of the day it was placed")  # fmt: skip
        parser.add_argument("--release", choices=["at-once", "if-clear", "by-hand"], default="if-clear", help="what happens to a new version; if-clear (default) publishes it unless it contradicts or repeats another document")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="one JSON object with the outcome of every address")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["title"] and len(options["addresses"]) != 1:
            raise CommandError("--title is for a single page.")
        about = {"title": options["title"], "category": options["category"], "every_hours": options["every_hours"]}
        about |= {name: options[name].replace("-", " ") for name in ("governed_by", "release")}
        about["kind"] = "sitemap" if options["sitemap"] else ""
        outcomes = []
        for text in with_progress(options["addresses"], total=len(options["addresses"]), kind="addresses"):
            outcome = add_and_read(text, **about)
            outcomes.append(outcome)
            if outcome["status"] == "failed":
                self.stderr.write(f"{outcome['address']}: {outcome['reason']}")
        if options["json"]:
            self.stdout.write(as_json({"addresses": outcomes}))
        else:
            for outcome in outcomes:
                if outcome["status"] != "failed":
                    self.stdout.write(f"{outcome['address']}: {outcome['reason']}")
        if any(outcome["status"] == "failed" for outcome in outcomes):
            raise SystemExit(1)


def add_and_read(text: str, **about: Any) -> dict[str, Any]:
    """Keep one address, read all of it, and say what became of it. An address that is kept already is read again. Never raises."""
    from retrieval.errors import RetrievalError
    from retrieval.models import WebSource
    from retrieval.web import sources

    try:
        source = sources.add_or_get(text, **about)
        made = _read(source)
    except RetrievalError as error:
        return {"address": text, "status": "failed", "reason": error.user_message, "documents": []}
    source = WebSource.objects.get(pk=source.pk)
    failed = [f"{version.document.title}: {version.reason}" for version in made if version.state == "failed"]
    is_bad = bool(failed) or source.outcome in (sources.Outcome.FAILED, sources.Outcome.GONE)
    documents = [
        {"document": version.document.title, "slug": version.document.slug, "version": version.number, "state": version.state}
        for version in made
    ]
    reason = " ".join([source.result, *failed])
    return {"address": source.address, "status": "failed" if is_bad else "read", "reason": reason, "documents": documents}


def _read(source: Any) -> list[Any]:
    """Read a source to its end, and take what was made of it the whole way; return those versions as they stand then."""
    from retrieval import ingestion
    from retrieval.models import WebSource
    from retrieval.web import sources

    made: list[Any] = []
    while source is not None and sources.is_waiting(source):
        is_more, versions = sources.refresh(source.pk, queue=False)
        made += versions
        source = WebSource.objects.filter(pk=source.pk).first()
        if not is_more and not versions:
            time.sleep(WAIT_SECONDS)  # a worker reads it, or asks its site about another address
    done = []
    for version in made:
        while ingestion.is_unfinished(version := ingestion.advance(version)):
            time.sleep(WAIT_SECONDS)  # a worker has it, or it waits for another try
        done.append(version)
    return done
