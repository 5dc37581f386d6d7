"""What a sentence says happened to an order, and what it says the bot did or will do. Pure."""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import StrEnum

from chatbot.grounding.vocabulary import content_words
from orders.records import NOT_YET_SENT, ON_ITS_WAY, OrderRecord, Status


class State(StrEnum):
    """What may be true of an order; several at once."""

    DELIVERED = "delivered"
    SENT = "sent"
    COMING = "still to come"
    UNDER_WAY = "on its way"
    OUT_FOR_DELIVERY = "out for delivery"
    READY = "ready for pickup"
    PREPARED = "being prepared"
    ON_HOLD = "on hold"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    REFUND_ISSUED = "refund issued"
    REFUND_COMING = "refund on its way"
    RETURNED = "returned"
    RETURN_OPEN = "return requested"
    EXCHANGE_OPEN = "exchange requested"
    LOST = "lost"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Assertion:
    state: State
    negated: bool
    text: str


_AFTER_DELIVERY = frozenset({Status.DELIVERED, Status.RETURN_REQUESTED, Status.EXCHANGE_REQUESTED, Status.RETURNED})


def states_of(order: OrderRecord) -> tuple[frozenset[State], frozenset[State]]:
    """The states that hold for an order, and those that hold for a part of it only (they may be told either way)."""
    parcels = [s.status for s in order.shipments]
    statuses = {order.status, *parcels}
    found: set[State] = set()
    arrived = [s.delivered_at is not None or s.status is Status.DELIVERED for s in order.shipments]
    if order.status in _AFTER_DELIVERY or order.delivered_at or (arrived and all(arrived)):
        found.add(State.DELIVERED)
    if statuses & (ON_ITS_WAY | _AFTER_DELIVERY | {Status.LOST}) or order.shipped_at or any(s.shipped_at for s in order.shipments):
        found.add(State.SENT)
    if order.is_open:
        found.add(State.COMING)
    if statuses & ON_ITS_WAY or (order.is_open and order.shipped_at):
        found.add(State.UNDER_WAY)
    for status, state in (
        (Status.OUT_FOR_DELIVERY, State.OUT_FOR_DELIVERY), (Status.READY_FOR_PICKUP, State.READY), (Status.ON_HOLD, State.ON_HOLD),
        (Status.CANCELLED, State.CANCELLED), (Status.RETURNED, State.RETURNED), (Status.RETURN_REQUESTED, State.RETURN_OPEN),
        (Status.EXCHANGE_REQUESTED, State.EXCHANGE_OPEN), (Status.LOST, State.LOST), (Status.DELAYED, State.LATE),
    ):  # fmt: skip
        if status in statuses:
            found.add(state)
    if order.status in NOT_YET_SENT:
        found.add(State.PREPARED)
    if order.refunded or order.status in (Status.REFUNDED, Status.PARTIALLY_REFUNDED):
        found.add(State.REFUNDED)
    if order.refund_pending:
        found.add(State.REFUND_COMING)
    if found & {State.REFUNDED, State.REFUND_COMING}:
        found.add(State.REFUND_ISSUED)
    partly: set[State] = set()
    if order.status is Status.PARTIALLY_REFUNDED or (order.refund_pending and State.REFUNDED in found):
        partly |= {State.REFUNDED, State.REFUND_ISSUED}
    if any(arrived) and not all(arrived):
        partly |= {State.DELIVERED, State.COMING, State.UNDER_WAY}
    if order.status is Status.PARTIALLY_SHIPPED or (State.SENT in found and any(s in NOT_YET_SENT for s in parcels)):
        partly |= {State.SENT, State.PREPARED, State.UNDER_WAY}
    return frozenset(found | partly), frozenset(partly)


