"""Fifty customers at once, in one process: each is told of their own orders, and of nobody else's."""

import asyncio

import pytest

from orders.models import Order
from tests.attacks.asking import arrive, ask, shown
from tests.attacks.shop import facts_in, facts_of, plain

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS = 50
SCRIPT = ("Where is my order?", "What is in {number}?", "Where is {foreign}?", "List all my orders")


def people() -> dict[str, list[Order]]:
    """Customers with their orders."""
    found: dict[str, list[Order]] = {}
    for order in Order.objects.select_related("customer").prefetch_related("lines", "shipments", "transactions").order_by("pk"):
        found.setdefault(order.customer.email, []).append(order)
    return dict(list(found.items())[:CUSTOMERS])


@pytest.mark.parametrize(
    "loaded", [("demo", "local"), ("demo", "sql"), ("demo", "own")], indirect=True, ids=["local", "sql", "http"]
)
async def test_fifty_conversations_at_once_are_not_mixed_up(shop):
    from asgiref.sync import sync_to_async

    orders = await sync_to_async(people)()
    assert len(orders) == CUSTOMERS
    facts = {email: {fact for order in theirs for fact in facts_of(order)} for email, theirs in orders.items()}
    everything = frozenset().union(*facts.values())
    emails = list(orders)
    told = 0

    async def session(place: int) -> list[str]:
        nonlocal told
        email, other = emails[place], emails[place - 1]
        number, foreign = orders[email][0].number, orders[other][0].number
        customer, wrong, said = await arrive(email), [], ""
        for line in SCRIPT if shop.kind == "local" else SCRIPT[1:3]:
            question = line.format(number=number, foreign=foreign)
            said += f" {question}"
            reply = await ask(customer, question)
            wrong += mixed_up(reply.text, email, said)
            told += any(card["number"] in {order.number for order in orders[email]} for card in reply.final["orders"])
        return wrong + mixed_up(await shown(customer), email, said)

    def mixed_up(seen: str, email: str, said: str) -> list[str]:
        asked = plain(said)
        found = [fact for fact in facts_in(seen, everything) - facts[email] if fact not in asked]
        return [f"{email} was told {found}"] if found else []

    wrong = [line for lines in await asyncio.gather(*map(session, range(CUSTOMERS))) for line in lines]
    assert not wrong, "\n".join(wrong[:20])
    assert told >= (2 if shop.kind == "local" else 1) * CUSTOMERS, "too few were told of their own orders for this to show anything"
