"""What Shopify says of an order, in our words: its state out of four, its parcels, and the money that really moved."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from orders.records import Kind, Status
from orders.sources import http_shopify
from orders.sources.making import records_of

DENVER = ZoneInfo("America/Denver")


def record(**node):
    known = {
        "name": "#1001",
        "email": "ana@example.com",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
    }
    (made,) = records_of([http_shopify.order(known | node)], zone=DENVER)
    return made


def parcel(state="IN_TRANSIT", number="1Z1", **more):
    return {
        "status": "SUCCESS",
        "displayStatus": state,
        "createdAt": "2026-11-04T17:00:00Z",
        "trackingInfo": [{"number": number}],
        **more,
    }


def money(amount, currency="EUR"):
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


@pytest.mark.parametrize(
    ("node", "status", "word"),
    [
        ({}, Status.PROCESSING, "unfulfilled"),
        ({"displayFinancialStatus": "AUTHORIZED"}, Status.PROCESSING, "unfulfilled"),
        ({"displayFinancialStatus": "PENDING"}, Status.PENDING, "payment pending"),
        ({"displayFinancialStatus": "VOIDED"}, Status.UNKNOWN, "payment voided"),
        ({"displayFulfillmentStatus": "IN_PROGRESS"}, Status.PROCESSING, "in progress"),
        ({"displayFulfillmentStatus": "ON_HOLD"}, Status.ON_HOLD, "on hold"),
        ({"displayFulfillmentStatus": "SCHEDULED"}, Status.PENDING, "scheduled"),
        ({"displayFulfillmentStatus": "PARTIALLY_FULFILLED", "fulfillments": [parcel("DELIVERED")]}, Status.PARTIALLY_SHIPPED, "partially fulfilled"),
        ({"displayFulfillmentStatus": "FULFILLED"}, Status.SHIPPED, "fulfilled"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel()]}, Status.IN_TRANSIT, "fulfilled"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel("OUT_FOR_DELIVERY")]}, Status.OUT_FOR_DELIVERY, "fulfilled"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel("FULFILLED")]}, Status.SHIPPED, "fulfilled"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel("DELIVERED")]}, Status.DELIVERED, "delivered"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel("DELIVERED"), parcel()]}, Status.SHIPPED, "fulfilled"),
        ({"displayFulfillmentStatus": "FULFILLED", "returnStatus": "RETURN_REQUESTED"}, Status.RETURN_REQUESTED, "return requested"),
        ({"displayFulfillmentStatus": "FULFILLED", "returnStatus": "NO_RETURN"}, Status.SHIPPED, "fulfilled"),
        ({"displayFulfillmentStatus": "PARTIALLY_FULFILLED", "returnStatus": "RETURNED"}, Status.PARTIALLY_SHIPPED, "partially fulfilled"),
        ({"displayFinancialStatus": "REFUNDED", "displayFulfillmentStatus": "FULFILLED"}, Status.REFUNDED, "refunded"),
        ({"displayFinancialStatus": "PARTIALLY_REFUNDED", "displayFulfillmentStatus": "FULFILLED"}, Status.SHIPPED, "fulfilled"),
        ({"cancelledAt": "2026-11-05T10:00:00Z", "displayFinancialStatus": "REFUNDED"}, Status.CANCELLED, "cancelled"),
        ({"displayFulfillmentStatus": "SOMETHING_NEW"}, Status.UNKNOWN, "something new"),
        ({"displayFulfillmentStatus": None, "displayFinancialStatus": None}, Status.UNKNOWN, ""),
    ],
)  # fmt: skip
def test_one_state_is_made_of_four(node, status, word):
    made = record(**node)
    assert (made.status, made.status_text) == (status, word)


@pytest.mark.parametrize(
    ("state", "status", "is_sent"),
    [
        ("LABEL_PURCHASED", Status.PROCESSING, False),
        ("LABEL_PRINTED", Status.PROCESSING, False),
        ("CONFIRMED", Status.PROCESSING, False),
        ("CARRIER_PICKED_UP", Status.IN_TRANSIT, True),
        ("IN_TRANSIT", Status.IN_TRANSIT, True),
        ("DELAYED", Status.DELAYED, True),
        ("ATTEMPTED_DELIVERY", Status.DELAYED, True),
        ("READY_FOR_PICKUP", Status.READY_FOR_PICKUP, True),
        ("PICKED_UP", Status.DELIVERED, True),
        ("DELIVERED", Status.DELIVERED, True),
    ],
)
def test_a_parcels_state_says_whether_the_carrier_has_it(state, status, is_sent):
    made = record(displayFulfillmentStatus="PARTIALLY_FULFILLED", fulfillments=[parcel(state)])
    assert made.shipments[0].status is status
    assert bool(made.shipments[0].shipped_at) is is_sent


def test_a_fulfilment_is_its_parcels_with_days_events_and_links():
    sent = parcel(
        trackingInfo=[
            {"number": "1Z1", "company": "UPS", "url": "https://ups.example/1Z1"},
            {"number": "1Z2", "url": "javascript:alert(1)"},
        ],
        estimatedDeliveryAt="2026-11-10T02:00:00Z",
        events={
            "nodes": [
                {
                    "happenedAt": "2026-11-05T10:00:00Z",
                    "status": "IN_TRANSIT",
                    "message": None,
                    "city": "Memphis",
                    "province": "TN",
                },
                {"happenedAt": "2026-11-04T18:00:00Z", "status": "CARRIER_PICKED_UP", "message": "Picked up", "city": None},
            ]
        },
    )
    made = record(displayFulfillmentStatus="FULFILLED", fulfillments=[sent, parcel(number="1Z9") | {"status": "CANCELLED"}])
    one, two = made.shipments
    assert (one.carrier, one.tracking_url, two.tracking_url) == ("UPS", "https://ups.example/1Z1", "")
    assert one.estimated_on == date(2026, 11, 9)  # in the shop's zone
    assert [(event.description, event.place) for event in one.events] == [("Picked up", ""), ("In transit", "Memphis, TN")]


def test_a_fulfilment_without_a_number_still_tells_its_days():
    sent = parcel("DELIVERED", trackingInfo=[], deliveredAt="2026-11-06T18:00:00Z")
    made = record(displayFulfillmentStatus="FULFILLED", fulfillments=[sent])
    assert (made.shipments[0].tracking_number, made.delivered_at.day, made.status) == ("", 6, Status.DELIVERED)
    split = record(displayFulfillmentStatus="FULFILLED", fulfillments=[sent, parcel(trackingInfo=[])])
    assert (len(split.shipments), split.delivered_at, split.status) == (2, None, Status.IN_TRANSIT)


def test_only_money_that_moved_counts_in_the_customers_currency():
    def entry(kind, status="SUCCESS", amount="10.00", **more):
        return {"kind": kind, "status": status, "amountSet": money(amount), "processedAt": "2026-11-03T14:00:00Z", **more}

    made = record(
        totalPriceSet=money("129.9", "JPY"),
        transactions=[
            entry("AUTHORIZATION", amount="129.90"),
            entry("CAPTURE", amount="129.90", formattedGateway="Shopify Payments"),
            entry("SALE", "FAILURE"),
            entry("SALE", "PENDING"),
            entry("VOID"),
            entry("REFUND", amount="29.90", gateway="gift_card"),
            entry("REFUND", "PENDING", amount="5.00"),
            entry("SUGGESTED_REFUND"),
            entry("SOMETHING_NEW"),
        ],
    )
    assert (made.currency, made.total) == ("JPY", Decimal("129.90"))
    assert [(t.kind, str(t.amount), t.method) for t in made.transactions] == [
        (Kind.PAYMENT, "129.90", "Shopify Payments"),
        (Kind.REFUND, "29.90", "gift_card"),
        (Kind.REFUND_PENDING, "5.00", ""),
    ]


def test_items_have_their_options_and_a_variant_that_is_no_longer_sold_its_title():
    def line(**more):
        return {"title": "Walking boots", "quantity": 2, "sku": "B-42", "originalUnitPriceSet": money("64.95"), **more}

    options = [{"name": "Size", "value": "42"}, {"name": "Color", "value": "Brown"}]
    made = record(
        lineItems={
            "nodes": [
                line(variant={"selectedOptions": options}),
                line(variant=None, variantTitle="42 / Brown"),
                line(variant={"selectedOptions": [{"name": "Title", "value": "Default Title"}]}, variantTitle="Default Title"),
                line(variant=None, variantTitle="Default Title"),
            ]
        }
    )
    assert [item.options for item in made.lines] == [(("Size", "42"), ("Color", "Brown")), (("variant", "42 / Brown"),), (), ()]
    assert (made.lines[0].item_id, made.lines[0].quantity, made.lines[0].unit_price) == ("B-42", 2, Decimal("64.95"))


@pytest.mark.parametrize(
    "broken", [None, "text", 7, [], {}, [None], {"nodes": None}, {"nodes": ["x"]}, {"edges": [{"node": {"title": "Hat"}}]}]
)
@pytest.mark.parametrize(
    "name", ["lineItems", "fulfillments", "transactions", "customer", "shippingAddress", "totalPriceSet", "name"]
)
def test_a_part_in_another_form_costs_that_part(name, broken):
    made = records_of([http_shopify.order({"name": "#1", "email": "a@b.c", name: broken})], zone=DENVER)
    assert len(made) <= 1
    assert name == "name" or made[0].number == "#1"


def test_the_questions_are_ones_of_the_interface():
    """Balanced, and with nothing of the address in them but by its variable."""
    for query in (http_shopify.ORDERS, http_shopify.NUMBERS):
        assert query.count("{") == query.count("}")
        assert "mutation" not in query
    assert "$search" in http_shopify.ORDERS
