"""Cells of a shop's files: many ways to write a value are understood, and what can mean two things is refused."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.importing import values
from orders.importing.payments import payments
from orders.importing.values import Unclear
from orders.records import Kind

DENVER = ZoneInfo("America/Denver")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-11-03", datetime(2024, 11, 3, tzinfo=DENVER)),
        ("2024-11-03 14:00", datetime(2024, 11, 3, 14, tzinfo=DENVER)),
        ("2024-11-03T14:00:05", datetime(2024, 11, 3, 14, 0, 5, tzinfo=DENVER)),
        ("2024-11-03T14:00:05.123456Z", datetime(2024, 11, 3, 14, 0, 5, tzinfo=UTC)),
        ("2024-11-03 14:00:00 UTC", datetime(2024, 11, 3, 14, tzinfo=UTC)),
        ("2024-11-03 14:00:00 +0100", datetime(2024, 11, 3, 14, tzinfo=timezone(timedelta(hours=1)))),
        ("2024-11-03T14:00:00-07:00", datetime(2024, 11, 3, 14, tzinfo=timezone(timedelta(hours=-7)))),
        ("20241103T140000Z", datetime(2024, 11, 3, 14, tzinfo=UTC)),
        ("2024/11/03", datetime(2024, 11, 3, tzinfo=DENVER)),
        ("03 Nov 2024", datetime(2024, 11, 3, tzinfo=DENVER)),
        ("3-Nov-2024 2:05 PM", datetime(2024, 11, 3, 14, 5, tzinfo=DENVER)),
        ("Nov 3, 2024", datetime(2024, 11, 3, tzinfo=DENVER)),
        ("November 3rd 2024 12:30 am", datetime(2024, 11, 3, 0, 30, tzinfo=DENVER)),
        ("Sun, 03 Nov 2024 14:00:00 +0000", datetime(2024, 11, 3, 14, tzinfo=UTC)),
        ("11/23/2024", datetime(2024, 11, 23, tzinfo=DENVER)),
        ("23/11/2024 14:00", datetime(2024, 11, 23, 14, tzinfo=DENVER)),
        ("05/05/2024", datetime(2024, 5, 5, tzinfo=DENVER)),
        ("03.11.2024", datetime(2024, 11, 3, tzinfo=DENVER)),
        ("", None),
        ("NULL", None),
        ("0000-00-00 00:00:00", None),
    ],
)
def test_a_moment_is_understood_in_the_shops_zone_unless_it_names_one(written, expected):
    assert values.moment(written, DENVER) == expected


@pytest.mark.parametrize("written", ["11/03/2024", "3-11-2024"])
def test_a_day_that_can_be_two_days_is_refused_with_the_forms_that_are_taken(written):
    with pytest.raises(Unclear, match=r"two different days.*2024-11-03"):
        values.moment(written, UTC)


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "2024-13-01",
        "2024-02-30",
        "31 Feb 2024",
        "2024",
        "11/03/24",
        "2024-11-03 25:00",
        "2024-11-03 14:61",
        "2024-11-03 13 PM",
        "1730642400",
        "0001-01-01",
        "9999-12-31",
        "2024-11-03T14:00:00+99:00",
        "3 Smarch 2024",
        "12:30",
        "٢٠٢٤-١١-٠٣x",
    ],
)
def test_what_is_no_moment_is_refused(written):
    with pytest.raises(Unclear):
        values.moment(written, UTC)


def test_a_day_is_the_shops_day():
    assert values.day("2024-11-03T03:00:00Z", DENVER) == date(2024, 11, 2)
    assert values.day("2024-11-03", DENVER) == date(2024, 11, 3)


@pytest.mark.parametrize(("written", "amount", "currency"), [
    ("12", "12", ""), ("12.5", "12.50", ""), ("1,234.50", "1234.50", ""), ("1.234,50", "1234.50", ""), ("1 234,50", "1234.50", ""),
    ("1'234.50", "1234.50", ""), ("12,50", "12.50", ""), ("1,234", "1234", ""), ("1.234.567", "1234567", ""), ("1,234,567.89", "1234567.89", ""),
    ("$12.00", "12", ""), ("US$12.00", "12", "USD"), ("12 EUR", "12", "EUR"), ("EUR 12,00", "12", "EUR"), ("€12", "12", "EUR"), ("12,00 €", "12", "EUR"),
    ("£ 1,000", "1000", "GBP"), ("122.5000", "122.50", ""), ("0.10", "0.10", ""), (".5", "0.50", ""), ("-5.00", "-5", ""), ("(5.00)", "-5", ""),
    ("−5", "-5", ""), ("-$5", "-5", ""), ("１２.５０", "12.50", ""), ("1234567.5", "1234567.50", ""),
])  # fmt: skip
def test_money_is_understood(written, amount, currency):
    assert values.money(written) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "written",
    [
        "abc",
        "12.345",
        "1.234",
        "12.3456",
        "1,23,456.00",
        "1.2.3",
        "NaN1",
        "Infinity",
        "1e5",
        "12 apples",
        "$",
        "--5",
        "(5",
        "5)",
        "9" * 20,
        "12 EUR USD",
        "€12 USD",
    ],
)
def test_what_is_no_clear_amount_is_refused(written):
    with pytest.raises(Unclear):
        values.money(written)


@pytest.mark.parametrize("written", ["", "null", "-", "N/A"])
def test_an_empty_cell_is_no_amount(written):
    assert values.money(written) is None


@given(st.decimals(min_value=0, max_value=9_999_999, places=2))
def test_an_amount_is_read_as_it_is_written_on_both_sides_of_the_ocean(amount):
    american = f"{amount:,.2f}"
    german = american.translate(str.maketrans(",.", ".,"))
    assert values.money(american) == values.money(german) == values.money(f"{amount}") == (amount, "")


@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2100, 1, 1)), st.sampled_from([UTC, DENVER]))
def test_iso_times_are_read_back(when, zone):
    when = when.replace(microsecond=0)
    assert values.moment(when.isoformat(), zone) == when.replace(tzinfo=zone)
    assert values.moment(when.strftime("%d %b %Y %H:%M:%S"), zone) == when.replace(tzinfo=zone)


@given(st.text(max_size=60))
def test_any_cell_gives_a_value_or_a_reason(cell):
    for understand in (lambda c: values.moment(c, UTC), values.money, values.count, values.pairs, values.several):
        try:
            understand(cell)
        except Unclear as unclear:
            assert str(unclear).endswith(".")
    payments(cell, UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("color=blue; size=M", [["color", "blue"], ["size", "M"]]),
        ("color: blue; size: M", [["color", "blue"], ["size", "M"]]),
        ("color=blue, size=M", [["color", "blue"], ["size", "M"]]),
        ('{"color": "blue", "pieces": 500}', [["color", "blue"], ["pieces", "500"]]),
        ("{'color': 'blue'}", [["color", "blue"]]),
        ("ratio=16:9", [["ratio", "16:9"]]),
        ("Blue / XL", [["variant", "Blue / XL"]]),
        ("", []),
        ("{}", []),
        ("color=", []),
    ],
)
def test_options_are_pairs_in_their_order(written, expected):
    assert values.pairs(written) == expected


@pytest.mark.parametrize(("written", "expected"), [("3", 3), ("3.0", 3), ("", None)])
def test_a_quantity_is_a_whole_number(written, expected):
    assert values.count(written) == expected


@pytest.mark.parametrize("written", ["0", "-1", "1.5", "two", "99999999999"])
def test_what_is_no_quantity_is_refused(written):
    with pytest.raises(Unclear):
        values.count(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("payment credit_card_4821 122.50 2024-01-02", (Kind.PAYMENT, "122.50", "credit_card_4821", date(2024, 1, 2))),
        ("refund:gift_card_99:22.00", (Kind.REFUND, "22.00", "gift_card_99", None)),
        ("payment|2135.98|credit_card_4466831", (Kind.PAYMENT, "2135.98", "credit_card_4466831", None)),
        ("credit_card_1 paid 20.00", (Kind.PAYMENT, "20.00", "credit_card_1", None)),
        ("paid $20.00 via paypal_77 on 2024-01-02T10:30:00Z", (Kind.PAYMENT, "20.00", "paypal_77", date(2024, 1, 2))),
        ("2024-01-02 10:30 sale visa 4242 EUR 1.234,50", (Kind.PAYMENT, "1234.50", "visa 4242", date(2024, 1, 2))),
        ("pending refund 20.00 to paypal_1", (Kind.REFUND_PENDING, "20.00", "paypal_1", None)),
        ("refund pending: 20 EUR: gift_card_1", (Kind.REFUND_PENDING, "20", "gift_card_1", None)),
        ("refunded -22.00 gift card", (Kind.REFUND, "22.00", "gift card", None)),
        ("credit 5.00 store_credit", (Kind.REFUND, "5.00", "store_credit", None)),
        ("payment credit card 20.00", (Kind.PAYMENT, "20.00", "credit card", None)),
        ("captured, 20.00, klarna", (Kind.PAYMENT, "20.00", "klarna", None)),
        ("charge=20.00 method=visa", (Kind.PAYMENT, "20.00", "visa", None)),
        (
            '{"transaction_type": "payment", "amount": 2135.98, "payment_method_id": "credit_card_4466831"}',
            (Kind.PAYMENT, "2135.98", "credit_card_4466831", None),
        ),
        (
            "{'type': 'refund', 'status': 'pending', 'amount': '20.00', 'method': 'paypal', 'date': '2024-01-02'}",
            (Kind.REFUND_PENDING, "20.00", "paypal", date(2024, 1, 2)),
        ),
        ('[{"kind": "sale", "amount": "20.00"}]', (Kind.PAYMENT, "20.00", "", None)),
    ],
)
def test_a_payment_is_understood_in_many_notations(written, expected):
    found, doubts = payments(written, UTC)
    assert doubts == []
    (entry,) = found
    assert (entry.kind, entry.amount, entry.method, entry.at.date() if entry.at else None) == (
        expected[0],
        Decimal(expected[1]),
        *expected[2:],
    )


@pytest.mark.parametrize(
    "written",
    [
        "credit_card_1 20.00",
        "payment credit_card_1",
        "payment 20.00 or 30.00",
        "authorization 20.00 visa",
        "payment failed 20.00",
        "refund declined 20.00",
        "pending payment 20.00",
        "payment -20.00",
        "{broken",
        "hello",
        '{"amount": 20}',
        '["payment"]',
    ],
)
def test_a_payment_that_leaves_a_doubt_is_not_guessed_at(written):
    found, doubts = payments(written, UTC)
    assert found == []
    assert len(doubts) == 1


def test_each_of_several_payments_stands_for_itself():
    found, doubts = payments("payment visa_1 20.00; something else; refund visa_1 5.00", UTC)
    assert [(p.kind, p.amount) for p in found] == [(Kind.PAYMENT, Decimal(20)), (Kind.REFUND, Decimal(5))]
    assert len(doubts) == 1
    found, _ = payments('{"type": "payment", "amount": 1}; {"type": "refund", "amount": 2}', UTC)
    assert [p.amount for p in found] == [Decimal(1), Decimal(2)]
