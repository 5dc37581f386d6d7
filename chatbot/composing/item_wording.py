"""What is said of an order's items: all of them, or the one that was asked about. Pure."""

import re
from collections.abc import Sequence

from chatbot.composing.wording import count, item, join, money, plain, upper_first
from chatbot.words import terms
from orders.records import Line, OrderRecord

_ASKS_ID = re.compile(r"\b(?:item|product|part|article|sku)[ -]?(?:id|number|no|code)s?\b|\bsku\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)


def name(order: OrderRecord) -> str:
    return f"order **{plain(order.number)}**"


def named_lines(order: OrderRecord, words: Sequence[str]) -> tuple[Line, ...]:
    """The lines that fit a customer's words best; none when the words name no line, or every one alike."""
    wanted = terms(" ".join(words))
    if not wanted:
        return ()
    hits = [len(wanted & _terms_of(line)) for line in order.lines]
    best = max(hits, default=0)
    kept = tuple(line for line, n in zip(order.lines, hits, strict=True) if n == best)
    return kept if best and (len(kept) < len(order.lines) or len(order.lines) == 1) else ()


def items(order: OrderRecord) -> list[str]:
    """Every line with its options and price, as a list."""
    if not order.lines:
        return [f"I see no items for {name(order)} in our records."]
    return [f"In {name(order)}:", *(f"- {item(line)}{_price(line, order.currency)}" for line in order.lines)]


def asked_items(order: OrderRecord, words: Sequence[str], said: str) -> list[str]:
    """The line that was asked about; all lines, with how many they are when that was asked, if none was."""
    lines = named_lines(order, words)
    if _HOW_MANY.search(said):
        if lines:
            ordered = join([f"{line.quantity} × {item(line, counted=False)}" for line in lines])
            return [f"{upper_first(name(order))} has {ordered}."]
        pieces = sum(line.quantity for line in order.lines)
        different = f" ({len(order.lines)} different)" if 1 < len(order.lines) < pieces else ""
        return [f"There {'is' if pieces == 1 else 'are'} {count(pieces, 'item')}{different} in {name(order)}:", *items(order)[1:]]
    if _ASKS_ID.search(said) and (known := [line for line in lines or order.lines if line.item_id or line.product_id]):
        return [f"{item(line, counted=False)}: {_ids(line)}." for line in known]
    if not lines:
        return items(order)
    return [f"In {name(order)}: {join([f'{item(line)}{_price(line, order.currency)}' for line in lines])}."]


def item_cost(order: OrderRecord, words: Sequence[str]) -> list[str]:
    """What the item asked about costs; nothing if no line is meant or its price is not known."""
    said = []
    for line in named_lines(order, words):
        if line.unit_price is not None:
            one = f"{item(line, counted=False)}: {money(line.unit_price, order.currency)}"
            total = money(line.unit_price * line.quantity, order.currency)
            each = f" each, {total} for {line.quantity}" if line.quantity != 1 else ""
            said.append(f"{one}{each}.")
    return said


def _ids(line: Line) -> str:
    named = (("item ID", line.item_id), ("product ID", line.product_id))
    return ", ".join(f"{label} {plain(value)}" for label, value in named if value)


def _price(line: Line, currency: str) -> str:
    if line.unit_price is None:
        return ""
    return f" — {money(line.unit_price, currency)}{' each' if line.quantity != 1 else ''}"


def _terms_of(line: Line) -> frozenset[str]:
    return terms(f"{line.name} {line.item_id} {line.product_id} {' '.join(f'{name} {value}' for name, value in line.options)}")
