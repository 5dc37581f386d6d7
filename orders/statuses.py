"""The status words that shops and carriers use, and what we understand of them. Pure, but for what staff said their shop's words mean.

A word that is not known here is UNKNOWN: the customer is then told the shop's own word, never our guess. What staff say of a word
(`orders/status_words.py` keeps it) counts before what is known here; `use` hands it over, to all readers at once.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from orders.records import ON_ITS_WAY, Shipment, Status

# As they are written by Shopify, WooCommerce, Magento, BigCommerce, Amazon, Etsy and plain shops, without signs and case.
# "completed" and "closed" are left out on purpose: with some shops they mean sent, with others delivered, refunded or archived.
_ORDER_WORDS: dict[Status, str] = {
    Status.PENDING: """pending; new; received; order received; placed; order placed; submitted; created; draft; checkout draft; preorder;
        pre order; preordered; pre ordered; pending payment; payment pending; awaiting payment; payment due; unpaid; partially paid;
        scheduled; pending availability; neu; eingegangen; bestellt; en attente; pendiente; in attesa""",
    Status.PROCESSING: """processing; processed; in process; in progress; in production; being prepared; preparing; preparing for shipment;
        preparing for dispatch; preparing to ship; open; confirmed; order confirmed; accepted; approved; paid; payment received; payment accepted;
        authorized; authorised; unfulfilled; unshipped; not shipped; not yet shipped; not dispatched; awaiting fulfillment;
        awaiting fulfilment; awaiting shipment; ready to ship; ready for shipment; ready for dispatch; awaiting dispatch; picking; picked;
        packing; packed; invoiced; payment processing; in bearbeitung; wird bearbeitet; bezahlt; en preparation; en cours;
        en cours de preparation; en cours de traitement; en proceso; procesando; in lavorazione; in behandeling""",
    Status.ON_HOLD: """on hold; hold; held; holded; payment review; under review; manual review; in review; manual verification required;
        verification required; fraud; suspected fraud; suspected; fraud review; failed; payment failed; payment declined; disputed;
        backordered; back ordered; backorder; on backorder; back order; awaiting stock; out of stock; paused; action required;
        address verification required; account hold; on account hold; credit hold; on credit hold; payment hold; angehalten; zuruckgestellt;
        zurueckgestellt; en espera; in de wacht""",
    Status.PARTIALLY_SHIPPED: """partially shipped; partial shipped; partial; partially fulfilled; partial fulfillment; partly shipped;
        partially dispatched; partially despatched; partially sent; partially delivered; partial shipment; part shipped; part sent; part dispatched; part despatched; part delivered; part fulfilled; partly dispatched;
        partly despatched; partly sent; partly delivered; teilweise versandt; teilversandt; teilweise geliefert; teilgeliefert""",
    Status.SHIPPED: """shipped; fulfilled; dispatched; despatched; sent; order shipped; shipment sent; handed to carrier; handed over to carrier;
        with carrier; posted; mailed; versandt; verschickt; versendet; expedie; expediee; enviado; enviada; spedito; verzonden""",
    Status.IN_TRANSIT: """in transit; transit; on the way; on its way; en route; arriving; arriving today; arriving tomorrow; departed;
        arrived at facility; in delivery; unterwegs; en transit; en camino; in transito; onderweg""",
    Status.OUT_FOR_DELIVERY: """out for delivery; with driver; with courier; on vehicle for delivery; on vehicle; in zustellung; en cours de livraison;
        en reparto; in consegna""",
    Status.READY_FOR_PICKUP: """ready for pickup; ready for pick up; ready to collect; ready for collection; ready to pick up; awaiting pickup;
        awaiting collection; available for pickup; available for collection; abholbereit; bereit zur abholung""",
    Status.DELAYED: """delayed; late; exception; delivery exception; shipment exception; attempted delivery; delivery attempted;
        delivery attempt failed; attempt fail; attempt failed; failed attempt; delivery failed; failed delivery; undelivered;
        undeliverable; customs hold; held at customs; held by customs; verspatet; retrasado; retarde""",
    Status.LOST: "lost; missing; lost in transit; lost by carrier; verloren; perdu; perdido",
    Status.DELIVERED: """delivered; order delivered; delivered to customer; picked up; collected; picked up by customer; zugestellt; geliefert;
        ausgeliefert; livre; livree; entregado; entregada; consegnato; bezorgd; geleverd""",
    Status.RETURN_REQUESTED: """return requested; return initiated; return started; return pending; pending return; return authorized;
        return authorised; return approved; return in progress; return in transit; returning; rma requested; rma issued;
        awaiting return; return opened; retoure angemeldet; retoure beantragt""",
    Status.EXCHANGE_REQUESTED: """exchange requested; exchange initiated; exchange started; exchange pending; pending exchange;
        exchange approved; exchange in progress; awaiting exchange; replacement requested""",
    Status.RETURNED: "returned; return received; return completed; return complete; return processed; retourniert; zuruckgesendet; retourne; devuelto",
    Status.PARTIALLY_REFUNDED: "partially refunded; partial refund; partly refunded; part refunded; partially credited; teilweise erstattet",
    Status.REFUNDED: """refunded; fully refunded; refund issued; refund completed; refund complete; credited; credit issued; credit note issued; erstattet;
        zuruckerstattet; zurueckerstattet; ruckerstattet; rembourse; reembolsado; rimborsato""",
    Status.CANCELLED: """cancelled; canceled; order cancelled; order canceled; cancelled by customer; canceled by customer; cancelled by seller;
        cancelled by shop; voided; void; declined; rejected; paypal canceled reversal; unfulfillable; storniert; abgebrochen; annule; annulee;
        cancelado; cancelada; annullato; geannuleerd""",
}
# What a carrier or a label service means by a word where it differs from what a shop means by it of an order.
_PARCEL_WORDS: dict[Status, str] = {
    Status.PROCESSING: """pending; pre transit; label created; label printed; label purchased; info received; information received;
        shipment information received; electronic information received; manifested; confirmed; created; new; not found; accepted by shop""",
    Status.IN_TRANSIT: "accepted; picked up; collected; received; received by carrier; processing; processed; arrived; scan; in process; customs cleared",
    Status.READY_FOR_PICKUP: "held for pickup; at pickup point; at collection point; at parcel shop; in locker; awaiting collection",
    Status.DELAYED: "failed; failure; error; held; on hold; hold",
}


def word_key(text: str) -> str:
    """A status without signs, accents and case: "wc-Partially_Shipped" and "PartiallyShipped" are "partially shipped"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:200])
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", spaced).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"^wc ", "", " ".join(re.findall(r"[^\W_]+", letters)))


