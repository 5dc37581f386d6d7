"""Processes that read one file each, started in milliseconds by one that has loaded the readers already (`readers/forking.py`).

That one is started at the first file, has no settings and no secrets in its environment, ends with this process, and is replaced
when it has died. Safe to use from many threads; a forked process starts one of its own.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from retrieval.readers.forking import NUMBER, REQUEST

ROOT = Path(__file__).resolve().parent.parent


class ReaderGone(OSError):
    """The process that starts readers has died."""


class Reading:
    """One file being read by a process of its own."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid, self._status = pid, status

    def wait(self, seconds: float) -> int:
        """The exit status, negative for a signal. Raises TimeoutError, or ReaderGone if nobody can tell."""
        if not select.select([self._status], [], [], seconds)[0]:
            raise TimeoutError
        said = os.read(self._status, NUMBER.size)
        if len(said) != NUMBER.size:
            raise ReaderGone("the process that starts readers ended while one was at work")
        self.pid = 0
        return int(NUMBER.unpack(said)[0])

    def end(self) -> None:
        """Leave nothing of it behind, whether it has ended or not."""
        if self.pid:  # not reaped as far as we know, so the number is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGKILL)  # it may not have made its own group yet
            self.pid = 0
        with contextlib.suppress(OSError):
            os.close(self._status)


class ReaderPool:
    """The process that starts readers, kept from file to file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self, given: int, said: int, complained: int, *, memory_mb: int, seconds: float) -> Reading:
        """Start to read the file `given`; the answer goes to `said`, what went wrong to `complained` (all descriptors).

        Raises OSError if this machine cannot start a process now.
        """
        with self._lock:
            try:
                return self._ask(given, said, complained, memory_mb, seconds)
            except OSError:
                self._end()  # it may have died since the last file: once more with a new one
                return self._ask(given, said, complained, memory_mb, seconds)

    def close(self) -> None:
        """End the process that starts readers, and with it those at work."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """In a forked child: the process belongs to the parent, which could not see it end while we hold the socket too."""
        if self._control is not None:
            self._control.close()
        self.__init__()  # type: ignore[misc]

    def _ask(self, given: int, said: int, complained: int, memory_mb: int, seconds: float) -> Reading:
        control = self._control or self._begin()
        mine, theirs = os.pipe()
        try:
            socket.send_fds(control, [REQUEST.pack(memory_mb, seconds)], [given, said, complained, theirs])
            reply = control.recv(NUMBER.size, socket.MSG_WAITALL)
            if len(reply) != NUMBER.size:
                raise ReaderGone("the process that starts readers has ended")
        except BaseException:
            os.close(mine)
            raise
        finally:
            os.close(theirs)
        return Reading(int(NUMBER.unpack(reply)[0]), mine)

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-X", "utf8", "-m", "retrieval.readers.forking", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control = ours
        return ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


pool = ReaderPool()
os.register_at_fork(after_in_child=pool.forget)
