"""Load the demo shop, or bring its dates up to today; does nothing when both are done."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.health import unapplied_migrations
from console import demo


class Command(BaseCommand):
    help = "Loads the demo shop from fixtures/: orders with dates counted from today, policies, and accounts for the console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="bring the orders in again with the dates of today")
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a shop alone that has orders or documents of its own and no demo"
        )

    def handle(self, *args: Any, again: bool, if_empty: bool, **options: Any) -> None:
        if unapplied_migrations():
            raise CommandError("The tables are not there yet. Run `manage.py prepare` first.")
        now = timezone.localtime()
        if if_empty and demo.shop_has_other_data():
            self.stdout.write("This shop has data of its own, so the demo is left out.")
            return
        demo.make_accounts()
        if again or not demo.orders_are_current(now=now):
            self.stdout.write("Loading the demo's orders with the dates of today.")
            demo.load_orders(now=now)
        failed = 0
        for number, (title, problem) in enumerate(demo.load_policies(today=now.date())):
            if number == 0:
                self.stdout.write("Loading the demo's policies.")
            if problem:
                failed += 1
                self.stderr.write(f"{title}: {problem}")
        if failed:
            raise CommandError(f"{failed} of the demo's policies could not be loaded.")
