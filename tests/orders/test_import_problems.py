"""What is wrong in a shop's files: what is good is kept, what is not is named, and a file that cannot be imported changes nothing."""

from decimal import Decimal

import pytest

from orders.errors import ImportRefused
from orders.models import Customer, Order
from tests.orders.shop_files import ALL, CUSTOMERS, ITEMS, ORDERS, SHIPMENTS, everything, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("file", "row", "column", "reason"), [
    ("orders", "#W3,ana@example.com,shipped,11/03/2024,USD,20.00,,,", "placed_at", "two different days"),
    ("orders", "#W3,ana@example.com,shipped,2024-02-30,USD,20.00,,,", "placed_at", "not a day of the calendar"),
    ("orders", "#W3,ana@example.com,shipped,2024-11-03,USD,twenty,,,", "total", "not an amount"),
    ("orders", "#W3,ana@example.com,shipped,2024-11-03,USD,-5,,,", "total", "below zero"),
    ("orders", "#W3,ana@example.com,shipped,2024-11-03,USD,20 EUR,,,", "total", "EUR"),
    ("orders", "#W3,,shipped,2024-11-03,USD,20.00,,,", "customer_email", "empty"),
    ("orders", "#W3,not an address,shipped,2024-11-03,USD,20.00,,,", "customer_email", "not an e-mail address"),
    ("orders", ",ana@example.com,shipped,2024-11-03,USD,20.00,,,", "order_number", "empty"),
    ("orders", "##,ana@example.com,shipped,2024-11-03,USD,20.00,,,", "order_number", "a letter or a digit"),
    ("orders", "#W3,ana@example.com,,2024-11-03,USD,20.00,,,", "status", "empty"),
    ("orders", f"#W{'3' * 70},ana@example.com,shipped,2024-11-03,USD,20.00,,,", "order_number", "72 characters"),
    ("orders", "#W3,ana@example.com,shipped,2024-11-03,USD,1,234.50,,,", "", "10 cells"),
    ("orders", "#W1111111,ana@example.com,shipped,2024-11-03,USD,20.00,,,", "order_number", "line 3 and again in line 4"),
    ("orders", "#W3\0,ana@example.com,shipped,2024-11-03,USD,20.00,,,", "", "NUL"),
    ("orders", '#W3,"ana"@example.com,shipped,2024-11-03,USD,20.00,,,', "", "quotes"),
    ("orders", '#W3,"ana@example.com,shipped,2024-11-03,USD,20.00,,,', "", "never closed"),
    ("items", "#W9999999,1,i1,p1,Hat,,1.00,1,", "order_number", "no order"),
    ("items", "#W1111111,2,i1,p1,,,1.00,1,", "name", "empty"),
    ("items", "#W1111111,2,i1,p1,Hat,,1.00,many,", "quantity", "whole number"),
    ("items", "#W1111111,x,i1,p1,Hat,,1.00,1,", "line", "whole number"),
    ("items", "#W1111111,1,i1,p1,Hat,,1.00,1,", "line", "line 3 and again in line 5"),
    ("items", "#W1111111,2,i1,p1,Hat,{broken,1.00,1,", "options", "JSON"),
    ("shipments", "#W9999999,T1,,,,,,", "order_number", "no order"),
    ("shipments", "#W2378156,T1,,,soon,,,", "shipped_at", "not a date"),
    ("events", "T-unknown,2024-11-05,,Left", "tracking_number", "No parcel"),
    ("events", "443521489581,,,Left", "at", "empty"),
])  # fmt: skip
def test_a_bad_row_is_named_and_the_good_ones_are_kept(load, file, row, column, reason):
    line = ALL[file].count("\n") + 1
    report = load(**{**ALL, file: f"{ALL[file]}{row}\n"})
    (problem,) = report.errors
    assert (problem.file, problem.line, problem.column) == (f"{file}.csv", line, column)
    assert reason in problem.reason
    good = everything()
    assert (
        len(good["Customer"]),
        len(good["Order"]),
        len(good["OrderLine"]),
        len(good["Shipment"]),
        len(good["ShipmentEvent"]),
    ) == (2, 2, 3, 2, 2)


def test_rows_after_a_broken_one_are_read(load):
    bad = "#W3,ana@example.com,shipped,soon,USD,20.00,,,\n"
    report = load(customers=CUSTOMERS, orders=ORDERS.replace("#W1111111", bad + "#W1111111"))
    assert [p.line for p in report.errors] == [3]
    assert Order.objects.count() == 2


def test_a_bad_row_takes_nothing_away_that_was_known(load):
    load(**ALL)
    report = load(orders=ORDERS, items=ITEMS.replace("1184.50", "lots"))
    assert len(report.errors) == 1
    assert [line.name for line in record("#W2378156").lines] == ["T-Shirt", "Lamp"]


def test_a_payment_in_doubt_is_a_warning_and_the_order_is_kept(load):
    report = load(orders=ORDERS.replace("refund credit_card_1 34.50", "perhaps 34.50"))
    (warning,) = report.warnings
    assert (warning.line, warning.column) == (2, "payment_history")
    assert report.errors == []
    assert record("#W2378156").paid == Decimal("1234.50")


def test_a_link_that_is_no_web_address_is_left_out(load):
    report = load(orders=ORDERS, shipments=SHIPMENTS.replace("https://fedex.example/443521489581", "javascript:alert(1)"))
    assert len(report.warnings) == 1
    assert record("#W2378156").shipments[0].tracking_url == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"order_number,email\n1,a@b.co\n", "lacks the columns customer_email, status"),
        (b"", "empty"),
        (b"order_number,customer_email,status\n1,a@b.co,M\xfcller\n", "not UTF-8 (line 2)"),
        ("order_number,customer_email,status\n".encode("utf-16"), "UTF-16"),
        (b"order_number,customer_email,status,status\n", "more than once"),
    ],
    ids=["columns", "empty", "latin", "utf-16", "twice"],
)
def test_a_file_that_cannot_be_imported_is_refused_and_nothing_is_written(load, content, reason):
    with pytest.raises(ImportRefused) as refused:
        load(customers=CUSTOMERS, orders=content)
    assert reason in refused.value.user_message
    assert Customer.objects.count() == 0
