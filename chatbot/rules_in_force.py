"""The rules that staff confirmed, joined with the documents their words stand in, and what they say of the orders that are meant.

A rule counts only while its words stand in the version that is in force on the day that governs the order. Both are read when the
question is asked, so a version that is withdrawn or replaced takes its rules along, in every process at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from chatbot.composing.choosing import Choice
from chatbot.composing.item_wording import named_lines
from chatbot.turn import Intent, RuleFound, Ruling, Understanding
from database.lanes import in_database
from orders.records import OrderRecord
from orders.rules import Reason, Rule, Topic, verdict
from orders.rules_models import OrderRule
from orders.rules_stating import confirmed_rules
from retrieval.audiences import Audience
from retrieval.standing_words import Standing, Words, governed_by_order_date, where_they_stand

TOPICS = {
    Intent.RETURN: Topic.RETURN,
    Intent.EXCHANGE: Topic.EXCHANGE,
    Intent.CANCEL: Topic.CANCEL,
    Intent.CHANGE_ADDRESS: Topic.CHANGE_ADDRESS,
    Intent.REFUND: Topic.REFUND,
}
MOST_ORDERS = 3  # that one question asks about; more are told as a list


async def rulings_for(meaning: Understanding, choice: Choice, *, today: date, reader: Audience) -> tuple[Ruling, ...]:
    """What the rules say of each order that is meant, for each thing that is wished; nothing where no rule says anything."""
    topics = [topic for intent, topic in TOPICS.items() if intent in meaning.intents]
    if not topics or choice.ask or not 1 <= len(choice.orders) <= MOST_ORDERS:
        return ()
    found = await in_database(find_rules, topics, choice.orders, today=today, reader=reader)
    words = meaning.wanted.words if meaning.wanted else ()
    made = []
    for order in choice.orders:
        lines = [line.position for line in named_lines(order, words)] or None
        made += [ruling(topic, order, found[order.number], on=today, lines=lines) for topic in topics]
    return tuple(one for one in made if one.verdict.reason is not Reason.NO_RULE)


def find_rules(
    topics: Iterable[Topic], orders: Sequence[OrderRecord], *, today: date, reader: Audience
) -> dict[str, tuple[RuleFound, ...]]:
    """For each order, by its number, the confirmed rules about these topics, each with where its words stand on its governing day."""
    rows = confirmed_rules(topics)
    if not rows:
        return {order.number: () for order in orders}
    governed = governed_by_order_date({row.document for row in rows})
    values = [(row, row.value(by_order_date=governed.get(row.document, False))) for row in rows]
    days: dict[date, set[Words]] = defaultdict(set)
    for order in orders:
        for row, rule in values:
            days[rule.governing_day(order, on=today)].add(words_of(row))
    standing = {day: where_they_stand(words, on=day, reader=reader) for day, words in days.items()}
    return {
        order.number: tuple(_joined(rule, standing[rule.governing_day(order, on=today)].get(words_of(row))) for row, rule in values)
        for order in orders
    }


def ruling(topic: Topic, order: OrderRecord, found: Sequence[RuleFound], *, on: date, lines: Sequence[int] | None = None) -> Ruling:
    """The verdict on one order, with the rules that it names."""
    result = verdict(topic, [one.rule for one in found], order, on=on, lines=lines)
    named = {*result.rules, *result.exceptions}
    return Ruling(order.number, result, tuple(one for one in found if one.rule.id in named))


def words_of(row: OrderRule) -> Words:
    return Words(row.document, row.heading, row.quote)


def _joined(rule: Rule, standing: Standing | None) -> RuleFound:
    if standing is None:
        return RuleFound(rule)
    return RuleFound(replace(rule, stands=True), standing.passage, standing.start, standing.end)
