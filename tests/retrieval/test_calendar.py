"""Who is silent on a day, against the rule that says it for one document at a time."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.index.calendar import Calendar
from retrieval.versions import Period, newest

FIRST = date(2026, 1, 1)
days = st.integers(0, 12).map(lambda n: FIRST + timedelta(days=n))
periods = st.builds(
    lambda start, end, superseded: (start, end, superseded), st.none() | days, st.none() | days, st.booleans() | st.just(False)
)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.integers(1, 30), periods, max_size=14), st.lists(st.integers(1, 30), max_size=6), days)
def test_the_silent_ones_are_all_but_the_newest_of_each_document(versions, dropped, day):
    held = {
        version: Period(version, start, end, end, superseded=superseded) for version, (start, end, superseded) in versions.items()
    }
    calendar = Calendar()
    for version in dropped:  # what was known before and corrected since leaves no trace
        calendar.put(version, 99 + version % 2, Period(version, FIRST))
    for version, period in held.items():
        calendar.put(version, version % 4, period)
    for version in dropped:
        calendar.drop(version)
        held.pop(version, None)
    answering = set()
    for document in range(4):
        best = newest((period for version, period in held.items() if version % 4 == document), day)
        answering |= {best.number} if best else set()
    assert list(calendar.silent(day)) == sorted(held.keys() - answering)
    assert len(calendar) == len(held)


@pytest.mark.parametrize(("may_read", "silent"), [(None, []), (("everyone",), [2]), (("everyone", "staff"), []), ((), [1, 2])])
def test_a_version_for_others_is_silent(may_read, silent):
    calendar = Calendar()
    calendar.put(1, 1, Period(1), "everyone")
    calendar.put(2, 2, Period(1), "staff")
    assert list(calendar.silent(FIRST, may_read)) == silent
