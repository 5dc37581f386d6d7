"""Payment entries of a shop's file: "payment credit_card_4821 122.50 2024-01-02", "refund:gift_card_99:22.00", JSON. Pure.

No format is agreed, so each part is known by what it is: a kind word, an amount, perhaps a day; the rest is the method.
An entry that leaves a doubt is not guessed at.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from orders.importing.values import Unclear, is_absent, moment, money, structured
from orders.records import Kind

_PAID = {
    *(
        "payment",
        "payments",
        "paid",
        "pay",
        "charge",
        "charged",
        "capture",
        "captured",
        "sale",
        "settled",
        "settlement",
        "debit",
        "debited",
    ),
    *("purchase", "deposit", "received"),
}
_BACK = {"refund", "refunded", "refunds", "reimbursed", "reimbursement", "credited", "chargeback", "reversal", "reversed"}
_NOT_YET = {"pending", "requested", "initiated", "processing", "due", "awaiting", "scheduled", "open"}
_NO_MONEY = {
    "authorization",
    "authorisation",
    "authorized",
    "authorised",
    "auth",
    "void",
    "voided",
    "failed",
    "declined",
    "cancelled",
    "canceled",
    "unpaid",
}
_SMALL = {
    "to",
    "via",
    "by",
    "with",
    "on",
    "from",
    "of",
    "at",
    "for",
    "using",
    "in",
    "the",
    "and",
    "-",
    "–",
    "status",
    "amount",
    "date",
    "method",
}
_DAY = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?(?:Z|UTC|GMT)\b|\s?[+-]\d{2}:?\d{2}\b)?)?"
    r"|\b\d{1,2} [A-Za-z]{3,9} \d{4}\b|\b[A-Za-z]{3,9} \d{1,2}, \d{4}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b"
)
# what most exports write: "payment credit_card_4821 122.50 2024-01-02", "refund:gift_card_99:22.00"
_PLAIN = re.compile(r"([a-z]+)[ :]([a-z]+(?:_[a-z0-9]+)*)[ :](\d{1,9}\.\d{2})(?:[ :](\d{4}-\d{2}-\d{2}))?", re.ASCII)
_FIELDS = {
    "kind": ("kind", "type", "transaction_type", "transactiontype", "action", "event", "status"),
    "amount": ("amount", "value", "total", "sum", "price"),
    "method": ("method", "payment_method", "payment_method_id", "paymentmethod", "source", "gateway", "account", "card"),
    "at": ("at", "date", "time", "timestamp", "created_at", "processed_at", "paid_at"),
}


@dataclass(frozen=True, slots=True)
class Payment:
    """One entry; currency is "" where none is written."""

    kind: Kind
    amount: Decimal
    method: str = ""
    at: datetime | None = None
    currency: str = ""


def payments(text: str, zone: tzinfo) -> tuple[list[Payment], list[str]]:
    """(entries in order, reasons in words for those not understood)."""
    found: list[Payment] = []
    doubts: list[str] = []
    if plain := _plain(text, zone):
        return [plain], doubts
    try:
        for entry in _entries(text):
            try:
                found.append(_from_fields(entry, zone) if isinstance(entry, dict) else _from_words(entry, zone))
            except Unclear as unclear:
                doubts.append(str(unclear))
    except Unclear as unclear:
        doubts.append(str(unclear))
    return found, doubts


def _entries(text: str) -> Iterator[str | dict[str, Any]]:
    """The entries one by one; JSON objects may stand in a list or one after the other."""
    stripped = text.strip()
    if is_absent(stripped) or stripped == "[]":
        return
    if stripped.startswith("["):
        for part in _listed(stripped):
            yield part if isinstance(part, dict) else str(part)
        return
    if stripped.startswith("{"):
        for piece in re.split(r"(?<=\}) ?[;,|]? ?(?=\{)", " ".join(stripped.split()).strip(" ;")):
            part = structured(piece)
            yield part if isinstance(part, dict) else piece
        return
    for piece in re.split(r"[;\n]", text):
        if not is_absent(piece):
            yield piece.strip()


def _listed(text: str) -> list[Any]:
    found = structured(text)
    return found if isinstance(found, list) else [found]


def _from_fields(entry: dict[str, Any], zone: tzinfo) -> Payment:
    """An entry with named parts."""
    fields = {re.sub(r"\W+", "_", str(name).strip().lower()): value for name, value in entry.items()}
    shown = json.dumps(entry, ensure_ascii=False, default=str)

    def part(name: str) -> str:
        value = next((fields[key] for key in _FIELDS[name] if fields.get(key) not in (None, "", [], {})), "")
        return str(value)

    # "refund" with the status "pending" is a refund that is pending
    words = f"{part('kind')} {fields.get('status') or ''}"
    return _payment(
        shown,
        _kind_of(_words(words)),
        money(part("amount")),
        part("method"),
        moment(part("at"), zone),
        str(fields.get("currency") or ""),
    )


def _from_words(entry: str, zone: tzinfo) -> Payment:
    """An entry as a line of words, in any order and with any signs between them."""
    if plain := _plain(entry, zone):
        return plain
    at = None
    rest = entry
    if found := _DAY.search(entry):
        at = moment(found[0], zone)
        rest = f"{entry[: found.start()]} | {entry[found.end() :]}"
    tokens = [t for t in re.split(r"[\s|:/=@]+|,(?!\d)|(?<!\d),", rest) if t.strip("-–()[]\"',")]
    tokens = [t.strip("\"'[]") for t in tokens]
    place, amount = _amount_in(tokens, entry)
    words = _words(" ".join(t for n, t in enumerate(tokens) if n not in place))
    kind = _kind_of(words)
    used = _PAID | _BACK | _NOT_YET | _SMALL | ({"credit"} if kind is Kind.REFUND and not _BACK & set(words) else set())
    # "refund_pending" is made of such words too; "credit_card_4821" is not
    method = " ".join(t for n, t in enumerate(tokens) if n not in place and not set(t.casefold().strip("(),.").split("_")) <= used)
    return _payment(entry, kind, amount, method, at, "")


def _plain(entry: str, zone: tzinfo) -> Payment | None:
    """The short way to what `_from_words` makes of most entries."""
    found = _PLAIN.fullmatch(entry)
    if found is None:
        return None
    first, method, amount, day = found.groups()
    # a word with a digit in it is none of those that say what happened
    kind = _plain_kind(first, "" if method[-1].isdigit() else method)
    return Payment(kind, Decimal(amount), method[:100], moment(day, zone) if day else None) if kind else None


@lru_cache(maxsize=1024)
def _plain_kind(first: str, method: str) -> Kind | None:
    """What the first word of a plain entry says, where the second can be nothing but the method; "" for one that has digits."""
    parts = {method, *method.split("_")}
    if parts & (_PAID | _BACK | _NOT_YET | _NO_MONEY | _SMALL | {"credit"}) - {"credit" if "_" in method else ""}:
        return None
    return _kind_of([first, method])


def _amount_in(tokens: list[str], entry: str) -> tuple[set[int], tuple[Decimal, str]]:
    """(places of the tokens that make the amount, the amount): the one with decimals or a currency, or the only number."""
    numbers: list[
        tuple[int, set[int], tuple[Decimal, str]]
    ] = []  # (how sure: 2 decimals or a sign, 1 a currency beside it, 0 a number)
    for n, token in enumerate(tokens):
        found = _money_or_none(token)
        if found is None:
            continue
        sure = 2 if re.search(r"[.,]\d{1,2}\)?$|[^\d.,()-]", token) else 0
        beside = next((m for m in (n + 1, n - 1) if 0 <= m < len(tokens) and re.fullmatch(r"[A-Z]{3}|[$€£]", tokens[m])), None)
        with_code = _money_or_none(f"{tokens[beside]} {token}") if beside is not None else None
        if beside is not None and with_code:
            numbers.append((sure or 1, {n, beside}, with_code))
        else:
            numbers.append((sure, {n}, found))
    surest = max((sure for sure, _, _ in numbers), default=0)
    best = [(place, amount) for sure, place, amount in numbers if sure == surest]
    if len(best) != 1:
        raise Unclear(f"The payment “{_cut(entry)}” has {'no amount' if not best else 'more than one possible amount'}.")
    return best[0]


def _money_or_none(token: str) -> tuple[Decimal, str] | None:
    try:
        return money(token)
    except Unclear:
        return None


def _words(text: str) -> list[str]:
    """Single words in lower case; a method such as credit_card_4821 stays one word."""
    return [w.strip("(),.[]-").casefold() for w in re.split(r"[\s|:/=]+", text) if w]


def kind_named(text: str) -> Kind | None:
    """What a word such as "refund_pending" or "captured" says happened with the money; None if it does not say, or that none moved."""
    return _kind_of(_words(text))


def _kind_of(words: list[str]) -> Kind | None:
    """What happened with the money; None if the words do not say, or say that none moved."""
    parts = {part for word in words for part in ({word} | (set(word.split("_")) if not re.search(r"\d", word) else set()))}
    if _BACK & parts:
        return None if _NO_MONEY & parts else (Kind.REFUND_PENDING if _NOT_YET & parts else Kind.REFUND)
    if _NO_MONEY & parts:
        return None
    if _PAID & parts:
        # money that is only expected was not paid
        return None if _NOT_YET & parts else Kind.PAYMENT
    bare_credit = any(w == "credit" and (words[n + 1 : n + 2] or [""])[0] not in ("card", "cards") for n, w in enumerate(words))
    return Kind.REFUND if bare_credit else None


def _payment(
    entry: str, kind: Kind | None, amount: tuple[Decimal, str] | None, method: str, at: datetime | None, currency: str
) -> Payment:
    if kind is None:
        raise Unclear(f"The payment “{_cut(entry)}” does not say whether money was paid or refunded.")
    if amount is None:
        raise Unclear(f"The payment “{_cut(entry)}” has no amount.")
    number, written = amount
    if number < 0 and kind is Kind.PAYMENT:
        raise Unclear(f"The payment “{_cut(entry)}” is below zero.")
    return Payment(kind, abs(number), method.strip(" ,.-–()")[:100], at, (currency or written).strip().upper()[:8])


def _cut(entry: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in entry)
    return line if len(line) <= 60 else line[:57] + "…"
