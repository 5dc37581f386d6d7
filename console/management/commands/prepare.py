"""Bring the database, the static files and (in a demo) the demo shop up to date; quick when nothing is to do."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.checks import stop_on_errors
from config.health import unapplied_migrations
from config.queue import make_folders
from config.static_files import collect_if_changed
from console.demo import make_accounts


class Command(BaseCommand):
    help = "Prepares everything a start needs: tables, static files, queue folders and, with DEMO=true, the demo shop."
    requires_system_checks: list[str] = []  # stop_on_errors says the same in plain sentences

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave the demo shop out even when DEMO is true")

    def handle(self, *args: Any, no_demo: bool, **options: Any) -> None:
        stop_on_errors()
        from retrieval import embedding  # heavy

        make_folders()
        waiting = unapplied_migrations()
        if waiting:
            self.stdout.write(f"Preparing the database ({len(waiting)} steps).")
            call_command("migrate", interactive=False, verbosity=0)
        if collect_if_changed():
            self.stdout.write("Collected the static files.")
        embedding.prepare()
        if settings.DEMO and not no_demo:
            make_accounts()
            try:
                call_command("load_demo", if_empty=True)
            except CommandError as error:
                self.stderr.write(str(error))  # a demo with a gap is better than no start
