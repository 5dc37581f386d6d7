"""Make the search index anew from the database, after bringing old vectors up to the recipe of today."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from retrieval.management.arguments import as_json, with_progress


class Command(BaseCommand):
    help = (
        "Make vectors anew where the embedding model or the chunker has changed since, then the index from the database. "
        "Running processes follow by themselves; the old vectors answer until the new ones are there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="make the vectors of every published version anew")
        parser.add_argument("--json", action="store_true", help="one JSON object with what was done")

    def handle(self, *args: Any, **options: Any) -> None:
        from retrieval import index
        from retrieval.errors import EmbeddingFailed
        from retrieval.reembedding import reembed, stale_versions

        reembedded, failed = 0, []
        stale = list(stale_versions(every=options["all"]))
        for version in with_progress(stale, total=len(stale), kind="versions"):
            try:
                reembedded += reembed(version)
            except EmbeddingFailed as error:
                failed.append(str(version))
                self.stderr.write(f"{version}: {error.user_message} ({error})")
        searched = index.current()
        chunks = searched.rebuild()
        searched.wait()
        if options["json"]:
            self.stdout.write(as_json({"reembedded": reembedded, "failed": failed, "chunks": chunks}))
        else:
            self.stdout.write(f"{reembedded} versions embedded anew, {len(failed)} failed; {chunks} passages in the index")
        if failed:
            raise SystemExit(1)
