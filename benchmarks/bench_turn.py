"""Measure the product as its customers meet it: `make bench-turn`.

Starts a product of its own with the demo shop (composed answers, no model), asks order and policy questions over HTTP with one and
with eight customers at once, uploads a document through the console, fills the index to 10,000 chunks, and writes the figures to
docs/benchmarks.md.
"""

import argparse
import contextlib
import csv
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from honcho.environ import parse_procfile

from benchmarks.customer import Asked, Customer, Refused
from benchmarks.documents import pdf, policy_text
from benchmarks.measuring import load, percentile, replace_section
from benchmarks.processes import memory_mb, web_pid
from benchmarks.staff import Staff
from benchmarks.turn_report import READING, report
from tests import servers

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
ROWS = {"1, who reads": (1, READING), "1": (1, 0.0), "8": (8, 0.0)}  # customers at once, seconds before the next question
WARM_UP = 10  # questions that do not count
CHUNKS = 10_000  # for start and memory
STARTS = 5
PAGES = 5
POLICY_QUESTIONS = (
    "How long do I have to return something?",
    "How much does delivery cost?",
    "Can I return a sale item?",
    "How long does a refund take?",
    "What does the warranty cover?",
    "Do gift cards expire?",
    "Can I change the delivery address of my order?",
    "My parcel arrived damaged. What now?",
)
ORDER_QUESTIONS = (
    "Where is my order?",
    "Where is order {number}?",
    "What is in {number}?",
    "How did I pay for {number}?",
    "Can I still return {number}?",
    "When will {number} arrive?",
    "Can I cancel {number}?",
    "Where does {number} go?",
)


def questions(numbers: Sequence[str]) -> list[str]:
    """Order and policy questions in turn, about each of the customer's orders."""
    about_orders = [text.format(number=number) for number in numbers for text in ORDER_QUESTIONS]
    return [text for pair in zip(about_orders, itertools.cycle(POLICY_QUESTIONS), strict=False) for text in pair]


