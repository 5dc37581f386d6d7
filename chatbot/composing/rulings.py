"""What the confirmed rules say of an order, in sentences: yes or no, the last day, and the words of the rule beside it. Pure.

The days come from the verdict and are never counted here. Where a verdict leaves a doubt, the sentence says which, and the words are quoted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chatbot.composing import phrases
from chatbot.composing.item_wording import name
from chatbot.composing.order_wording import state
from chatbot.composing.quoting import exactly
from chatbot.composing.wording import count, day, distance, item, join, method, upper_first
from chatbot.turn import Cited, RuleFound, Ruling, Sentence
from orders.records import NOT_YET_SENT, OrderRecord
from orders.rules import Allowed, Part, Reason, Rule, Start, Topic, Verdict

MOST_EXCEPTIONS = 3  # quoted beside a yes, or a no for the time that has passed
_DO = {
    Topic.RETURN: "be returned",
    Topic.EXCHANGE: "be exchanged",
    Topic.CANCEL: "be cancelled",
    Topic.CHANGE_ADDRESS: "be sent to another address",
}
# a question for yes or no; to "until when?" and "is it too late?" the sentence itself is the answer
_ASKS = re.compile(
    r"\b(?:can|could|may|might|will|would)\s+(?:i|we|it|they|this|that|these|those|my|our|the|you)\b|\b(?:am|are)\s+(?:i|we)\b|"
    r"(?:^|[.!?,;:]\s*|\b(?:and|so|but|if|whether|ok|hi|hello)\s+)(?:is|are)\s+(?:it|they|there|this|that|my|our|the)\b|\bdo\s+(?:i|we)\b|\b(?:kann|darf)\s+ich\b|\bpuis-je\b|\bpuedo\b",
    re.IGNORECASE,
)
_ASKS_OTHERWISE = re.compile(
    r"\b(?:when|how|what|which|where|why|who)\b|\btoo late\b|\bnot\b|\bcannot\b|n['’]t\b|\bno longer\b", re.IGNORECASE
)
# nothing can be concluded, or the order's state says it all: the policies are searched as if there were no rule
_UNTOLD = frozenset({Reason.NO_RULE, Reason.WORDS_CHANGED, Reason.NO_REFUND, Reason.METHOD_NOT_KNOWN})

_OPEN = "our records do not decide that"  # of one item among others
_SETTLED = frozenset({Reason.DONE, Reason.CANCELLED})  # the order's state says it, and no rule changes it


@dataclass(frozen=True, slots=True)
class Told:
    """said: the verdicts. quoted: the words they rest on. topics: what needs no other answer. chunks: the passages that are quoted."""

    said: tuple[Sentence, ...] = ()
    quoted: tuple[Sentence, ...] = ()
    citations: tuple[Cited, ...] = ()
    topics: frozenset[Topic] = frozenset()
    chunks: frozenset[int] = frozenset()


def tell(rulings: Sequence[Ruling], orders: Sequence[OrderRecord], *, asked: str, today: date) -> Told:
    """The sentences for the rulings on these orders; their citations are numbered from 1. asked: the customer's words."""
    by_number = {order.number: order for order in orders}
    told = [one for one in rulings if one.order in by_number and one.verdict.reason not in _UNTOLD]
    sources, asks = _Sources(), bool(_ASKS.search(asked)) and not _ASKS_OTHERWISE.search(asked)
    said = []
    for one in told:
        text, used = _said(one, by_number[one.order], sources, today, asks=asks)
        if text:
            numbers = tuple(dict.fromkeys(sources.number(rule) for rule in used))
            ids = join([str(rule.rule.id) for rule in used])
            said.append(Sentence(text, numbers, f"derived from order {one.order} by rule {ids}"))
    for one in told:
        if one.verdict.reason not in _SETTLED:
            for rule in _standing(one, one.verdict.rules):  # also of a verdict without a sentence of its own
                sources.number(rule)
    main = sources.sentences()
    doubtful = [one for one in told if one.verdict.allowed is Allowed.YES or one.verdict.reason is Reason.PASSED]
    exceptions = {rule.rule.items: rule for one in doubtful for rule in reversed(_standing(one, one.verdict.exceptions))}
    for rule in list(reversed(exceptions.values()))[:MOST_EXCEPTIONS]:  # one for the same items
        sources.number(rule)
    extra = sources.sentences()[len(main) :]
    if extra:
        note = phrases.EXCEPTION_BESIDE if len(extra) == 1 else phrases.EXCEPTIONS_BESIDE
        extra = (replace(extra[0], text=f"{note} {extra[0].text}"), *extra[1:])
    topics = frozenset(one.verdict.topic for one in told)
    return Told(tuple(said), (*main, *extra), sources.citations(), topics, sources.chunks())


