"""Orders as Shopify's GraphQL Admin interface gives them, in the fields of our own contract. Pure.

GraphQL and not REST: the REST interface is marked as legacy since October 2024 and gets nothing new; it gives an order's fulfilments
without their events, and could not leave out what we do not need. Amounts are those that the customer saw and paid (presentment).
"""

from collections.abc import Iterator
from typing import Any

from orders.sources.http_fields import Fields, fields, first_text, human, objects, text

VERSION = "2026-10"  # stable until October 2027; Shopify then answers with the oldest one that it still supports

ORDERS = """
query Orders($search: String!, $first: Int!, $after: String) {
  orders(first: $first, after: $after, query: $search, sortKey: CREATED_AT, reverse: true) {
    pageInfo { hasNextPage endCursor }
    nodes {
      name email createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus returnStatus
      totalPriceSet { presentmentMoney { amount currencyCode } }
      customer { displayName }
      shippingAddress { name address1 address2 city province zip country }
      lineItems(first: 30) {
        nodes {
          name title variantTitle sku quantity
          variant { selectedOptions { name value } }
          originalUnitPriceSet { presentmentMoney { amount } }
        }
      }
      fulfillments(first: 10) {
        status displayStatus createdAt deliveredAt estimatedDeliveryAt
        trackingInfo(first: 5) { company number url }
        events(first: 10, sortKey: HAPPENED_AT, reverse: true) { nodes { happenedAt status message city province country } }
      }
      transactions(first: 20) { kind status processedAt formattedGateway gateway amountSet { presentmentMoney { amount } } }
    }
  }
}
"""
NUMBERS = """
query Numbers($first: Int!) {
  orders(first: $first, sortKey: CREATED_AT, reverse: true) { nodes { name } }
}
"""

_RETURNING = {
    "RETURN_REQUESTED": "return requested",
    "IN_PROGRESS": "return in progress",
    "INSPECTION_COMPLETE": "return received",
    "RETURNED": "returned",
}
_NOT_SENT = frozenset({"UNFULFILLED", "OPEN", "PENDING_FULFILLMENT"})
# what says more of a parcel than its constant does: "picked up" is by the customer here, with carriers by the carrier
_PARCEL_WORDS = {
    "PICKED_UP": "picked up by customer",
    "CARRIER_PICKED_UP": "received by carrier",
    "FULFILLED": "",  # no more than that it was sent
    "MARKED_AS_FULFILLED": "",
}
_WITHOUT_CARRIER = frozenset({"LABEL_PURCHASED", "LABEL_PRINTED", "CONFIRMED", "SUBMITTED"})  # made, but not handed over
_DONE, _COMING = frozenset({"SUCCESS"}), frozenset({"PENDING", "AWAITING_RESPONSE"})


def search(email: str) -> str:
    """The search for the orders of an address. It may find more than was asked for, as every search; the answer is checked."""
    escaped = email.replace("\\", "\\\\").replace('"', '\\"')
    return f'email:"{escaped}"'


def order(node: Fields) -> Fields:
    """One order of Shopify."""
    total = fields(fields(node.get("totalPriceSet")).get("presentmentMoney"))
    sent = [part for part in objects(node.get("fulfillments")) if text(part.get("status")) not in ("CANCELLED", "ERROR", "FAILURE")]
    address = fields(node.get("shippingAddress"))
    return {
        "number": text(node.get("name")),
        "email": node.get("email"),
        "status": _status(node, sent),
        "placed_at": text(node.get("createdAt")),
        "currency": text(total.get("currencyCode")),
        "total": total.get("amount"),
        "customer_name": text(fields(node.get("customer")).get("displayName")),
        "ship_name": address.get("name"),
        "ship_address1": address.get("address1"),
        "ship_address2": address.get("address2"),
        "ship_city": address.get("city"),
        "ship_state": address.get("province"),
        "ship_zip": address.get("zip"),
        "ship_country": address.get("country"),
        "items": [_item(line) for line in _nodes(node.get("lineItems"))],
        "shipments": [parcel for part in sent for parcel in _parcels(part)],
        "payments": list(_payments(node)),
    }


