"""Sign-in by one-time code: works for the customer, is no help to a guesser, and tells nobody who is a customer."""

import asyncio
import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core import mail

from orders import letters, verification
from orders.errors import CodeRefused, EmailRefused, TooManyCodes
from orders.models import OneTimeCode
from orders.verification import confirm_code, request_code
from orders.viewer import Method
from tests.orders.conftest import NOW, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"scope": "conversation-1", "address": "192.0.2.1"}


@pytest.fixture
def customer():
    return make_customer("ana@example.com")


async def asked(email="ana@example.com", at=NOW, **where) -> str:
    """Ask for a code and read it from the letter."""
    mail.outbox.clear()
    assert await request_code(email, at=at, **{**HERE, **where}) is None
    await letters.write_due(at=at)
    return re.search(r"\b\d{6}\b", mail.outbox[0].body)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_code_of_the_letter_signs_in_for_the_hours_set(customer, settings):
    settings.SIGN_IN_HOURS = 2
    code = await asked(" Ana@Example.com ")
    viewer = await confirm_code("ANA@example.com", f"{code[:3]} {code[3:]}", at=NOW, **HERE)
    assert (viewer.email, viewer.method, viewer.expires_at) == ("ana@example.com", Method.CODE, NOW + timedelta(hours=2))
    letter = mail.outbox[0]
    assert letter.to == ["ana@example.com"]
    assert settings.SHOP_NAME in letter.body and "10 minutes" in letter.body


async def test_a_code_works_once(customer):
    code = await asked()
    await confirm_code("ana@example.com", code, at=NOW, **HERE)
    with pytest.raises(CodeRefused):
        await confirm_code("ana@example.com", code, at=NOW, **HERE)


