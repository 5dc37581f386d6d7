"""Orders in the names of the documents become records; what is broken becomes "not known" and a line in the log, never a crash."""

import json
import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.importing.values import Unclear
from orders.records import Kind, Status
from orders.sources import cells, troubles
from orders.sources.making import records_of

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture(autouse=True)
def _nothing_told():
    troubles._told.clear()


def made(zone=UTC_ZONE, **order):
    (record,) = records_of([{"number": "A-1", **order}], zone=zone)
    return record


# --- values -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("0000-00-00 00:00:00", None),
        (datetime(2026, 3, 1, 14), datetime(2026, 3, 1, 13, tzinfo=UTC)),
        (datetime(2026, 3, 1, 14, tzinfo=UTC), datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("2026-03-01 14:00:00", datetime(2026, 3, 1, 13, tzinfo=UTC)),
        ("2026-03-01T14:00:00Z", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("2026-03-01T14:00:00.123456+02:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (date(2026, 3, 1), datetime(2026, 2, 28, 23, tzinfo=UTC)),
        (1772373600, datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("1772373600", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        (1772373600000, datetime(2026, 3, 1, 14, tzinfo=UTC)),
        (b"2026-03-01 14:00:00", datetime(2026, 3, 1, 13, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_the_shops(value, expected):
    assert made(BERLIN, placed_at=value).placed_at == expected


def test_a_day_is_the_shops_day_whatever_zone_the_database_keeps():
    (record,) = records_of(
        [{"number": "A", "placed_at": "2026-03-01 23:30:00", "estimated_delivery": "2026-03-05"}], zone=UTC_ZONE, shown=BERLIN
    )
    assert (record.placed_at.date(), record.estimated_on) == (date(2026, 3, 2), date(2026, 3, 5))


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        ("49.90", "EUR", "49.90"),
        (Decimal("49.90000000"), "EUR", "49.90"),
        (33.333333, "EUR", "33.33"),
        ("1.234,50 €", "EUR", "1234.50"),
        (0, "EUR", "0.00"),
        ("12.345", "KWD", "12.345"),
        ("12.345", "EUR", "12.35"),
        ("-5", "EUR", None),
        ("NaN", "EUR", None),
        (float("inf"), "EUR", None),
        (True, "EUR", None),
        ("free", "EUR", None),
        ("9" * 400, "EUR", None),
        ([1], "EUR", None),
    ],
)
def test_money_is_a_decimal_or_not_known(value, currency, expected):
    assert made(total=value, currency=currency).total == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    "value",
    [
        {"color": "blue", "size": "M"},
        [["color", "blue"], ["size", "M"]],
        [{"name": "color", "value": "blue"}, {"name": "size", "value": "M"}],
        '[{"label": "color", "value": "blue"}, {"label": "size", "value": "M"}]',
        '{"color": "blue", "size": "M"}',
        "color=blue; size=M",
        b"color: blue; size: M",
    ],
)
def test_options_come_in_many_forms(value):
    (line,) = made(items=[{"name": "Shirt", "options": value}]).lines
    assert line.options == (("color", "blue"), ("size", "M"))


@pytest.mark.parametrize("value", [7, "[1, 2]", '["[\\"a\\"]"]', [["a"]], [[1, 2, 3]], "[" * 100_000, {"a": {"b": 1}}])
def test_options_that_mean_nothing_are_left_out(value):
    (line,) = made(items=[{"name": "Shirt", "options": value}]).lines
    assert line.options == ()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://user:secret@ups.example/1",
        "ups.example/1",
        "https://ups.example/a b",
        'https://ups.example/"x',
        "https://[",
        "http://",
        "data:text/html,x",
        "https://ups.example/" + "a" * 600,
    ],
)
def test_a_link_that_should_not_be_followed_is_left_out(address):
    (parcel,) = made(shipments=[{"tracking_number": "T1", "tracking_url": address}]).shipments
    assert parcel.tracking_url == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x00b\r\nc", "a b c"),
        (1001, "1001"),
        (1001.0, "1001"),
        (Decimal("7"), "7"),
        (b"\xff", ""),
        ({}, ""),
        (True, ""),
        ("x" * 5000, "x" * 300),
    ],
)
def test_text_is_one_line_of_bounded_length(value, expected):
    (line, *_) = made(items=[{"name": value}, {"name": "Hat"}]).lines
    assert line.name == (expected or "Hat")


