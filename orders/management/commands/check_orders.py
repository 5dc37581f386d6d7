"""Say whether the shop's orders can be read from ORDERS_SOURCE, and what is not known there. Exit code 0 if they can."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from orders.lookup import source_health

        health = async_to_sync(source_health)()
        if options["json"]:
            self.stdout.write(json.dumps({"source": settings.ORDERS_SOURCE, **asdict(health)}, default=str))
        else:
            says = "Orders can be read." if health.answers else f"Orders cannot be read. {health.reason}"
            self.stdout.write(f"ORDERS_SOURCE={settings.ORDERS_SOURCE}: {says}")
            for note in health.notes:
                self.stdout.write(f"  {note}")
        if not health.answers:
            sys.exit(1)