_BE = r"(?:was|were|has|have|had|is|are|been|got|already|being|'s|’s|not|yet|just|since|now|fully|partially|partly|also|marked as|shown as|reported as|status(?: is)?:?|successfully|\w+ly)"
_STATES = (
    (State.OUT_FOR_DELIVERY, r"out for delivery"),
    (State.READY, r"ready (?:for pick-?up|to (?:be )?(?:pick|collect)\w*)"),
    (State.DELIVERED, rf"(?:{_BE}\s+)+(?:delivered|received|collected|picked up)\b|\b(?:arrived(?! (?:at|in) (?!your|the (?:door|address)))|reached you)\b|\bdelivered (?:on|yesterday|today|last|this|to you|\d)"),
    (State.SENT, rf"(?:{_BE}\s+)+(?:shipped|sent(?! (?:back|by))|dispatched|despatched|left our)\b|\b(?:left (?:our|the) warehouse|shipped on|sent on)\b"),
    (State.UNDER_WAY, r"\b(?:on (?:its|the|their) way(?! back)|in transit|under way|underway)\b"),
    (State.COMING, r"\b(?:will (?:arrive|be delivered|reach you)|should (?:arrive|reach you)|(?:is|are) (?:due|expected))\b"),
    (State.PREPARED, r"\b(?:being (?:prepared|processed|packed)|processing|still pending|waiting to be (?:prepared|packed|sent))\b"),
    (State.ON_HOLD, r"\bon hold\b"),
    (State.CANCELLED, rf"(?:{_BE}\s+)+cancell?ed\b"),
    (State.REFUND_COMING, r"\brefund (?:is|has been|was) (?:\w+ )?(?:pending|on its way|under way|in progress|being processed|initiated|started)\b"),
    (State.REFUNDED, rf"(?:{_BE}\s+)+(?:refunded|reimbursed|credited|paid back)\b|\b(?:refund|money)\b(?:[^.;]|\.\d){{0,60}}\b(?:(?:was|has been|have been|been) (?:\w+ly )?(?:completed|paid)|(?:has|have) (?:\w+ )?(?:arrived|reached|landed))\b"),
    (State.REFUND_ISSUED, r"\b(?:refund|money)\b(?:[^.;]|\.\d){0,60}\b(?:(?:was|has been|have been|been) (?:\w+ly )?(?:issued|processed|approved|sent|made))\b"),
    (State.RETURNED, rf"(?:{_BE}\s+)+(?:returned|sent back)\b"),
    (State.RETURN_OPEN, r"\breturn (?:request )?(?:is|has been|was) (?:\w+ )?(?:open|started|requested|registered|approved|accepted|initiated)\b|\breturn requested\b"),
    (State.EXCHANGE_OPEN, r"\bexchange (?:request )?(?:is|has been|was) (?:\w+ )?(?:open|started|requested|registered|approved|accepted|initiated)\b|\bexchange requested\b"),
    (State.LOST, rf"(?:{_BE}\s+)+(?:lost|missing)\b"),
    (State.LATE, r"\b(?:is|are|was|has been|be|running|days?|weeks?) (?:late|delayed|overdue)\b|\bdelayed\b"),
)  # fmt: skip
_PATTERNS = tuple((state, re.compile(pattern, re.IGNORECASE)) for state, pattern in _STATES)
_CLAUSE = re.compile(r"[,;:–—]|\b(?:and|but|so|because|which)\b", re.IGNORECASE)
# what makes a phrase a rule, a wish or a possibility instead of a report
_SUPPOSED = re.compile(
    r"\b(?:if|when|once|until|unless|after|before|whether|as soon as|in case|since you|would|can|could|cannot|can['’]t|may|might|must|shall|to be|able|"
    r"usually|normally|generally|typically|any|an|items?|products?|orders|customers?|policy|policies|sold|days (?:of|from|after)|within)\b",
    re.IGNORECASE,
)
_WILL = re.compile(r"\b(?:will|won['’]t|going to|should)\b", re.IGNORECASE)
_MONEY = re.compile(r"\b(?:refund|money|credit)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|no|none|neither)\b|n['’]t\b", re.IGNORECASE)


_ON_TIME = re.compile(r"\b(?:on (?:time|schedule)|as planned)\b", re.IGNORECASE)


def assertions_in(sentence: str) -> Iterator[Assertion]:
    """What the sentence reports about an order; rules, conditions and possibilities are passed over."""
    if (on_time := _ON_TIME.search(sentence)) and not _SUPPOSED.search(sentence) and not sentence.rstrip().endswith("?"):
        yield Assertion(State.LATE, not _NOT.search(sentence[: on_time.start()]), on_time[0])
    for state, pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            start = max((m.end() for m in _CLAUSE.finditer(sentence, 0, match.start())), default=0)
            clause = f"{sentence[start : match.start()]}{match[0]}"
            if _SUPPOSED.search(clause) or sentence.rstrip().endswith("?"):
                continue
            if state not in (State.COMING, State.UNDER_WAY) and _WILL.search(clause):
                continue
            if state in (State.COMING, State.UNDER_WAY) and _MONEY.search(clause):
                continue  # "your refund should arrive": its day is checked, and no parcel is spoken of
            yield Assertion(state, bool(_NOT.search(clause)), match[0])
    for state, pattern in _CALLED:
        yield from (Assertion(state, False, match[0]) for match in pattern.finditer(sentence))


