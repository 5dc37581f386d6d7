"""Finish uploads that the queue has lost or a dead worker has left lying, and read web addresses that are due; what the scheduler does, by hand and without a worker."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from retrieval.management.arguments import as_json


class Command(BaseCommand):
    help = "Finish uploads that nobody works on, and read web addresses that are due. What a worker holds is left to it until it has not been heard of for a while."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object with the outcome of every version and address")

    def handle(self, *args: Any, **options: Any) -> None:
        from retrieval import ingestion
        from retrieval.models import State, WebSource
        from retrieval.web import sources

        due = sources.due_sources()
        for source_id in due:
            while sources.refresh(source_id, queue=False)[0]:
                pass  # there is more to read
        addresses = [
            {"address": source.address, "outcome": source.outcome, "result": source.result}
            for source in WebSource.objects.filter(pk__in=due).defer("robots")
        ]
        versions = ingestion.sweep()
        outcomes = [
            {"document": version.document.title, "version": version.number, "state": version.state, "reason": version.reason}
            for version in versions
        ]
        if options["json"]:
            self.stdout.write(as_json({"versions": outcomes, "addresses": addresses}))
        else:
            for address in addresses:
                self.stdout.write(f"{address['address']}: {address['result']}")
            for outcome in outcomes:
                self.stdout.write(
                    f"{outcome['document']}, version {outcome['version']}: {outcome['state']} {outcome['reason']}".rstrip()
                )
            self.stdout.write(f"{len(outcomes)} taken up")
        failed = any(address["outcome"] == sources.Outcome.FAILED for address in addresses)
        if failed or any(version.state == State.FAILED or ingestion.is_unfinished(version) for version in versions):
            raise SystemExit(1)
