"""A test run that is told to end (Ctrl-C, `kill`, `timeout`, a CI service) ends in order and leaves nothing running."""

import contextlib
import signal
import subprocess
import threading
from typing import Any

SECONDS = 30  # how long a command that was told to end may take to stop what it has started


def pytest_configure() -> None:
    """For the process of pytest, which loads this as a plugin: SIGTERM ends the run as Ctrl-C does, so that fixtures are closed."""

    def end(*_: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: None)  # a second one would break off the closing
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, end)


class Commands:
    """Commands that are told to end when this process is, and waited for: what they use is stopped after them, not under them.

    Until the first of them is started, a signal is only kept in mind: servers that are being started come up and are stopped in
    order. One at a time in a process, in its main thread. seconds: how long they may take to end.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._running: list[subprocess.Popen[Any]] = []
        self._told_by = 0  # the number of the signal
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._end)

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[Any]:
        """As subprocess.Popen does. Raises SystemExit if this process was told to end in the meantime."""
        if self._told_by:
            raise SystemExit(128 + self._told_by)
        process = subprocess.Popen(command, **options)
        self._running.append(process)
        if self._told_by:
            self._tell(process)
        return process

    def _end(self, number: int, _: Any) -> None:
        if not self._told_by:  # `timeout` tells twice
            self._told_by = number
            for process in self._running:
                self._tell(process)

    def _tell(self, process: subprocess.Popen[Any]) -> None:
        if self._told_by != signal.SIGINT:  # a terminal sends that one to the command as well
            process.terminate()
        last_resort = threading.Timer(self._seconds, kill_with_children, [process])
        last_resort.daemon = True
        last_resort.start()


def kill_with_children(process: subprocess.Popen[Any]) -> None:
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    process.kill()