# "your latest delivered order" reports a delivery, also in a sentence that only says what may be done with it
_CALLED = (
    (State.DELIVERED, re.compile(r"\b(?:your|this|that) (?:\w+ )?delivered (?:order|parcel|package|shipment)\b", re.IGNORECASE)),
    (
        State.SENT,
        re.compile(r"\b(?:your|this|that) (?:\w+ )?(?:shipped|dispatched|despatched) (?:order|parcel|package)\b", re.IGNORECASE),
    ),
)
_DO = (
    r"(?:cancel|refund|reimburse|credit|change|update|amend|correct|process|issue|initiate|start|open|create|submit|file|register|send|"
    r"ship|resend|reship|replace|exchange|escalate|contact|notify|inform|forward|pass|transfer|arrange|schedule|book|apply|waive|extend|"
    r"approve|remove|add|delete|stop|redirect|reroute|place|reserve|upgrade|give|offer|grant|confirm|compensate|investigate|"
    r"return|pay|call|e-?mail|generate|provide)"
)
_DONE = (
    r"(?:cancel+ed|refunded|reimbursed|credited|changed|updated|amended|corrected|processed|issued|initiated|started|opened|created|submitted|"
    r"filed|registered|sent|shipped|resent|reshipped|replaced|exchanged|escalated|contacted|notified|informed|forwarded|passed|transferred|"
    r"arranged|scheduled|booked|applied|waived|extended|approved|removed|added|deleted|stopped|redirected|rerouted|placed|reserved|upgraded|"
    r"given|granted|confirmed|compensated|generated|paid)"
)
_SOON = r"(?:\s+(?:now|already|just|also|gladly|happily|successfully|then|immediately|certainly|be able to|go ahead and|happy to|please))*"
# what an assistant may well have done: it has looked and understood
_HARMLESS = r"(?:check|look|search|review|consult|understand|understood|mention|explain|describ|list|quot|cit|us|answer|apologi|assum|notic|tri)ed\b"
_ACTIONS = re.compile(
    rf"\bI(?:['’]ve|\s+have|\s+had|\s+just|\s+already|\s+also|\s+now|\s+successfully)+(?:\s+(?:just|already|now|also|gone ahead and|successfully))*\s+(?:{_DONE}|(?!{_HARMLESS})[a-z]+ed|told|made|sent|put|set|got|written|given|taken|spoken|left|brought|begun|done)\b"
    rf"|\bI\s+{_DONE}\b"
    rf"|\bI(?:['’]ll|\s+will|\s+can(?!not)|\s+could|['’]d|\s+would|\s+shall|['’]m going to|\s+am going to|['’]m|\s+am){_SOON}\s+(?:{_DO}|{_DO}ing|ask\s+(?!you)|tell\s+(?!you)|make sure|see to it|take care|speed)\b"
    rf"|\b(?:I|we)(?:['’]m|\s+am|['’]re|\s+are)\s+(?:now\s+)?(?:cancell?ing|refunding|changing|updating|processing|sending|issuing|contacting|forwarding|arranging)\b"
    rf"|\b(?:let me|shall I|should I|like me to|want me to|I['’]d be happy to|I am happy to|I['’]m happy to|allow me to)\s+(?:go ahead and\s+)?{_DO}\b"
    r"|\b(?:your|the)\s+(?:\w+\s+)?(?:address|e-?mail|payment method|account|password|subscription|details|size|order details)\s+(?:has|have|was|is|are)\s+(?:now\s+|been\s+|already\s+|successfully\s+)*(?:changed|updated|corrected|amended)\b"
    r"|\b(?:a|the|your)\s+(?:replacement|new item|voucher|label|return label|gift card|coupon)\s+(?:has|have|was|is|will be)\s+(?:now\s+|been\s+|being\s+|already\s+)*(?:sent|shipped|issued|on its way|created|e-?mailed|arranged)\b"
    r"|\b(?:consider it done|all set|all done|it is done|it['’]s done|as you requested|taken care of)\b|^\W*done\b\W"
    r"|\bwe(?:['’]ve|\s+have|['’]ll|\s+will)\b[^.!?]{0,30}\b(?:send|sent|ship(?:ped)?)\b[^.!?]{0,20}\b(?:new one|new (?:item|parcel)|replacement|another one)\b"
    r"|\bich\s+(?:habe|werde|kann)\b[^.!?]*\b(?:storniert?|stornieren|erstatte[tn]|geändert|ändern|veranlasst|veranlassen|gesendet|geschickt|umgetauscht)\b"
    r"|\bj['’]ai\s+(?:annulé|remboursé|modifié|changé|envoyé)|\bhe\s+(?:cancelado|reembolsado|cambiado|modificado|enviado)\b"
    r"|\bik\s+heb\b[^.!?]*\b(?:geannuleerd|terugbetaald|gewijzigd|verstuurd)\b",
    re.IGNORECASE,
)  # fmt: skip
_WE_HAVE = re.compile(rf"\bwe(?:['’]ve|\s+have)(?:\s+(?:now|already|just|also))*\s+(?P<done>{_DONE})\b", re.IGNORECASE)
_WE_REPORT = {
    "shipped": State.SENT,
    "sent": State.SENT,
    "refunded": State.REFUNDED,
    "reimbursed": State.REFUNDED,
    "cancelled": State.CANCELLED,
    "canceled": State.CANCELLED,
}