def _status(node: Fields, sent: list[Fields]) -> str:
    """One word for the order, out of Shopify's four: whether it is cancelled, paid back, coming back, and how far it is sent."""
    money, progress = text(node.get("displayFinancialStatus")), text(node.get("displayFulfillmentStatus"))
    if text(node.get("cancelledAt")):
        return "cancelled"
    if money == "REFUNDED":
        return "refunded"
    if progress == "FULFILLED":
        # some items may come back while others are still on their way: then their way is the state
        if coming_back := _RETURNING.get(text(node.get("returnStatus"))):
            return coming_back
        return "delivered" if sent and all(_is_delivered(part) for part in sent) else "fulfilled"
    if progress in _NOT_SENT:
        return {"PENDING": "payment pending", "VOIDED": "payment voided", "EXPIRED": "payment expired"}.get(money, "unfulfilled")
    return human(progress)


def _is_delivered(fulfillment: Fields) -> bool:
    return bool(text(fulfillment.get("deliveredAt"))) or text(fulfillment.get("displayStatus")) in ("DELIVERED", "PICKED_UP")


def _item(line: Fields) -> Fields:
    chosen = objects(fields(line.get("variant")).get("selectedOptions"))
    options = [[text(option.get("name")), text(option.get("value"))] for option in chosen]
    if not options and (variant := text(line.get("variantTitle"))):  # the variant is no longer sold, its title is kept
        options = [["variant", variant]]
    return {
        "name": first_text(line, "title", "name"),
        "item_id": text(line.get("sku")),
        # what has no variants has one that is called so
        "options": [option for option in options if option != ["Title", "Default Title"] and option[1] != "Default Title"],
        "unit_price": fields(fields(line.get("originalUnitPriceSet")).get("presentmentMoney")).get("amount"),
        "quantity": line.get("quantity"),
    }


def _parcels(fulfillment: Fields) -> Iterator[Fields]:
    """A fulfilment as its parcels: one for each tracking number, or one without. They share its state and its days."""
    state = text(fulfillment.get("displayStatus"))
    shared = {
        "status": _PARCEL_WORDS.get(state, human(state)),
        "shipped_at": "" if state in _WITHOUT_CARRIER else text(fulfillment.get("createdAt")),
        "estimated_delivery": text(fulfillment.get("estimatedDeliveryAt")),
        "delivered_at": text(fulfillment.get("deliveredAt")),
        "events": [_event(event) for event in _nodes(fulfillment.get("events"))],
    }
    for tracking in objects(fulfillment.get("trackingInfo")) or [{}]:
        yield {
            "tracking_number": text(tracking.get("number")),
            "carrier": text(tracking.get("company")),
            "tracking_url": text(tracking.get("url"), most=1000),
            **shared,
        }


def _event(event: Fields) -> Fields:
    place = [text(event.get(part)) for part in ("city", "province", "country")]
    return {
        "at": text(event.get("happenedAt")),
        "description": text(event.get("message")) or human(event.get("status")).capitalize(),
        "place": ", ".join(part for part in place if part),
    }


def _payments(node: Fields) -> Iterator[Fields]:
    """Money that moved; what was only authorised, failed or voided did not."""
    for entry in objects(node.get("transactions")):
        kind, status = text(entry.get("kind")), text(entry.get("status"))
        moved = ""
        if kind in ("SALE", "CAPTURE") and status in _DONE:
            moved = "payment"
        elif kind == "REFUND" and status in _DONE | _COMING:
            moved = "refund" if status in _DONE else "refund pending"
        if moved:
            yield {
                "kind": moved,
                "amount": fields(fields(entry.get("amountSet")).get("presentmentMoney")).get("amount"),
                "method": first_text(entry, "formattedGateway", "gateway"),
                "at": text(entry.get("processedAt")),
            }


def _nodes(connection: Any) -> list[Fields]:
    """The entries of a connection, in either of its two forms."""
    found = fields(connection)
    return objects(found.get("nodes")) or [fields(edge.get("node")) for edge in objects(found.get("edges"))]
