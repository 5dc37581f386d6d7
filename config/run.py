"""Start the whole product on one machine: prepare what is missing, then web and worker side by side until Ctrl-C.

`make run` calls this. Larger installations start the lines of the Procfile with a supervisor of their own.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from honcho import manager as honcho_manager
from honcho.environ import parse_procfile
from honcho.manager import Manager

from config.env import env

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 15  # how long web and worker may take to finish what they do


def main() -> int:
    """Return the exit code: 0 after Ctrl-C, else that of what failed."""
    env.read_env(str(ROOT / ".env"), recurse=False)
    if not os.environ.get("DEMO", "").strip():
        # a shop's own database or public address is not the place for made-up orders
        os.environ["DEMO"] = str(not (os.environ.get("DATABASE_URL") or os.environ.get("ALLOWED_HOSTS"))).lower()
    from config.ports import port_is_taken

    try:
        from config import settings
    except ImproperlyConfigured as error:
        print(f"Whereabouts cannot start:\n  {error}", file=sys.stderr)
        return 1
    if port_is_taken(settings.HOST, settings.PORT):
        hint = "Stop the other program, or choose another: PORT=8001 make run"
        print(f"Port {settings.PORT} is already in use. {hint}", file=sys.stderr)
        return 1
    environment = child_environment(settings.HOST, settings.PORT)
    try:
        prepared = subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=False)
    except KeyboardInterrupt:
        return 130
    if prepared.returncode:
        return prepared.returncode
    worker_mark = settings.QUEUE_DIR / "worker.ready"
    worker_mark.unlink(missing_ok=True)  # of a worker that was killed
    accounts = settings.DATA_DIR / "demo_accounts.json" if settings.DEMO else None
    arguments = (settings.HOST, settings.PORT, worker_mark, accounts)
    return supervise(environment, threading.Thread(target=announce, args=arguments, daemon=True))


def child_environment(host: str, port: int) -> dict[str, str]:
    """The environment of web and worker: the programs of this virtual environment first, output line by line."""
    programs = Path(sys.executable).parent
    return {
        **os.environ,
        "HOST": host,
        "PORT": str(port),
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1"),
    }


def supervise(environment: dict[str, str], announcer: threading.Thread) -> int:
    """Run every line of the Procfile; when one ends or a signal comes, end all."""
    honcho_manager.KILL_WAIT = STOP_SECONDS
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text("utf-8")).processes.items():
        manager.add_process(name, command, env=environment, cwd=str(ROOT))
    # a closed terminal must not leave web and worker behind
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    announcer.start()
    manager.loop()
    stopped_by_signal = manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    return 0 if stopped_by_signal else int(manager.returncode or 0)


def announce(host: str, port: int, worker_mark: Path, accounts: Path | None) -> None:
    """Wait until web and worker are ready, then print where to go and how to sign in."""
    began = time.monotonic()
    while not (is_ready(host, port) and worker_mark.exists()):
        time.sleep(0.1)
    print(welcome(f"http://localhost:{port}", accounts, time.monotonic() - began), flush=True)


def is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1" if host in ("", "0.0.0.0") else host, port, timeout=5)  # noqa: S104
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def welcome(address: str, accounts: Path | None, seconds: float) -> str:
    """What a person reads who has just started the product."""
    lines = ["", "-" * 78, f"  Whereabouts is ready (after {seconds:.1f} s).", "", f"  Customers chat here:    {address}/"]
    lines.append(f"  Staff work here:        {address}/console/")
    if accounts is not None and accounts.exists():
        demo = json.loads(accounts.read_text("utf-8"))
        lines += ["", "  Sign-ins of this demo, for the console:"]
        lines += [f"    {person['role']:<15} {person['username']:<8} {person['password']}" for person in demo["staff"]]
        if demo["customers"]:
            lines += ["", "  In the chat, sign in as one of these customers (the code is shown on the page):"]
            lines += [f"    {person['email']:<36} {person['about']}" for person in demo["customers"]]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", "-" * 78, ""])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
