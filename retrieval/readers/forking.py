"""A process that stands ready to read: it has loaded every reader, and forks itself for each file.

    python -m retrieval.readers.forking SOCKET

So a file still has a process of its own, with limits of its own and an end after it, but costs milliseconds instead of the start of
an interpreter. This process itself never looks at a file. It serves the one process that started it, over the socket with that
number, and ends with it. A request is a packed (memory in MB, seconds) with four descriptors: what is to be read, the answer, the
complaints, and where the exit status goes when it is known (packed, negative for a signal). The reply is the packed process id.
"""

import contextlib
import gc
import importlib
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import traceback

from retrieval import readers

REQUEST = struct.Struct("=qd")
NUMBER = struct.Struct("=q")
DESCRIPTORS = 4


def main() -> int:
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    ended, told = os.pipe()
    os.set_blocking(told, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # only so that the wake-up descriptor is written to
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    children: dict[int, int] = {}  # process id: where its exit status goes
    while True:
        ready, _, _ = select.select([control.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 512)
            for pid, status in _ended():
                tell = children.pop(pid)
                with contextlib.suppress(OSError):  # nobody waits for it any more
                    os.write(tell, NUMBER.pack(status))
                os.close(tell)
        if control.fileno() in ready:
            message, files, _, _ = socket.recv_fds(control, REQUEST.size, DESCRIPTORS)
            if len(message) != REQUEST.size or len(files) != DESCRIPTORS:
                break  # the process that we serve has ended
            pid = os.fork()
            if pid == 0:
                _become_reader(files, *REQUEST.unpack(message))
            children[pid] = files.pop()
            for file in files:
                os.close(file)
            try:
                control.sendall(NUMBER.pack(pid))
            except OSError:
                break
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return 0


def preload() -> None:
    """Import every reader with its libraries; one that does not load will say so to the file that needs it."""
    for module in pkgutil.iter_modules(readers.__path__):
        if not module.name.startswith("_") and module.name != "forking":
            try:
                importlib.import_module(f"retrieval.readers.{module.name}")
            except Exception:
                traceback.print_exc()
    gc.collect()
    gc.freeze()  # what is loaded stays shared with the children


def _ended() -> list[tuple[int, int]]:
    """The children that have ended, each with its exit status."""
    found = []
    with contextlib.suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG))[0]:
            found.append((pid[0], os.waitstatus_to_exitcode(pid[1])))
    return found


def _become_reader(files: list[int], memory_mb: int, seconds: float) -> None:
    """What a child does from its birth to its end: read one file as `__main__` does. Never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for number, file in enumerate(files[:3]):
            os.dup2(file, number)
        os.closerange(3, max(files) + 64)
        from retrieval.readers import __main__ as reader

        sys.argv = ["retrieval.readers", str(memory_mb), str(seconds)]
        status = reader.main()
        sys.stdout.flush()
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
            sys.stderr.flush()
        status = 1
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
