"""Run the suite on SQLite and, beside it, on PostgreSQL with Redis: two runs of pytest on two cores, one exit code.

The first run is shown as it goes, the second when it is done; a run that failed comes last, so that its summary ends the output.
"""

import subprocess
import sys
import tempfile

from tests.ending import SECONDS, Commands

PYTEST = [sys.executable, "-m", "pytest"]
ON_SERVERS = [sys.executable, "-m", "tests.servers", *PYTEST, "-m", "not browser"]


def main(options: list[str]) -> int:
    commands = Commands(2 * SECONDS)  # one of them waits for a command of its own
    with tempfile.TemporaryFile("w+") as second_output, tempfile.TemporaryFile("w+") as first_output:
        second = commands.start([*ON_SERVERS, *options], stdout=second_output, stderr=subprocess.STDOUT)
        first = commands.start([*PYTEST, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert first.stdout is not None
        for line in first.stdout:
            first_output.write(line)
            print(line, end="", flush=True)
        codes = first.wait(), second.wait()
        second_output.seek(0)
        print("\n=== The same on PostgreSQL and Redis ===", second_output.read(), sep="\n", end="")
        if codes[0] and not codes[1]:
            first_output.seek(0)
            print("\n=== Failed on SQLite ===", *first_output.read().splitlines()[-60:], sep="\n")
    return codes[0] or codes[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
