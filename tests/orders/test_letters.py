"""Letters with codes: written after the reply, once, to nobody who is no customer, and not lost with the process that took the wish."""

import asyncio
import re
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from orders import letters
from orders.errors import CodeRefused, OrdersUnavailable
from orders.models import OneTimeCode
from orders.verification import CODE_LIFE, confirm_code, request_code
from orders.viewer import Method
from tests.orders.conftest import NOW, make_order

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"scope": "conversation-1", "address": "192.0.2.1"}


@pytest.fixture(autouse=True)
def order():
    return make_order("#W1001", "ana@example.com")


def code_of_the_letter() -> str:
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


class SlowShop:
    """A source of orders that takes its time, or does not answer."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.gate, self.down, self.asked = gate, False, []

    async def knows(self, email: str) -> bool:
        self.asked.append(email)
        if self.down:
            raise OrdersUnavailable("the shop sleeps")
        if self.gate:
            await self.gate.wait()
        return email == "ana@example.com"

    async def placed(self, number: str, *, email: str) -> bool:
        return await self.knows(email) and number == "#W1001"


@pytest.fixture
def slow_shop(monkeypatch):
    shop = SlowShop()
    monkeypatch.setattr(letters, "source", lambda: shop)
    return shop


async def test_the_reply_waits_for_neither_the_order_system_nor_the_mail_server(slow_shop, monkeypatch):
    monkeypatch.setattr(letters, "PAUSE", 0)
    slow_shop.gate = asyncio.Event()
    assert await request_code("ana@example.com", at=timezone.now(), **HERE) is None
    assert mail.outbox == []
    slow_shop.gate.set()
    await letters.finish()
    assert [letter.to for letter in mail.outbox] == [["ana@example.com"]]


@pytest.mark.parametrize(
    ("email", "number", "sent"),
    [
        ("ana@example.com", "", True),
        ("ana@example.com", "#W1001", True),
        ("ana@example.com", " w 1001 ", True),
        ("ana@example.com", "#W9999", False),
        ("bo@example.com", "#W1001", False),
        ("bo@example.com", "", False),
    ],
)
async def test_only_who_ordered_is_written_to(email, number, sent):
    await request_code(email, at=NOW, order_number=number, **HERE)
    assert await letters.write_due(at=NOW) == 1
    assert len(mail.outbox) == sent
    row = await OneTimeCode.objects.aget()
    assert row.code_hash and row.letter_due_at is None  # a row that got no letter looks like one that got it


async def test_a_number_and_an_address_prove_the_address():
    await request_code("ana@example.com", at=NOW, order_number="W1001", **HERE)
    await letters.write_due(at=NOW)
    viewer = await confirm_code("ana@example.com", code_of_the_letter(), at=NOW, **HERE)
    assert viewer.email == "ana@example.com" and viewer.method is Method.ORDER


async def test_nothing_fits_before_the_letter_is_written():
    await request_code("ana@example.com", at=NOW, **HERE)
    for code in ("000000", ""):
        with pytest.raises(CodeRefused):
            await confirm_code("ana@example.com", code, at=NOW, **HERE)


async def test_a_letter_is_written_once_by_however_many_processes():
    await request_code("ana@example.com", at=NOW, **HERE)
    await asyncio.gather(*(letters.write_due(at=NOW) for _ in range(4)))
    assert len(mail.outbox) == 1


async def test_a_letter_that_a_dead_process_owed_is_written_by_the_sweep():
    await request_code("ana@example.com", at=NOW, **HERE)
    row = await OneTimeCode.objects.aget()
    await OneTimeCode.objects.aupdate(letter_due_at=NOW + letters.LEASE, letters=1)  # claimed, and the process died
    assert await letters.write_due(at=NOW + timedelta(seconds=30)) == 0
    later = NOW + letters.LEASE
    assert await letters.write_due(at=later) == 1
    assert "9 minutes" in mail.outbox[0].body
    assert await confirm_code(row.email, code_of_the_letter(), at=later, **HERE)


async def test_an_order_system_that_is_down_is_asked_again(slow_shop):
    slow_shop.down = True
    await request_code("ana@example.com", at=NOW, **HERE)
    await letters.write_due(at=NOW)
    slow_shop.down = False
    await letters.write_due(at=NOW + letters.LEASE)
    assert len(mail.outbox) == 1


class BrokenPost:
    def __init__(self, **_) -> None: ...

    def send_messages(self, messages):
        raise OSError("mail server on fire")


class RefusingPost(BrokenPost):
    """As mail servers do, it repeats the address in its complaint."""

    def send_messages(self, messages):
        (to,) = messages[0].to
        raise smtplib.SMTPRecipientsRefused({to: (550, f"<{to}>: no such user".encode())})


class ComplainingPost(BrokenPost):
    def send_messages(self, messages):
        raise smtplib.SMTPDataError(552, f"mailbox of {messages[0].to[0]} is full".encode())


async def test_a_mail_server_that_fails_is_logged_and_tried_a_few_times(settings, caplog):
    settings.EMAIL_BACKEND = "tests.orders.test_letters.BrokenPost"
    await request_code("ana@example.com", at=NOW, **HERE)
    written = [await letters.write_due(at=NOW + n * letters.LEASE) for n in range(letters.MOST_TRIES + 2)]
    assert written == [1] * letters.MOST_TRIES + [0, 0]
    assert "could not be sent" in caplog.text and "mail server on fire" in caplog.text and "ana@" not in caplog.text


@pytest.mark.parametrize(
    ("post", "told"), [("RefusingPost", "SMTPRecipientsRefused [550]"), ("ComplainingPost", "SMTPDataError 552")]
)
async def test_what_a_mail_server_repeats_of_an_address_is_not_logged(post, told, settings, caplog):
    settings.EMAIL_BACKEND = f"tests.orders.test_letters.{post}"
    await request_code("ana@example.com", at=NOW, **HERE)
    await letters.write_due(at=NOW)
    assert f"an address at example.com: {told}" in caplog.text
    assert "ana@" not in caplog.text


async def test_no_letter_is_written_for_a_code_that_is_over():
    await request_code("ana@example.com", at=NOW, **HERE)
    assert await letters.write_due(at=NOW + CODE_LIFE) == 0
    await request_code("ana@example.com", at=NOW, **HERE)  # the one before is void
    assert await letters.write_due(at=NOW) == 1


async def test_the_worker_writes_what_is_due(slow_shop):
    from asgiref.sync import sync_to_async

    from orders.tasks import write_due_letters

    make = OneTimeCode.objects.acreate
    now = timezone.now()
    await make(email="ana@example.com", created_at=now, expires_at=now + CODE_LIFE, letter_due_at=now, **HERE)
    await sync_to_async(write_due_letters, thread_sensitive=False)()
    assert len(mail.outbox) == 1
