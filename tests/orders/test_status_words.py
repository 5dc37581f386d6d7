"""What the shop's own status words mean: said once by staff, known to every process soon, whatever the source."""

from datetime import UTC

import pytest
from asgiref.sync import async_to_sync

from orders import status_words
from orders.lookup import Wanted, find_orders, known_shapes
from orders.models import SeenStatusWord, StatusWord
from orders.records import Status
from orders.sources.making import records_of
from orders.status_models import Of
from orders.statuses import ShopWords, order_status, parcel_status, use
from tests.orders.conftest import NOW, make_customer, make_order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_words_of_other_tests():
    status_words.forget()
    yield
    use(ShopWords())
    status_words._memory.noted.clear()
    status_words.forget()


def begin_a_turn():
    async_to_sync(known_shapes)()


def test_a_word_means_what_staff_said_from_the_next_turn_on(ana):
    make_order("A1001", status="Frame being painted")
    status_words.decide(Of.ORDER, "frame being PAINTED", Status.PROCESSING, by="sue")
    begin_a_turn()
    (record,) = async_to_sync(find_orders)(Wanted(), viewer=ana, at=NOW).records
    assert (record.status, record.status_text) == (Status.PROCESSING, "Frame being painted")


def test_it_counts_for_every_source_and_for_orders_alone():
    status_words.decide(Of.ORDER, "in the oven", Status.PROCESSING, by="sue")
    begin_a_turn()
    (record,) = records_of(
        [{"number": "1", "status": "in_the_oven", "shipments": [{"tracking_number": "T1", "status": "in the oven"}]}], zone=UTC
    )
    assert (record.status, record.shipments[0].status) == (Status.PROCESSING, Status.UNKNOWN)


def test_a_carriers_word_is_said_by_itself():
    status_words.decide(Of.PARCEL, "at the elves", Status.IN_TRANSIT, by="sue")
    begin_a_turn()
    assert (parcel_status("At the elves"), order_status("at the elves")) == (Status.IN_TRANSIT, Status.UNKNOWN)


def test_what_staff_say_counts_before_what_we_know_ourselves_and_can_be_taken_back():
    assert order_status("failed") is Status.ON_HOLD
    status_words.decide(Of.ORDER, "failed", Status.CANCELLED, by="sue")
    begin_a_turn()
    assert order_status("failed") is Status.CANCELLED
    taken_back = status_words.withdraw("order", "FAILED")
    assert taken_back.status == Status.CANCELLED
    begin_a_turn()
    assert order_status("failed") is Status.ON_HOLD
    assert status_words.withdraw("order", "failed") is None


def test_another_process_knows_within_seconds(monkeypatch):
    begin_a_turn()
    StatusWord.objects.create(of=Of.ORDER, key="kiln", written="kiln", status=Status.PROCESSING, decided_by="x", decided_at=NOW)
    begin_a_turn()
    assert order_status("kiln") is Status.UNKNOWN  # this process asked a moment ago
    monkeypatch.setattr(status_words, "AGE", 0.0)
    status_words.forget()
    begin_a_turn()
    assert order_status("kiln") is Status.PROCESSING
    assert status_words.AGE <= 5.0


def test_a_second_word_for_the_same_replaces_the_first():
    assert status_words.decide(Of.ORDER, "kiln", Status.PROCESSING, by="sue") is None
    assert status_words.decide(Of.ORDER, "Kiln!", Status.ON_HOLD, by="bo") is Status.PROCESSING
    assert [(w.key, w.status, w.decided_by) for w in StatusWord.objects.all()] == [("kiln", "on hold", "bo")]


@pytest.mark.parametrize(("word", "status"), [("", Status.DELIVERED), ("—", Status.DELIVERED), ("kiln", Status.UNKNOWN)])
def test_nothing_is_said_of_nothing(word, status):
    with pytest.raises(ValueError):
        status_words.decide(Of.ORDER, word, status, by="sue")


def test_words_without_a_meaning_are_counted_in_our_tables():
    make_customer("ana@example.com")
    for number, word in enumerate(["kiln", "Kiln", "delivered", "wc-kiln", "at the press", ""]):
        make_order(
            f"A{number}",
            status=word,
            shipments=[{"tracking_number": f"T{number}", "status": "scanned by elves" if number < 2 else ""}],
        )
    words = [(w.of, w.key, w.seen) for w in status_words.unknown_words()]
    assert words == [("order", "kiln", 3), ("order", "at the press", 1), ("parcel", "scanned by elves", 2)]
    status_words.decide(Of.ORDER, "kiln", Status.PROCESSING, by="sue")
    assert [w.key for w in status_words.unknown_words()] == ["at the press", "scanned by elves"]


def test_only_the_newest_orders_are_counted(monkeypatch):
    monkeypatch.setattr(status_words, "COUNTED", 2)
    make_customer("ana@example.com")
    for number, word in enumerate(["old word", "new word", "newest word"]):
        make_order(f"A{number}", status=word)
    assert {w.key for w in status_words.unknown_words()} == {"new word", "newest word"}


def test_where_orders_are_elsewhere_words_are_noted_from_answers(settings):
    settings.ORDERS_SOURCE = "http"
    orders = [
        {"number": str(n), "status": "in the oven", "shipments": [{"tracking_number": "T", "status": "with elves"}]} for n in (1, 2)
    ]
    status_words.note(records_of(orders, zone=UTC))
    async_to_sync(status_words.refresh)()
    status_words.note(records_of(orders[:1], zone=UTC))
    status_words.forget()
    async_to_sync(status_words.refresh)()
    assert [(w.of, w.key, w.seen) for w in status_words.unknown_words()] == [
        ("order", "in the oven", 3),
        ("parcel", "with elves", 3),
    ]


def test_what_is_noted_stays_within_bounds(monkeypatch, settings):
    monkeypatch.setattr(status_words, "MOST_WORDS", 3)
    many = records_of([{"number": str(n), "status": f"word {n}"} for n in range(9)], zone=UTC)
    for _ in range(4):
        status_words.note(many)
        status_words.forget()
        async_to_sync(status_words.refresh)()
        many = many[3:]
    assert SeenStatusWord.objects.count() <= 6


def test_a_database_that_fails_leaves_what_was_known(monkeypatch, caplog):
    from django.db import OperationalError

    use(ShopWords({"kiln": Status.PROCESSING}, {}))

    def broken():
        raise OperationalError("disk on fire")

    monkeypatch.setattr(status_words, "read", broken)
    async_to_sync(status_words.refresh)()
    assert order_status("kiln") is Status.PROCESSING
    assert "disk on fire" in caplog.text
