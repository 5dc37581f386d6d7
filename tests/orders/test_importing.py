"""A shop's files into the database: whole, again, changed, and one by one."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync

from orders.lookup import Wanted, find_orders
from orders.models import Customer
from orders.records import Kind, Status
from tests.orders.conftest import NOW, signed_in
from tests.orders.shop_files import ALL, CUSTOMERS, EVENTS, ITEMS, ORDERS, SHIPMENTS, everything, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_is_imported_whole(load):
    report = load(**ALL)
    assert report.public() == {
        "customers": {"created": 2, "updated": 0, "unchanged": 0},
        "orders": {"created": 2, "updated": 0, "unchanged": 0},
        "items": {"created": 3, "updated": 0, "unchanged": 0},
        "shipments": {"created": 1, "updated": 0, "unchanged": 0},
        "events": {"created": 2, "updated": 0, "unchanged": 0},
        "errors": [], "warnings": [], "errors_total": 0, "warnings_total": 0,
    }  # fmt: skip
    order = record("#W2378156")
    assert (order.number, order.status, order.currency, order.total) == ("#W2378156", Status.DELIVERED, "USD", Decimal("1234.50"))
    assert order.placed_at == datetime(2024, 11, 3, 14, tzinfo=UTC)
    assert [(line.name, line.options, line.quantity) for line in order.lines] == [
        ("T-Shirt", (("color", "blue"), ("size", "M")), 2),
        ("Lamp", (("power", "usb"),), 1),
    ]
    assert [(s.tracking_number, s.carrier, s.estimated_on) for s in order.shipments] == [
        ("443521489581", "FedEx", date(2024, 11, 8)),
        ("443521489582", "", None),
    ]
    assert [e.place for e in order.shipments[0].events] == ["Omaha", "Denver"]
    assert [(t.kind, t.amount) for t in order.transactions] == [(Kind.PAYMENT, Decimal("1234.50")), (Kind.REFUND, Decimal("34.50"))]
    assert order.customer_name == "Ana Silva"
    assert record("#W1111111", "bo@example.com").status is Status.PENDING


def test_running_it_again_changes_nothing(load):
    load(**ALL)
    before = everything()
    report = load(**ALL)
    assert everything() == before
    assert (
        report.customers.unchanged,
        report.orders.unchanged,
        report.items.unchanged,
        report.shipments.unchanged,
        report.events.unchanged,
    ) == (2, 2, 3, 1, 2)
    assert report.orders.updated + report.orders.created == 0


def test_what_changed_is_replaced(load):
    load(**ALL)
    report = load(
        orders=ORDERS.replace("delivered", "refunded")
        .replace("443521489581;443521489582", "443521489582")
        .replace("34.50\n", "30.00\n"),
        items=ITEMS.replace("#W2378156,2,", "#W2378156,3,"),
    )
    assert (report.orders.updated, report.orders.unchanged) == (1, 1)
    order = record("#W2378156")
    assert order.status is Status.REFUNDED
    assert [line.position for line in order.lines] == [1, 3]
    assert [t.amount for t in order.transactions] == [Decimal("1234.50"), Decimal("30.00")]
    # the first parcel has a row of its own among the shipments and is still named by an item
    assert {s.tracking_number for s in order.shipments} == {"443521489581", "443521489582"}
    assert len(order.shipments[0].events) == 2


def test_every_kind_of_value_is_changed_in_place_and_can_be_taken_away(load):
    load(**ALL)
    keys = [(row["id"], row["position"]) for row in everything()["OrderLine"]]
    report = load(
        customers=CUSTOMERS.replace("Silva,Denver", "O'Hara \\ {x},"),
        orders=ORDERS.replace('"1,234.50"', "")
        .replace("2024-11-03 14:00:00 UTC", "2024-11-04T09:30:00Z")
        .replace(",USD,20.00", ",EUR,21.05"),
        items=ITEMS.replace("color=blue; size=M,25.00,2", '"color=bl""ue; größe={M,L}",,3'),
        shipments=SHIPMENTS.replace("2024-11-04,2024-11-08,2024-11-07T10:00:00Z", ",2024-11-09,"),
    )
    assert (report.customers.updated, report.orders.updated, report.items.updated, report.shipments.updated) == (1, 2, 1, 1)
    order = record("#W2378156")
    assert (order.customer_name, order.total, order.placed_at) == (
        "Ana O'Hara \\ {x}",
        None,
        datetime(2024, 11, 4, 9, 30, tzinfo=UTC),
    )
    assert (order.lines[0].options, order.lines[0].unit_price, order.lines[0].quantity) == (
        (("color", 'bl"ue'), ("größe", "{M,L}")),
        None,
        3,
    )
    parcel = order.shipments[0]
    assert (parcel.estimated_on, parcel.shipped_at, parcel.delivered_at) == (date(2024, 11, 9), None, None)
    assert (record("#W1111111", "bo@example.com").currency, record("#W1111111", "bo@example.com").total) == (
        "EUR",
        Decimal("21.05"),
    )
    assert [(row["id"], row["position"]) for row in everything()["OrderLine"]] == keys


def test_a_parcel_that_nothing_names_any_more_is_gone(load):
    load(orders=ORDERS)
    load(orders=ORDERS.replace("443521489581;443521489582", "443521489582"))
    assert [s.tracking_number for s in record("#W2378156").shipments] == ["443521489582"]


def test_a_column_that_is_not_in_the_file_leaves_its_value(load):
    load(**ALL)
    load(orders="order_number,customer_email,status\n#W2378156,ana@example.com,return requested\n")
    order = record("#W2378156")
    assert (order.status, order.total, len(order.shipments), len(order.transactions)) == (
        Status.RETURN_REQUESTED,
        Decimal("1234.50"),
        2,
        2,
    )


def test_files_may_come_one_by_one_and_an_order_before_its_customer(load):
    load(orders=ORDERS)
    load(items=ITEMS)
    load(shipments=SHIPMENTS)
    load(events=EVENTS)
    load(customers=CUSTOMERS)
    assert Customer.objects.count() == 2
    order = record("#W2378156")
    assert (order.customer_name, len(order.lines), len(order.shipments[0].events)) == ("Ana Silva", 2, 2)


def test_a_customers_new_address_is_followed(load):
    load(**ALL)
    load(customers=CUSTOMERS.replace("Ana@Example.com", "ana@new.example"))
    assert record("#W2378156", "ana@new.example").number == "#W2378156"
    assert async_to_sync(find_orders)(Wanted(), viewer=signed_in("ana@example.com"), at=NOW).total == 0


def test_thousands_of_orders_take_few_queries(load, queries):
    rows = [f"A{n},c{n % 50}@example.com,shipped,2024-11-03,USD,20.00,Denver,T{n},payment visa 20.00" for n in range(2500)]
    items = [f"A{n},1,i,p,Mug,color=red,20.00,1,T{n}" for n in reversed(range(2500))]
    text = {"orders": ORDERS.split("\n")[0] + "\n" + "\n".join(rows), "items": ITEMS.split("\n")[0] + "\n" + "\n".join(items)}
    assert load(**text).orders.created == 2500
    with queries() as seen:
        assert load(**text).orders.unchanged == 2500
    assert len(seen) < 40
