"""One clause of a message: what it asks, which numbers it names, and whether it is about the customer's own order. Pure."""

import re
from dataclasses import dataclass

from orders.references import Shapes, find_references

from chatbot.intents import of_clause
from chatbot.stopwords import STOPWORDS
from chatbot.turn import Intent

ABOUT_AN_ORDER = frozenset(
    {Intent.ORDER_LIST, Intent.STATUS, Intent.TRACKING, Intent.ITEMS, Intent.COST, Intent.PAYMENT, Intent.DESTINATION}
)
BOTH = frozenset({Intent.RETURN, Intent.EXCHANGE, Intent.CANCEL, Intent.CHANGE_ADDRESS, Intent.REFUND, Intent.PARCEL_PROBLEM})

_THING = r"(?:order|parcel|package|packet|delivery|shipment|purchase|refund|return|stuff|item|tracking|exchange|cancellation)s?"
PERSONAL = re.compile(
    rf"\b(?:my|our)\b(?! (?:own )?(?:account|password|profile|data|privacy|points|name|question|state|country|bank|opinion|job)\b)"
    rf"|\bi(?:['’]ve| have|['’]d| had)? (?:just |already |also |recently |only )?"
    rf"(?:ordered|order|bought|purchased|received|got|returned|paid|placed|sent|made|picked)\b"
    rf"|\b(?:the|this|that) (?:\w+ ){{0,2}}{_THING}\b",
    re.IGNORECASE,
)
POINTING = re.compile(r"\b(?:it|its|it['’]s|them|they|this|that|these|those|this one|that one)\b", re.IGNORECASE)
GENERAL = re.compile(
    r"\b(?:polic(?:y|ies)|rules?|in general|generally|usually|normally|typically|always"
    r"|do you (?:offer|have|accept|take|allow|ship|deliver|charge|refund|exchange|sell|give|provide|do|guarantee|cover|match|use|keep|share)"
    r"|(?:what|which|where|when)(?: is| are|['’]s) your"
    r"|(?:what|how|when) (?:if|about if)|what happens|if (?:i|my|an?|the|it|something)\b"
    r"|how (?:do|can|would|should) (?:i|you|one|people|customers) (?!track\b)|how (?:many|long)(?: \w+){0,2} (?:do|does|have|has|can|should|would|is|are)\b"
    r"|is there an?\b|are there|can (?:you|anyone|one|people|customers)|(?:an?|any|some|every) (?:order|item|parcel|package|purchase|refund|product)s?)\b",
    re.IGNORECASE,
)
FOLLOW_UP = re.compile(
    r"^\W*(?:and|but|also|or|so|then|what about|how about|what if|same for|for|even|including|only|which ones?|why|how come|really|how (?:long|much|many)\W*$)\b",
    re.IGNORECASE,
)
LATEST = re.compile(
    r"\b(?:latest|last|(?:most )?recent|newest|just (?:ordered|bought|placed|made))\b(?! (?:week|month|year|night|time|chance|day|summer|winter))",
    re.IGNORECASE,
)
EVERY = re.compile(
    r"\b(?:all|every|each|both)\b(?: of)?(?: my| the)?(?: \w+)? ?(?:orders|parcels|packages|deliveries|purchases|of them)?\b|\borders\b",
    re.IGNORECASE,
)
ORDINAL = re.compile(
    r"\b(?:the )?(first|second|third|fourth|fifth|last|former|latter|1st|2nd|3rd|4th|5th)(?: one| order)?\b", re.IGNORECASE
)
PLACES = {
    "first": 0,
    "former": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "last": -1,
    "latter": -1,
}
CLAUSE_END = re.compile(
    r"(?<=[?!;])\s+|(?<=[a-z)]\.)\s+(?=[A-Z])|\n+|(?:,| )(?: ?and| ?also)(?: also)? (?=(?:where|when|what|how|can|could|do|does|is|are|which|will|has)\b)",
    re.IGNORECASE,
)
COMPARING = re.compile(r"\b(?:compare|difference|differ|better|versus|vs|rather than|instead of|whichever)\b", re.IGNORECASE)
COMPLAINING = re.compile(
    r"\b(?:unacceptable|ridiculous|terrible|awful|worst|angry|furious|disappoint\w*|scam|fraud|lawyer|sue|complain\w*|fed up|useless|never again|disgusting)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W_][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Clause:
    text: str
    intents: frozenset[Intent]
    references: tuple[str, ...]
    possible: tuple[str, ...]
    personal: bool
    words: tuple[str, ...]


def read_clause(text: str, focus: tuple[str, ...], shapes: Shapes) -> Clause:
    found = find_references(text, shapes)
    sure = tuple(r.text for r in found if r.certain)
    possible = tuple(r.text for r in found if not r.certain)
    bare = text
    for reference in found:
        bare = bare.replace(reference.text, " ")
    intents = of_clause(text)
    words = tuple(w for w in (m[0].lower() for m in WORD.finditer(bare)) if w not in STOPWORDS and len(w) > 1)
    personal = bool(sure) or _is_personal(text, intents, focus)
    return Clause(text.strip(), intents, sure, possible, personal, words)


def _is_personal(text: str, intents: frozenset[Intent], focus: tuple[str, ...]) -> bool:
    if GENERAL.search(text) and not (focus and POINTING.search(text)):
        return bool(
            re.search(r"\b(?:my|our) (?:\w+ )?(?:orders?|parcels?|packages?|deliver(?:y|ies)|shipments?)\b", text, re.IGNORECASE)
        ) and not re.search(r"\b(?:what if|what happens|if (?:i|my|the|it)|polic(?:y|ies)|in general)\b", text, re.IGNORECASE)
    if intents & ABOUT_AN_ORDER:
        return bool(PERSONAL.search(text) or POINTING.search(text) or focus or not _names_policy_subject(text))
    if intents & BOTH:
        return bool(PERSONAL.search(text) or POINTING.search(text))
    return bool(focus and POINTING.search(text) and len(text.split()) <= 6) or bool(PERSONAL.search(text) and LATEST.search(text))


def _names_policy_subject(text: str) -> bool:
    """Whether a clause like "how much does shipping to Norway cost" asks the shop, not an order."""
    return bool(re.search(r"\b(?:shipping|delivery|express|standard|returns?|refunds?|to [A-Z]\w+|postage|fees?|costs?)\b", text))
