"""Rules that a text seems to state, each with its sentence, for a person to confirm or to dismiss. Pure; nothing here is ever a rule.

Rather a suggestion less than one that is not there: a period counts only in a sentence about the topic that also says from when.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from orders.records import NOT_YET_SENT, ON_ITS_WAY, Status
from orders.rules import Start, Topic, Unit
from orders.rules_stating import Stated, problem_with
from orders.statuses import order_status
from retrieval.statements import Period, Statement, statements

MOST = 40  # of one text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What markdown[start:end] seems to state."""

    stated: Stated
    start: int
    end: int
    quote: str

    @property
    def key(self) -> str:
        """What it is known by on a page, as long as the text is the same."""
        return f"{self.end}-{self.stated.topic.value.replace(' ', '_')}-{'yes' if self.stated.permits else 'no'}"


_TOPICS = {
    Topic.RETURN: re.compile(r"\breturn(?:s|ed|ing|able)?\b(?! (?:label|address|form|slip|policy))|\b(?:send|sent|bring|give)\b[^.;]{0,30}\bback\b", re.IGNORECASE),
    Topic.EXCHANGE: re.compile(r"\bexchang(?:e|es|ed|ing|eable)\b|\bswap(?:s|ped)?\b", re.IGNORECASE),
    Topic.CANCEL: re.compile(r"\bcancel(?:s|led|ed|ling|ing|lable|able|lation|lations)?\b", re.IGNORECASE),
    Topic.CHANGE_ADDRESS: re.compile(r"\baddress(?:es)?\b", re.IGNORECASE),
    Topic.REFUND: re.compile(r"\brefund\w*\b|\breimburs\w*\b|\bmoney\b[^.;]{0,20}\b(?:back|arrive\w*)\b", re.IGNORECASE),
}  # fmt: skip
_CHANGES = re.compile(r"\b(?:chang|correct|updat|redirect|edit|modif|amend)\w*\b", re.IGNORECASE)
_FROM_DELIVERY = re.compile(r"\b(?:deliver\w*|receipt|receiv\w*|arriv\w*|reach\w*|get it|got it)\b", re.IGNORECASE)
_FROM_ORDER = re.compile(r"\b(?:order(?:ed|ing)?|purchas\w*|bought|buying|placing|placed)\b", re.IGNORECASE)
_FROM_RETURN = re.compile(
    r"\b(?:receiv\w*|arriv\w*|reach\w*|check\w*|inspect\w*|receipt)\b[^.;]{0,40}|\breturned (?:item|parcel|goods)", re.IGNORECASE
)
_STARTS = re.compile(r"\b(?:of|from|after|since|following|once|when)\b(?P<start>[^.;:!?]{0,60})", re.IGNORECASE)
_PERMITTED = re.compile(
    r"\b(?:can|may|could|accept\w*|allow\w*|possible|eligible|yes|within|up to|have|must|until)\b", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:cannot|can['’]t|can not|may not|must not|not (?:be )?(?:\w+ )?(?:return|exchang|cancel|accept|possible|eligible|refundable)\w*|"
    r"no longer|non-?returnable|non-?refundable|final sales?|sales? (?:is|are) final|excluded|no (?:returns?|exchanges?|cancellations?)\b|never)\b",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:no (?:returns?|exchanges?|cancellations?) (?:on|for|of)|excluded (?:are|from \w+ are)[: ]|except(?: for)?)\s+(?P<items>[^.;:]{3,120})",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^(?:(?:all|our|the|any)\s+)?(?P<items>[^.;:()]{3,90}?)\s+(?:(?:sales?|orders?)\s+)?(?:can(?:not)?|can['’]t|may|must|could|is|are|was|were|do|does|have|has)\b",
    re.IGNORECASE,
)
_OF_ITEMS = re.compile(
    r"\b(?:returns?|exchanges?|cancellations?) (?:on|of|for) (?P<items>[^.;:()]{3,60}?) (?:within|up to|until|if)\b", re.IGNORECASE
)
_NOBODY = re.compile(
    r"^(?:you|we|i|it|they|this|that|there|these|those|an?|any|each|every|all|our|your|if|once|when|after|before|until|unless|while|for|in|within|"
    r"returns?|exchanges?|cancellations?|refunds?|(?:unused |unworn |most |an? |other |full-price )?(?:items?|products?|goods|orders?|purchases?|articles?))\b",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s+(?:items?|products?|goods|articles?|purchases|sales?)$", re.IGNORECASE)
_BEFORE_SENDING = re.compile(
    r"\b(?:before|until|unless|as long as|while|so long as)\b[^.;]{0,50}\b(?:ship\w*|sent|dispatch\w*|despatch\w*|pack\w*|leav\w*|left)\b|\bnot (?:yet )?(?:been )?(?:shipped|sent|packed|dispatched)\b",
    re.IGNORECASE,
)
_AFTER_SENDING = re.compile(
    r"\b(?:once|after|when|as soon as)\b[^.;]{0,50}\b(?:ship\w*|sent|dispatch\w*|despatch\w*|left|on its way)\b", re.IGNORECASE
)
_METHOD = re.compile(
    r"\b(?:credit cards?|debit cards?|cards?|paypal|gift cards?|store credit|bank transfers?|wire transfers?|direct debit|sepa|klarna|ideal|apple pay|"
    r"google pay|amazon pay|afterpay|sofort|invoice|cash|cheques?|checks?|visa|mastercard|american express|amex)\b",
    re.IGNORECASE,
)  # fmt: skip
# the refund first, then how long it takes: "if you return it within 30 days, we refund it" is no time of a refund
_TAKES = re.compile(
    r"\b(?:refund\w*|reimburs\w*|money)\b[^.;]{0,80}\b(?:take|takes|within|up to|in|arriv\w*|appear\w*|reach\w*|issued?|process\w*|credited|allow)\b",
    re.IGNORECASE,
)
# said in a sentence of its own, somewhere in the same section
_LAST_PARCEL = re.compile(
    r"\b(?:last|final) (?:parcel|package|shipment|delivery|item|part)\b|\b(?:whole|entire|complete) order (?:has |is |was )?(?:been )?(?:delivered|arrived)\b",
    re.IGNORECASE,
)
_FOR_MONEY = re.compile(r"\W*(?:for|until|before)\b[^.;]{0,30}\b(?:refund|money)\b", re.IGNORECASE)
_STATE_LIST = re.compile(
    r"\b(?:while|as long as|so long as|when|once)\b[^,.;]{0,40}?\b(?:is|are)\b(?: still)?(?P<states>[^.;]{3,90}?)(?=\s(?:we|you|it|they|the)\b|[.;]|$)",
    re.IGNORECASE,
)
_THEM = re.compile(r"\b(?:return|exchange)\w* (?:them|these|those)\b", re.IGNORECASE)
_UNITS = {"day": Unit.DAY, "working day": Unit.WORKING_DAY, "month": Unit.MONTH}
_DONE = frozenset({Status.DELIVERED}) | ON_ITS_WAY


def suggestions(markdown: str) -> list[Suggestion]:
    """What a text seems to state about orders, in reading order. A list of exceptions is one, with the sentence that leads it in."""
    found: list[Suggestion] = []
    read = statements(markdown)
    whole_orders = {statement.place for statement in read if _LAST_PARCEL.search(statement.text)}
    for statement in read:
        for stated in _of(statement):
            if stated.start is Start.DELIVERY and statement.place in whole_orders:
                stated = replace(stated, start=Start.LAST_DELIVERY)
            of_list = bool(statement.lead) and not stated.permits
            start = statement.lead_start if of_list else statement.start
            before = next((one for one in found if of_list and (one.start, one.stated.topic) == (start, stated.topic)), None)
            if before is not None:
                found.remove(before)
                stated = replace(stated, items=tuple(dict.fromkeys((*before.stated.items, *stated.items))))
            quote = markdown[start : statement.end]
            if not problem_with(stated) and all((one.stated, one.quote) != (stated, quote) for one in found):
                found.append(Suggestion(stated, start, statement.end, quote))
        if len(found) >= MOST:
            break
    return found[:MOST]


def _of(statement: Statement) -> Iterator[Stated]:
    heads = " ".join(head for head, _ in statement.cells)
    above = f"{statement.lead} {heads} {' '.join(statement.place)}"
    for topic, words in _TOPICS.items():
        own = bool(words.search(statement.text))
        # a row says what it is about in the heads of its columns, or above its table
        if not own and not (statement.cells and words.search(above)):
            if topic is Topic.CHANGE_ADDRESS and words.search(above) and _CHANGES.search(statement.text):
                yield from _states(topic, statement)  # "While it is pending, we can change the street"
            elif statement.lead and words.search(statement.lead) and topic is not Topic.REFUND:
                yield from _exceptions(topic, statement)
            continue
        if topic is Topic.REFUND:
            yield from _refund_times(statement)
        elif topic in (Topic.RETURN, Topic.EXCHANGE):
            yield from _windows(topic, statement)
            yield from _exceptions(topic, statement)
        elif topic is Topic.CANCEL:
            yield from _states(topic, statement)
            yield from _windows(topic, statement)
            yield from _exceptions(topic, statement)
        elif _CHANGES.search(f"{above} {statement.text}"):
            yield from _states(topic, statement)


# --- periods -----------------------------------------------------------------------------------------------------------------
def _windows(topic: Topic, statement: Statement) -> Iterator[Stated]:
    """ "You can return an item within 30 days of delivery": one period, with the day it counts from."""
    text = _answer_of(topic, statement)
    known = [p for p in statement.periods if p.least == p.most and _start_of(p, text)]
    if len(known) != 1 or len(statement.periods) != 1 or not _PERMITTED.search(text) or _EXCEPT.search(text):
        return
    start = _start_of(known[0], text)
    before = text[: len(text) - len(known[0].after)]
    if (_THEM.search(text) and not _items_of(statement)) or _TAKES.search(before):
        return  # of what was named before, as a rule about everything it would be wrong; and "refunds within 5 days of receiving" is no window
    if start is not None and (topic is not Topic.CANCEL or start is Start.ORDER):
        yield Stated(topic, amount=known[0].most, unit=_UNITS[known[0].unit], start=start, items=_items_of(statement))


def _answer_of(topic: Topic, statement: Statement) -> str:
    """The words that speak of the topic: of a row the cell under the head that does, of anything else all."""
    return next((cell for head, cell in statement.cells if _TOPICS[topic].search(head)), statement.text)


def _start_of(period: Period, text: str) -> Start | None:
    for match in _STARTS.finditer(period.after):
        if _FROM_DELIVERY.search(match["start"]):
            return Start.DELIVERY
        if _FROM_ORDER.search(match["start"]):
            return Start.ORDER
    return None


def _refund_times(statement: Statement) -> Iterator[Stated]:
    """ "PayPal refunds take 3 to 5 working days", or a row of a table of such times."""
    if len(statement.periods) != 1:
        return
    period = statement.periods[0]
    named = statement.cells[0][1] if statement.cells else statement.text
    methods = tuple(dict.fromkeys(match[0].lower() for match in _METHOD.finditer(named)))
    before = statement.text[: len(statement.text) - len(period.after)]
    if not (methods if statement.cells else _TAKES.search(before) or _FOR_MONEY.match(period.after)):
        return
    from_return = any(_FROM_RETURN.search(match["start"]) for match in _STARTS.finditer(period.after))
    start = Start.RETURN_RECEIVED if from_return else Start.REFUND
    least = period.least if period.least != period.most else None
    yield Stated(Topic.REFUND, amount=period.most, least=least, unit=_UNITS[period.unit], start=start, methods=methods)


# --- what is excluded ----------------------------------------------------------------------------------------------------------
def _exceptions(topic: Topic, statement: Statement) -> Iterator[Stated]:
    """ "Swimwear cannot be returned", an item of such a list, or a row that says no."""
    text = _answer_of(topic, statement)
    if text.endswith(":"):
        return  # its list says what
    if statement.cells and text != statement.text:
        if re.match(r"no\b", text, re.IGNORECASE) and not _statuses(statement.cells[0][1]):
            yield from _excluding(topic, _phrases(statement.cells[0][1]))
    elif statement.lead and _REFUSED.search(statement.lead) and not re.search(r"\bif\b", statement.lead, re.IGNORECASE):
        yield from _excluding(topic, _phrases(re.split(r"[,;:(–—]| that | which | with ", statement.text)[0]))
    elif (named := _EXCEPT.search(text)) and not statement.lead:
        yield from _excluding(topic, _phrases(named["items"]))
    elif _REFUSED.search(text) and not statement.lead and not _AFTER_SENDING.search(text):
        yield from _excluding(topic, _items_of(statement))


def _excluding(topic: Topic, items: tuple[str, ...]) -> Iterator[Stated]:
    if items:
        yield Stated(topic, permits=False, items=items)


def _items_of(statement: Statement) -> tuple[str, ...]:
    """The things a sentence is about, by its subject: "Outlet items must …" → outlet; none if it is about everything."""
    if statement.cells:
        first = statement.cells[0][1]
        return () if _METHOD.fullmatch(first) or _statuses(first) else _phrases(first)
    if found := _OF_ITEMS.search(statement.text):
        return _phrases(found["items"])
    found = _SUBJECT.match(statement.text)
    return _phrases(found["items"]) if found and not _NOBODY.match(found["items"].strip()) else ()


def _phrases(text: str) -> tuple[str, ...]:
    """ "Swimwear, underwear and personalised items" → swimwear, underwear, personalised."""
    parts = re.split(r",|;|/|\band\b|\bor\b|&", text)
    named = (
        _TAIL.sub("", re.sub(r"^\W*(?:the|all|any|our|other)\s+", "", part.strip(" .:*_\"“”'’"), flags=re.IGNORECASE))
        for part in parts
    )
    return tuple(
        dict.fromkeys(one.lower() for one in named if 2 < len(one) <= 40 and not _NOBODY.fullmatch(one) and len(one.split()) <= 4)
    )


# --- states ------------------------------------------------------------------------------------------------------------------
def _states(topic: Topic, statement: Statement) -> Iterator[Stated]:
    """In which states something is possible, or not: rows of a table by state, "until it ships", "while it is pending"."""
    if statement.cells:
        yield from _states_of_row(topic, statement)
        return
    text = statement.text
    listed = _STATE_LIST.search(text)
    named = _statuses(listed["states"]) if listed else frozenset()
    refused = bool(_REFUSED.search(text))
    if refused and (named or _AFTER_SENDING.search(text)):
        yield Stated(topic, permits=False, states=named or _DONE)
    elif not refused and _PERMITTED.search(text) and (named or _BEFORE_SENDING.search(text)):
        yield Stated(topic, states=named or NOT_YET_SENT)


def _states_of_row(topic: Topic, statement: Statement) -> Iterator[Stated]:
    states = frozenset(status for word in re.split(r",|/|\bor\b|\band\b", statement.cells[0][1]) if (status := _status_of(word)))
    answer = _answer_of(topic, statement)
    if not states or answer == statement.text:
        return
    if re.match(r"yes\b", answer, re.IGNORECASE):
        yield Stated(topic, states=states)
    elif re.match(r"no\b", answer, re.IGNORECASE):
        yield Stated(topic, permits=False, states=states)


def _statuses(text: str) -> frozenset[Status]:
    """Those of a list: "Pending, On hold or Processing"."""
    return frozenset(status for word in re.split(r",|/|\bor\b|\band\b", text) if (status := _status_of(word)))


def _status_of(word: str) -> Status | None:
    status = order_status(word.strip())
    return None if status is Status.UNKNOWN else status
