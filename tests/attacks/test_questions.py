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
everywhere = pytest.mark.parametrize("loaded", EVERYWHERE, ids=["-".join(pair) for pair in EVERYWHERE], indirect=True)


def part(questions: Sequence[T], shop: Shop) -> Sequence[T]:
    """All questions for the first shop; for each of the others every fourth, so that any four of them are asked all."""
    place = EVERYWHERE.index((shop.name, shop.kind))
    return questions if place == 0 else questions[place % 4 :: 4]


def test_there_are_enough_of_them():
    questions = {*OF_A_NUMBER, *OF_A_PERSON, *(question for talk in IN_TURN for question in talk)}
    assert len(questions) >= 120


@everywhere
async def test_a_foreign_order_is_answered_like_one_that_does_not_exist(shop):
    target, wrong = shop.target, []
    await ask(await arrive(shop.asker), "Where is my order?")  # formats of numbers are learned, statements built
    for asker in (None, shop.asker):
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
    assert not wrong, "\n".join(wrong)


@everywhere
async def test_claims_tricks_and_descriptions_tell_nothing_of_others(shop):
    wrong = []
    for asker in (None, shop.asker):
        for question in part(OF_A_PERSON, shop):
            customer, text = await arrive(asker), shop.target.fill(question)
            reply = await ask(customer, text)
            if leaks := shop.leaks(reply.text + await shown(customer), text):
                wrong.append(f"{asker}: {text!r} told {leaks}: {reply.final['answer']}")
            if asker is None and (reply.final["orders"] or reply.final["order_lookup"]):
                wrong.append(f"{text!r} looked at orders for nobody")
    assert not wrong, "\n".join(wrong)


@everywhere
async def test_what_was_said_before_opens_nothing(shop):
    wrong = []
    for asker in (None, shop.asker):
        for talk in part(IN_TURN, shop):
            customer, said = await arrive(asker), []
            for question in talk:
                said.append(shop.target.fill(question))
                reply = await ask(customer, said[-1])
                if leaks := shop.leaks(reply.text, *said):
                    wrong.append(f"{asker}: {said} told {leaks}: {reply.final['answer']}")
            if leaks := shop.leaks(await shown(customer, page=True), *said):
                wrong.append(f"{asker}: the page after {said} shows {leaks}")
    assert not wrong, "\n".join(wrong)


@everywhere
async def test_the_check_would_notice(shop):
    """The same questions by the customer whose order it is do tell: the facts are looked for in the right words."""
    email = shop.target.values["email"]
    told = set()
    for question in OF_A_NUMBER[:15]:
        text = shop.target.fill(question)
        told |= set(shop.leaks((await ask(await arrive(email), text)).text, text))
    assert len(told) >= 2, told
