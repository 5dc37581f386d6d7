"""A shop's files into the database: what is good is kept, what is not is named, and running it again changes nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync

from orders.errors import ImportRefused
from orders.importing import import_files
from orders.lookup import Wanted, find_orders
from orders.models import Customer, Order, OrderLine, Shipment, ShipmentEvent, Transaction
from orders.records import Kind, Status
from tests.orders.conftest import NOW, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMERS = """customer_id,email,first_name,last_name,city,extra
c1,Ana@Example.com,Ana,Silva,Denver,ignored
c2,bo@example.com,Bo,Berg,Oslo,ignored
"""
ORDERS = """order_number,customer_email,status,placed_at,currency,total,ship_city,tracking_numbers,payment_history
#W2378156,ana@example.com,delivered,2024-11-03 14:00:00 UTC,USD,"1,234.50",Denver,443521489581;443521489582,payment credit_card_1 1234.50 2024-11-03; refund credit_card_1 34.50
#W1111111,bo@example.com,pending (item modified),2024-11-05,USD,20.00,Oslo,,
"""
ITEMS = """order_number,line,item_id,product_id,name,options,unit_price,quantity,tracking_number
#W2378156,1,i1,p1,T-Shirt,color=blue; size=M,25.00,2,443521489581
#W1111111,1,i3,p3,Mug,,20.00,1,
#W2378156,2,i2,p2,Lamp,"{""power"": ""usb""}",1184.50,1,
"""
SHIPMENTS = """order_number,tracking_number,carrier,status,shipped_at,estimated_delivery,delivered_at,tracking_url
#W2378156,443521489581,FedEx,Delivered,2024-11-04,2024-11-08,2024-11-07T10:00:00Z,https://fedex.example/443521489581
"""
EVENTS = """tracking_number,at,place,description
443521489581,2024-11-07T10:00:00Z,Denver,Delivered
443521489581,2024-11-05T10:00:00Z,Omaha,Arrived at facility
"""
ALL = {"customers": CUSTOMERS, "orders": ORDERS, "items": ITEMS, "shipments": SHIPMENTS, "events": EVENTS}


@pytest.fixture
def load(tmp_path):
    """Import files given as text or bytes, by kind."""

    def load_(**texts):
        paths = {}
        for kind, text in texts.items():
            paths[kind] = tmp_path / f"{kind}.csv"
            paths[kind].write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_files(**paths)

    return load_


def record(number: str, email: str = "ana@example.com"):
    (found,) = async_to_sync(find_orders)(Wanted(references=(number,)), viewer=signed_in(email), at=NOW).records
    return found


def everything() -> dict:
    return {
        m.__name__: list(m.objects.order_by("pk").values())
        for m in (Customer, Order, OrderLine, Shipment, ShipmentEvent, Transaction)
    }


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
