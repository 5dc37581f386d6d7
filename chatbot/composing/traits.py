"""Which of a customer's orders a trait names: how they were paid, or where their totals stand. Pure; only what the records know counts."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from chatbot.composing.wording import method
from orders.records import Kind, OrderRecord

_NO_WORDS = frozenset(
    ["ending", "end", "number", "no", "with", "my", "the", "account", "payment", "de", "la", "le", "di", "en", "endet", "mit"]
)
# what customers call a way to pay, in the words that shops' records use for it
_SYNONYMS = {
    "amex": "american express", "pay pal": "paypal", "creditcard": "credit card", "giftcard": "gift card", "voucher": "gift card",
    "kreditkarte": "credit card", "geschenkkarte": "gift card", "geschenkgutschein": "gift card", "gutschein": "gift card",
    "karte": "card", "carte": "card", "tarjeta": "card", "carta": "card", "kaart": "card", "bancaire": "", "bleue": "", "bancaria": "",
    "credito": "credit", "debito": "debit", "cadeau": "gift", "regalo": "gift", "cadeaubon": "gift card",
    "rechnung": "invoice", "facture": "invoice", "factura": "invoice", "fattura": "invoice", "factuur": "invoice",
    "uberweisung": "bank transfer", "virement": "bank transfer", "transferencia": "bank transfer", "bonifico": "bank transfer",
    "overschrijving": "bank transfer", "lastschrift": "direct debit", "bar": "cash", "bargeld": "cash", "especes": "cash",
    "efectivo": "cash", "contanti": "cash", "contant": "cash",
}  # fmt: skip
_CARDS = frozenset({"visa", "mastercard", "american"})


def paid_with(orders: Sequence[OrderRecord], how: str) -> tuple[OrderRecord, ...]:
    """Those of the orders with a payment of that kind, in their order. how: in the customer's words ("my card ending 4821")."""
    asked = _words(how)
    ways = [[_of_record(t.method) for t in order.transactions if t.kind is Kind.PAYMENT and t.method] for order in orders]
    return tuple(order for order, known in zip(orders, ways, strict=True) if any(_fits(asked, way) for way in known))


def knows_payments(orders: Sequence[OrderRecord]) -> bool:
    """Whether the records say of any of the orders how it was paid."""
    return any(t.kind is Kind.PAYMENT and t.method for order in orders for t in order.transactions)


def at_rank(orders: Sequence[OrderRecord], rank: int) -> tuple[OrderRecord, ...]:
    """The orders with the highest total (1), the second highest (2), the lowest (-1); none where the totals cannot be compared."""
    totals = {order.total for order in orders if order.total is not None}
    known = all(order.total is not None for order in orders)
    if not known or len({order.currency for order in orders}) > 1 or abs(rank) > len(totals):
        return ()
    wanted = sorted(totals, reverse=rank > 0)[abs(rank) - 1]
    return tuple(order for order in orders if order.total == wanted)


def _fits(asked: frozenset[str], way: frozenset[str]) -> bool:
    if "card" in asked and "gift" in way and "gift" not in asked:
        return False  # "my card" is none that was given
    return bool(asked) and asked <= way


@lru_cache(maxsize=1024)  # a shop has a handful
def _of_record(name: str) -> frozenset[str]:
    words = _words(method(name)) | _words(name)
    return words | {"credit", "debit", "card"} if words & _CARDS else words


def _words(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    folded = (
        "".join(c for c in plain if not unicodedata.combining(c)).replace("pay pal", "paypal").replace("master card", "mastercard")
    )
    said = " ".join(_SYNONYMS.get(word, word) for word in re.findall(r"[^\W_]+", folded)).split()
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in said if word not in _NO_WORDS)
