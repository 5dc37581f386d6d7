"""Numbers that nearly name an order: one slip away from its number, a part of it, its end. Pure.

Only ever held against the viewer's own orders. What is near is offered as a question and never taken for what was meant.
"""

import re
from functools import lru_cache

from orders.reference_context import is_year
from orders.references import key_of

SHORTEST = 3  # letters and digits; of a shorter number, nearly every other is one slip away
SHORTEST_END = 2
BEGINS = "…"  # after what a number begins with
_PART = re.compile(r"[^\W_]+")


def is_one_slip(asked: str, key: str) -> bool:
    """Whether two keys differ by one letter or digit that is wrong, missing or too many, or by two neighbours that are swapped."""
    if abs(len(asked) - len(key)) > 1 or asked == key:
        return False
    start = next(
        (place for place, (one, other) in enumerate(zip(asked, key, strict=False)) if one != other), min(len(asked), len(key))
    )
    left, right = asked[start:], key[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    return (len(left) <= 1 and len(right) <= 1) or (len(left) == 2 and left == right[::-1])


@lru_cache(maxsize=4096)  # a customer's orders are asked about again and again
def parts_of(number: str) -> frozenset[str]:
    """The keys by which customers call an order for short: "00398", "398" and "202600398" for "SO/2026/00398".

    Each is made of whole parts of the number, with the one that tells orders apart: the longest with digits, of several the last.
    Leading zeros may be left out; a bare year is no name.
    """
    parts = [key_of(part) for part in _PART.findall(number)]
    telling = max(range(len(parts)), key=lambda place: (sum(c.isdigit() for c in parts[place]), place), default=0)
    spans = [(i, j) for i in range(telling + 1) for j in range(telling + 1, len(parts) + 1) if j - i < len(parts)]
    runs = {"".join(parts[i:j]) for i, j in spans}
    kept = {run for run in runs | {run.lstrip("0") for run in runs} if len(run) >= SHORTEST and not is_year(run)}
    return frozenset(run for run in kept if any(c.isdigit() for c in run))


def is_near(asked: str, number: str) -> bool:
    """Whether a key is one slip away from an order's number, from its digits, or from its last part."""
    if len(asked) < SHORTEST:
        return False
    key = key_of(number)
    if is_one_slip(asked, key):
        return True
    if not asked.isdigit():
        return False
    digits = "".join(c for c in key if c.isdigit())
    last = key_of(_PART.findall(number)[-1]) if key else ""
    names = {digits, last, last.lstrip("0")} - {key}
    return any(len(one) >= SHORTEST and is_one_slip(asked, one) for one in names)


def ends_or_begins(ending: str, key: str) -> bool:
    """Whether an order's or a parcel's key ends like that ("156"), or begins so ("10…")."""
    said = key_of(ending)
    return len(said) >= SHORTEST_END and (key.startswith(said) if ending.endswith(BEGINS) else key.endswith(said))
