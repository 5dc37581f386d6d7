"""Questions of strangers: no fact of an order that is not theirs comes back, and one that does not exist is answered the same."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

from tests.attacks.asking import arrive, ask, difference, shown
from tests.attacks.questions import IN_TURN, OF_A_NUMBER, OF_A_PERSON
from tests.attacks.shop import Shop

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)
EVERYWHERE = [
    ("demo", "local"),
    ("household", "local"),
    ("fashion", "local"),
    ("parts", "local"),
    ("fashion", "sql"),
    ("household", "own"),
    ("parts", "woocommerce"),
    ("fashion", "shopify"),
]


def part(questions: Sequence[T], shop: Shop) -> Sequence[T]:
    """All questions for the first shop; for each of the others every fourth, so that any four of them are asked all."""
    place = EVERYWHERE.index((shop.name, shop.kind))
    return questions if place == 0 else questions[place % 4 :: 4]


def test_there_are_enough_of_them():
    questions = {*OF_A_NUMBER, *OF_A_PERSON, *(question for talk in IN_TURN for question in talk)}
    assert len(questions) >= 120


@pytest.mark.parametrize("loaded", EVERYWHERE, ids=["-".join(pair) for pair in EVERYWHERE], indirect=True)
async def test_strangers_learn_nothing(shop):
    await the_check_would_notice(shop)
    wrong = [
        *[line for asker in (None, shop.asker) for line in await of_a_number(shop, asker)],
        *[line for asker in (None, shop.asker) for line in await of_a_person(shop, asker)],
        *[line for asker in (None, shop.asker) for line in await in_turn(shop, asker)],
    ]
    assert not wrong, "\n".join(wrong)


async def of_a_number(shop: Shop, asker: str | None) -> list[str]:
    """A foreign order is answered like one that does not exist: the same events, words and statements."""
    target, wrong = shop.target, []
    await ask(await arrive(asker), "Where is my order?")  # statements are built
    for question in part(OF_A_NUMBER, shop):
        replies = []
        for unknown in (False, True):
            text = target.fill(question, unknown=unknown)
            reply = await ask(await arrive(asker), text)
            words = {name: target.fill(f"{{{name}}}", unknown=unknown) for name in ("number", "near", "digits")}
            replies.append(reply.without(**words))
            if leaks := shop.leaks(reply.text, text):
                wrong.append(f"{asker}: {text!r} told {leaks}")
        if replies[0] != replies[1]:
            wrong.append(f"{asker}: {question!r} makes a difference:\n    {difference(*replies)}")
    return wrong


async def of_a_person(shop: Shop, asker: str | None) -> list[str]:
    """Claims, tricks and descriptions tell nothing of others."""
    wrong = []
    for question in part(OF_A_PERSON, shop):
        customer, text = await arrive(asker), shop.target.fill(question)
        reply = await ask(customer, text)
        if leaks := shop.leaks(reply.text + await shown(customer), text):
            wrong.append(f"{asker}: {text!r} told {leaks}: {reply.final['answer']}")
        if asker is None and (reply.final["orders"] or reply.final["order_lookup"]):
            wrong.append(f"{text!r} looked at orders for nobody")
    return wrong


async def in_turn(shop: Shop, asker: str | None) -> list[str]:
    """What was said before opens nothing."""
    wrong = []
    for talk in part(IN_TURN, shop):
        customer, said = await arrive(asker), []
        for question in talk:
            said.append(shop.target.fill(question))
            reply = await ask(customer, said[-1])
            if leaks := shop.leaks(reply.text, *said):
                wrong.append(f"{asker}: {said} told {leaks}: {reply.final['answer']}")
        if leaks := shop.leaks(await shown(customer, page=True), *said):
            wrong.append(f"{asker}: the page after {said} shows {leaks}")
    return wrong


async def the_check_would_notice(shop: Shop) -> None:
    """The same questions by the customer whose order it is do tell: the facts are looked for in the right words."""
    told: set[str] = set()
    for question in OF_A_NUMBER[:12:2]:
        text = shop.target.fill(question)
        told |= set(shop.leaks((await ask(await arrive(shop.target.values["email"]), text)).text, text))
    assert len(told) >= 2, told