def orders_by_customer() -> dict[str, list[str]]:
    """Order numbers of each e-mail address of the demo, the customers with most orders first."""
    numbers: dict[str, list[str]] = {}
    with (ROOT / "fixtures" / "orders" / "orders.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            numbers.setdefault(row["customer_email"], []).append(row["order_number"])
    return dict(sorted(numbers.items(), key=lambda entry: -len(entry[1])))


def ask_at_once(address: str, customers: dict[str, list[str]], each: int, reading: float = 0.0) -> list[Asked]:
    """Let these customers sign in and ask `each` questions, all at the same time; return every answer. Raises Refused.

    reading: seconds between an answer and the next question.
    """
    asked: list[Asked] = []
    failed: list[Exception] = []
    start = threading.Barrier(len(customers))

    def talk(email: str, texts: list[str]) -> None:
        try:
            customer = Customer(address)
            customer.start()
            customer.sign_in(email)
            start.wait()
            for place in range(each):
                asked.append(customer.ask(texts[place % len(texts)]))
                time.sleep(reading)
        except Exception as error:  # reported by the main thread
            failed.append(error)
            start.abort()

    threads = [threading.Thread(target=talk, args=(email, questions(numbers))) for email, numbers in customers.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return asked


def upload_to_answer(address: str, account: dict[str, str], word: str) -> float:
    """Seconds from sending a document in the console until an answer cites it."""
    staff = Staff(address)
    staff.sign_in(account["username"], account["password"])
    customer = Customer(address)
    customer.start()
    document = pdf(policy_text(word, PAGES))
    began = time.perf_counter()
    staff.upload(f"{word.lower()}.pdf", document)
    while time.perf_counter() - began < 60:
        asked = customer.ask(f"What does the {word} service cost?")
        if any(word in citation["quote"] for citation in asked.answer["citations"]):
            return time.perf_counter() - began
        time.sleep(0.05)
    raise Refused("The uploaded document did not become answerable within a minute.")


@contextlib.contextmanager
def running_web(data_dir: Path, port: int, **settings: str) -> Iterator[tuple[int, float]]:
    """The web process alone, as the Procfile starts it, on a prepared folder; yields its id and the seconds until it was ready."""
    line = parse_procfile((ROOT / "Procfile").read_text("utf-8")).processes["web"]
    environment = servers.product_environment(data_dir, port, **settings)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    began = time.perf_counter()
    process = subprocess.Popen(["/bin/sh", "-c", line], cwd=ROOT, env=environment, start_new_session=True)
    try:
        while not servers.is_ready(port):
            if process.poll() is not None or time.perf_counter() - began > servers.START_SECONDS:
                raise RuntimeError("The web process did not become ready.")
            time.sleep(0.02)
        yield process.pid, time.perf_counter() - began
    finally:
        servers.stop(process)


def with_full_index(data_dir: Path, port: int, each: int, **settings: str) -> tuple[list[float], float, list[Asked]]:
    """Seconds of each start, memory in megabytes after the questions, and their answers, with CHUNKS chunks in the index."""
    command = [sys.executable, "-m", "benchmarks.fill", str(CHUNKS)]
    subprocess.run(command, cwd=ROOT, env=servers.product_environment(data_dir, port), check=True, stdout=subprocess.DEVNULL)
    with running_web(data_dir, port, **settings):
        pass  # the first start after the filling reads what is new
    starts = []
    for _ in range(STARTS):
        with running_web(data_dir, port, **settings) as (pid, seconds):
            starts.append(seconds)
            if len(starts) == STARTS:
                email, numbers = next(iter(orders_by_customer().items()))
                asked = ask_at_once(f"http://localhost:{port}", {email: numbers}, each, READING)
                memory = memory_mb(pid)
    return starts, memory, asked


def help_seconds() -> float:
    """The quickest of three runs of `manage.py --help`."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "manage.py", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - began)
    return min(times)


def embedding_ms(models: Path) -> list[float]:
    """What the embedding model alone takes for a question of sixteen word pieces: no turn about policies can be quicker than that."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from retrieval.embedding import load as load_model

    model, times = load_model("all-MiniLM-L6-v2", models=models), []
    for _ in range(60):
        began = time.perf_counter()
        model.embed(["how long do i have to return a thing that i have bought"], queries=True)
        times.append((time.perf_counter() - began) * 1000)
    return times[10:]


def measure(data_dir: Path, each: int) -> tuple[dict[str, list[Asked]], list[list[str]]]:
    port = servers.free_port()
    address = f"http://localhost:{port}"
    limits = {"TURNS_PER_MINUTE": "10000", "TURNS_PER_MINUTE_PER_ADDRESS": "100000"}
    began = time.perf_counter()
    with servers.running_product(data_dir, port, **limits):
        first_start = time.perf_counter() - began
    began = time.perf_counter()
    with servers.running_product(data_dir, port, **limits) as process:
        second_start = time.perf_counter() - began
        accounts = json.loads((data_dir / "demo_accounts.json").read_text("utf-8"))
        customers = list(orders_by_customer().items())
        ask_at_once(address, dict(customers[:1]), WARM_UP)
        measured = {name: ask_at_once(address, dict(customers[:count]), each, reading) for name, (count, reading) in ROWS.items()}
        uploads = [upload_to_answer(address, accounts["staff"][-1], word) for word in ("Zephyrlane", "Quillmere", "Osterwick")]
        memory = memory_mb(web_pid(process))
    starts, full_memory, full = with_full_index(data_dir, port, each, **limits)
    client = [one.first_text for one in next(iter(measured.values()))]
    server = [one.stages.get("first_text", one.stages.get("total", 0.0)) for one in next(iter(measured.values()))]
    facts = [
        ["first text as one customer sees it, p50", f"{percentile(client, 0.5):.1f} ms", "≤ 12 ms"],
        ["first text as one customer sees it, p95", f"{percentile(client, 0.95):.1f} ms", "≤ 25 ms"],
        [
            "the embedding model alone, one question of 16 word pieces, p50",
            f"{percentile(embedding_ms(data_dir / 'models'), 0.5):.1f} ms",
            "",
        ],
        ["server time to first text, p50", f"{percentile(server, 0.5):.1f} ms", "≤ 25 ms"],
        ["server time to first text, p95", f"{percentile(server, 0.95):.1f} ms", "≤ 60 ms"],
        [f"first text with {CHUNKS:,} chunks, p50", f"{percentile([one.first_text for one in full], 0.5):.1f} ms", ""],
        [f"memory of the web process with {CHUNKS:,} chunks, after {each} questions", f"{full_memory:.0f} MB", "≤ 350 MB"],
        ["memory of the web process with the demo, after eight customers at once", f"{memory:.0f} MB", "≤ 700 MB"],
        [
            f"web process started until ready, {CHUNKS:,} chunks, median of {STARTS}",
            f"{statistics.median(starts):.2f} s",
            "≤ 2.5 s",
        ],
        [f"upload of a {PAGES}-page PDF until an answer cites it", f"{statistics.median(uploads):.2f} s", "≤ 3 s"],
        ["`manage.py --help`", f"{help_seconds():.2f} s", "< 1 s"],
        ["first start until ready, with the demo shop", f"{first_start:.1f} s", ""],
        ["second start until ready", f"{second_start:.1f} s", "< 8 s"],
    ]
    return measured, facts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=120, metavar="N", help="questions each customer asks (default 120)")
    parser.add_argument("--dry", action="store_true", help="print only, leave docs/benchmarks.md as it is")
    arguments = parser.parse_args()
    busy = load()
    with tempfile.TemporaryDirectory(prefix="whereabouts-bench-") as folder:
        measured, facts = measure(Path(folder), arguments.questions)
    text = report(measured, facts, command="make bench-turn", busy=busy)
    print(text)
    if not arguments.dry:
        before = (
            REPORT.read_text("utf-8") if REPORT.exists() else "# Benchmarks\n\nEach section is written by the command it names.\n"
        )
        REPORT.write_text(replace_section(before, "turn", text), "utf-8")
        print(f"\nWritten to {os.path.relpath(REPORT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