def _table(*tables: dict[Status, str]) -> dict[str, Status]:
    return {
        word_key(word): status for table in tables for status, words in table.items() for word in words.split(";") if word.strip()
    }


_OF_ORDER = _table(_ORDER_WORDS)
_OF_PARCEL = _table(_ORDER_WORDS, _PARCEL_WORDS)
_UNSAID = frozenset(
    {
        "completed",
        "complete",
        "order completed",
        "closed",
        "order closed",
        "archived",
        "finished",
        "done",
        "abgeschlossen",
        "termine",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class ShopWords:
    """What the words of this shop mean, by their keys. Told apart by identity: what was found with one set is not found with another."""

    of_order: Mapping[str, Status] = field(default_factory=lambda: MappingProxyType({}))
    of_parcel: Mapping[str, Status] = field(default_factory=lambda: MappingProxyType({}))


_own = ShopWords()


def use(words: ShopWords) -> None:
    """From now on, these are the shop's own words."""
    global _own
    _own = words


def own_words() -> ShopWords:
    return _own


def order_status(word: str) -> Status:
    """What a shop's status word says about an order; UNKNOWN if it is not one we know."""
    return _of_order(word, _own)


def parcel_status(word: str) -> Status:
    """What a carrier's status word says about a parcel; UNKNOWN if it is not one we know."""
    return _of_parcel(word, _own)


@lru_cache(maxsize=1024)  # a shop has a handful
def _of_order(word: str, own: ShopWords) -> Status:
    return own.of_order.get(word_key(word)) or _find(word, _OF_ORDER)


@lru_cache(maxsize=1024)
def _of_parcel(word: str, own: ShopWords) -> Status:
    return own.of_parcel.get(word_key(word)) or _find(word, _OF_PARCEL)


def _find(word: str, table: dict[str, Status]) -> Status:
    # an addition in brackets does not change the state: "pending (item modified)"
    short = word_key(re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", word[:200]))
    # nor does saying of what it is the state: "your order has been shipped"
    bare = re.sub(
        r"^(?:(?:the|your|this|order|parcel|package|shipment|item|items|is|are|was|has|have|been|now|fully) )+", "", short
    )
    return table.get(word_key(word)) or table.get(short) or table.get(bare) or Status.UNKNOWN


@lru_cache(maxsize=1024)
def is_finished_word(word: str) -> bool:
    """A word that says "no more to do" without saying how it ended: "completed", "closed"."""
    return word_key(word) in _UNSAID


def refined(status: Status, word: str, *, delivered: bool, shipments: Iterable[Shipment]) -> Status:
    """The order's status after what its parcels say: a parcel knows better than "shipped" where it is.

    delivered: the order itself, or each of its parcels, has a day of delivery.
    """
    if status not in ON_ITS_WAY and not (status is Status.UNKNOWN and is_finished_word(word)):
        return status
    if delivered:
        return status if status is Status.PARTIALLY_SHIPPED else Status.DELIVERED
    if status is not Status.SHIPPED:
        return status
    under_way = {s.status for s in shipments if s.delivered_at is None} - {Status.UNKNOWN}
    return under_way.pop() if len(under_way) == 1 and under_way <= (ON_ITS_WAY | {Status.LOST}) else status
