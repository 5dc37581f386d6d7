"""Files as other programs and other shops write them."""

from decimal import Decimal

import pytest

from orders.records import Status
from tests.orders.shop_files import ALL, ORDERS, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("order_number", " Order Number "),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.rstrip("\n"),
    ],
    ids=["byte order mark", "windows", "header", "blank lines", "no last newline"],
)
def test_files_of_other_programs_are_read(load, change):
    report = load(**{kind: change(text) for kind, text in ALL.items()})
    assert report.errors == []
    assert report.items.created == 3


def test_a_semicolon_parts_the_cells_where_the_header_says_so(load):
    load(orders="order_number;customer_email;status;total\nA-1;ana@example.com;versandt;1.234,50\n")
    assert (record("A-1").total, record("A-1").status) == (Decimal("1234.50"), Status.SHIPPED)


def test_cells_left_out_at_the_end_of_a_row_are_empty_but_a_row_cut_off_is_refused(load):
    header = ORDERS.split("\n")[0]
    report = load(orders=f"{header}\nA-1,ana@example.com,shipped\nA-2,ana@example.com,ship")
    assert [(p.line, "cut off" in p.reason) for p in report.errors] == [(3, True)]
    assert record("A-1").status is Status.SHIPPED


def test_a_huge_cell_is_read_or_named(load):
    report = load(customers=f"email,payment_methods\nana@example.com,{'x' * 200_000}\nbo@example.com,{'y' * 2_000_000}\n")
    assert [(p.line, "1,048,576" in p.reason or "200,000" in p.reason) for p in report.errors] == [(2, True), (3, True)]


def test_other_shops_with_other_numbers_and_currencies(load):
    load(
        orders="order_number,customer_email,status,currency,total,placed_at\n"
        'R-1001/2,eva@example.de,Zugestellt,EUR,"49,90 €",03.11.2024\n'
        "100045678,raj@example.in,complete,INR,₹1499,2024-11-03\n"
        "ORD_9981-A,kim@example.jp,wc-on-hold,,¥1200,3 Nov 2024\n"
    )
    assert (record("r1001/2", "eva@example.de").currency, record("R-1001/2", "eva@example.de").total) == ("EUR", Decimal("49.90"))
    assert record("100045678", "raj@example.in").currency == "INR"
    assert (record("9981", "kim@example.jp").currency, record("ord 9981-a", "kim@example.jp").status) == ("", Status.ON_HOLD)
