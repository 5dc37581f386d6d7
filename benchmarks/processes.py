"""What another process of this machine uses."""

import subprocess
from pathlib import Path

import psutil


def web_pid(process: subprocess.Popen[bytes]) -> int:
    """The web process below `make run`. Raises RuntimeError if there is none."""
    for child in psutil.Process(process.pid).children(recursive=True):
        command = " ".join(child.cmdline())
        if "uvicorn" in command and not command.startswith("/bin/sh"):
            return int(child.pid)
    raise RuntimeError("no web process was found")


def memory_mb(pid: int) -> float:
    """Resident memory of a process now, in megabytes."""
    return float(psutil.Process(pid).memory_info().rss / 1_000_000)


def most_memory_mb(pid: int) -> float:
    """The most resident memory that a process ever had, in megabytes. Linux alone tells it."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def processor_seconds(pid: int) -> float:
    """Seconds of processor that a process has used, its own and those of the system for it."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)
