"""Orders as the REST interface of WooCommerce gives them (wc/v3), in the fields of our own contract. Pure.

WooCommerce itself knows no parcels; they come from what the common tracking plugins write into the order's meta data.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from orders.sources.http_fields import Fields, amount, fields, first_text, objects, text, whole, without_tags

_NOT_PLACED = frozenset({"checkout-draft", "auto-draft", "draft", "trash", "new"})  # baskets and what was thrown away
_CENT = Decimal("0.01")


# what is asked for; the rest, such as notes of other plugins at the customer's account, does not even travel
FIELDS = (
    "id,number,status,currency,date_created_gmt,date_paid_gmt,total,prices_include_tax,payment_method_title,"
    "billing,shipping,line_items,refunds,meta_data"
)


def order(woo: Fields) -> Fields | None:
    """One order of WooCommerce; None for what was never placed."""
    status = text(woo.get("status")).removeprefix("wc-")
    if status in _NOT_PLACED:
        return None
    billing, shipping = fields(woo.get("billing")), fields(woo.get("shipping"))
    meta = _meta(woo.get("meta_data"))
    items = objects(woo.get("line_items"))
    parcels = list(_parcels(meta, items))
    return {
        "number": first_text(woo, "number", "id"),
        "email": text(billing.get("email")),
        "status": status,
        "placed_at": _utc(woo.get("date_created_gmt")),
        "currency": text(woo.get("currency")),
        "total": amount(woo.get("total")),
        "customer_name": _name(billing),
        **_address(shipping if any(text(shipping.get(part)) for part in ("address_1", "city", "postcode")) else billing),
        "items": [_item(item, with_tax=woo.get("prices_include_tax") is True) for item in items],
        "shipments": parcels,
        "payments": list(_payments(woo)),
    }


def _item(item: Fields, *, with_tax: bool) -> Fields:
    return {
        "name": first_text(item, "name", "parent_name"),
        "item_id": text(item.get("sku")),
        "product_id": text(item.get("product_id") or ""),  # 0: none
        "options": [
            [name, value]
            for entry in objects(item.get("meta_data"))
            # plugins keep notes of their own under keys with an underscore, and lists as values
            if not text(entry.get("key")).startswith("_")
            and (name := text(without_tags(first_text(entry, "display_key", "key"))))
            and (value := text(without_tags(first_text(entry, "display_value", "value"))))
        ],
        "unit_price": _unit_price(item, with_tax=with_tax),
        "quantity": whole(item.get("quantity")),
    }


def _unit_price(item: Fields, *, with_tax: bool) -> Decimal | None:
    """The price of one as the shop shows it, before vouchers; None where it cannot be told to the cent.

    WooCommerce's own `price` is without tax, whatever the shop shows, and after vouchers.
    """
    subtotal, tax, quantity = amount(item.get("subtotal")), amount(item.get("subtotal_tax")), whole(item.get("quantity"))
    if subtotal is None or not quantity or quantity < 0 or (with_tax and tax is None):
        return None
    line = subtotal + (tax if with_tax and tax is not None else 0)
    each = (line / quantity).quantize(_CENT)
    # tax is rounded for the whole line, so that the sum may miss a cent; without tax it must come out even
    return each if abs(each * quantity - line) <= (_CENT if with_tax else 0) else None


def _payments(woo: Fields) -> Iterator[Fields]:
    paid_at, total = _utc(woo.get("date_paid_gmt")), amount(woo.get("total"))
    if paid_at and total is not None and total > 0:
        yield {"kind": "payment", "amount": total, "method": text(woo.get("payment_method_title")), "at": paid_at}
    for refund in objects(woo.get("refunds")):
        back = amount(refund.get("total"))
        if back:  # no day: the order names its refunds by their amounts alone
            yield {"kind": "refund", "amount": abs(back)}


# --- parcels, as plugins write them -----------------------------------------------------------------------------------


def _parcels(meta: dict[str, Any], items: Iterable[Fields]) -> Iterator[Fields]:
    """The parcels, each once."""
    seen = set()
    for parcel in (*_listed(meta), *_of_items(items), *_single(meta)):
        number = parcel["tracking_number"]
        if number and number not in seen:
            seen.add(number)
            yield parcel


def _listed(meta: dict[str, Any]) -> Iterator[Fields]:
    """Shipment Tracking, Advanced Shipment Tracking and AfterShip: a list of parcels, with TrackShip's states beside it."""
    states = objects(_structured(meta.get("ts_shipment_status") or meta.get("shipment_status")))
    for place, entry in enumerate(objects(_structured(meta.get("_wc_shipment_tracking_items")))):
        state = states[place] if place < len(states) else {}
        yield {
            "tracking_number": text(entry.get("tracking_number")),
            "carrier": first_text(entry, "formatted_tracking_provider", "custom_tracking_provider", "tracking_provider"),
            "tracking_url": first_text(entry, "formatted_tracking_link", "custom_tracking_link", "ast_tracking_link"),
            "shipped_at": entry.get("date_shipped"),
            "status": first_text(state, "status", "shipment_status").replace("_", " "),
            "estimated_delivery": first_text(state, "est_delivery_date")[:10],
        }
    for entry in objects(_structured(meta.get("_aftership_tracking_items"))):
        yield {"tracking_number": text(entry.get("tracking_number")), "carrier": first_text(entry, "courier_name", "slug")}


