"""Load the demo shop, or bring its dates up to today; does nothing when both are done."""

import tempfile
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from console import demo
from retrieval.errors import RetrievalError


class Command(BaseCommand):
    help = "Loads the demo shop from fixtures/: orders with dates counted from today, policies, and accounts for the console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="bring the orders in again with the dates of today")
        parser.add_argument(
            "--if-empty", action="store_true", help="leave a shop alone that has orders or documents of its own and no demo"
        )

    def handle(self, *args: Any, again: bool, if_empty: bool, **options: Any) -> None:
        now = timezone.localtime()
        demo.make_accounts()
        if if_empty and demo.shop_has_other_data():
            self.stdout.write("This shop has data of its own, so the demo's orders and policies are left out.")
            return
        if again or not demo.orders_are_current(now=now):
            self.stdout.write("Loading the demo's orders with the dates of today.")
            self.load_orders(now)
        try:
            for title in demo.load_policies(today=now.date()):
                self.stdout.write(f"Loaded the demo's policy: {title}")
        except RetrievalError as error:
            raise CommandError(f"The demo's policies could not be loaded: {error.user_message}") from error

    def load_orders(self, now: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="whereabouts-demo-") as folder:
            paths = demo.write_dated(Path(folder), now=now)
            call_command(
                "import_orders",
                customers=str(paths["customers"]),
                orders=str(paths["orders"]),
                items=str(paths["order_items"]),
                shipments=str(paths["shipments"]),
                events=str(paths["events"]),
                stdout=StringIO(),
            )
