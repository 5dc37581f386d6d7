"""What WooCommerce and its common plugins say of an order, in our words."""

import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from orders.records import Kind, Status
from orders.sources import http_woocommerce
from orders.sources.making import records_of

BERLIN = ZoneInfo("Europe/Berlin")


def record(**woo):
    known = {"id": 727, "number": "727", "status": "processing", "billing": {"email": "ana@example.com"}}
    (made,) = records_of([http_woocommerce.order(known | woo)], zone=BERLIN)
    return made


def meta(**entries):
    return [{"id": n, "key": key, "value": value} for n, (key, value) in enumerate(entries.items())]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("pending", Status.PENDING),
        ("processing", Status.PROCESSING),
        ("on-hold", Status.ON_HOLD),
        ("cancelled", Status.CANCELLED),
        ("refunded", Status.REFUNDED),
        ("failed", Status.ON_HOLD),
        ("completed", Status.UNKNOWN),
        ("wc-partial-shipped", Status.PARTIALLY_SHIPPED),
        ("delivered", Status.DELIVERED),
        ("awaiting-kiln", Status.UNKNOWN),
    ],
)
def test_its_states_and_those_of_plugins_are_understood(said, status):
    made = record(status=said)
    assert (made.status, made.status_text) == (status, said.removeprefix("wc-"))


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft", "trash"])
def test_a_basket_is_no_order(status):
    assert http_woocommerce.order({"id": 1, "status": status}) is None


def test_its_times_are_utc_though_they_do_not_say_so():
    made = record(date_created_gmt="2026-11-03T23:30:00", date_paid_gmt="2026-11-03T23:31:00", total="20.00")
    assert (made.placed_at.isoformat(), made.transactions[0].at.isoformat()) == (
        "2026-11-04T00:30:00+01:00",
        "2026-11-04T00:31:00+01:00",
    )


def test_payments_and_refunds_are_told_with_what_is_known_of_them():
    made = record(
        currency="EUR", total="20.00", date_paid_gmt="2026-11-03T14:00:00", payment_method_title="PayPal",
        refunds=[{"id": 1, "total": "-5.00"}, {"id": 2, "total": "0"}, {"id": 3, "total": "lots"}, "odd"],
    )  # fmt: skip
    assert [(t.kind, str(t.amount), t.method, t.at is None) for t in made.transactions] == [
        (Kind.PAYMENT, "20.00", "PayPal", False),
        (Kind.REFUND, "5.00", "", True),
    ]
    assert record(total="20.00", date_paid_gmt=None).transactions == ()


@pytest.mark.parametrize(
    ("item", "with_tax", "price"),
    [
        ({"subtotal": "25.00", "quantity": 2}, False, "12.50"),
        ({"subtotal": "21.00", "subtotal_tax": "3.99", "quantity": 1}, True, "24.99"),
        ({"subtotal": "62.99", "subtotal_tax": "11.97", "quantity": 3}, True, "24.99"),
        ({"subtotal": "10.00", "quantity": 3}, False, None),
        ({"subtotal": "21.00", "quantity": 1}, True, None),
        ({"subtotal": "21.00", "quantity": 0}, False, None),
        ({"subtotal": "free", "quantity": 1}, False, None),
        ({"quantity": 1, "price": 10.123456}, False, None),
        ({"subtotal": 10**30, "quantity": 1}, False, None),
        ({"subtotal": "25.00", "quantity": 10**30}, False, None),
    ],
)
def test_the_price_of_one_is_told_only_where_it_is_known_to_the_cent(item, with_tax, price):
    made = http_woocommerce.order({"line_items": [{"name": "Hat", **item}], "prices_include_tax": with_tax})
    assert made["items"][0]["unit_price"] == (None if price is None else Decimal(price))


def test_options_are_what_the_customer_chose_and_not_what_plugins_note():
    made = record(
        line_items=[
            {
                "name": "Shirt - Blue, M", "quantity": 1, "product_id": 0,
                "meta_data": [
                    {"key": "pa_color", "value": "dark-blue", "display_key": "Color", "display_value": "<p>Dark blue</p>\n"},
                    {"key": "Engraving", "value": "For Jo"},
                    {"key": "_reduced_stock", "value": "1"},
                    {"key": "_ywapo_meta", "value": [{"a": 1}]},
                    {"key": "list", "value": [1, 2]},
                ],
            }
        ]
    )  # fmt: skip
    assert made.lines[0].options == (("Color", "Dark blue"), ("Engraving", "For Jo"))
    assert made.lines[0].product_id == ""


