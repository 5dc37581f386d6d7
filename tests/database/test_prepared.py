"""Prepared statements give what the ORM gives."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DataError, connection, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, UUIDField

from chatbot.models import Conversation, Turn
from database.prepared import Prepared, PreparedAmong, PreparedUpdate, given, insert
from orders.models import Customer, Order

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def orders() -> list[Order]:
    ana, bo = (Customer.objects.create(customer_id=name, email=f"{name}@example.com", first_name=name) for name in ("ana", "bo"))
    numbers = [("W1", ana), ("W2", ana), ("W3", bo), ("W4", bo), ("W5", bo)]
    return [
        Order.objects.create(
            number=number, key=number, digits=number[1:], customer=owner, status="shipped", placed_at=NOON, total="9.90"
        )
        for number, owner in numbers
    ]


def test_rows_are_converted_as_values_list_converts_them(orders):
    columns = ("pk", "number", "placed_at", "total", "delivered_at", "customer__email")
    by_email = Prepared(
        lambda: Order.objects.filter(customer__email=given("email", CharField())).order_by("pk").values_list(*columns)
    )
    for email in ("ana@example.com", "bo@example.com", "nobody@example.com"):
        assert by_email.rows(email=email) == list(Order.objects.filter(customer__email=email).order_by("pk").values_list(*columns))
    row = by_email.rows(email="ana@example.com")[0]
    assert (row[2], row[3], row[4]) == (NOON, Decimal("9.90"), None)


def test_a_value_is_never_part_of_the_statement(orders):
    by_number = Prepared(lambda: Order.objects.filter(number=given("number", CharField())).values_list("pk"))
    assert by_number.rows(number="W1' OR '1'='1") == []
    with pytest.raises(KeyError):
        by_number.rows(nummer="W1")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_a_list_of_any_length_matches_just_its_values(orders, count):
    chosen = [order.pk for order in orders[:count]]
    among = PreparedAmong(lambda keys: Order.objects.filter(pk__in=keys).order_by("pk").values_list("pk"), BigIntegerField())
    assert among.rows(chosen) == [(key,) for key in chosen]


def test_two_lists_and_a_value_in_one_statement(orders):
    email = given("email", CharField())
    named = PreparedAmong(
        lambda keys, digits: (
            (Order.objects.filter(key__in=keys) | Order.objects.filter(digits__in=digits))
            .filter(customer__email=email)
            .order_by("number")
            .values_list("number")
        ),
        CharField(),
    )
    assert named.rows(["W1", "W3"], ["2"], email="ana@example.com") == [("W1",), ("W2",)]
    assert named.rows([], ["2"], email="ana@example.com") == [("W2",)]
    assert named.rows([], [], email="ana@example.com") == []


def test_an_update_tells_how_many_rows_it_changed(orders):
    touch = PreparedUpdate(
        lambda: Conversation.objects.filter(pk=given("id", UUIDField())), updated_at=given("at", DateTimeField())
    )
    conversation = Conversation.objects.create(token_hash="x", created_at=NOON, updated_at=NOON)
    later = datetime(2026, 11, 22, tzinfo=UTC)
    assert touch.run(id=conversation.pk, at=later) == 1
    assert touch.run(id=uuid4(), at=later) == 0
    conversation.refresh_from_db()
    assert conversation.updated_at == later


def test_an_inserted_row_reads_back_as_a_saved_one_and_goes_with_its_transaction(orders):
    conversation = Conversation.objects.create(token_hash="x", created_at=NOON, updated_at=NOON)
    turn = Turn(conversation=conversation, client_id="a", question="Where?", started_at=NOON, viewer={"email": "ana@example.com"})
    with pytest.raises(RuntimeError), transaction.atomic():
        insert(turn)
        raise RuntimeError
    assert not Turn.objects.exists()
    insert(turn)
    stored = Turn.objects.get()
    names = [field.attname for field in Turn._meta.concrete_fields]
    assert [getattr(stored, name) for name in names] == [getattr(turn, name) for name in names]


def test_postgresql_keeps_the_plan_and_can_be_told_not_to(orders, settings):
    if connection.vendor != "postgresql":
        pytest.skip("the other run has PostgreSQL")
    by_number = Prepared(lambda: Order.objects.filter(number=given("number", CharField())).values_list("pk", "placed_at"))

    def kept() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%orders_order%%placed_at%%number%%'")
            return int(cursor.fetchone()[0])

    settings.DATABASE_PREPARED_STATEMENTS = False
    assert by_number.rows(number="W1") == [(orders[0].pk, NOON)]
    assert kept() == 0
    settings.DATABASE_PREPARED_STATEMENTS = True
    for _ in range(3):
        assert by_number.rows(number="W2") == [(orders[1].pk, NOON)]
    assert kept() == 1
    with pytest.raises(DataError):  # Django's, as from any other
        by_number.rows(number="W\x00")