# --- parts --------------------------------------------------------------------------------------------------------------
def test_parcels_are_known_from_the_order_its_items_and_events():
    record = made(
        carrier="UPS",
        tracking_numbers="A 1; B2",
        items=[{"name": "Hat", "tracking_number": "B-2"}, {"name": "Shoe", "tracking_number": "C3"}],
        shipments=[{"tracking_number": "A1", "carrier": "DHL"}],
        events=[
            {"tracking_number": "a1", "at": "2026-03-02", "description": "Left"},
            {"at": "2026-03-02", "description": "Of no parcel"},
        ],
    )
    assert [(p.tracking_number, p.carrier, len(p.events)) for p in record.shipments] == [
        ("A1", "DHL", 1),
        ("B2", "UPS", 0),
        ("C3", "UPS", 0),
    ]


def test_an_event_that_names_no_parcel_is_the_only_ones():
    (parcel,) = made(shipments=[{"tracking_number": "A1"}], events=[{"at": "2026-03-02", "description": "Left"}]).shipments
    assert [event.description for event in parcel.events] == ["Left"]


def test_what_an_order_does_not_say_is_taken_from_its_parcels():
    record = made(
        status="fulfilled",
        shipments=[{"tracking_number": "A", "delivered_at": "2026-03-04"}, {"tracking_number": "B", "delivered_at": "2026-03-05"}],
    )
    assert (record.status, record.delivered_at.date()) == (Status.DELIVERED, date(2026, 3, 5))


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        ({"amount": "5"}, (Kind.PAYMENT, "5")),
        ({"amount": "-5"}, (Kind.REFUND, "5")),
        ({"kind": "refund", "amount": "-5"}, (Kind.REFUND, "5")),
        ({"kind": "refund_pending", "amount": 5}, (Kind.REFUND_PENDING, "5")),
        ({"kind": "captured", "amount": 5}, (Kind.PAYMENT, "5")),
        ({"kind": "payment", "amount": -5}, None),
        ({"kind": "who knows", "amount": 5}, None),
        ({"kind": "payment"}, None),
    ],
)
def test_money_that_moved_has_a_kind_or_is_left_out(payment, expected):
    moved = [(t.kind, t.amount) for t in made(payments=[payment]).transactions]
    assert moved == ([(expected[0], Decimal(expected[1]))] if expected else [])


def test_an_item_that_was_taken_out_of_the_order_is_no_item():
    assert [
        line.name for line in made(items=[{"name": "Hat", "quantity": "0.0000"}, {"name": "Shoe", "quantity": "2.0000"}]).lines
    ] == ["Shoe"]


# --- bad orders ---------------------------------------------------------------------------------------------------------
def test_what_is_no_order_is_left_out_and_the_others_stay(caplog):
    records = records_of(
        [None, 7, {}, {"number": " - "}, {"number": "A"}, {"number": "A", "status": "other"}, {"number": "B"}], zone=UTC_ZONE
    )
    assert [record.number for record in records] == ["A", "B"]
    assert "1 × orders that repeat a number left out" in caplog.text


def test_the_log_tells_what_is_broken_once_and_never_the_value(caplog):
    bad = [
        {"number": f"A{n}", "placed_at": "Ana Silva, 1 Elm Street", "total": "ana@example.com", "items": "x"} for n in range(100)
    ]
    with caplog.at_level(logging.WARNING):
        records_of(bad, zone=UTC_ZONE)
        records_of(bad, zone=UTC_ZONE)
    assert caplog.text.count("orders.placed_at") == 1
    assert "100 × orders.placed_at left out" in caplog.text
    for secret in ("Ana", "Elm", "ana@example", "A1"):
        assert secret not in caplog.text


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.binary(max_size=10) | st.dates() | st.datetimes() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "at", "amount", "number", "kind", "description"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_FIELDS = [
    "number",
    "status",
    "placed_at",
    "currency",
    "total",
    "ship_name",
    "delivered_at",
    "estimated_delivery",
    "tracking_numbers",
    "items",
    "shipments",
    "events",
    "payments",
    "customer_name",
]


@given(st.dictionaries(st.sampled_from(_FIELDS), _ANY))
def test_whatever_a_shop_sends_nothing_breaks(order):
    for record in records_of([order], zone=BERLIN):
        assert record.number
        json.dumps(record.status_text)  # text, and one that can be sent


@given(_ANY)
def test_a_value_is_understood_or_unclear(value):
    for read in (cells.text, cells.options, cells.several, cells.count, cells.amount, cells.currency_code, cells.web_address):
        try:
            read(value)
        except Unclear as unclear:
            assert len(str(unclear)) < 120
