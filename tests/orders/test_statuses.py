"""The status words of real shops, and the order that is known from its parcels."""

from datetime import UTC, datetime

import pytest

from orders.records import Shipment, Status
from orders.statuses import order_status, parcel_status, refined


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("wc-processing", Status.PROCESSING),
        ("wc-on-hold", Status.ON_HOLD),
        ("fulfilled", Status.SHIPPED),
        ("unfulfilled", Status.PROCESSING),
        ("partially_shipped", Status.PARTIALLY_SHIPPED),
        ("PartiallyShipped", Status.PARTIALLY_SHIPPED),
        ("SHIPPED", Status.SHIPPED),
        ("in_transit", Status.IN_TRANSIT),
        ("InTransit", Status.IN_TRANSIT),
        ("Out for Delivery", Status.OUT_FOR_DELIVERY),
        ("payment review", Status.ON_HOLD),
        ("Awaiting Fulfillment", Status.PROCESSING),
        ("backordered", Status.ON_HOLD),
        ("pending", Status.PENDING),
        ("pending (item modified)", Status.PENDING),
        ("processed", Status.PROCESSING),
        ("voided", Status.CANCELLED),
        ("canceled", Status.CANCELLED),
        ("cancelled", Status.CANCELLED),
        ("refunded", Status.REFUNDED),
        ("partially_refunded", Status.PARTIALLY_REFUNDED),
        ("return initiated", Status.RETURN_REQUESTED),
        ("return requested", Status.RETURN_REQUESTED),
        ("exchange requested", Status.EXCHANGE_REQUESTED),
        ("delivered", Status.DELIVERED),
        ("Zugestellt", Status.DELIVERED),
        ("livré", Status.DELIVERED),
        ("ready_for_pickup", Status.READY_FOR_PICKUP),
        ("completed", Status.UNKNOWN),
        ("closed", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        ("not delivered", Status.UNKNOWN),
        ("cancellation requested", Status.UNKNOWN),
        ("x" * 5000, Status.UNKNOWN),
    ],
)
def test_a_shops_word_is_understood_or_left_alone(word, status):
    assert order_status(word) is status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pre_transit", Status.PROCESSING),
        ("InfoReceived", Status.PROCESSING),
        ("label_printed", Status.PROCESSING),
        ("AttemptFail", Status.DELAYED),
        ("exception", Status.DELAYED),
        ("OutForDelivery", Status.OUT_FOR_DELIVERY),
        ("AvailableForPickup", Status.READY_FOR_PICKUP),
        ("picked up", Status.IN_TRANSIT),
        ("failure", Status.DELAYED),
        ("lost", Status.LOST),
    ],
)
def test_a_carriers_word_is_understood_as_a_carriers(word, status):
    assert parcel_status(word) is status


def parcel(status: Status, *, delivered: bool = False) -> Shipment:
    return Shipment("T1", status=status, delivered_at=datetime(2026, 1, 1, tzinfo=UTC) if delivered else None)


@pytest.mark.parametrize(
    ("word", "delivered", "parcels", "expected"),
    [
        ("shipped", False, [parcel(Status.OUT_FOR_DELIVERY)], Status.OUT_FOR_DELIVERY),
        ("shipped", False, [parcel(Status.LOST)], Status.LOST),
        ("shipped", False, [parcel(Status.IN_TRANSIT), parcel(Status.OUT_FOR_DELIVERY)], Status.SHIPPED),
        ("shipped", False, [parcel(Status.DELIVERED, delivered=True), parcel(Status.IN_TRANSIT)], Status.IN_TRANSIT),
        ("fulfilled", True, [parcel(Status.DELIVERED, delivered=True)], Status.DELIVERED),
        ("completed", True, [], Status.DELIVERED),
        ("completed", False, [], Status.UNKNOWN),
        ("partially shipped", True, [], Status.PARTIALLY_SHIPPED),
        ("cancelled", True, [], Status.CANCELLED),
        ("return requested", True, [], Status.RETURN_REQUESTED),
        ("processing", False, [parcel(Status.PROCESSING)], Status.PROCESSING),
    ],
)
def test_parcels_tell_where_an_order_is_but_not_what_was_decided(word, delivered, parcels, expected):
    assert refined(order_status(word), word, delivered=delivered, shipments=parcels) is expected
