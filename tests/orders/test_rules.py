"""Rules against orders: yes, no or nothing, with the last day; the rule that says most decides, and doubt decides nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orders.records import Kind, OrderRecord, Status
from orders.rules import Allowed, Reason, Rule, Start, Topic, Unit, Verdict, verdict
from orders.rules_counting import day_after
from tests.factories import TODAY, make_order, moment, paid, parcel, shirt

YES, NO, UNKNOWN = Allowed.YES, Allowed.NO, Allowed.UNKNOWN


def window(amount: int = 30, number: int = 1, topic: Topic = Topic.RETURN, **values: Any) -> Rule:
    return Rule(number, topic, amount=amount, **values)


def exception(*items: str, number: int = 9, topic: Topic = Topic.RETURN, **values: Any) -> Rule:
    return Rule(number, topic, permits=False, items=items, **values)


def delivered(month: int = 11, day: int = 3, status: Status = Status.DELIVERED, **values: Any) -> OrderRecord:
    known = {"placed_at": moment(10, 28), "delivered_at": moment(month, day), "lines": (shirt(),)}
    return make_order(status=status, **(known | values))


def returns(record: OrderRecord, *rules: Rule, on: date = TODAY, **how: Any) -> Verdict:
    return verdict(Topic.RETURN, rules, record, on=on, **how)


def said(found: Verdict) -> tuple[Allowed, Reason, date | None]:
    return found.allowed, found.reason, found.last_day


CASES = {
    "in the window": (delivered(), [window()], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "on the last day": (delivered(10, 22), [window()], (YES, Reason.IN_TIME, TODAY)),
    "a day late": (delivered(10, 21), [window()], (NO, Reason.PASSED, date(2026, 11, 20))),
    "from the order": (delivered(), [window(14, start=Start.ORDER)], (NO, Reason.PASSED, date(2026, 11, 11))),
    "in working days": (delivered(), [window(10, unit=Unit.WORKING_DAY)], (NO, Reason.PASSED, date(2026, 11, 17))),
    "in months": (delivered(), [window(3, unit=Unit.MONTH)], (YES, Reason.IN_TIME, date(2027, 2, 3))),
    "no limit": (delivered(), [Rule(1, Topic.RETURN)], (YES, Reason.ANY_TIME, None)),
    "no rule at all": (delivered(), [], (UNKNOWN, Reason.NO_RULE, None)),
    "a rule about something else": (delivered(), [window(topic=Topic.EXCHANGE)], (UNKNOWN, Reason.NO_RULE, None)),
    "only a rule about other items": (delivered(), [window(items=("boots",))], (UNKNOWN, Reason.NO_RULE, None)),
    "the more telling rule wins": (delivered(), [window(), window(7, 2, items=("shirt",))], (NO, Reason.PASSED, date(2026, 11, 10))),
    "two words tell more than one": (
        delivered(), [window(7, 2, items=("shirts",)), window(60, 3, items=("linen shirts",))], (YES, Reason.IN_TIME, date(2027, 1, 2)),
    ),
    "excluded by its name": (delivered(), [window(), exception("shirts")], (NO, Reason.EXCLUDED, None)),
    "excluded by an option": (
        delivered(lines=(shirt(options=(("final sale", "yes"),)),)), [window(), exception("final sale")], (NO, Reason.EXCLUDED, None),
    ),
    "an option that says no": (
        delivered(lines=(shirt(options=(("final sale", "no"),)),)), [window(), exception("final sale")], (YES, Reason.IN_TIME, date(2026, 12, 3)),
    ),
    "a part of a word is no match": (delivered(), [window(), exception("line")], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "two that say as much": (delivered(), [window(), window(14, 2)], (UNKNOWN, Reason.CONFLICT, None)),
    "two that come to the same": (delivered(), [window(), window(30, 2)], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "not in effect any more": (delivered(), [window(until=TODAY)], (UNKNOWN, Reason.NO_RULE, None)),
    "in effect when it was ordered": (delivered(), [window(until=TODAY, by_order_date=True)], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "not yet in effect when it was ordered": (delivered(), [window(since=date(2026, 11, 1), by_order_date=True)], (UNKNOWN, Reason.NO_RULE, None)),
    "its words are gone": (delivered(), [window(stands=False)], (UNKNOWN, Reason.WORDS_CHANGED, None)),
    "an exception whose words are gone": (delivered(), [window(), exception("shirt", stands=False)], (UNKNOWN, Reason.WORDS_CHANGED, None)),
    "an exception of others whose words are gone": (delivered(), [window(), exception("boots", stands=False)], (UNKNOWN, Reason.WORDS_CHANGED, None)),
    "the same, and the time has passed anyway": (delivered(9, 1), [window(), exception("boots", stands=False)], (NO, Reason.PASSED, date(2026, 10, 1))),
    "an exception of others confirmed again": (
        delivered(), [window(), exception("boots", chain=9, stands=False), exception("boots", number=10, chain=9)], (YES, Reason.IN_TIME, date(2026, 12, 3)),
    ),
    "confirmed again in the new words": (delivered(), [window(14, 1, chain=1, stands=False), window(30, 2, chain=1)], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "the order's own older words": (delivered(), [window(30, 1, chain=1), window(14, 2, chain=1, stands=False)], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "no day of delivery": (delivered(delivered_at=None), [window()], (UNKNOWN, Reason.NO_DAY, None)),
    "no day at all": (delivered(placed_at=None), [window(start=Start.ORDER)], (UNKNOWN, Reason.NO_DAY, None)),
    "still on its way": (make_order(lines=(shirt(),)), [window()], (UNKNOWN, Reason.NOT_DELIVERED, None)),
    "on its way, the order's window is open": (
        make_order(placed_at=moment(11, 10)), [window(start=Start.ORDER)], (UNKNOWN, Reason.NOT_DELIVERED, date(2026, 12, 10)),
    ),
    "returned": (delivered(status=Status.RETURNED), [window()], (NO, Reason.DONE, None)),
    "refunded": (delivered(status=Status.REFUNDED), [window()], (NO, Reason.DONE, None)),
    "cancelled": (delivered(status=Status.CANCELLED), [window()], (NO, Reason.CANCELLED, None)),
    "asked for already": (delivered(status=Status.RETURN_REQUESTED), [window()], (UNKNOWN, Reason.UNDER_WAY, date(2026, 12, 3))),
    "refunded in part": (delivered(status=Status.PARTIALLY_REFUNDED), [window()], (UNKNOWN, Reason.PARTLY_REFUNDED, date(2026, 12, 3))),
    "refunded in part and too late": (delivered(9, 1, status=Status.PARTIALLY_REFUNDED), [window()], (NO, Reason.PASSED, date(2026, 10, 1))),
    "an unknown word of the shop, with a day": (delivered(status=Status.UNKNOWN), [window()], (YES, Reason.IN_TIME, date(2026, 12, 3))),
    "items not known": (delivered(lines=()), [window(), exception("boots")], (UNKNOWN, Reason.ITEMS_NOT_KNOWN, None)),
    "items not known, and they do not matter": (delivered(lines=()), [window()], (YES, Reason.IN_TIME, date(2026, 12, 3))),
}  # fmt: skip


@pytest.mark.parametrize(("record", "rules", "expected"), CASES.values(), ids=CASES.keys())
def test_what_the_rules_say_of_a_return(record, rules, expected):
    assert said(returns(record, *rules)) == expected


def test_items_with_different_rules_are_told_apart():
    order = delivered(lines=(shirt(), shirt(position=2, name="Swim shorts")))
    found = returns(order, window(), exception("swim shorts"))
    assert (found.allowed, found.reason) == (UNKNOWN, Reason.DIFFERS)
    assert [(p.lines, p.allowed, p.last_day) for p in found.parts] == [((1,), YES, date(2026, 12, 3)), ((2,), NO, None)]
    assert said(returns(order, window(), exception("swim shorts"), lines=[1])) == (YES, Reason.IN_TIME, date(2026, 12, 3))


def test_each_item_counts_from_its_own_parcel():
    parcels = (parcel("A", delivered_at=moment(10, 1)), parcel("B", delivered_at=moment(11, 10)))
    lines = (shirt(tracking_number="A"), shirt(position=2, name="Boots", tracking_number="B"))
    found = returns(delivered(shipments=parcels, lines=lines), window())
    assert [(p.lines, p.allowed, p.last_day) for p in found.parts] == [
        ((1,), NO, date(2026, 10, 31)),
        ((2,), YES, date(2026, 12, 10)),
    ]


def test_a_window_may_begin_with_the_last_parcel_for_every_item():
    parcels = (parcel("A", delivered_at=moment(10, 1)), parcel("B", delivered_at=moment(11, 10)))
    lines = (shirt(tracking_number="A"), shirt(position=2, name="Boots", tracking_number="B"))
    rule = window(start=Start.LAST_DELIVERY)
    assert said(returns(delivered(shipments=parcels, lines=lines), rule)) == (YES, Reason.IN_TIME, date(2026, 12, 10))
    coming = make_order(status=Status.PARTIALLY_SHIPPED, shipments=(parcels[0], parcel("B")), lines=lines)
    assert said(returns(coming, rule)) == (UNKNOWN, Reason.NOT_DELIVERED, None)


def test_an_item_of_an_unknown_parcel_is_in_time_only_if_it_is_for_every_parcel():
    early, late = parcel("A", delivered_at=moment(10, 10)), parcel("B", delivered_at=moment(11, 10))
    order = delivered(shipments=(early, late))
    assert said(returns(order, window())) == (UNKNOWN, Reason.WHICH_PARCEL, None)
    assert said(returns(order, window(60))) == (YES, Reason.IN_TIME, date(2026, 12, 9))
    assert said(returns(order, window(5))) == (NO, Reason.PASSED, date(2026, 11, 15))


def test_a_parcel_that_has_not_come_begins_no_window():
    order = make_order(status=Status.PARTIALLY_SHIPPED, shipments=(parcel("A", delivered_at=moment(11, 10)), parcel("B")))
    assert said(returns(order, window())) == (UNKNOWN, Reason.WHICH_PARCEL, None)


def test_rules_for_other_items_are_named_since_the_record_may_not_tell():
    special = window(14, 2, items=("outlet",))
    assert returns(delivered(), window(), special, exception("worn items", number=4)).exceptions == (4, 2)


def test_a_verdict_names_the_rule_and_the_facts_it_rests_on():
    found = returns(delivered(), window(number=7))
    assert found.rules == (7,)
    assert [(fact.name, fact.value) for fact in found.facts] == [("delivered", date(2026, 11, 3))]


CANCEL = Rule(1, Topic.CANCEL, states=frozenset({Status.PENDING, Status.PROCESSING}))


@pytest.mark.parametrize(
    ("status", "rules", "expected"),
    [
        (Status.PROCESSING, [CANCEL], (YES, Reason.IN_STATE)),
        (Status.SHIPPED, [CANCEL], (NO, Reason.NOT_IN_STATE)),
        (Status.CANCELLED, [CANCEL], (NO, Reason.DONE)),
        (Status.UNKNOWN, [CANCEL], (UNKNOWN, Reason.STATE_NOT_KNOWN)),
        (Status.ON_HOLD, [CANCEL, Rule(2, Topic.CANCEL, states=frozenset({Status.ON_HOLD}))], (YES, Reason.IN_STATE)),
        (
            Status.SHIPPED,
            [CANCEL, Rule(2, Topic.CANCEL, permits=False, states=frozenset({Status.SHIPPED}))],
            (NO, Reason.NOT_IN_STATE),
        ),
        (
            Status.PENDING,
            [CANCEL, Rule(2, Topic.CANCEL, permits=False, states=frozenset({Status.SHIPPED}))],
            (YES, Reason.IN_STATE),
        ),
        (Status.PENDING, [Rule(2, Topic.CANCEL, amount=1, start=Start.ORDER)], (NO, Reason.PASSED)),
        (Status.PENDING, [CANCEL, Rule(2, Topic.CANCEL, amount=1, start=Start.ORDER)], (UNKNOWN, Reason.CONFLICT)),
        (Status.PENDING, [CANCEL, exception("shirt", topic=Topic.CANCEL)], (NO, Reason.EXCLUDED)),
    ],
)
def test_what_the_rules_say_of_cancelling(status, rules, expected):
    order = make_order(status=status, placed_at=moment(11, 10), lines=(shirt(),))
    found = verdict(Topic.CANCEL, rules, order, on=TODAY)
    assert (found.allowed, found.reason) == expected


def refund_rule(low: int, high: int, number: int = 1, **values: Any) -> Rule:
    return Rule(number, Topic.REFUND, least=low, amount=high, unit=Unit.WORKING_DAY, start=Start.REFUND, **values)


def test_a_refund_is_due_by_the_rule_of_its_payment_method():
    order = delivered(transactions=(paid("59", "credit_card_4821", Kind.REFUND_PENDING, moment(11, 18)),))
    rules = [refund_rule(1, 2, methods=("PayPal",)), refund_rule(5, 10, 2, methods=("credit card",)), refund_rule(3, 14, 3)]
    found = verdict(Topic.REFUND, rules, order, on=TODAY)
    assert (found.allowed, found.first_day, found.last_day, found.rules) == (YES, date(2026, 11, 25), date(2026, 12, 2), (2,))


def test_a_refund_counted_from_a_day_no_record_knows_is_quoted_only():
    order = delivered(transactions=(paid("59", kind=Kind.REFUND_PENDING, at=moment(11, 18)),))
    found = verdict(Topic.REFUND, [Rule(1, Topic.REFUND, amount=5, start=Start.RETURN_RECEIVED)], order, on=TODAY)
    assert (found.allowed, found.reason, found.rules) == (UNKNOWN, Reason.NO_DAY, (1,))
    assert verdict(Topic.REFUND, [refund_rule(1, 2)], delivered(), on=TODAY).reason is Reason.NO_REFUND


DAYS = some.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(day=DAYS, amount=some.integers(0, 400), unit=some.sampled_from(Unit))
def test_a_longer_window_never_ends_earlier(day, amount, unit):
    assert day_after(day, amount, unit) <= day_after(day, amount + 1, unit)
    assert day_after(day, amount, unit) <= day_after(day + timedelta(days=1), amount, unit)


@given(came=DAYS, later=some.integers(-5, 500), amount=some.integers(0, 400), unit=some.sampled_from(Unit))
def test_it_is_allowed_exactly_until_the_last_day(came, later, amount, unit):
    order = delivered(delivered_at=moment(came.month, came.day, year=came.year), placed_at=None)
    found = returns(order, window(amount, unit=unit), on=came + timedelta(days=later))
    assert found.last_day == day_after(came, amount, unit)
    assert (found.allowed is YES) == (came + timedelta(days=later) <= found.last_day)
    assert found.is_decided


@given(
    status=some.sampled_from(Status),
    rules=some.lists(some.sampled_from([c for case in CASES.values() for c in case[1]]), max_size=4),
)
def test_a_rule_that_does_not_stand_never_decides_alone(status, rules):
    order = delivered(status=status)
    stale = [Rule(r.id, r.topic, permits=r.permits, amount=r.amount, items=r.items, stands=False) for r in rules]
    found = returns(order, *stale)
    assert not found.is_decided or found.reason in (Reason.DONE, Reason.CANCELLED)
