"""Load a shop's customers, orders, items, shipments and carrier events from CSV files, or whole orders from JSON. Safe to run again."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

KINDS = {
    "customers": "columns: email (needed), customer_id, first_name, last_name, address1, address2, city, state, zip, country, payment_methods",
    "orders": "columns: order_number, customer_email, status (needed), placed_at, currency, total, ship_name, ship_address1, …, "
    "tracking_numbers, payment_history, carrier, shipped_at, estimated_delivery, delivered_at",
    "items": "columns: order_number, name (needed), line, item_id, product_id, options, unit_price, quantity, tracking_number",
    "shipments": "columns: order_number, tracking_number (needed), carrier, status, shipped_at, estimated_delivery, delivered_at, tracking_url",
    "events": "columns: tracking_number, at, description (needed), place",
}


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        for kind, columns in KINDS.items():
            parser.add_argument(f"--{kind}", type=Path, metavar="FILE", help=columns)
        parser.add_argument(
            "--json-file", type=Path, metavar="FILE", help="whole orders, as a list or one on each line: docs/orders-import.md"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from orders.errors import ImportRefused, OrdersUnavailable
        from orders.importing import import_files, import_json

        files = {kind: options[kind] for kind in KINDS if options[kind]}
        whole = options["json_file"]
        if not files and not whole:
            raise CommandError("Name at least one file: " + ", ".join(f"--{kind}" for kind in KINDS) + " or --json-file.")
        if files and whole:
            raise CommandError("Import --json-file by itself: it has whole orders.")
        bar = _Bar(shown=sys.stderr.isatty(), unit="B" if whole else " lines")
        try:
            report = import_json(whole, progress=bar.show) if whole else import_files(**files, progress=bar.show)
        except ImportRefused as refused:
            if options["json"]:
                self.stdout.write(
                    json.dumps(
                        {"errors": [{"file": "", "line": 0, "column": "", "reason": refused.user_message}]}, ensure_ascii=False
                    )
                )
            raise CommandError(f"{refused.user_message} Nothing was imported.") from refused
        except OrdersUnavailable as error:
            cause = error.__cause__
            raise CommandError(f"The database failed: {cause} Orders written before are kept; run the import again.") from error
        finally:
            bar.close()
        if options["json"]:
            self.stdout.write(json.dumps(report.public(), ensure_ascii=False))
        else:
            self._tell(report)
        if report.errors_total:
            raise CommandError(
                f"{report.errors_total} row{'s were' if report.errors_total > 1 else ' was'} not imported; all others were."
            )

    def _tell(self, report: Any) -> None:
        for kind in KINDS:
            counts = getattr(report, kind)
            if counts.created or counts.updated or counts.unchanged:
                self.stdout.write(f"{kind}: {counts.created} created, {counts.updated} updated, {counts.unchanged} unchanged")
        for problem in report.errors:
            self.stderr.write(f"not imported: {problem}")
        for problem in report.warnings:
            self.stderr.write(f"note: {problem}")
        unlisted = report.errors_total + report.warnings_total - len(report.errors) - len(report.warnings)
        if unlisted:
            self.stderr.write(f"… and {unlisted} more.")


class _Bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, *, shown: bool, unit: str) -> None:
        self._shown, self._unit = shown, unit
        self._bar: Any = None

    def show(self, done: int, of: int) -> None:
        if self._shown:
            if self._bar is None:
                from tqdm import tqdm

                self._bar = tqdm(total=of, unit=self._unit, unit_scale=True)
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
