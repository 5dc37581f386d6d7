"""Finish uploads that the queue has lost or a dead worker has left lying; what the scheduler does, by hand and without a worker."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from retrieval.management.arguments import as_json


class Command(BaseCommand):
    help = "Finish uploads that nobody works on. What a worker holds is left to it until it has not been heard of for a while."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object with the outcome of every version")

    def handle(self, *args: Any, **options: Any) -> None:
        from retrieval import ingestion
        from retrieval.models import State

        versions = ingestion.sweep()
        outcomes = [
            {"document": version.document.title, "version": version.number, "state": version.state, "reason": version.reason}
            for version in versions
        ]
        if options["json"]:
            self.stdout.write(as_json({"versions": outcomes}))
        else:
            for outcome in outcomes:
                self.stdout.write(
                    f"{outcome['document']}, version {outcome['version']}: {outcome['state']} {outcome['reason']}".rstrip()
                )
            self.stdout.write(f"{len(outcomes)} taken up")
        if any(version.state == State.FAILED or ingestion.is_unfinished(version) for version in versions):
            raise SystemExit(1)