def undecided(rulings: Sequence[Ruling]) -> list[str]:
    """Facts for a model: what it must not conclude, since the rules do not."""
    return [
        f"Whether order {one.order} can {_DO[one.verdict.topic]} is not known from the records ({one.verdict.reason}): say neither yes nor no."
        for one in rulings
        if one.verdict.allowed is Allowed.UNKNOWN and one.verdict.topic in _DO and one.verdict.reason is not Reason.DIFFERS
    ]


class _Sources:
    """The words of the rules that an answer uses, numbered as they come; the same words have one number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._quoted: list[tuple[int, str, Cited, int]] = []

    def number(self, found: RuleFound) -> int:
        """The citation number of a rule whose words stand."""
        passage = found.passage
        assert passage is not None
        key = (passage.chunk_id, found.start, found.end)
        if key not in self._numbers:
            n = self._numbers[key] = len(self._numbers) + 1
            quoted = exactly(passage, found.start, found.end, n=n)
            self._quoted.append((n, quoted.markdown, quoted.citations[0], passage.chunk_id))
        return self._numbers[key]

    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(Sentence(markdown, (n,), "quoted") for n, markdown, _, _ in self._quoted)

    def citations(self) -> tuple[Cited, ...]:
        return tuple(cited for _, _, cited, _ in self._quoted)

    def chunks(self) -> frozenset[int]:
        return frozenset(chunk for _, _, _, chunk in self._quoted)


def _standing(ruling: Ruling, ids: Iterable[int]) -> list[RuleFound]:
    """Those of the rules with these ids whose words stand, so that they can be cited."""
    known = {found.rule.id: found for found in ruling.found if found.passage is not None}
    return [known[one] for one in ids if one in known]


def _said(ruling: Ruling, order: OrderRecord, sources: _Sources, today: date, *, asks: bool) -> tuple[str, list[RuleFound]]:
    """One paragraph for one verdict, and the rules it cites; "" where there is nothing to say beyond the order's state."""
    found, rules = ruling.verdict, {one.rule.id: one.rule for one in ruling.found}
    if len(found.parts) == 1:
        part = found.parts[0]
        predicate, used = _predicate(found.topic, part, order, rules, today), _standing(ruling, part.rules)
        if not predicate:
            return "", []
        subject = _subject(found, part, order)
        opening = {Allowed.YES: "Yes, ", Allowed.NO: "No, "}.get(part.allowed, "") if asks and found.topic in _DO else ""
        start = f"{opening}{subject}" if opening else upper_first(subject)
        after = f" {phrases.OFFER}" if found.topic is Topic.REFUND and part.allowed is Allowed.NO else ""
        return f"{start} {predicate}.{after}{_marks(used, sources)}", used
    lines, used = [_lead(found, order)], []
    for part in found.parts:
        predicate = _predicate(found.topic, part, order, rules, today) or _OPEN
        cited = _standing(ruling, part.rules)
        used += cited
        lines.append(f"- {_label(part, order)}: {predicate}.{_marks(cited, sources)}")
    return "\n".join(lines), used


def _lead(found: Verdict, order: OrderRecord) -> str:
    """What leads in the items of an order, each with its own end."""
    if found.topic is Topic.REFUND:
        return f"There are several refunds for {name(order)}:"
    if found.allowed is Allowed.YES:
        return f"Yes, everything in {name(order)} can still {_DO[found.topic]}:"
    if found.allowed is Allowed.NO:
        return f"No, nothing in {name(order)} can {_DO[found.topic]} any more:"
    return f"It depends on the item in {name(order)}:"


def _marks(used: Sequence[RuleFound], sources: _Sources) -> str:
    return "".join(f" [{n}]" for n in dict.fromkeys(sources.number(rule) for rule in used))


def _subject(found: Verdict, part: Part, order: OrderRecord) -> str:
    if found.topic is Topic.REFUND:
        return f"the refund for {name(order)}"
    if part.lines and len(part.lines) < len(order.lines):
        return f"your {_label(part, order)} ({name(order)})"
    return name(order)