def action_in(sentence: str) -> str:
    """The words with which a sentence claims that something was, will be or can be done by the bot or for the asking; "" if none."""
    if match := _ACTIONS.search(sentence):
        return match[0]
    if (
        (match := _WE_HAVE.search(sentence))
        and match["done"].lower() not in _WE_REPORT
        and not _SUPPOSED.search(sentence[: match.start()])
    ):
        return match[0]
    return ""


def reports_by_shop(sentence: str) -> Iterator[Assertion]:
    """ "We have refunded …": what the shop is said to have done, as the state it would have left."""
    for match in _WE_HAVE.finditer(sentence):
        state = _WE_REPORT.get(match["done"].lower())
        if state and not _SUPPOSED.search(sentence[: match.start()]):
            yield Assertion(state, False, match[0])


_YOURS = re.compile(
    r"\b(?:your|this|that|the|his|her) (?:\S+ ){0,3}?(?:orders?|parcels?|packages?|shipments?|delivery|refund|return|exchange|purchase|items?|payment)\b|\b(?:it|they)\b"
    r"|\b(?:has|have) been (?:\w+ )?(?:credited|refunded|paid|transferred) (?:back )?to your\b"
    r"|\byou (?:were|paid|ordered|bought|placed|purchased|have (?:been|paid|ordered|bought|received))\b|\bboth(?: of)?(?: the| your| these)? orders\b|\b(?:all|none|neither|each)(?: of)? (?:your|these|the two) orders\b",
    re.IGNORECASE,
)


def is_about_their_order(sentence: str) -> bool:
    """Whether a sentence speaks of the customer's own order rather than of a rule."""
    return bool(_YOURS.search(sentence)) and not re.search(
        r"\b(?:an|any|every|each|most|all) (?!(?:of )?(?:your|these|the two)\b)(?:\w+ )?(?:orders?|parcels?|items?|returns?|refunds?)\b",
        sentence,
        re.IGNORECASE,
    )


def reports_on_theirs(sentence: str) -> bool:
    """Whether a sentence tells what has become of the customer's own order: "your order has been …", "your parcel is on its way".

    A rule speaks in the present ("your order is packed within a day"), a report in the past or of the way.
    """
    return bool(_REPORT.search(sentence))


_REPORT = re.compile(
    r"\b(?:your|this|that) (?:\S+ ){0,3}?(?:orders?|parcels?|packages?|shipments?|delivery|refund|return|exchange|purchase|items?|payment)\b"
    r"[^.;]{0,40}?\b(?:has|have|was|were|already|arrived|reached|on (?:its|the|their) way|in transit|on hold|out for delivery)\b",
    re.IGNORECASE,
)

_EVERY_ORDER = re.compile(
    r"\bboth(?: of)?(?: the| your| these)? orders\b|\b(?:all|none|neither|each|every one)(?: of)? (?:your|these|the)(?: (?:two|three|four|five|\d+))? orders\b",
    re.IGNORECASE,
)
_NO_ORDER = re.compile(r"\b(?:neither|none|no)\b", re.IGNORECASE)


def speaks_of_every_order(sentence: str) -> bool:
    """Whether a report is on all the customer's orders at once: "both orders", "none of your orders"."""
    return bool(_EVERY_ORDER.search(sentence))


def reports_on_every_order(sentence: str) -> Iterator[Assertion]:
    """What a sentence reports of all orders: as of one, and denied by "none"."""
    if match := _EVERY_ORDER.search(sentence):
        denied = bool(_NO_ORDER.match(match[0]))
        for one in assertions_in(_EVERY_ORDER.sub("your order", sentence)):
            yield Assertion(one.state, one.negated is not denied, one.text)


def names_something_of(sentence: str, things: Set[str]) -> bool:
    """Whether a sentence speaks of the customer's own things: "your laptop". things: stems of the names of what was ordered."""
    return any(content_words(match[1]) & things for match in _YOUR_THING.finditer(sentence))


_YOUR_THING = re.compile(r"\b(?:your|the|this|that) ((?:[^\W\d_][\w-]*\s?){1,4})", re.IGNORECASE)