TRACKING = {
    "tracking_number": "1Z1",
    "tracking_provider": "ups",
    "formatted_tracking_provider": "UPS",
    "formatted_tracking_link": "https://ups.example/1Z1",
    "date_shipped": "1762214400",
}


@pytest.mark.parametrize("value", [[TRACKING], {"1": TRACKING}, json.dumps([TRACKING])])
def test_shipment_tracking_is_read_in_each_form_that_php_writes(value):
    (parcel,) = record(meta_data=meta(_wc_shipment_tracking_items=value)).shipments
    assert (parcel.tracking_number, parcel.carrier, parcel.tracking_url) == ("1Z1", "UPS", "https://ups.example/1Z1")
    assert parcel.shipped_at.date().isoformat() == "2025-11-04"


def test_states_of_trackship_stand_beside_the_parcels():
    made = record(
        status="shipped",
        meta_data=meta(
            _wc_shipment_tracking_items=[TRACKING, TRACKING | {"tracking_number": "1Z2"}],
            ts_shipment_status=[{"status": "delivered"}, {"status": "out_for_delivery", "est_delivery_date": "2026-11-09"}],
        ),
    )
    assert [parcel.status for parcel in made.shipments] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]
    assert made.expected_on.isoformat() == "2026-11-09"


def test_parcels_of_other_plugins_are_read_each_once():
    item = {
        "name": "Hat",
        "meta_data": meta(_vi_wot_order_item_tracking_data=json.dumps([{"tracking_number": "V1", "carrier_name": "DHL"}])),
    }
    made = record(
        line_items=[item, item],
        meta_data=meta(
            _aftership_tracking_items=[{"slug": "dhl", "tracking_number": "A1"}],
            ywot_tracking_code="V1", _tracking_number="X9", _tracking_provider="gls",
        ),
    )  # fmt: skip
    assert [(parcel.tracking_number, parcel.carrier) for parcel in made.shipments] == [("A1", "dhl"), ("V1", "DHL")]
    single = record(meta_data=meta(_tracking_number="X9", _tracking_provider="gls", _date_shipped="2026-11-04"))
    assert [(parcel.tracking_number, parcel.carrier, parcel.shipped_at.day) for parcel in single.shipments] == [("X9", "gls", 4)]


def test_goods_go_to_the_shipping_address_or_to_the_only_one_there_is():
    billing = {"email": "ana@example.com", "first_name": "Ana", "last_name": "Ruiz", "city": "Denver", "postcode": "80203"}
    made = record(billing=billing, shipping={"first_name": "", "city": "", "country": ""})
    assert (made.ship_to.name, made.ship_to.city, made.customer_name) == ("Ana Ruiz", "Denver", "Ana Ruiz")
    sent = record(billing=billing, shipping={"first_name": "Jo", "city": "Austin"})
    assert (sent.ship_to.name, sent.ship_to.city, sent.ship_to.zip, sent.customer_name) == ("Jo", "Austin", "", "Ana Ruiz")


@pytest.mark.parametrize("broken", [None, "text", 7, True, [], {}, [None, "x", 3], {"a": {"b": 1}}, "[" * 1000, "{broken"])
@pytest.mark.parametrize(
    "name", ["billing", "shipping", "line_items", "refunds", "meta_data", "total", "status", "date_created_gmt", "number"]
)
def test_a_part_in_another_form_costs_that_part(name, broken):
    plain = http_woocommerce.order({"id": 727, "billing": {"email": "a@b.c"}, name: broken})
    made = records_of([plain], zone=BERLIN)
    assert len(made) == 1 or broken == "[" * 1000  # signs alone are no number


@pytest.mark.parametrize(
    "broken", [None, "text", 7, [], {}, [None], "[" * 1000, "[{}]", {"1": None}, {"x": 1}, [{"tracking_number": {"a": 1}}]]
)
def test_a_plugin_that_writes_something_else_makes_no_parcel(broken):
    names = ("_wc_shipment_tracking_items", "_aftership_tracking_items", "ts_shipment_status")
    assert record(meta_data=meta(**dict.fromkeys(names, broken))).shipments == ()