def _of_items(items: Iterable[Fields]) -> Iterator[Fields]:
    """Orders Tracking: parcels at each item."""
    for item in items:
        for entry in objects(_structured(_meta(item.get("meta_data")).get("_vi_wot_order_item_tracking_data"))):
            yield {
                "tracking_number": text(entry.get("tracking_number")),
                "carrier": text(entry.get("carrier_name")),
                "tracking_url": text(entry.get("carrier_url")),
                "shipped_at": entry.get("time"),
            }


def _single(meta: dict[str, Any]) -> Iterator[Fields]:
    """Plugins that know one parcel for each order."""
    yield {
        "tracking_number": first_text(
            meta, "ywot_tracking_code", "_tracking_number", "tracking_number", "_aftership_tracking_number"
        ),
        "carrier": first_text(
            meta,
            "ywot_carrier_name",
            "_tracking_provider",
            "_custom_tracking_provider",
            "tracking_provider",
            "_aftership_tracking_provider_name",
        ),
        "tracking_url": first_text(meta, "_custom_tracking_link", "tracking_url"),
        "shipped_at": meta.get("ywot_pick_up_date") or meta.get("_date_shipped"),
    }


def _meta(entries: Any) -> dict[str, Any]:
    return {text(entry.get("key")): entry.get("value") for entry in objects(entries)}


def _structured(value: Any) -> Any:
    """A list, also one that a plugin keeps as JSON in a text."""
    if isinstance(value, str) and value[:1] in "[{" and len(value) <= 50_000:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    # PHP writes a list whose first place was deleted as an object: {"1": {…}}
    return list(value.values()) if isinstance(value, dict) and all(key.isdigit() for key in value) else value


# --- small parts --------------------------------------------------------------------------------------------------------


def _address(part: Fields) -> Fields:
    return {
        "ship_name": _name(part),
        "ship_address1": part.get("address_1"),
        "ship_address2": part.get("address_2"),
        "ship_city": part.get("city"),
        "ship_state": part.get("state"),
        "ship_zip": part.get("postcode"),
        "ship_country": part.get("country"),
    }


def _name(part: Fields) -> str:
    return " ".join(name for name in (text(part.get("first_name")), text(part.get("last_name"))) if name)


def _utc(value: Any) -> str:
    """WooCommerce writes its GMT times without saying so: "2026-11-03T14:00:00"."""
    said = text(value)
    return f"{said}Z" if said and said[-1].isdigit() and "T" in said else said
