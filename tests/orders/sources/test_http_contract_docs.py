"""docs/orders-http.md: what it promises of the contract is what the program reads."""

import json
import re
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from orders.records import Kind, Status
from orders.sources import making
from orders.sources.http_shops import OwnContract

DOCUMENT = (Path(__file__).parents[3] / "docs" / "orders-http.md").read_text("utf-8")
EXAMPLE, SCHEMA = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
ZONE = ZoneInfo("UTC")


def names(definition: str) -> set[str]:
    return set(SCHEMA["$defs"][definition]["properties"])


def read(answer):
    return making.records_of(OwnContract().read_orders(answer, limit=100, cursor="").orders, zone=ZONE)


def test_the_schema_is_one_and_the_example_keeps_to_it():
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(EXAMPLE)


def test_the_example_uses_every_field_of_the_schema():
    (order,) = EXAMPLE["orders"]
    for definition, part in (("order", order), ("item", order["items"][0]), ("shipment", order["shipments"][0])):
        assert set(part) == names(definition)
    assert set(order["shipments"][0]["events"][0]) == names("event")
    assert set(order["payments"][0]) == names("payment")


def test_every_field_of_the_example_is_read():
    (record,) = read(EXAMPLE)
    assert (record.number, record.status, record.status_text, record.currency) == ("#W2378156", Status.IN_TRANSIT, "shipped", "EUR")
    assert (record.total, record.customer_name, record.placed_at.isoformat()) == (
        Decimal("129.90"),
        "Ana Ruiz",
        "2026-11-03T14:00:00+00:00",
    )
    assert (record.ship_to.name, record.ship_to.line1, record.ship_to.city, record.ship_to.zip) == (
        "Ana Ruiz",
        "12 Elm Street",
        "Denver",
        "80203",
    )
    assert (record.shipped_at.day, record.estimated_on.isoformat(), record.delivered_at) == (4, "2026-11-09", None)
    (line,), (parcel,), (payment,) = record.lines, record.shipments, record.transactions
    assert (line.name, line.item_id, line.product_id, line.quantity, line.unit_price) == (
        "Walking boots",
        "BOOT-42-BR",
        "BOOT",
        1,
        Decimal("129.90"),
    )
    assert (line.options, line.tracking_number) == ((("size", "42"), ("color", "brown")), parcel.tracking_number)
    assert (parcel.carrier, parcel.status, parcel.tracking_url[:19]) == ("UPS", Status.IN_TRANSIT, "https://www.ups.com")
    assert (parcel.last_event.description, parcel.last_event.place) == ("Departed facility", "Memphis, TN")
    assert (payment.kind, payment.amount, payment.method, payment.at.minute) == (
        Kind.PAYMENT,
        Decimal("129.90"),
        "Visa ending 4821",
        1,
    )


@pytest.mark.parametrize("name", sorted(names("order") - {"number", "email"}))
def test_any_field_may_be_missing_or_null(name):
    (order,) = EXAMPLE["orders"]
    for changed in ({**order, name: None}, {key: value for key, value in order.items() if key != name}):
        answer = {"orders": [changed]}
        Draft202012Validator(SCHEMA).validate(answer)
        (record,) = read(answer)
        assert record.number == "#W2378156"


def test_the_kinds_of_payments_are_those_that_are_understood():
    said = SCHEMA["$defs"]["payment"]["properties"]["kind"]["enum"]
    answer = {"orders": [{"number": "1", "email": "a@b.c", "payments": [{"kind": kind, "amount": "1.00"} for kind in said]}]}
    assert {payment.kind for payment in read(answer)[0].transactions} == set(Kind)