async def test_a_code_used_twice_at_once_works_once(customer):
    code = await asked()
    results = await asyncio.gather(
        *(confirm_code("ana@example.com", code, at=NOW, **HERE) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(r, Exception) for r in results) == 1


async def test_a_new_code_voids_the_one_before(customer):
    first, second = await asked(), await asked()
    if first != second:
        with pytest.raises(CodeRefused):
            await confirm_code("ana@example.com", first, at=NOW, **HERE)
    assert await confirm_code("ana@example.com", second, at=NOW, **HERE)


@pytest.mark.parametrize(
    "changed",
    [{"scope": "conversation-2"}, {"email": "bo@example.com"}, {"at": NOW + verification.CODE_LIFE}],
    ids=["another conversation", "another address", "too late"],
)
async def test_a_code_is_good_only_where_and_while_it_was_meant(customer, changed):
    code = await asked()
    with pytest.raises(CodeRefused):
        await confirm_code(**{"email": "ana@example.com", "code": code, "at": NOW, **HERE, **changed})


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥", "' OR 1=1", "0" * 5000])
async def test_what_is_no_code_is_refused_in_the_same_words(customer, code):
    await asked()
    with pytest.raises(CodeRefused) as refused:
        await confirm_code("ana@example.com", code, at=NOW, **HERE)
    assert refused.value.user_message == CodeRefused.user_message


async def test_after_five_wrong_tries_the_right_code_is_refused(customer):
    code = await asked()
    for _ in range(verification.TRIES_PER_CODE):
        with pytest.raises(CodeRefused):
            await confirm_code("ana@example.com", wrong(code), at=NOW, **HERE)
    with pytest.raises(CodeRefused):
        await confirm_code("ana@example.com", code, at=NOW, **HERE)


async def test_parallel_wrong_tries_share_the_five(customer):
    code = await asked()
    guesses = [
        confirm_code("ana@example.com", wrong(code), at=NOW, scope="conversation-1", address=f"192.0.2.{n}") for n in range(12)
    ]
    assert all(isinstance(r, CodeRefused) for r in await asyncio.gather(*guesses, return_exceptions=True))
    row = await OneTimeCode.objects.aget(email="ana@example.com")
    assert row.tries == verification.TRIES_PER_CODE


async def test_wrong_tries_are_counted_across_conversations(customer):
    refused = 0
    with pytest.raises(TooManyCodes) as too_many:
        for n in range(10):
            code = await asked(scope=f"s{n}", at=NOW + timedelta(seconds=n))
            for _ in range(verification.TRIES_PER_CODE):
                with pytest.raises(CodeRefused):
                    await confirm_code(
                        "ana@example.com", wrong(code), scope=f"s{n}", address=f"198.51.100.{n}", at=NOW + timedelta(seconds=n)
                    )
                refused += 1
    assert refused == verification.WRONG_TRIES_PER_EMAIL
    assert 0 < too_many.value.retry_after <= 3600


async def test_guessing_at_nothing_does_not_lock_the_customer_out(customer):
    for n in range(verification.WRONG_TRIES_PER_EMAIL + 5):
        with pytest.raises(CodeRefused):
            await confirm_code("ana@example.com", "123456", scope="stranger", address=f"198.51.100.{n}", at=NOW)
    assert await confirm_code("ana@example.com", await asked(), at=NOW, **HERE)


async def test_one_address_cannot_guess_for_ever():
    with pytest.raises(TooManyCodes):
        for _ in range(verification.WRONG_TRIES_PER_ADDRESS + 1):
            with pytest.raises(CodeRefused):
                await confirm_code("ana@example.com", "123456", at=NOW, **HERE)


@pytest.mark.parametrize(
    ("vary", "most"),
    [
        (lambda n: {"email": "ana@example.com", "scope": f"s{n}", "address": f"a{n}"}, verification.CODES_PER_EMAIL),
        (lambda n: {"email": f"x{n}@example.com", "scope": "s", "address": f"a{n}"}, verification.CODES_PER_SCOPE),
        (lambda n: {"email": f"x{n}@example.com", "scope": f"s{n}", "address": "a"}, verification.CODES_PER_ADDRESS),
    ],
    ids=["one e-mail", "one conversation", "one address"],
)
async def test_codes_are_limited_per_hour(vary, most):
    for n in range(most):
        await request_code(**vary(n), at=NOW)
    with pytest.raises(TooManyCodes) as refused:
        await request_code(**vary(most), at=NOW + timedelta(minutes=20))
    assert refused.value.retry_after == 2401
    with pytest.raises(TooManyCodes):  # asking again does not make the wait longer
        await request_code(**vary(most), at=NOW + timedelta(minutes=59))
    await request_code(**vary(most), at=NOW + timedelta(minutes=61))


async def test_codes_asked_for_at_once_stay_under_the_limit():
    results = await asyncio.gather(
        *(request_code("ana@example.com", scope=f"s{n}", address=f"a{n}", at=NOW) for n in range(12)), return_exceptions=True
    )
    assert sum(not isinstance(r, Exception) for r in results) <= verification.CODES_PER_EMAIL
    assert all(isinstance(r, TooManyCodes) for r in results if isinstance(r, Exception))


async def test_an_unknown_address_gets_the_same_reply_and_no_letter(customer, queries):
    def sql(email):
        with queries() as seen:
            assert async_to_sync(request_code)(email, at=NOW, scope=f"of {email}", address=f"at {email}") is None
        return [re.sub(r"'[^']*'|\d+", "?", q["sql"]) for q in seen]

    mail.outbox.clear()
    assert await sync_to_async(sql)("ana@example.com") == await sync_to_async(sql)("who@example.com")
    await letters.write_due(at=NOW)
    assert [m.to for m in mail.outbox] == [["ana@example.com"]]


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "a b@example.com", "ana@example.com\nBcc: x@example.com", "x" * 300 + "@example.com"]
)
async def test_what_is_no_address_is_refused_in_a_sentence(email):
    with pytest.raises(EmailRefused) as refused:
        await request_code(email, at=NOW, **HERE)
    assert refused.value.user_message.endswith(".")


async def test_only_the_demo_shows_the_code_and_says_so(settings, caplog):
    settings.DEMO = True
    code = await request_code("anybody@example.com", at=NOW, **HERE)
    assert re.fullmatch(r"\d{6}", code)
    assert f"DEMO: the one-time code for anybody@example.com is {code}" in caplog.text
    settings.DEMO = False
    assert await request_code("anybody@example.com", at=NOW, **HERE) is None


async def test_a_sweep_in_the_same_moment_does_not_take_the_code_that_a_demo_shows(settings, monkeypatch):
    settings.DEMO = True
    write = letters.write

    async def swept_before(pk, **more):
        monkeypatch.setattr(letters, "write", write)
        await letters.write_due(at=NOW)
        return await write(pk, **more)

    monkeypatch.setattr(letters, "write", swept_before)
    assert await request_code("anybody@example.com", at=NOW, **HERE)


async def test_the_code_itself_is_not_stored(customer):
    code = await asked()
    row = await OneTimeCode.objects.filter(email="ana@example.com").values().aget()
    assert not any(str(value) == code for value in row.values())
