"""The steps of bench_orders, each in a process of its own with the product's settings."""

import asyncio
import os
import random
import resource
import time
from itertools import islice
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.many_orders import THINGS, email_of, is_sent, number_of, tracking_of
from benchmarks.measuring import percentile
from orders.importing import import_files
from orders.lookup import find_orders
from orders.viewer import Method, Viewer
from orders.wanted import Wanted

_PAGE = resource.getpagesize()


def imported(files: Path, kinds: tuple[str, ...], size: int, *, empty: bool = False) -> dict[str, float]:
    """Import these files. empty: only the first orders of them, which are taken out again afterwards."""
    call_command("migrate", verbosity=0)
    paths = {kind: files / f"{kind}.csv" for kind in kinds}
    if empty:
        paths = {kind: _head(path, size) for kind, path in paths.items()}
    early: list[float] = []

    def progress(done: int, of: int) -> None:
        if not early and done * 5 > of:
            early.append(int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE / 1e6)

    began, cpu, server = time.perf_counter(), time.process_time(), _server_cpu()
    report = import_files(**paths, progress=progress)
    seconds, cpu, server = time.perf_counter() - began, time.process_time() - cpu, _server_cpu() - server
    if report.errors_total:
        raise RuntimeError(f"{report.errors_total} rows were refused: {report.errors[:2]}")
    counts = (report.customers, report.orders, report.items, report.shipments)
    rows = sum(c.created + c.updated + c.unchanged for c in counts)
    if empty:
        call_command("flush", interactive=False, verbosity=0)
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # as the server does by itself, soon after
            cursor.execute("VACUUM ANALYZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        "rate": size / seconds,
        "rows": rows / seconds,
        "cpu": cpu / size * 1e6,
        "server": server / size * 1e6,
        "early": (early or [peak])[0],
        "peak": peak,
    }


def _server_cpu() -> float:
    """Seconds of processor that the server's process behind this connection has had; 0 where the database is in this process."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _head(path: Path, orders: int) -> Path:
    """A file with the header and so many rows."""
    short = path.with_name(f"first-{path.name}")
    with path.open(encoding="utf-8") as source, short.open("w", encoding="utf-8") as target:
        target.writelines(islice(source, orders + 1))
    return short


def looked_up(size: int, asked: int) -> dict[str, tuple[float, float, float]]:
    """(median, 95th percentile, median of this process's processor time) in milliseconds by kind of look-up."""
    return asyncio.run(_looked_up(size, asked))


async def _looked_up(size: int, asked: int) -> dict[str, tuple[float, float, float]]:
    chance = random.Random(7)
    now = timezone.now()
    times: dict[str, list[tuple[float, float]]] = {}
    for turn in range(asked + 20):
        n, other = chance.randrange(size), chance.randrange(size)
        sent = n if is_sent(n) else n - n % 8 + 3 if n - n % 8 + 3 < size else 3
        viewer = Viewer(email_of(n), Method.CODE)
        # what nobody has, in the shop's own form: the numbers of orders that are still to come
        unknown = number_of(size + other)
        stranger = number_of(other if email_of(other) != email_of(n) else (other + 7) % size)
        kinds: list[tuple[str, Wanted, Viewer, int | None]] = [
            ("own number", Wanted(references=(number_of(n),)), viewer, 1),
            ("digits of it", Wanted(references=(number_of(n)[2:],)), viewer, 1),
            ("foreign number", Wanted(references=(stranger,)), viewer, 0),
            ("unknown number", Wanted(references=(unknown,)), viewer, 0),
            ("the latest", Wanted(latest=True), viewer, 1),
            ("by words", Wanted(words=tuple(chance.choice(THINGS).split())), viewer, None),
            ("the open ones", Wanted(open_only=True), viewer, None),
            ("tracking number", Wanted(references=(tracking_of(sent),)), Viewer(email_of(sent), Method.CODE), 1),
        ]
        if turn % 2:  # neither of the two always follows the other
            kinds[2], kinds[3] = kinds[3], kinds[2]
        for name, wanted, who, expected in kinds:
            began, cpu = time.perf_counter(), time.process_time()
            found = await find_orders(wanted, viewer=who, at=now)
            passed, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000
            if expected is not None and len(found.records) != expected:
                raise RuntimeError(f"{name}: {wanted} gave {len(found.records)} orders")
            if turn >= 20:  # the first ones build their statements
                times.setdefault(name, []).append((passed, cpu))
    return {name: _spread(values) for name, values in times.items()}


def _spread(times: list[tuple[float, float]]) -> tuple[float, float, float]:
    passed, cpu = zip(*times, strict=True)
    return percentile(passed, 0.5), percentile(passed, 0.95), percentile(cpu, 0.5)
