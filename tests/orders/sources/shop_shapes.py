"""Plain orders as Shopify and WooCommerce would give them: what the adapters must undo."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orders.records import Status
from orders.sources import cells
from orders.statuses import order_status, parcel_status

Plain = Mapping[str, Any]

_PROGRESS = {
    Status.PENDING: "UNFULFILLED",
    Status.PROCESSING: "UNFULFILLED",
    Status.ON_HOLD: "ON_HOLD",
    Status.PARTIALLY_SHIPPED: "PARTIALLY_FULFILLED",
    Status.UNKNOWN: "",
}
_RETURNS = {Status.RETURN_REQUESTED: "RETURN_REQUESTED", Status.RETURNED: "RETURNED"}
_PARCELS = {
    Status.IN_TRANSIT: "IN_TRANSIT",
    Status.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
    Status.READY_FOR_PICKUP: "READY_FOR_PICKUP",
    Status.DELAYED: "DELAYED",
    Status.DELIVERED: "DELIVERED",
}


def email_of_search(search: str) -> str:
    """The address in a Shopify search, as its server understands it."""
    quoted = re.fullmatch(r'email:"((?:[^"\\]|\\.)*)"', search)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else ""


def shopify(plain: Plain) -> dict[str, Any]:
    """A node of the GraphQL Admin interface."""
    said = str(plain.get("status") or "")
    status = order_status(said)
    parcels = [_fulfillment(parcel, plain, status) for parcel in plain.get("shipments") or []]
    if not parcels and status not in _PROGRESS and (plain.get("shipped_at") or status in _PARCELS):
        parcels = [_fulfillment({}, plain, status)]
    return {
        "name": plain["number"],
        "email": plain.get("email"),
        "createdAt": plain.get("placed_at"),
        "cancelledAt": plain.get("placed_at") if status is Status.CANCELLED else None,
        "displayFinancialStatus": {Status.PENDING: "PENDING", Status.REFUNDED: "REFUNDED"}.get(status, "PAID"),
        "displayFulfillmentStatus": _PROGRESS.get(status, "FULFILLED") or said.upper().replace(" ", "_"),
        "returnStatus": _RETURNS.get(status, "NO_RETURN"),
        "totalPriceSet": _money(plain.get("total"), plain.get("currency")),
        "customer": {"displayName": plain.get("customer_name")} if plain.get("customer_name") else None,
        "shippingAddress": {
            "name": plain.get("ship_name"),
            "address1": plain.get("ship_address1"),
            "address2": plain.get("ship_address2"),
            "city": plain.get("ship_city"),
            "province": plain.get("ship_state"),
            "zip": plain.get("ship_zip"),
            "country": plain.get("ship_country"),
        },
        "lineItems": {
            "nodes": [
                {
                    "title": item.get("name"),
                    "sku": item.get("item_id"),
                    "quantity": item.get("quantity", 1),
                    "variant": {"selectedOptions": [{"name": n, "value": v} for n, v in cells.options(item.get("options"))]},
                    "originalUnitPriceSet": _money(item.get("unit_price"), plain.get("currency")),
                }
                for item in plain.get("items") or []
            ]
        },
        "fulfillments": parcels,
        "transactions": [
            {
                "kind": "SALE" if payment["kind"] == "payment" else "REFUND",
                "status": "PENDING" if payment["kind"] == "refund pending" else "SUCCESS",
                "processedAt": payment.get("at"),
                "formattedGateway": payment.get("method"),
                "amountSet": _money(payment["amount"], plain.get("currency")),
            }
            for payment in plain.get("payments") or []
        ],
    }


def _fulfillment(parcel: Plain, plain: Plain, status: Status) -> dict[str, Any]:
    state = _PARCELS.get(parcel_status(str(parcel["status"])) if parcel.get("status") else status, "FULFILLED")
    if parcel.get("delivered_at"):
        state = "DELIVERED"
    alone = len(plain.get("shipments") or [{}]) == 1
    expected = parcel.get("estimated_delivery") or (plain.get("estimated_delivery") if alone else None)
    return {
        "status": "SUCCESS",
        "displayStatus": state,
        "createdAt": parcel.get("shipped_at") or (plain.get("shipped_at") if alone else None),
        "deliveredAt": parcel.get("delivered_at") or (plain.get("delivered_at") if alone else None),
        "estimatedDeliveryAt": f"{expected}T12:00:00Z" if expected else None,
        "trackingInfo": [
            {"company": parcel.get("carrier"), "number": parcel.get("tracking_number"), "url": parcel.get("tracking_url")}
        ],
        "events": {
            "nodes": [
                {"happenedAt": event["at"], "status": "IN_TRANSIT", "message": event["description"], "city": event.get("place")}
                for event in reversed(parcel.get("events") or [])
            ]
        },
    }


def _money(amount: Any, currency: Any) -> dict[str, Any] | None:
    return None if amount is None else {"presentmentMoney": {"amount": str(amount), "currencyCode": currency}}


def woocommerce(plain: Plain) -> dict[str, Any]:
    """An order of the REST interface wc/v3. Custom states are states there; the payment is the order's total."""
    first, _, last = str(plain.get("customer_name") or "").partition(" ")
    to_first, _, to_last = str(plain.get("ship_name") or "").partition(" ")
    paid = [p for p in plain.get("payments") or [] if p["kind"] == "payment"]
    return {
        "id": 17,
        "number": plain["number"],
        "status": plain.get("status"),
        "currency": plain.get("currency"),
        "date_created_gmt": _gmt(plain.get("placed_at")),
        "date_paid_gmt": _gmt(paid[0].get("at")) if paid else None,
        "total": None if plain.get("total") is None else str(plain["total"]),
        "prices_include_tax": False,
        "payment_method_title": paid[0].get("method", "") if paid else "",
        "billing": {"email": plain.get("email"), "first_name": first, "last_name": last},
        "shipping": {
            "first_name": to_first,
            "last_name": to_last,
            "address_1": plain.get("ship_address1"),
            "address_2": plain.get("ship_address2"),
            "city": plain.get("ship_city"),
            "state": plain.get("ship_state"),
            "postcode": plain.get("ship_zip"),
            "country": plain.get("ship_country"),
        },
        "line_items": [
            {
                "name": item.get("name"),
                "product_id": item.get("product_id") or 0,
                "sku": item.get("item_id"),
                "quantity": item.get("quantity", 1),
                "subtotal": None
                if item.get("unit_price") is None
                else str(Decimal(str(item["unit_price"])) * item.get("quantity", 1)),
                "meta_data": [
                    {"key": f"pa_{name}", "value": value, "display_key": name, "display_value": f"<p>{value}</p>"}
                    for name, value in cells.options(item.get("options"))
                ],
            }
            for item in plain.get("items") or []
        ],
        "refunds": [{"id": 9, "total": f"-{p['amount']}"} for p in plain.get("payments") or [] if p["kind"] == "refund"],
        "meta_data": [
            {
                "key": "_wc_shipment_tracking_items",
                "value": [
                    {
                        "tracking_number": parcel.get("tracking_number"),
                        "custom_tracking_provider": parcel.get("carrier"),
                        "custom_tracking_link": parcel.get("tracking_url"),
                        "date_shipped": parcel.get("shipped_at"),
                    }
                    for parcel in plain.get("shipments") or []
                ],
            },
            {
                "key": "ts_shipment_status",
                "value": [
                    {"status": parcel.get("status") or "", "est_delivery_date": parcel.get("estimated_delivery") or ""}
                    for parcel in plain.get("shipments") or []
                ],
            },
        ],
    }


def _gmt(moment: Any) -> str | None:
    return None if moment is None else str(moment).removesuffix("Z").removesuffix("+00:00")
