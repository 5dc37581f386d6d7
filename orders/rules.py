"""Rules against one order: may it still be returned, cancelled, sent elsewhere; when should the money be there. Pure.

    verdict(Topic.RETURN, rules, record, on=today)  ->  Verdict(allowed, last_day, reason, the rules and facts it rests on)

For each item the rule that says most about it decides: "winter boots" before "boots" before everything. Where two say as much and
come to different ends, nothing is concluded. What the record does not know is never guessed.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache

from orders.matching import stems
from orders.records import Kind, Line, OrderRecord, Status, Transaction
from orders.rules_counting import arrival, day_after, last_arrival
from orders.rules_values import Allowed, Fact, Part, Reason, Rule, Start, Topic, Unit, Verdict

__all__ = ["Allowed", "Fact", "Part", "Reason", "Rule", "Start", "Topic", "Unit", "Verdict", "verdict"]

_DENIED = frozenset({"no", "false", "0", "none", "n", "nein", "non"})  # an option "final sale: no" does not make it one
_SENT_BACK = frozenset({Status.RETURNED, Status.REFUNDED})
_ASKED = {Topic.RETURN: Status.RETURN_REQUESTED, Topic.EXCHANGE: Status.EXCHANGE_REQUESTED}


def verdict(topic: Topic, rules: Iterable[Rule], record: OrderRecord, *, on: date, lines: Collection[int] | None = None) -> Verdict:
    """What the rules say of a topic for an order on a day. lines: the positions of the items that are meant; None for all of them.

    Without a rule for it nothing is known, whatever the order's state.
    """
    known = _represented([r for r in rules if r.topic is topic and r.is_in_effect(record, on=on)])
    if not known:
        return Verdict(topic, Allowed.UNKNOWN, Reason.NO_RULE)
    if topic is Topic.REFUND:
        return _together(topic, [_refund(entry, known, record, on) for entry in _refunds(record)] or [_no_refund(known)], known)
    meant: list[Line | None] = [line for line in record.lines if lines is None or line.position in lines]
    return _together(topic, [_of_line(topic, line, known, record, on) for line in meant or [None]], known)


def _represented(rules: Sequence[Rule]) -> list[Rule]:
    """Of rules that followed each other, those whose words stand; the newest where none does: it has to be confirmed again."""
    chains: dict[int, list[Rule]] = {}
    for rule in rules:
        chains.setdefault(rule.chain or rule.id, []).append(rule)
    kept: list[Rule] = []
    for chain in chains.values():
        kept += [rule for rule in chain if rule.stands] or [max(chain, key=lambda rule: rule.id)]
    return kept


# --- which rule --------------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=4096)
def _said(phrase: str) -> tuple[str, ...]:
    return stems(phrase)


def _longest_match(phrases: Sequence[str], texts: Sequence[str]) -> int:
    """How many words the longest phrase has that stands in one of the texts, its words beside each other; 0 if none does."""
    best = 0
    for words in map(_said, phrases):
        for text in texts:
            known = _said(text)
            if len(words) > best and any(known[at : at + len(words)] == words for at in range(len(known) - len(words) + 1)):
                best = len(words)
    return best


def _texts_of(line: Line) -> list[str]:
    """What names an item: its name, and its options, of which "final sale: yes" counts by its name and "color: blue" by its value."""
    options = [f"{name} {value}" for name, value in line.options if str(value).strip().casefold() not in _DENIED]
    return [line.name, *options, line.product_id, line.item_id]


def _most_telling(rules: Sequence[Rule], phrases: str, texts: Sequence[str]) -> list[Rule]:
    """The rules that say most about what these texts name; those about everything where none names it."""
    weights = [(_longest_match(getattr(rule, phrases), texts) if getattr(rule, phrases) else 0, rule) for rule in rules]
    apply = [(weight, rule) for weight, rule in weights if weight or not getattr(rule, phrases)]
    best = max((weight for weight, _ in apply), default=0)
    return [rule for weight, rule in apply if weight == best]


# --- one item ----------------------------------------------------------------------------------------------------------------
def _of_line(topic: Topic, line: Line | None, rules: Sequence[Rule], record: OrderRecord, on: date) -> Part:
    at = (line.position,) if line else ()
    if line is None and any(rule.items for rule in rules):
        return Part(Allowed.UNKNOWN, Reason.ITEMS_NOT_KNOWN, at, rules=tuple(rule.id for rule in rules))
    live = [r for r in rules if r.permits or not r.states or record.status in r.states or record.status is Status.UNKNOWN]
    chosen = _most_telling(live, "items", _texts_of(line) if line else ())
    ids = tuple(rule.id for rule in chosen)
    if settled := _settled(topic, record):
        return Part(Allowed.NO, settled, at, facts=(_state(record),))  # whatever the rules say
    if not chosen:
        return Part(Allowed.UNKNOWN, Reason.NO_RULE, at)
    if not all(rule.stands for rule in chosen):
        return Part(Allowed.UNKNOWN, Reason.WORDS_CHANGED, at, rules=ids)
    found = _one_of([_by_rule(rule, topic, line, record, on) for rule in _states_together(chosen)])
    part = Part(found.allowed, found.reason, at, found.last_day, found.first_day, found.rules, found.facts)
    lost = tuple(rule.id for rule in live if rule.items and not rule.stands)
    if part.allowed is Allowed.YES and lost:  # nobody knows yet what the new words leave out
        return Part(Allowed.UNKNOWN, Reason.WORDS_CHANGED, at, rules=(*part.rules, *lost), facts=part.facts)
    return _doubted(part, topic, record)


def _settled(topic: Topic, record: OrderRecord) -> Reason | None:
    """Why nothing is left to be asked for, whatever the rules."""
    if record.status is Status.CANCELLED:
        return Reason.DONE if topic is Topic.CANCEL else Reason.CANCELLED
    if topic in (Topic.RETURN, Topic.EXCHANGE) and record.status in _SENT_BACK:
        return Reason.DONE
    return None


def _doubted(part: Part, topic: Topic, record: OrderRecord) -> Part:
    """A yes is none where a part of the order may have gone back already, or where it has not even arrived."""
    if part.allowed is not Allowed.YES or topic not in _ASKED:
        return part
    reason = None
    if record.status in _ASKED.values():
        reason = Reason.UNDER_WAY
    elif record.status is Status.PARTIALLY_REFUNDED:
        reason = Reason.PARTLY_REFUNDED
    elif record.is_open and record.delivered_at is None and not any(fact.name == "delivered" for fact in part.facts):
        reason = Reason.NOT_DELIVERED
    if reason is None:
        return part
    return Part(Allowed.UNKNOWN, reason, part.lines, part.last_day, None, part.rules, (*part.facts, _state(record)))


def _states_together(rules: Sequence[Rule]) -> list[tuple[Rule, ...]]:
    """Rules that each permit something in some states are one: "pending orders can be cancelled", "so can those on hold"."""
    by_state = tuple(r for r in rules if r.permits and r.states and r.amount is None)
    return [*([by_state] if by_state else []), *((rule,) for rule in rules if rule not in by_state)]


def _by_rule(rules: tuple[Rule, ...], topic: Topic, line: Line | None, record: OrderRecord, on: date) -> Part:
    """What one rule says, or several that are one by their states."""
    ids, rule = tuple(rule.id for rule in rules), rules[0]
    states = frozenset[Status]().union(*(rule.states for rule in rules))
    facts = (_state(record),) if states else ()
    if states and record.status is Status.UNKNOWN:
        return Part(Allowed.UNKNOWN, Reason.STATE_NOT_KNOWN, rules=ids, facts=facts)
    if not rule.permits:
        reason = Reason.NOT_IN_STATE if states else Reason.EXCLUDED
        return Part(Allowed.NO, reason, rules=ids, facts=facts)
    if states and record.status not in states:
        return Part(Allowed.NO, Reason.NOT_IN_STATE, rules=ids, facts=facts)
    if rule.amount is None:
        deciding = tuple(r.id for r in rules if not states or record.status in r.states)
        return Part(Allowed.YES, Reason.IN_STATE if states else Reason.ANY_TIME, rules=deciding, facts=facts)
    return _in_time(rule, rule.amount, line, record, on, facts)


def _in_time(rule: Rule, amount: int, line: Line | None, record: OrderRecord, on: date, facts: tuple[Fact, ...]) -> Part:
    """Whether a window is open. Where the item came on one of several days, it is open or closed only if it is so for all of them."""
    unknown = Part(Allowed.UNKNOWN, Reason.NO_DAY, rules=(rule.id,), facts=facts)
    if rule.start is Start.ORDER:
        if record.placed_at is None:
            return unknown
        first = last = record.placed_at.date()
        facts = (Fact("placed", first), *facts)
    elif rule.start in (Start.DELIVERY, Start.LAST_DELIVERY):
        came = arrival(record, line) if rule.start is Start.DELIVERY else last_arrival(record)
        if came.first is None or came.last is None:
            reason = Reason.WHICH_PARCEL if came.is_partly_known else Reason.NOT_DELIVERED if came.is_to_come else Reason.NO_DAY
            return Part(Allowed.UNKNOWN, reason, rules=(rule.id,), facts=(_state(record),))
        first, last = came.first, came.last
        facts = (*(Fact("delivered", day) for day in dict.fromkeys((first, last))), *facts)
    else:
        return unknown
    opens, closes = day_after(first, amount, rule.unit), day_after(last, amount, rule.unit)
    if on <= opens:
        return Part(Allowed.YES, Reason.IN_TIME, last_day=opens, rules=(rule.id,), facts=facts)
    if on > closes:
        return Part(Allowed.NO, Reason.PASSED, last_day=closes, rules=(rule.id,), facts=facts)
    return Part(Allowed.UNKNOWN, Reason.WHICH_PARCEL, rules=(rule.id,), facts=facts)


def _state(record: OrderRecord) -> Fact:
    return Fact("state", record.status_text if record.status is Status.UNKNOWN else str(record.status))


# --- refunds -----------------------------------------------------------------------------------------------------------------
def _refunds(record: OrderRecord) -> list[Transaction]:
    """What is on its way; what was sent, where nothing is."""
    return [t for t in record.transactions if t.kind is Kind.REFUND_PENDING] or [
        t for t in record.transactions if t.kind is Kind.REFUND
    ]


def _no_refund(rules: Sequence[Rule]) -> Part:
    return Part(Allowed.UNKNOWN, Reason.NO_REFUND, rules=tuple(rule.id for rule in rules))


def _refund(entry: Transaction, rules: Sequence[Rule], record: OrderRecord, on: date) -> Part:
    """By which day one refund should be there. YES: it is in its time; NO: its time has passed."""
    facts: tuple[Fact, ...] = (Fact("method", entry.method),) if entry.method else ()
    chosen = _most_telling(rules, "methods", [entry.method])
    ids = tuple(rule.id for rule in chosen)
    if not entry.method and any(rule.methods for rule in rules):
        return Part(Allowed.UNKNOWN, Reason.METHOD_NOT_KNOWN, rules=tuple(rule.id for rule in rules))
    if not chosen:
        return Part(Allowed.UNKNOWN, Reason.NO_RULE, facts=facts)
    if not all(rule.stands for rule in chosen):
        return Part(Allowed.UNKNOWN, Reason.WORDS_CHANGED, rules=ids, facts=facts)
    return _one_of([_refund_by_rule(rule, entry, on, facts) for rule in chosen])


def _refund_by_rule(rule: Rule, entry: Transaction, on: date, facts: tuple[Fact, ...]) -> Part:
    if rule.start is not Start.REFUND or entry.at is None or rule.amount is None:
        return Part(Allowed.UNKNOWN, Reason.NO_DAY, rules=(rule.id,), facts=facts)
    sent = entry.at.date()
    last = day_after(sent, rule.amount, rule.unit)
    first = day_after(sent, rule.least, rule.unit) if rule.least is not None else None
    in_time = on <= last
    return Part(
        Allowed.YES if in_time else Allowed.NO,
        Reason.IN_TIME if in_time else Reason.PASSED,
        last_day=last,
        first_day=first,
        rules=(rule.id,),
        facts=(Fact("refunded", sent), *facts),
    )


# --- together ----------------------------------------------------------------------------------------------------------------
def _one_of(parts: Sequence[Part]) -> Part:
    """What rules that say as much come to: one end, or none."""
    ids = tuple(dict.fromkeys(one for part in parts for one in part.rules))
    first = parts[0]
    if all((part.allowed, part.last_day, part.first_day) == (first.allowed, first.last_day, first.first_day) for part in parts):
        return Part(first.allowed, first.reason, (), first.last_day, first.first_day, ids, first.facts)
    return Part(Allowed.UNKNOWN, Reason.CONFLICT, rules=ids, facts=tuple(dict.fromkeys(f for part in parts for f in part.facts)))


def _together(topic: Topic, parts: Sequence[Part], rules: Sequence[Rule]) -> Verdict:
    """One verdict for all items: theirs where they agree, with a part for each outcome where they do not."""
    groups: dict[tuple[object, ...], Part] = {}
    for part in parts:
        same = (part.allowed, part.reason, part.last_day, part.first_day, part.rules)
        known = groups.get(same, part)
        lines = tuple(dict.fromkeys((*known.lines, *part.lines)))
        facts = tuple(dict.fromkeys((*known.facts, *part.facts)))
        groups[same] = Part(part.allowed, part.reason, lines, part.last_day, part.first_day, part.rules, facts)
    each = tuple(groups.values())
    answers = {part.allowed for part in each}
    allowed = each[0].allowed if len(answers) == 1 else Allowed.UNKNOWN
    days = [part.last_day for part in each if part.last_day] if len(answers) == 1 else []
    used = tuple(dict.fromkeys(one for part in each for one in part.rules))
    return Verdict(
        topic=topic,
        allowed=allowed,
        reason=each[0].reason if len({part.reason for part in each}) == 1 else Reason.DIFFERS,
        last_day=(min(days) if allowed is Allowed.YES else max(days)) if days else None,
        first_day=each[0].first_day if len(each) == 1 else None,
        rules=used,
        facts=tuple(dict.fromkeys(fact for part in each for fact in part.facts)),
        exceptions=tuple(rule.id for rule in sorted(rules, key=lambda rule: rule.permits) if rule.items and rule.id not in used),
        parts=each,
    )
