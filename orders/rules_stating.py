"""What staff do with rules: confirm, confirm again in new words, end, dismiss. Each is one transaction that writes down who and when."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import transaction

from database.waiting import one_at_a_time
from orders.errors import OrdersError
from orders.records import Status
from orders.rules_models import OrderRule, RuleEvent
from orders.rules_values import Start, Topic, Unit

LONGEST = {Unit.DAY: 3650, Unit.WORKING_DAY: 2600, Unit.MONTH: 120}
MOST_PHRASES = 40
LONGEST_PHRASE = 80  # characters


class RuleRefused(OrdersError):
    """What was stated is no rule, or what was asked of one is not possible (any more)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.user_message = reason


@dataclass(frozen=True, slots=True)
class Words:
    """The sentence a rule rests on, and where it stands: slug of the document, id and number of its version, headings, the words."""

    document: str
    version_id: int
    version: int
    heading: str
    quote: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What a rule says, before it is one; the fields of `rules_values.Rule`."""

    topic: Topic
    permits: bool = True
    amount: int | None = None
    least: int | None = None
    unit: Unit = Unit.DAY
    start: Start = Start.DELIVERY
    items: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    states: frozenset[Status] = frozenset()
    since: date | None = None
    until: date | None = None


def problem_with(stated: Stated) -> str:
    """Why this cannot be a rule, as a sentence for staff; "" if it can."""
    limited = stated.amount is not None
    if stated.amount is not None and not 0 <= stated.amount <= LONGEST[stated.unit]:
        return f"A period has at most {LONGEST[stated.unit]} {stated.unit}s."
    if stated.least is not None and (stated.amount is None or stated.least > stated.amount):
        return "The shortest time must not be longer than the longest."
    if stated.since and stated.until and stated.until <= stated.since:
        return "It must apply for at least one day: the last date must be after the first."
    if len(stated.items) > MOST_PHRASES or len(stated.methods) > MOST_PHRASES:
        return f"Please name at most {MOST_PHRASES} items or payment methods."
    if any(len(phrase) > LONGEST_PHRASE for phrase in (*stated.items, *stated.methods)):
        return f"Please keep each item or payment method below {LONGEST_PHRASE} characters."
    if any(not any(c.isalnum() for c in phrase) for phrase in (*stated.items, *stated.methods)):
        return "An item or payment method needs at least one letter."
    if stated.topic is Topic.REFUND:
        if not stated.permits or not limited:
            return "A rule about refunds says how long they take."
        return "" if stated.start in (Start.REFUND, Start.RETURN_RECEIVED) else "Say from when the refund counts."
    if stated.start not in (Start.DELIVERY, Start.LAST_DELIVERY, Start.ORDER):
        return "Say whether the period counts from the delivery or from the order."
    if not stated.permits and limited:
        return "An exception has no period: say in how many days it is possible, or that it is not."
    if not stated.permits and not stated.items and not stated.states:
        return "Say which items, or orders in which state, it excludes."
    if stated.topic in (Topic.CANCEL, Topic.CHANGE_ADDRESS) and stated.permits and not limited and not stated.states:
        return "Say in which states of the order it is possible, or for how long."
    return ""


def confirm(
    stated: Stated, words: Words, *, by: str, at: datetime, suggested: bool = False, follows: OrderRule | None = None
) -> OrderRule:
    """Make it a rule. follows: the rule whose words have changed. Raises RuleRefused with a sentence for staff."""
    if problem := problem_with(stated):
        raise RuleRefused(problem)
    with transaction.atomic():
        one_at_a_time(f"rules beside {words.document}")  # a double click is one rule, also where two processes take it
        if follows is not None:
            earlier = OrderRule.objects.select_for_update().get(pk=follows.pk)
            if earlier.state != OrderRule.State.CONFIRMED or earlier.topic != stated.topic:
                raise RuleRefused("That rule does not wait to be confirmed again any more.")
            if OrderRule.objects.filter(follows=earlier, state=OrderRule.State.CONFIRMED).exists():
                raise RuleRefused("A colleague has confirmed that rule again in the meantime.")
        if follows is None and _stands_already(stated, words):
            raise RuleRefused("This rule has been confirmed already, in these very words.")
        rule = _made(stated, words, OrderRule.State.CONFIRMED, at, follows)
        _write_down(rule, RuleEvent.What.SUGGESTED if suggested else RuleEvent.What.STATED, by, at)
        again = RuleEvent.What.CONFIRMED if follows is None else RuleEvent.What.CONFIRMED_AGAIN
        _write_down(rule, again, by, at, f"It follows rule {follows.pk}." if follows else "")
    return rule


def end(rule: OrderRule, *, on: date, by: str, at: datetime, note: str = "") -> OrderRule:
    """Let a rule apply until that day, not included. Raises RuleRefused if it has ended by then already."""
    with transaction.atomic():
        current = _confirmed(rule)
        if current.until is not None and current.until <= on:
            raise RuleRefused("It ends before that day already.")
        if current.since is not None and on <= current.since:
            raise RuleRefused("It would have applied on no day. If it was wrong from the beginning, say so instead.")
        current.until = on
        current.save(update_fields=["until"])
        _write_down(current, RuleEvent.What.ENDED, by, at, f"From {on:%d.%m.%Y}. {note}".strip())
    return current


def retract(rule: OrderRule, *, by: str, at: datetime, note: str = "") -> OrderRule:
    """Take a rule out that was wrong from the beginning: it counts for no order any more, whenever it was placed."""
    with transaction.atomic():
        current = _confirmed(rule)
        current.state = OrderRule.State.RETRACTED
        current.save(update_fields=["state"])
        _write_down(current, RuleEvent.What.RETRACTED, by, at, note)
    return current


def dismiss(topic: Topic, words: Words, *, by: str, at: datetime) -> OrderRule:
    """Remember that words are no rule about a topic, so that they are not suggested again."""
    with transaction.atomic():
        rule = _made(Stated(topic), words, OrderRule.State.DISMISSED, at, None)
        _write_down(rule, RuleEvent.What.DISMISSED, by, at)
    return rule


def confirmed_rules(topics: Iterable[Topic], *, document: str | None = None) -> list[OrderRule]:
    """All rules that count on some day, whether their words still stand or not."""
    found = OrderRule.objects.filter(state=OrderRule.State.CONFIRMED, topic__in=[str(topic) for topic in topics])
    return list(found if document is None else found.filter(document=document))


def _stands_already(stated: Stated, words: Words) -> bool:
    """Whether the same was confirmed in the same words, and goes on for as long: a double click is one rule."""
    same = OrderRule.objects.filter(state=OrderRule.State.CONFIRMED, document=words.document, **_values(stated))
    return any((rule.heading, rule.quote) == (words.heading, words.quote) for rule in same)


def _values(stated: Stated) -> dict[str, Any]:
    """The columns that say what a rule says."""
    values = {field.name: getattr(stated, field.name) for field in fields(stated)}
    listed = {"items": list(stated.items), "methods": list(stated.methods), "states": sorted(map(str, stated.states))}
    return values | listed | {name: str(values[name]) for name in ("topic", "unit", "start")}


def _confirmed(rule: OrderRule) -> OrderRule:
    current = OrderRule.objects.select_for_update().get(pk=rule.pk)
    if current.state != OrderRule.State.CONFIRMED:
        raise RuleRefused("It does not count any more already.")
    return current


def _made(stated: Stated, words: Words, state: OrderRule.State, at: datetime, follows: OrderRule | None) -> OrderRule:
    return OrderRule.objects.create(
        **_values(stated),
        state=state,
        document=words.document,
        version_id=words.version_id,
        version=words.version,
        heading=words.heading,
        quote=words.quote,
        follows=follows,
        chain=(follows.chain or follows.pk) if follows else 0,
        created_at=at,
    )


def _write_down(rule: OrderRule, what: RuleEvent.What, by: str, at: datetime, note: str = "") -> None:
    RuleEvent.objects.create(rule=rule, what=what, at=at, by=by[:150], note=note[:500])
