"""What a sentence reports of the customer's orders against their records: states, days, places, and conclusions by rules. Pure."""

import re

from chatbot.grounding import abroad
from chatbot.grounding.assertions import (
    Assertion,
    assertions_in,
    is_about_their_order,
    names_something_of,
    reports_by_shop,
    reports_on_every_order,
    reports_on_theirs,
    speaks_of_every_order,
)
from chatbot.grounding.claim_values import Claim, Kind
from chatbot.grounding.claims import claims_in
from chatbot.grounding.conclusions import against_rules
from chatbot.grounding.grounds import Grounds, OrderGrounds
from chatbot.grounding.order_days import misplaced_day
from chatbot.grounding.vocabulary import is_english

_NEXT_ORDER = re.compile(r"[;,]|\b(?:and|but|while|whereas|und|aber|et|mais|y|pero|e|ma|en|maar)\b", re.IGNORECASE)
_SEEN_AT = re.compile(
    r"\b(?i:last (?:seen|scanned|reported)|was (?:seen|scanned)) (?i:in|at) (?:the )?(?P<place>[^\W\da-z_]\w+(?: [^\W\da-z_]\w+)*)"
)


def named_orders(claims: tuple[Claim, ...], grounds: Grounds) -> tuple[OrderGrounds, ...]:
    """The orders whose number stands in the sentence; all orders when none does."""
    ids = {c.value for c in claims if c.kind in (Kind.IDENTIFIER, Kind.PHONE)}
    digits = {"".join(c for c in one if c.isdigit()) for one in ids if one.isdigit()}
    named = tuple(o for o in grounds.orders if o.key in ids or "".join(c for c in o.key if c.isdigit()) in digits)
    return named or grounds.orders


def false_report(sentence: str, grounds: Grounds) -> str:
    """What a sentence reports of an order against the record; "" if nothing."""
    orders = named_orders(claims_in(sentence), grounds)
    if len(orders) > 1 and (problem := _false_of_one(sentence, orders, grounds)):
        return problem
    if is_english(sentence) is not True and (problem := _false_abroad(sentence, orders, grounds)):
        return problem
    things = frozenset[str]().union(*(order.things for order in orders))
    about_theirs = bool(orders) and (
        is_about_their_order(sentence) or names_something_of(sentence, things) or len(orders) < len(grounds.orders)
    )
    reports = [*reports_by_shop(sentence)]
    if about_theirs or (not orders and reports_on_theirs(sentence)):
        reports += assertions_in(sentence)
    reports += list(reports_on_every_order(sentence)) if orders else []
    every = all if speaks_of_every_order(sentence) else any
    for report in reports:
        if not every(_holds(report, order) for order in orders):
            return f"not so in the record: {report.text.strip()}"
    if about_theirs and (day := misplaced_day(sentence, [o.days for o in orders], today=grounds.today)):
        return f"not on that day in the record: {day}"
    if about_theirs and (place := _seen_elsewhere(sentence, orders)):
        return f"not seen there by the record: {place}"
    named = frozenset(order.key for order in orders) if len(orders) < len(grounds.orders) else frozenset()
    return against_rules(sentence, grounds.results, named, today=grounds.today) if grounds.results else ""


def _false_of_one(sentence: str, orders: tuple[OrderGrounds, ...], grounds: Grounds) -> str:
    """What a clause that names one of several orders reports of it against its record: "A is delayed, and B has been returned"."""
    for clause in _NEXT_ORDER.split(sentence):
        named = named_orders(claims_in(clause), grounds)
        if len(named) == 1 and clause != sentence and (problem := false_report(clause, grounds)):
            return problem
    return ""


def _seen_elsewhere(sentence: str, orders: tuple[OrderGrounds, ...]) -> str:
    """The place where a sentence says that a parcel was seen, if none of the orders was seen there."""
    places = frozenset[str]().union(*(order.places for order in orders))
    for match in _SEEN_AT.finditer(sentence):
        if not frozenset(re.findall(r"\w+", match["place"].lower())) <= places:
            return match["place"]
    return ""


def _false_abroad(sentence: str, orders: tuple[OrderGrounds, ...], grounds: Grounds) -> str:
    """The same for a sentence in another language than English."""
    names_one = len(orders) < len(grounds.orders) or any(c.value in {o.key for o in orders} for c in claims_in(sentence))
    if names_one or abroad.is_about_their_order(sentence):
        for report in abroad.reports_in(sentence):
            if not any(_holds(report, order) for order in orders):
                return f"not so in the record: {report.text.strip()}"
        if orders and (
            day := misplaced_day(
                sentence, [o.days for o in orders], today=grounds.today, role_of=abroad.roles_in, clauses=abroad.CLAUSE
            )
        ):
            return f"not on that day in the record: {day}"
    topics, drawn = abroad.topics_in(sentence), abroad.conclusion_of(sentence)
    keys = {order.key for order in orders}
    meant = [one for one in grounds.results if one.topic in topics and one.key in keys]
    if drawn is not None and meant and not any(one.allowed is drawn for one in meant):
        return f"the rules say otherwise: {sentence.strip()[:80]}"
    return ""


def _holds(report: Assertion, order: OrderGrounds) -> bool:
    return report.state in order.partly or (report.state in order.states) is not report.negated
