"""The console's page of status words: what is not understood, what staff say of it, and what is kept of that."""

import re

import pytest
from django.urls import reverse

from chatbot.models import AuditEntry
from orders import status_words
from orders.models import StatusWord
from orders.records import Status
from orders.statuses import ShopWords, order_status, use
from tests.orders.conftest import make_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_words_of_other_tests():
    yield
    use(ShopWords())
    status_words.forget()


def page(client) -> str:
    return re.sub(r"\s+", " ", client.get(reverse("console:status-words")).content.decode())


def say(client, word, status, of="order"):
    return client.post(reverse("console:status-words"), {"of": of, "word": word, "status": status}, follow=True)


def test_a_word_that_is_not_understood_is_listed_with_how_often_until_it_is_given_a_meaning(staff_client, staff):
    for number in range(3):
        make_order(f"A{number}", status="at the <b>kiln</b>")
    make_order("A9", status="delivered")
    shown = page(staff_client)
    assert "at the &lt;b&gt;kiln&lt;/b&gt;" in shown and "3 times" in shown and "newest 20000" in shown.replace(",", "")
    assert "delivered</strong>" not in shown
    said = say(staff_client, "at the <b>kiln</b>", "processing").content.decode()
    assert "means that an order is being prepared" in said and "Every word is understood" in said
    assert order_status("At the <b>kiln</b>") is Status.PROCESSING
    (entry,) = AuditEntry.objects.filter(action="said what a status word means")
    assert (entry.actor, entry.subject, entry.detail) == (staff.username, "order: at the <b>kiln</b>", "processing")
    row = StatusWord.objects.get()
    assert (row.decided_by, row.status) == (staff.username, "processing")


def test_a_meaning_is_changed_and_taken_back_and_both_are_kept(staff_client):
    say(staff_client, "kiln", "processing")
    say(staff_client, "kiln", "on hold")
    said = {"of": "order", "word": "Kiln"}
    taken, again = (
        staff_client.post(reverse("console:status-word-withdraw"), said, follow=True).content.decode() for _ in range(2)
    )
    assert "means what it meant before" in taken and "no meaning of yours any more" in again
    entries = AuditEntry.objects.order_by("pk").values_list("action", "detail")
    assert [*entries] == [
        ("said what a status word means", "processing"),
        ("said what a status word means", "processing → on hold"),
        ("took back what a status word means", "on hold"),
    ]
    assert not StatusWord.objects.exists()


@pytest.mark.parametrize(
    ("word", "status", "of", "sentence"),
    [
        ("", "processing", "order", "Please give the word."),
        ("—", "processing", "order", "a letter or a digit"),
        ("x" * 101, "processing", "order", "at most 100 characters"),
        ("kiln", "unknown", "order", "Please choose one of the meanings."),
        ("kiln", "", "order", "Please choose what the word means."),
        ("kiln", "processing", "customer", "whether orders or parcels"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(staff_client, word, status, of, sentence):
    answer = say(staff_client, word, status, of)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not StatusWord.objects.exists()


def test_where_orders_are_elsewhere_the_page_says_where_the_words_come_from(staff_client, settings):
    settings.ORDERS_SOURCE = "http"
    assert "No answer to a customer had a word without a meaning" in page(staff_client)


def test_nobody_else_gets_in(client):
    make_order("A1", status="kiln")
    for method, name in (("get", "status-words"), ("post", "status-words"), ("post", "status-word-withdraw")):
        answer = getattr(client, method)(reverse(f"console:{name}"))
        assert answer.status_code == 302 and "login" in answer["Location"]
