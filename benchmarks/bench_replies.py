"""Whether the time of a reply tells a stranger anything: `make bench-replies`.

Asks the whole product within this process, so that no network hides a difference: codes for known and unknown addresses, for right, foreign and
unknown orders, wrong codes, and questions about foreign and unknown numbers, in random order. Prints the median of each kind, and how
likely differences as large as those seen are where there is none. No test rests on it: by construction there is nothing to see.
"""

import argparse
import asyncio
import itertools
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from math import erf, sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Measure = Callable[[], Awaitable[float]]  # milliseconds


def rank_test(first: Sequence[float], second: Sequence[float]) -> float:
    """How likely it is that two samples of one kind differ as much as these (two-sided Mann-Whitney, normal approximation)."""
    ordered = sorted((value, place) for place, values in enumerate((first, second)) for value in values)
    ranks = sum(rank for rank, (_, place) in enumerate(ordered, start=1) if place == 0)
    n, m = len(first), len(second)
    mean, deviation = n * (n + m + 1) / 2, sqrt(n * m * (n + m + 1) / 12)
    return 1 - erf(abs(ranks - mean) / deviation / sqrt(2))


async def compare(name: str, kinds: dict[str, Measure], repeats: int) -> None:
    """Measure each kind so often, in random order, and print what was found; the first is what the others are held against."""
    for measure in kinds.values():
        for _ in range(10):
            await measure()
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    order = [kind for kind in kinds for _ in range(repeats)]
    random.shuffle(order)
    for kind in order:
        times[kind].append(await kinds[kind]())
    usual, *_ = times.values()
    print(f"\n{name}")
    for kind, values in times.items():
        against = "" if values is usual else f"   p = {rank_test(usual, values):.2f}"
        low, high = sorted(values)[repeats // 10], sorted(values)[-repeats // 10]
        print(f"  {kind:28} {statistics.median(values):7.3f} ms  ({low:.3f} to {high:.3f}){against}")


async def measure_all(repeats: int) -> None:
    from asgiref.sync import sync_to_async
    from django.test import AsyncClient

    from orders.models import Order
    from tests.attacks.asking import arrive
    from tests.attacks.shop import look_at
    from tests.chatbot.scripted import Customer

    shop = await sync_to_async(look_at)("demo", "local")
    emails = [e async for e in Order.objects.order_by("customer__email").values_list("customer__email", flat=True).distinct()]
    known, count = itertools.cycle(emails), itertools.count()
    numbers = dict([pair async for pair in Order.objects.values_list("customer__email", "number")])

    async def timed(customer: Customer, path: str, body: dict[str, str]) -> float:
        began = time.perf_counter()
        await customer.post(path, body)
        return (time.perf_counter() - began) * 1000

    async def somebody() -> Customer:
        return await Customer.start(AsyncClient())

    def unknown_email() -> str:
        return f"{next(count):05}.{random.choice(emails)}"

    def asking(email: Callable[[], str], number: Callable[[str], str] | None = None) -> Measure:
        async def measure() -> float:
            address = email()
            return await timed(
                await somebody(), "identify", {"email": address} | ({"order_number": number(address)} if number else {})
            )

        return measure

    def guessing(email: Callable[[], str]) -> Measure:
        async def measure() -> float:
            customer, address = await somebody(), email()
            await customer.post("identify", {"email": address})
            return await timed(customer, "identify", {"email": address, "code": "000000"})

        return measure

    def questioning(number: str) -> Measure:
        async def measure() -> float:
            return await timed(await arrive(shop.asker), "messages", {"text": f"Where is order {number}?", "client_id": "x"})

        return measure

    await compare(
        "asking for a code", {"a customer": asking(lambda: next(known)), "nobody we know": asking(unknown_email)}, repeats
    )
    await compare(
        "asking for a code with an order number",
        {
            "their own order": asking(lambda: next(known), lambda email: numbers[email]),
            "somebody else's order": asking(lambda: next(known), lambda _: shop.target.values["number"]),
            "an order that does not exist": asking(lambda: next(known), lambda _: shop.target.unknown),
            "nobody we know": asking(unknown_email, lambda _: shop.target.values["number"]),
        },
        repeats,
    )
    await compare("a wrong code", {"a customer": guessing(lambda: next(known)), "nobody we know": guessing(unknown_email)}, repeats)
    numbers_asked = {"somebody else's order": shop.target.values["number"], "an order that does not exist": shop.target.unknown}
    await compare("a question about", {kind: questioning(number) for kind, number in numbers_asked.items()}, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=300, help="of each kind (default: 300)")
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory(prefix="whereabouts-replies-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        from orders import verification
        from tests.attacks.asking import SECRET
        from tests.attacks.shop import load

        setup_test_environment()
        logging.disable(logging.WARNING)  # each refusal would be a line
        settings.IDENTITY_SECRET, settings.TURNS_PER_MINUTE_PER_ADDRESS = [SECRET], 10**9
        for limit in (
            "CODES_PER_EMAIL",
            "CODES_PER_SCOPE",
            "CODES_PER_ADDRESS",
            "WRONG_TRIES_PER_EMAIL",
            "WRONG_TRIES_PER_ADDRESS",
        ):
            setattr(verification, limit, 10**9)  # what is measured would be refused long before
        call_command("migrate", verbosity=0)
        load("demo")
        asyncio.run(measure_all(repeats))


if __name__ == "__main__":
    main()
