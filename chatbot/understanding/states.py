"""Orders by the state they are in: "my cancelled orders", "the pending one", "my latest delivered order". Pure."""

import re

STATES = {
    **dict.fromkeys(("on hold", "held"), "on hold"),
    **dict.fromkeys(("late", "delayed"), "delayed"),
    "lost": "lost",
    **dict.fromkeys(("open", "pending", "outstanding", "undelivered", "current", "active", "unfinished"), "open"),
    **dict.fromkeys(("delivered", "arrived", "received"), "delivered"),
    **dict.fromkeys(("cancelled", "canceled"), "cancelled"),
    **dict.fromkeys(("returned", "refunded"), "returned or refunded"),
    **dict.fromkeys(("shipped", "sent", "dispatched", "despatched"), "on its way"),
}
_ANY = "|".join(STATES)
THE_ONE = re.compile(
    rf"\b(?:the|my|that) (?P<newest>(?:last|latest|newest|(?:most )?recent) )?(?P<state>{_ANY}) (?:one|order|purchase|parcel|package)\b",
    re.IGNORECASE,
)
LIST_WORD = re.compile(rf"\b({_ANY})\b(?=.{{0,20}}\b(?:orders|purchases|ones?)\b|\W*$)")


def means_the_newest_of_a_state(said: str) -> bool:
    """Whether the newest is wanted of those in a state only, which is another one than the newest of all."""
    found = THE_ONE.search(said)
    return found is not None and found["newest"] is not None
