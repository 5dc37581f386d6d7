"""Measure a shop with a million orders: import and look-ups, on SQLite and on PostgreSQL: `python -m benchmarks.bench_orders [--size N]`.

Each step runs in a process of its own, on files and databases in a temporary folder. PostgreSQL comes from the package that the
tests use, without waiting for the disk.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import load, machine, replace_section, table

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
SIZE = 1_000_000
ALONE = 200_000  # orders of the import of the orders' file alone
ASKED = 400  # look-ups of each kind
GOAL_MS = 3.0
GOAL_ORDERS = 10_000  # a second, on PostgreSQL
DATABASES = ("SQLite", "PostgreSQL")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="orders")
    parser.add_argument("--imported", type=int, help="how many of them come from files, which is measured; all unless given")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--no-report", action="store_true", help="print only")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # a step, in a process of its own
    parser.add_argument("--files", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        return _step(options.one, options.size, options.imported, options.files)
    from benchmarks.many_orders import ORDERS_A_CUSTOMER

    imported = min(options.imported or options.size, options.size)
    imported -= imported % ORDERS_A_CUSTOMER  # the rest is filled in by whole customers
    body = section(options.size, imported, options.databases)
    print(body)
    if not options.no_report:
        REPORT.write_text(replace_section(REPORT.read_text("utf-8"), "orders", body), "utf-8")
    return 0


def section(size: int, imported: int, databases: Sequence[str]) -> str:
    """The section of docs/benchmarks.md."""
    from benchmarks.many_orders import write_files

    busy = load()
    with tempfile.TemporaryDirectory(prefix="whereabouts-orders-") as temporary:
        folder = Path(temporary)
        _tell(f"writing the files of {imported:,} orders")
        write_files(folder, imported)
        found = [_measured(name, size, imported, folder) for name in databases]
    rows = [[name, *(of_one[name] for of_one in found)] for name in found[0]]
    return "\n".join([
        "## Orders at size", "",
        f"{machine()} · {busy} · `{_command(size, imported)}`", "",
        f"{size:,} made-up orders of {size // 3:,} customers, with two items and a payment each, three in four with a parcel. "
        f"{'All' if imported == size else f'{imported:,}'} of them come in as CSV files{_rest(size, imported)}. *New* and *again* import "
        "all four files, each order with all that belongs to it; *orders alone* is the file of orders (at most "
        f"{ALONE:,}) into empty tables. Processor time tells what a busy machine hides: the two run side by side only as far as the "
        "server takes in rows while more are read. Memory is that of the import's process when a fifth was done, and at most. A look-up "
        f"is `orders.lookup.find_orders` in the running process, {ASKED} of each kind, with what the process itself needed of the "
        "processor; foreign and unknown numbers are asked in turn.", "",
        table(["", *databases], rows),
    ])  # fmt: skip


def _processor(told: dict[str, float]) -> str:
    """Of the import's own process, and of the server's."""
    return f"{told['cpu']:.0f}" + (f" + {told['server']:.0f} of the server" if told["server"] else "")


def _command(size: int, imported: int) -> str:
    told = "" if size == SIZE else f" --size {size}"
    return f"python -m benchmarks.bench_orders{told}" + ("" if imported == size else f" --imported {imported}")


def _rest(size: int, imported: int) -> str:
    return "" if imported == size else " into tables that have the others already"


def _measured(database: str, size: int, imported: int, files: Path) -> dict[str, str]:
    found: dict[str, Any] = {}
    folder = files / database
    folder.mkdir()
    with _running(database, folder) as url:
        for step in ("alone", "fill", "new", "again", "lookups"):
            _tell(f"{database}: {step}")
            environment = {**os.environ, "DATA_DIR": str(folder), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
            command = [sys.executable, "-m", "benchmarks.bench_orders", "--one", step, "--size", str(size)]
            command += ["--imported", str(imported), "--files", str(files)]
            done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found |= json.loads(done.stdout.splitlines()[-1])
    goal = f" (goal {GOAL_ORDERS:,})" if database == "PostgreSQL" else ""
    alone = found["alone"]
    rows = {
        "import, orders alone, orders a second": f"{alone['rate']:,.0f}{goal}",
        "import, orders alone, µs of processor an order": _processor(alone),
    }
    for step, name in (("new", "new orders with all parts"), ("again", "again, nothing changed")):
        told = found[step]
        rows[f"import, {name}, orders a second"] = f"{told['rate']:,.0f} ({told['rows']:,.0f} rows)"
        rows[f"import, {name}, µs of processor an order"] = _processor(told)
        rows[f"import, {name}, memory MB"] = f"{told['early']:.0f} / {told['peak']:.0f}"
    for name, (middle, high, cpu) in found["lookups"].items():
        rows[f"look-up, {name}, median / 95 % (processor) ms"] = f"{middle:.2f} / {high:.2f} ({cpu:.2f})"
    foreign, unknown = found["lookups"]["foreign number"][0], found["lookups"]["unknown number"][0]
    rows["foreign less unknown, median µs (ratio)"] = f"{(foreign - unknown) * 1000:+.0f} ({foreign / unknown:.3f})"
    worst = max(middle for middle, *_ in found["lookups"].values())
    rows[f"slowest median, goal {GOAL_MS:.0f} ms"] = f"{worst:.2f}"
    return rows


@contextmanager
def _running(database: str, folder: Path) -> Iterator[str]:
    """The address of the database; "" for the product's own SQLite file."""
    if database == "SQLite":
        yield ""
        return
    from tests.servers import postgresql

    with postgresql(folder) as address:
        yield f"{address}/whereabouts"


def _tell(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


def _step(step: str, size: int, imported: int, files: Path) -> int:
    import django

    django.setup()
    from benchmarks import fill_orders, order_steps

    whole = ("customers", "orders", "items", "shipments")
    steps: dict[str, Callable[[], Any]] = {
        "alone": lambda: order_steps.imported(files, ("orders",), min(imported, ALONE), empty=True),
        "fill": lambda: fill_orders.fill(imported, size),
        "new": lambda: order_steps.imported(files, whole, imported),
        "again": lambda: order_steps.imported(files, whole, imported),
        "lookups": lambda: order_steps.looked_up(size, ASKED),
    }
    print(json.dumps({step: steps[step]()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