def _label(part: Part, order: OrderRecord) -> str:
    named = [item(replace(line, options=()), counted=False) for line in order.lines if line.position in part.lines]
    ways = [method(str(fact.value)) for fact in part.facts if fact.name == "method"]
    return join(list(dict.fromkeys(named or ways))) or name(order)


def _predicate(topic: Topic, part: Part, order: OrderRecord, rules: Mapping[int, Rule], today: date) -> str:
    """What is said of the order, an item or a refund: "can still be returned until …"."""
    rule = next((rules[one] for one in part.rules if one in rules), None)
    if topic is Topic.REFUND:
        return _about_refund(part, rule, today)
    do, until, counted = _DO[topic], _when(part.last_day, today), _counted(part, rule, today)
    match part.reason:
        case Reason.IN_TIME:
            return f"can still {do} until {until}, {counted}"
        case Reason.PASSED:
            return f"can no longer {do}: the last day was {until}, {counted}"
        case Reason.ANY_TIME:
            return f"can {do}; that rule names no last day"
        case Reason.IN_STATE:
            return f"can still {do}, because it {state(order)}"
        case Reason.NOT_IN_STATE:
            return f"{'cannot' if order.status in NOT_YET_SENT else 'can no longer'} {do}, because it {state(order)}"
        case Reason.EXCLUDED:
            return f"cannot {do}"
    return _about_doubt(part, rule, order, do, until)


def _about_doubt(part: Part, rule: Rule | None, order: OrderRecord, do: str, until: str) -> str:
    one = rule is not None and rule.amount == 1
    limit = f"the {period(rule)} {'has' if one else 'have'}" if rule and rule.amount is not None else "the time has"
    by_rule = f"by that rule the last day is {until}" if until else ""
    match part.reason:
        case Reason.NOT_DELIVERED:
            begun = f", so {limit} not begun" if rule and rule.amount is not None else ""
            whole = " completely" if any(parcel.delivered_at for parcel in order.shipments) else ""
            return f"has not been delivered{whole} yet{f'; {by_rule}' if by_rule else begun}"
        case Reason.NO_DAY:
            event = "order" if rule and rule.start is Start.ORDER else "delivery"
            return f"has no day of {event} in our records, so I cannot count the days"
        case Reason.WHICH_PARCEL:
            return f"came in several parcels, and our records do not say which item was in which, so I cannot say whether {limit} passed"
        case Reason.UNDER_WAY:
            return f"{state(order)}; {by_rule}" if by_rule else ""
        case Reason.PARTLY_REFUNDED:
            return f"{state(order)}; for what is left, {by_rule}" if by_rule else ""
        case Reason.CONFLICT:
            return "is under rules that say different things, so I quote them and cannot decide"
        case Reason.STATE_NOT_KNOWN:
            return f"{state(order)}, so I cannot say whether it can {do}"
        case Reason.ITEMS_NOT_KNOWN:
            return "has no items in our records, so I cannot say which rule applies"
    return ""


def _about_refund(part: Part, rule: Rule | None, today: date) -> str:
    if part.last_day is None:
        return ""
    until, counted = _when(part.last_day, today), _counted(part, rule, today)
    if part.allowed is Allowed.NO:
        return f"should have been with you by {until}, {counted}"
    if part.first_day and part.first_day != part.last_day:
        return f"should be with you between {day(part.first_day, today=today)} and {until}, {counted}"
    return f"should be with you by {until}, {counted}"


def period(rule: Rule) -> str:
    """ "30 days", "5 to 10 working days"; "" if it sets no limit."""
    if rule.amount is None:
        return ""
    least = f"{rule.least} to " if rule.least is not None and rule.least != rule.amount else ""
    return f"{least}{count(rule.amount, str(rule.unit))}"


def _when(value: date | None, today: date) -> str:
    return f"{day(value, today=today)} ({distance(value, today=today)})" if value else ""


def _counted(part: Part, rule: Rule | None, today: date) -> str:
    """ "30 days from the delivery on Tuesday 3 November": how the last day came about."""
    names = {"delivered": "delivery", "placed": "order", "refunded": "refund"}
    began = next(((names[fact.name], fact.value) for fact in part.facts if fact.name in names), None)
    if rule is None or began is None or not isinstance(began[1], date):
        return "by that rule"
    holidays = "; public holidays are not counted" if "working" in rule.unit else ""
    return f"{period(rule)} from the {began[0]} on {day(began[1], today=today)}{holidays}"
