"""A test run that is told to end leaves nothing running behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from django.conf import settings

# waits to be told to end, and then takes a moment to stop what it has to stop
COMMAND = """
import signal, sys, time
def end(*_):
    time.sleep(0.3)
    print("ended in order", flush=True)
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
print("started", flush=True)
time.sleep(60)
"""
TEST = """
import time, pytest
@pytest.fixture(scope="session")
def server():
    yield
    time.sleep(0.3)
    print("stopped in order", flush=True)
def test_that_takes_long(server):
    print("started", flush=True)
    time.sleep(60)
"""


def started(*command: str) -> subprocess.Popen[str]:
    """The command, once it has printed that it runs."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "started" in line:
            break
    return process


def processes_in(folder: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(process.info["cmdline"] or [])]


def test_servers_are_stopped_after_the_command_that_uses_them():
    run = started("-m", "tests.servers", sys.executable, "-c", COMMAND)
    redis = next(child for child in psutil.Process(run.pid).children() if "redis" in child.name())
    folder = Path(redis.cwd())
    assert processes_in(folder / "pg")
    run.send_signal(signal.SIGTERM)
    run.send_signal(signal.SIGTERM)  # `timeout` tells the command, then all of its group
    output, _ = run.communicate(timeout=60)
    assert "ended in order" in output
    assert run.returncode == 7
    assert not redis.is_running()
    assert not processes_in(folder)
    assert not folder.exists()


def test_fixtures_stop_what_they_have_started(tmp_path):
    test = tmp_path / "test_long.py"
    test.write_text(TEST)
    bare = ("-c", os.devnull, "--rootdir", str(tmp_path), "-p", "no:django", "-p", "no:asyncio", "-p", "no:hypothesispytest")
    run = started("-m", "pytest", "-s", "-q", *bare, "-p", "tests.ending", str(test))
    run.send_signal(signal.SIGTERM)
    output, _ = run.communicate(timeout=60)
    assert "stopped in order" in output
    assert run.returncode == 2
