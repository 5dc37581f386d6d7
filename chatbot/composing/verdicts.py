"""The yes, no or not yet that a question about an order asks for, as far as its record says it. Pure."""

import re

from orders.records import NOT_YET_SENT, ON_ITS_WAY, OrderRecord, Status

_ASKS_YES_OR_NO = re.compile(
    r"^\W*(?:(?:so|and|ok|hi|hello|please|also|but)\W+)*(?:(?:can|could) you (?:please )?(?:tell me|check) (?:if|whether) |i wonder (?:if|whether) )?"
    r"(?:(?:has|have|is|are|was|were|did|does|do)(?:n['’]?t)?\b|(?:my|the|it) \w+ (?:has|is|was)\b.{0,60}\?)",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"n['’]t\b|\bnot\b|\bnever\b", re.IGNORECASE)
_CHOICE = re.compile(r"\bor\b", re.IGNORECASE)
_REFUNDED = re.compile(r"\b(?:re-?fund\w*|credited|reimburs\w*|money back)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:everything|all|fully|full|whole|completely)\b", re.IGNORECASE)
_CANCELLED = re.compile(r"\bcancel\w*\b", re.IGNORECASE)
_LOST = re.compile(r"\blost\b", re.IGNORECASE)
_LATE = re.compile(r"(?<!too )\b(?:late|delayed|overdue)\b", re.IGNORECASE)  # "is it too late to cancel?" asks for a rule
_ARRIVED = re.compile(r"\b(?:arriv\w*|delivered|received|here|come|came|turned up|there)\b", re.IGNORECASE)
_SENT = re.compile(
    r"\b(?:ship|shipped|sent|dispatch(?:ed)?|despatch(?:ed)?|left|go|gone|go out|on (?:its|the|their) way|posted)\b", re.IGNORECASE
)

_HAS_ARRIVED = frozenset({Status.DELIVERED, Status.RETURN_REQUESTED, Status.EXCHANGE_REQUESTED, Status.RETURNED})
_YES, _NO, _NOT_YET = "Yes", "No", "Not yet"


def verdict(said: str, order: OrderRecord) -> str:
    """ "Yes", "No" or "Not yet" to a question that asks for one; "" where the record does not decide it or nothing of it was asked."""
    if not _ASKS_YES_OR_NO.search(said) or _NEGATED.search(said) or _CHOICE.search(said):
        return ""
    if _REFUNDED.search(said):
        if _WHOLE.search(said) and order.refunded < order.paid:
            return ""
        return _YES if order.refunded else _NOT_YET if order.refund_pending else ""
    if _CANCELLED.search(said):
        return _YES if order.status is Status.CANCELLED else ""
    if _LOST.search(said):
        return _YES if order.status is Status.LOST else ""
    if _LATE.search(said):
        return _YES if order.status is Status.DELAYED else ""
    if order.status is Status.UNKNOWN or order.status is Status.PARTIALLY_SHIPPED:
        return ""
    if _ARRIVED.search(said):
        return _YES if order.status in _HAS_ARRIVED else _NOT_YET if order.is_open and order.status is not Status.LOST else ""
    if _SENT.search(said):
        has_left = order.status in _HAS_ARRIVED or order.status in ON_ITS_WAY - {Status.READY_FOR_PICKUP}
        return _YES if has_left else _NOT_YET if order.status in NOT_YET_SENT else ""
    return ""
