"""Which version of a document answers on which day, worked out from dates alone."""

from datetime import date

import pytest

from retrieval.versions import Period, newest, settle, without

JAN, MAR, JUN, SEP, DEC = (date(2026, month, 1) for month in (1, 3, 6, 9, 12))


def stated(number, start=None, end=None):
    return Period(number, start, end, end)


def answers(periods, day):
    found = newest(settle(periods), day)
    return found.number if found else None


def test_a_correction_replaces_every_earlier_version_for_every_day():
    periods = [stated(1, JAN), stated(2, JUN), stated(3)]
    assert [p.number for p in settle(periods) if not p.superseded] == [3]
    assert [answers(periods, day) for day in (JAN, MAR, DEC)] == [3, 3, 3]


def test_a_change_ends_the_earlier_version_on_its_first_day():
    first, second = settle([stated(1), stated(2, JUN)])
    assert (first.end, second.end, first.superseded) == (JUN, None, False)
    assert answers([first, second], date(2026, 5, 31)) == 1
    assert answers([first, second], JUN) == 2


def test_an_earlier_version_that_would_only_start_later_never_answers():
    assert answers([stated(1, SEP), stated(2, JUN)], DEC) == 2
    assert settle([stated(1, SEP), stated(2, JUN)])[0].superseded
    assert settle([stated(1, JUN), stated(2, JUN)])[0].superseded


def test_an_earlier_end_is_kept():
    assert settle([stated(1, JAN, MAR), stated(2, JUN)])[0].end == MAR
    assert answers([stated(1, JAN, MAR), stated(2, JUN)], MAR) is None


def test_a_rule_for_some_days_covers_the_earlier_text_and_gives_way_to_it_again():
    periods = [stated(1), stated(2, JUN, SEP)]
    assert [answers(periods, day) for day in (MAR, JUN, SEP)] == [1, 2, 1]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_the_order_of_upload_counts_not_the_order_of_reading(order):
    known = {1: stated(1), 2: stated(2, MAR), 3: stated(3, SEP)}
    assert [answers([known[n] for n in order], day) for day in (JAN, MAR, SEP)] == [1, 2, 3]


def test_withdrawing_a_change_that_is_still_to_come_gives_the_earlier_text_its_own_end_again():
    both = settle([stated(1, JAN), stated(2, JUN)])
    assert without(both, 2, today=MAR) == [stated(1, JAN)]


def test_withdrawing_never_brings_back_a_text_that_had_already_stopped_answering():
    both = settle([stated(1, JAN), stated(2, JUN)])
    left = without(both, 2, today=SEP)
    assert left[0].end == JUN
    assert settle([*left, stated(3, DEC)])[0].end == JUN
    assert answers(left, SEP) is None


def test_what_is_superseded_stays_so():
    gone = Period(1, superseded=True)
    assert settle([gone])[0].superseded
    assert newest([gone], JAN) is None
