"""Run the suite as four runs of pytest side by side, with one exit code: what uses a database on SQLite, the same on PostgreSQL with
Redis, and the rest once. Tests wait for servers and browsers a third of their time, so four keep two cores busy, and to the end.

The first run is shown as it goes, the others when they are done; those that failed come last, so that their summaries end the output.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from typing import IO

from tests.ending import SECONDS, Commands

PYTEST = (sys.executable, "-m", "pytest")
ON_SERVERS = (sys.executable, "-m", "tests.servers", *PYTEST)
LAST_LINES = 60  # of a run that failed, repeated at the end
SLOWEST = ("--durations=12", "--durations-min=4")  # are named at the end of each run, so that a slow one is seen when it comes


@dataclass
class Run:
    """marks: which tests, in the words of tests/conftest.py."""

    name: str
    command: tuple[str, ...]
    marks: str
    output: IO[str] = field(default_factory=lambda: tempfile.TemporaryFile("w+", errors="replace"))  # noqa: SIM115 (until the end)


def runs() -> list[Run]:
    """Every test is in one of them at least, and each that asks the database in two, but for those that are marked `once`."""
    return [
        Run("What no database changes", PYTEST, "not database and not once and not browser"),
        Run("The browser, and what is asked once", PYTEST, "browser or once"),
        Run("SQLite", PYTEST, "database and not once and not browser"),
        Run("PostgreSQL and Redis", ON_SERVERS, "not browser and not once and (database or product or redis)"),
    ]


def main(options: list[str]) -> int:
    commands, failed = Commands(2 * SECONDS), []  # one of them waits for a command of its own
    started = []
    for run in runs():
        command = [*run.command, "-m", run.marks, *SLOWEST, *options]
        shown = not started  # the first of them
        target = subprocess.PIPE if shown else run.output
        started.append((run, commands.start(command, stdout=target, stderr=subprocess.STDOUT, text=True)))
    for run, process in started:
        print(f"\n=== {run.name} ===", flush=True)
        for line in process.stdout or ():
            run.output.write(line)
            print(line, end="", flush=True)
        code = process.wait()
        run.output.seek(0)
        lines = run.output.read().splitlines()
        if process.stdout is None:
            print(*lines, sep="\n", flush=True)
        if code:
            failed.append((code, run.name, lines[-LAST_LINES:]))
    for _, name, lines in failed:
        print(f"\n=== Failed: {name} ===", *lines, sep="\n")
    return failed[0][0] if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
