"""One-time codes that are guessed, kept, carried over or asked for to learn who is a customer; over HTTP, as an attacker would."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from orders import letters, verification
from orders.models import OneTimeCode
from orders.verification import CODES_PER_ADDRESS
from tests.attacks.asking import ask, refused, somebody, statements
from tests.chatbot.scripted import Customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("loaded", [("fashion", "local")], indirect=True)]
UNKNOWN = "who.is.this@example.net"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(letters, "PAUSE", 0)
    mail.outbox.clear()


async def code_for(customer: Customer, email: str, **more: str) -> str:
    """Have a code sent, and read the letter as the owner of that address would."""
    response = await customer.post("identify", {"email": email} | more)
    assert response.status_code == 200 and response.json()["demo_code"] is None
    await letters.finish()
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


# --- asking for a code ------------------------------------------------------------------------------------------------------------
async def test_asking_for_a_code_tells_nothing_about_addresses_and_orders(shop, monkeypatch):
    """Known, unknown, another's order, an unknown order: the same words, the same headers, the same statements; letters differ."""
    monkeypatch.setattr(letters, "soon", lambda: None)  # written below, so that only the statements of the reply are seen
    values, asker = shop.target.values, shop.asker
    wishes = [
        {"email": asker}, {"email": UNKNOWN},
    ], [
        {"email": values["email"], "order_number": values["number"]},  # right
        {"email": asker, "order_number": values["number"]},  # another's
        {"email": values["email"], "order_number": shop.target.unknown},
        {"email": UNKNOWN, "order_number": values["number"]},
        {"email": UNKNOWN, "order_number": shop.target.unknown},
    ]  # fmt: skip
    for alike in wishes:
        replies = []
        for wish in alike:
            customer = await somebody()
            with statements() as asked:
                response = await customer.post("identify", wish)
            replies.append((response.status_code, response.content, sorted(response.headers.items()), asked))
            await letters.write_due(at=timezone.now())
            for _ in range(2):  # and a wrong code for each
                with statements() as asked:
                    response = await customer.post("identify", {"email": wish["email"], "code": "000000"})
                replies[-1] += (response.status_code, response.content, asked)
        assert all(reply == replies[0] for reply in replies)
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([asker, values["email"]])


HEADERS = [
    "{email}\nBcc: mallory@evil.example",
    "{email}\r\nSubject: x",
    "{email},mallory@evil.example",
    "mallory@evil.example <{email}>",
]


async def test_a_letter_goes_to_nobody_but_the_customer(shop):
    for email in HEADERS:
        response = await (await somebody()).post("identify", {"email": email.format(**shop.target.values)})
        assert response.status_code == 422, email
    await letters.finish()
    assert mail.outbox == []


NUMBERS = (
    "{number}' OR 1=1", "%", "*", "_", "{number}\nBcc: x@evil.example", "{near}", "{digits}0", "{tracking}x", "\0", "\u202e1", "?",
    "{number} {number}", "{number}" * 30, "-1", "0", "null",
)  # fmt: skip


async def test_a_number_that_is_not_theirs_sends_no_letter(shop, monkeypatch):
    monkeypatch.setattr(verification, "CODES_PER_EMAIL", 100)
    for number in NUMBERS:
        sent = {"email": shop.asker, "order_number": number.format(**shop.target.values)[:100]}
        assert (await (await somebody()).post("identify", sent)).status_code == 200, number
        await letters.finish()
        assert mail.outbox == [], number


# --- using a code -------------------------------------------------------------------------------------------------------------------
async def test_a_code_is_good_in_its_conversation_for_its_address_once(shop):
    email = shop.target.values["email"]
    customer, other = await somebody(), await somebody()
    code = await code_for(customer, email)
    await refused(other, {"email": email, "code": code}, shop)  # in another conversation
    await refused(customer, {"email": shop.asker, "code": code}, shop)  # for another address
    await refused(customer, {"email": UNKNOWN, "code": code}, shop)
    assert (await customer.post("identify", {"email": email, "code": code})).status_code == 200
    assert shop.leaks((await ask(customer, "Where is my order?")).text)
    await customer.post("sign-out")
    await refused(customer, {"email": email, "code": code}, shop)  # twice
    await refused(other, {"email": email, "code": code}, shop)


async def test_a_new_code_ends_the_one_before(shop):
    customer, email = await somebody(), shop.target.values["email"]
    first = await code_for(customer, email)
    if first != await code_for(customer, email):
        await refused(customer, {"email": email, "code": first}, shop)


async def test_a_code_ends_after_ten_minutes(shop):
    customer, email = await somebody(), shop.target.values["email"]
    code = await code_for(customer, email)
    row = await OneTimeCode.objects.aget()
    assert row.expires_at - row.created_at == timedelta(minutes=10)
    await OneTimeCode.objects.aupdate(expires_at=timezone.now())
    await refused(customer, {"email": email, "code": code}, shop)


async def test_five_wrong_codes_are_the_end_of_the_right_one(shop):
    customer, email = await somebody(), shop.target.values["email"]
    code = await code_for(customer, email)
    guesses = [customer.post("identify", {"email": email, "code": wrong(code)}) for _ in range(8)]
    assert {response.status_code for response in await asyncio.gather(*guesses)} <= {422, 429}
    await refused(customer, {"email": email, "code": code}, shop)


async def test_an_attacker_with_a_whole_network_has_one_address(shop, settings):
    """A provider gives each customer 2^64 IPv6 addresses; they count as one."""
    settings.TRUSTED_PROXIES = 1
    statuses = []
    for n in range(CODES_PER_ADDRESS + 2):
        customer = await somebody()
        response = await customer.post("identify", {"email": f"x{n}@example.com"}, **{"X-Forwarded-For": f"2001:db8:1:2::{n:x}"})
        statuses.append(response.status_code)
    assert statuses == [200] * CODES_PER_ADDRESS + [429] * 2


async def test_a_guesser_with_many_conversations_is_stopped(shop, settings):
    """New conversations give new codes and new tries; the address that is attacked and the attacker's own have limits over them."""
    email, statuses = shop.target.values["email"], []
    for _ in range(7):
        customer = await somebody()
        statuses.append((await customer.post("identify", {"email": email})).status_code)
        await letters.finish()
        for _ in range(6):
            statuses.append((await customer.post("identify", {"email": email, "code": "000000"})).status_code)
    guessed = sum(status == 422 for status in statuses)
    assert 429 in statuses and guessed <= 40 and len(mail.outbox) <= 5


FORMS: list[Any] = [
    "", " ", "0", "00000", "0000000", "abcdef", "12345x", "１２３４５６", "١٢٣٤٥٦", "-12345", "+12345", "1e5", "0x1234", "null", "%",
    "123456' OR '1'='1", "000000,000001,000002", "*" * 6, 123456, 0, True, [], ["123456"], {"$ne": ""}, {"code": "1"}, 1.5,
]  # fmt: skip


async def test_no_other_form_of_a_code_gets_by(shop, monkeypatch):
    for limit in ("CODES_PER_EMAIL", "CODES_PER_ADDRESS", "WRONG_TRIES_PER_EMAIL", "WRONG_TRIES_PER_ADDRESS"):
        monkeypatch.setattr(verification, limit, 100)  # each form meets a code that is alive
    email = shop.target.values["email"]
    for code in FORMS:
        customer = await somebody()
        if await code_for(customer, email) != "123456":
            await refused(customer, {"email": email, "code": code}, shop)
